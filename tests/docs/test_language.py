"""The tables of the language pages say what the engine's own tables say."""

from __future__ import annotations

import re

import assentry
from assentry.cel.lexer import HARD_WORDS, RESERVED
from assentry.cel.parse import MAX_BYTES as CONDITION_BYTES
from assentry.cel.walk import MAX_DEPTH as EXPRESSION_DEPTH
from assentry.compiler.metadata import APPROVAL, DEFAULT_WITHIN, KEYS, LONGEST_WITHIN, MOST_SEATS, SEVERITIES
from assentry.language.lexer import OWN_WORDS
from assentry.language.parse import MAX_BYTES as FILE_BYTES
from assentry.values.limits import MAX_DEPTH, MAX_LIST, MAX_STRING
from tests.docs.shell import ROOT


def text(name: str) -> str:
    return (ROOT / "docs/language" / name).read_text(encoding="utf-8")


def rows(section: str) -> list[list[str]]:
    """The cells of all rows of the tables in a text."""
    lines = re.findall(r"^\|(.*)\|$", section, re.MULTILINE)
    return [[cell.strip() for cell in line.split("|")] for line in lines]


def test_all_keys_of_with_are_documented_with_their_rules() -> None:
    section = text("rules.md").partition("## With")[2].partition("### Seats")[0]
    documented = {cells[0].strip("`"): cells[2] for cells in rows(section)[2:]}
    own = documented.pop("x_...")
    assert own == "all"
    expected = {name: "`require approval`" if key.effects == APPROVAL else "all" for name, key in KEYS.items()}
    assert documented == expected
    assert all(f"`{severity}`" in section for severity in SEVERITIES)


def test_numbers_of_rules_are_those_of_the_compiler() -> None:
    page = text("rules.md")
    assert (DEFAULT_WITHIN, LONGEST_WITHIN, MOST_SEATS) == (3600, 366 * 86400, 100)
    assert "absent: `1h`" in page
    assert "At most 366 days" in page
    assert "from 1 to 100" in page


def test_limits_are_those_of_the_engine() -> None:
    section = text("files.md").partition("## Limits")[2]
    limits = [cells[1] for cells in rows(section)[2:]]
    assert limits == [
        f"{FILE_BYTES // 1024**2} MiB",
        f"{CONDITION_BYTES // 1024} KiB",
        f"{EXPRESSION_DEPTH} levels",
        "a fixed number of steps",
        f"{MAX_LIST:,} elements",
        f"{MAX_STRING:,} characters",
        f"{MAX_DEPTH} levels",
    ]


def test_reserved_words_are_those_of_the_scanners() -> None:
    sentence = text("files.md").partition("Reserved for the language:")[2].partition("Behind a dot")[0]
    own, of_cel = (set(re.findall(r"[a-z]+", part)) for part in re.findall(r"`([^`]*)`", sentence))
    assert own == OWN_WORDS
    assert of_cel | OWN_WORDS == RESERVED | HARD_WORDS | OWN_WORDS
    assert of_cel <= RESERVED | HARD_WORDS


def test_there_is_a_test_for_each_law() -> None:
    section = text("decisions.md").partition("## The nine laws")[2]
    laws = re.findall(r"^(\d)\. \*\*", section, re.MULTILINE)
    files = {path.name[len("test_law_")] for path in (ROOT / "tests/laws").glob("test_law_*.py")}
    assert sorted(laws) == sorted(files)


def test_all_public_names_are_documented() -> None:
    page = (ROOT / "docs/guides/embedding.md").read_text(encoding="utf-8").partition("## Public names")[2]
    assert [name for name in assentry.__all__ if f"`{name}`" not in page] == []
