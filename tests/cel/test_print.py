"""What is printed reads back as the same tree, with the parentheses that a reader expects."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assentry.cel import nodes
from assentry.cel.doc import render
from assentry.cel.print import NoMargin, Printer, respell, unparse
from tests.support.syntax import expression, expressions, unplaced

CONFORMANCE = Path(__file__).parents[2] / ".." / "shared" / "data" / "cel-conformance.json"


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("a&&b&&c||d", "(a && b && c) || d"),
        ("(a&&b)&&c", "(a && b) && c"),
        ("a||(b||c)", "a || (b || c)"),
        ("((a+b))*c-d", "(a + b) * c - d"),
        ("a-(b-c)", "a - (b - c)"),
        ("a+b*c%d", "a + b * c % d"),
        ("(a<b)==(c in d)", "(a < b) == (c in d)"),
        ("a?b:c?d:e", "a ? b : c ? d : e"),
        ("(a?b:c)?(d?e:f):g", "(a ? b : c) ? (d ? e : f) : g"),
        ("!(a&&b)", "!(a && b)"),
        ("!!a", "!!a"),
        ("-(1)", "-(1)"),
        ("--1", "--1"),
        ("-1.abs()", "(-1).abs()"),
        ("-a.b", "-a.b"),
        ("(-a).b", "(-a).b"),
        ("a - -1", "a - -1"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("a.?b[?0].c", "a.?b[?0].c"),
        ("a.`x-y`.`in`.if", "a.`x-y`.`in`.if"),
        (".a.b(.c(1))", ".a.b(.c(1))"),
        ("{'a':1,?b:c,}", '{"a": 1, ?b: c}'),
        ("[?a,b,]", "[?a, b]"),
        ("a.B{c:1,?d:e}", "a.B{c: 1, ?d: e}"),
        ("0x10u", "16u"),
        ("1e3", "1000.0"),
        ("'a\"b\\n\\u202e'", '"a\\"b\\n\\u202e"'),
        ("b'\\xff\\'a'", 'b"\\xff\'a"'),
    ],
)
def test_shapes(written: str, printed: str) -> None:
    node = expression(written)
    assert unparse(node) == printed
    assert unplaced(expression(printed)) == unplaced(node)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(expressions(), st.sampled_from([2**31, 60, 1]))
def test_every_tree_reads_back(node: nodes.Node, width: int) -> None:
    """On one line, on as many as can be, and between."""
    text = render(Printer(NoMargin()).document(node), width)
    assert unplaced(expression(text)) == unplaced(node)


def test_the_official_cases_read_back() -> None:
    if not CONFORMANCE.exists():
        pytest.skip(f"{CONFORMANCE.name} is not beside this repository")
    for case in json.loads(CONFORMANCE.read_text(encoding="utf-8"))["cases"]:
        node = expression(case["expr"])
        assert unplaced(expression(unparse(node))) == unplaced(node), case["id"]


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("'a'", '"a"'),
        ("'it\\'s'", '"it\'s"'),
        ("'say \"x\"'", "'say \"x\"'"),
        ("'a\\n'", "'a\\n'"),
        ("R'\\d'", 'r"\\d"'),
        ("r'\"'", "r'\"'"),
        ("B'''a'''", 'b"""a"""'),
        ('"a\\u00e9"', '"a\\u00e9"'),
        ('"""a\r\nb"""', '"""a\nb"""'),
        ("''", '""'),
        ("''''''", '""""""'),
    ],
)
def test_spelling_of_strings(written: str, printed: str) -> None:
    assert respell(written) == printed
    assert expression(printed) == expression(printed.replace("\r\n", "\n"))


def test_breaking() -> None:
    text = 'name in ["data.read", "data.list"] && labels.exists(l, l == "pii" || l == "secret") && a - b == (x ? y : z)'
    assert render(Printer(NoMargin()).document(expression(text)), 40) == (
        'name in ["data.read", "data.list"]\n'
        "    && labels.exists(\n"
        "        l,\n"
        '        l == "pii" || l == "secret"\n'
        "    )\n"
        "    && a - b == (x ? y : z)"
    )
