"""Reads the corpus: markdown whose fenced blocks hold inputs with the expectation beside them.

A line of carets below a line says what is found there, where and how wide:

    deny x iff a
           ^^^ syntax: unexpected `iff` | did you mean `if`?

that is `code: message`, then `| help` when there is one. A block without carets has nothing wrong. Caret
lines are taken out before the block is read. `\\r`, `\\t`, `\\0` and `\\u{...}` within `⟨...⟩` stand for the character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assentry.diagnostics import Diagnostic

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CARETS = re.compile(r"^ *\^+ [a-z0-9-]+: ")
_CHARACTER = re.compile(r"⟨U\+([0-9A-F]+)⟩")


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, its first line in the file, its input and what is expected of it."""

    kind: str
    line: int
    body: str
    text: str
    expected: str


def blocks(path: Path) -> Iterator[Block]:
    whole = path.read_text(encoding="utf-8")
    for match in _FENCE.finditer(whole):
        lines = [line for line in match[2].splitlines() if not _CARETS.match(line)]
        text = _CHARACTER.sub(lambda found: chr(int(found[1], 16)), "\n".join(lines) + "\n")
        yield Block(match[1], whole.count("\n", 0, match.start()) + 2, match[2], text, match[2])


def annotate(block: Block, findings: Sequence[Diagnostic]) -> str:
    """The block's body as it should be written for these findings."""
    kept = [line for line in block.body.splitlines() if not _CARETS.match(line)]
    notes: dict[int, list[str]] = {}
    for finding in findings:
        start, end = finding.position, finding.source.position(finding.span.end)
        width = (
            end.column - start.column
            if end.line == start.line
            else len(finding.source.line(start.line)) + 1 - start.column
        )
        advice = f" | {finding.help}" if finding.help else ""
        if finding.expected:
            advice += f" | expected {', '.join(finding.expected)}"
        line = f"{' ' * (start.column - 1)}{'^' * max(1, width)} {finding.code}: {finding.message}{advice}"
        notes.setdefault(start.line, []).append(line)
    out: list[str] = []
    for number, line in enumerate(kept, 1):
        out += [line, *notes.pop(number, [])]
    out += [line for number in sorted(notes) for line in notes[number]]
    return "\n".join(out) + "\n"
