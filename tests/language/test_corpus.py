"""Every mistake of the corpus is found where its carets stand, and nothing else is.

`ASSENTRY_UPDATE_CORPUS=1` writes what is found into the files, to be read critically and committed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from assentry.cel import parse as cel_parse
from assentry.diagnostics import Diagnostic, sort_key
from assentry.language import parse as language_parse
from assentry.source import Source
from tests.support.corpus import Block, annotate, blocks

CORPUS = Path(__file__).parents[1] / "corpus"
FILES = sorted(CORPUS.glob("syntax*.md"))


def found(block: Block) -> str:
    report: list[Diagnostic] = []
    source = Source("x.assent", block.text)
    if block.kind == "cel":
        cel_parse.parse(source, report)
    else:
        language_parse.parse(source, report)
    return annotate(block, sorted(report, key=sort_key))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_mistake_is_found_in_its_place(path: Path) -> None:
    update = os.environ.get("ASSENTRY_UPDATE_CORPUS")
    whole = path.read_text(encoding="utf-8")
    wrong: list[str] = []
    for block in blocks(path):
        if (actual := found(block)) != block.expected:
            wrong.append(f"{path.name}:{block.line}\n{actual}")
            whole = whole.replace(f"```{block.kind}\n{block.body}```", f"```{block.kind}\n{actual}```", 1)
    if update:
        path.write_text(whole, encoding="utf-8")
    else:
        assert not wrong, "\n".join(wrong)


def test_there_is_a_corpus() -> None:
    assert len(FILES) >= 3
