"""Whatever text comes in: a tree or findings with places inside the text, never an exception."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assentry.cel.parse import parse as parse_expression
from assentry.diagnostics import Diagnostic, render
from assentry.language.parse import parse as parse_file
from assentry.source import Source
from tests.support.generate import world

FUZZ = settings(
    max_examples=250, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)

VOCABULARY = (
    "package allow deny require approval risk default import const with if in true false null of and group role "
    "data has exists all map filter size matches orValue a b action.name x.y.z A.8.12 soc2:CC6.1 30m 1h30m 12 0 -1 "
    '9223372036854775808 1.5 1e400 0x1f 3u \'a\' "b" r\'\\d\' b\'\\xff\' """c""" "{a.b}" "\\u{1f600}" := : , ; . .? [? ? '
    "( ) [ ] { } && || ! == != < <= > >= + - * / % # // \\ ' \" \n \n\n \t \r \u00e9 \u202e \ufeff \x00 @ $ ` ~ ^ & | ="
)
WORDS = VOCABULARY.split(" ")

noise = st.text(max_size=200) | st.text("allowdenyif{}()[]\"'.,:=&|!?<>#/\\ \n\t0129aA_-", max_size=200)
soup = st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A legal file with a few places cut, doubled or overwritten."""
    texts = world(draw(st.integers(0, 500))).files
    text = texts[sorted(texts)[0]]
    rng = Random(draw(st.integers(0, 2**32)))
    for _ in range(rng.choice((1, 1, 2, 5))):
        start = rng.randrange(len(text) + 1)
        end = min(len(text), start + rng.choice((0, 1, 1, 3, 20)))
        text = text[:start] + rng.choice(("", "", rng.choice(WORDS), text[start:end] * 2)) + text[end:]
    return text


def checked(source: Source, tree: object, findings: list[Diagnostic]) -> None:
    assert findings or tree is not None  # a rule file's tree may hold the statements that could be read
    for finding in findings:
        assert 0 <= finding.span.start <= finding.span.end <= len(source.text)
        assert finding.message
        assert "Traceback" not in render(finding)
        assert all(char.isprintable() or char == "\n" for char in render(finding))


@FUZZ
@given(noise | soup | soup.map("package p\n{}".format) | damaged())
def test_rule_files(text: str) -> None:
    source, findings = Source("fuzz.assent", text), list[Diagnostic]()
    checked(source, parse_file(source, findings), findings)


@FUZZ
@given(noise | soup)
def test_expressions(text: str) -> None:
    source, findings = Source("<expression>", text), list[Diagnostic]()
    checked(source, parse_expression(source, findings), findings)


@pytest.mark.parametrize("opening", ["(", "[", "{1:", "!", "-", "f(", "a.b(", "a?b:", "[[", "x.map(y,", "a[", "{[("])
@pytest.mark.parametrize("depth", [65, 1_000, 10_000])
def test_nesting(opening: str, depth: int) -> None:
    for text in (opening * depth, f"{opening * depth}1", f"package p\ndeny x if {opening * depth}1\n"):
        source, findings = Source("deep", text), list[Diagnostic]()
        tree = (parse_file if text.startswith("package") else parse_expression)(source, findings)
        assert findings
        checked(source, tree, findings)


@pytest.mark.parametrize("sign", [" && ", " || ", " + ", " == ", " < ", ".b", "[0]", " ? 1 : ", "()"])
def test_long_chains(sign: str) -> None:
    """Long but flat: whatever the answer, it comes as an answer."""
    text = "a" + sign.join([""] + ["a"] * 9_000) if sign.strip().isalnum() else sign.join(["a"] * 9_000)
    for whole in (text, f"package p\ndeny x if {text}\n"):
        source, findings = Source("long", whole), list[Diagnostic]()
        tree = (parse_file if whole.startswith("package") else parse_expression)(source, findings)
        checked(source, tree, findings)
