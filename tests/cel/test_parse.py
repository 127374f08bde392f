"""CEL's syntax: the trees, their places, and what is refused."""

from __future__ import annotations

import base64
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assentry.cel import nodes
from assentry.cel.parse import MAX_BYTES, parse
from assentry.cel.walk import MAX_DEPTH, children, walk
from assentry.diagnostics import Diagnostic, render
from assentry.source import Source
from tests.support.syntax import expression, parts, short

CONFORMANCE = Path(__file__).parents[2] / ".." / "shared" / "data" / "cel-conformance.json"


def refused(text: str) -> list[Diagnostic]:
    report: list[Diagnostic] = []
    assert parse(Source("x.cel", text), report) is None
    assert report
    return report


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a", "a"),
        (".a.b", ".a.b"),
        ("a && b && c", "(&& a b c)"),
        ("a || b && c || d", "(|| a (&& b c) d)"),
        ("(a && b) && c", "(&& (&& a b) c)"),
        ("a + b * c - d", "(- (+ a (* b c)) d)"),
        ("a < b == c", "(== (< a b) c)"),
        ("a == b && c in d || !e", "(|| (&& (== a b) (in c d)) (! e))"),
        ("a ? b : c ? d : e", "(? a b (? c d e))"),
        ("a || b ? c && d : e", "(? (|| a b) (&& c d) e)"),
        ("-a", "(- a)"),
        ("--a", "(- (- a))"),
        ("!-a.b", "(! (- a.b))"),
        ("-1", "-1"),
        ("- 1", "(- 1)"),
        ("-(1)", "(- 1)"),
        ("a-1", "(- a 1)"),
        ("a - -1", "(- a -1)"),
        ("[1,-2][-1]", "[1, -2][-1]"),
        ("f(-1)-1", "(- f(-1) 1)"),
        ("-1.abs()", "-1.abs()"),
        ("-1u", "(- 1u)"),
        ("f()", "f()"),
        (".f(a, b)", ".f(a, b)"),
        ("a.f(b).c[d]", "a.f(b).c[d]"),
        ("a.?b[?c].?`d e`", "a.?b[?c].?d e"),
        ("[]", "[]"),
        ("[?a, b,]", "[?a, b]"),
        ("{}", "{}"),
        ("{'k': v, ?x: y,}", "{'k': v, ?x: y}"),
        ("pkg.Type{}", "pkg.Type{}"),
        (".Type{a: 1, ?`b-c`: 2}", ".Type{a: 1, ?b-c: 2}"),
        ("a.if.package()", "a.if.package()"),
        ("a . b", "a.b"),
        ("x in [1]\n  // why\n  && y", "(&& (in x [1]) y)"),
        ("\t a \f\r\n ", "a"),
    ],
)
def test_trees(text: str, tree: str) -> None:
    assert short(expression(text)) == tree


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("0x7fffffffffffffff", "int", 2**63 - 1),
        ("-9223372036854775808", "int", -(2**63)),
        ("-0x8000000000000000", "int", -(2**63)),
        ("007", "int", 7),
        ("18446744073709551615u", "uint", 2**64 - 1),
        ("0xFFU", "uint", 255),
        (".5", "double", 0.5),
        ("1e3", "double", 1000.0),
        ("-1.5E-1", "double", -0.15),
        ("1e-400", "double", 0.0),
        ("true", "bool", True),
        ("null", "null", None),
        ("'a'", "string", "a"),
        ("'''a'b\n'''", "string", "a'b\n"),
        ('"""say "hi" """', "string", 'say "hi" '),
        (r"r'\d'", "string", r"\d"),
        (r'R"""\"x"""', "string", '\\"x'),
        (r'"\a\b\f\n\r\t\v\\\?\"\'\`"', "string", "\a\b\f\n\r\t\v\\?\"'`"),
        (r'"\x41\X42\103\u0044\U0001F600"', "string", "ABCD\U0001f600"),
        ('"\x07\u202e"', "string", "\x07\u202e"),
        ('b"\u00ff"', "bytes", b"\xc3\xbf"),
        (r'B"\377\xfe\n"', "bytes", b"\xff\xfe\n"),
        (r"bR'\x'", "bytes", b"\\x"),
    ],
)
def test_literals(text: str, kind: str, value: Any) -> None:
    node = expression(text)
    assert isinstance(node, nodes.Literal)
    assert (node.kind, node.value, type(node.value)) == (kind, value, type(value))


def test_negative_zero_keeps_its_sign() -> None:
    node = expression("-0.0")
    assert isinstance(node, nodes.Literal)
    assert isinstance(node.value, float)
    assert math.copysign(1, node.value) == -1


def test_the_official_cases_parse() -> None:
    """None of them is expected to fail in the parser."""
    if not CONFORMANCE.exists():
        pytest.skip(f"{CONFORMANCE.name} is not beside this repository")
    cases = json.loads(CONFORMANCE.read_text(encoding="utf-8"))["cases"]
    assert len(cases) > 1000
    for case in cases:
        node = expression(case["expr"])
        value = case["expect"].get("value", {})
        if case["section"] in {"string_literals", "bytes_literals"}:
            assert isinstance(node, nodes.Literal)
            assert node.value == (value["value"] if value["type"] == "string" else base64.b64decode(value["value_b64"]))


def test_places() -> None:
    text = "(a + b) * f(c, [d])[?0].g > 1 ? !x : {'k': v}"
    spans = {text[node.span.start : node.span.end] for node in parts(expression(text))}
    assert spans == {
        text,
        "(a + b) * f(c, [d])[?0].g > 1",
        "(a + b) * f(c, [d])[?0].g",
        "a + b",
        "a",
        "b",
        "f(c, [d])[?0].g",
        "f(c, [d])[?0]",
        "f(c, [d])",
        "c",
        "[d]",
        "d",
        "0",
        "1",
        "!x",
        "x",
        "{'k': v}",
        "'k'",
        "v",
    }


def test_a_parenthesised_expression_has_the_place_of_what_is_inside() -> None:
    """What holds it spans the parentheses too, so that excerpts are balanced."""
    text = "((a)) && -(b) == (c ? d : (e))"
    node = expression(text)
    assert isinstance(node, nodes.And)
    assert [text[part.span.start : part.span.end] for part in node.operands] == ["a", "-(b) == (c ? d : (e))"]
    assert node.span == (0, len(text))
    ternary = next(part for part in parts(node) if isinstance(part, nodes.Ternary))
    assert text[ternary.span.start : ternary.span.end] == "c ? d : (e)"


def test_places_of_names_and_operators() -> None:
    text = "abc.def(x) == y.`z`"
    node = expression(text)
    assert isinstance(node, nodes.Binary)
    assert isinstance(node.left, nodes.Call)
    assert isinstance(node.right, nodes.Select)
    named = [node.operator_span, node.left.name_span, node.right.field_span]
    assert [text[span.start : span.end] for span in named] == ["==", "def", "`z`"]


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000 + "a" + ")" * 10_000,
        "(" * 10_000,
        "[" * 10_000 + "]" * 10_000,
        "{1:" * 10_000,
        "f(" * 10_000,
        "!" * 10_000 + "a",
        "-" * 10_000 + "a",
        "a" + "[0]" * 10_000,
        "a" + ".b" * 10_000,
        "a" + ".f()" * 10_000,
        "1" + " + 1" * 10_000,
        "1" + " < 1" * 10_000,
        "a ? b : " * 5_000 + "c",
    ],
)
def test_deep_nesting_is_refused(text: str) -> None:
    assert [finding.code for finding in refused(text)] == ["too-deep"]


def test_the_depth_that_is_accepted() -> None:
    assert len(list(walk(expression("!" * (MAX_DEPTH - 1) + "a")))) == MAX_DEPTH
    refused("!" * MAX_DEPTH + "a")
    expression("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH)
    refused("(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1))


def test_long_flat_expressions_are_fine() -> None:
    node = expression(" && ".join(f"a{n} == [{n}, {n}]" for n in range(1500)))
    assert len(children(node)) == 1500


def test_length_is_bounded_in_bytes() -> None:
    expression(f"'{'x' * (MAX_BYTES - 2)}'")
    assert [finding.code for finding in refused(f"'{'x' * (MAX_BYTES - 1)}'")] == ["too-long"]
    assert [finding.code for finding in refused(f"'{'é' * (MAX_BYTES // 2)}'")] == ["too-long"]


def test_a_number_of_thousands_of_digits() -> None:
    for text in ("9" * 5000, "0x" + "f" * 5000, "9" * 5000 + "u", "-" + "9" * 5000, "9" * 5000 + ".0"):
        assert [finding.code for finding in refused(text)] == ["number-out-of-range"]


TOKENS = (
    "a b.c f( ) [ ] { } , : ? . .? ! - + * / % < <= == != in && || true null 1 1u .5 1e9 'x' \"y\" r'\\' b'' `q` "
    "// # \n \t \\ = & | := ; @ é \x00 \u202e if as"
)
SOUP = TOKENS.split(" ")


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from(SOUP), max_size=25).map(" ".join))
def test_any_text_gives_a_tree_or_findings(text: str) -> None:
    report: list[Diagnostic] = []
    node = parse(Source("x.cel", text), report)
    assert (node is None) == bool(report)
    for finding in report:
        assert 0 <= finding.span.start <= finding.span.end <= len(text)
        assert render(finding)
