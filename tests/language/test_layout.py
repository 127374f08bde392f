"""Where a line's end separates, and where it is blank."""

from __future__ import annotations

import pytest

from assentry.language import nodes
from tests.support.syntax import file, short


def conditions(body: str) -> list[str]:
    rule = file(f"package p\ndeny r if {{\n{body}\n}}\n").statements[0]
    assert isinstance(rule, nodes.Rule)
    return [short(condition) for condition in rule.body.conditions]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a\nb", ["a", "b"]),
        ("a; b\n\n\nc;", ["a", "b", "c"]),
        ("a # first\n# between\nb", ["a", "b"]),
        ("a\n&& b\n|| c", ["(|| (&& a b) c)"]),
        ("a\n? b\n: c", ["(? a b c)"]),
        ("a\n== b\nc\n!= d", ["(== a b)", "(!= c d)"]),
        ("a\n< b\nc\n<= d\ne\n> f\ng\n>= h", ["(< a b)", "(<= c d)", "(> e f)", "(>= g h)"]),
        ("a\n+ b\n* c\n/ d\n% e", ["(+ a (% (/ (* b c) d) e))"]),
        ("a\nin b", ["(in a b)"]),
        ("a\n.b\n.c(d)", ["a.b.c(d)"]),
        ("a &&\nb ==\nc", ["(&& a (== b c))"]),
        ("a -\nb", ["(- a b)"]),
        ("!\na", ["(! a)"]),
        ("a.\nb", ["a.b"]),
        ("a ?\nb :\nc", ["(? a b c)"]),
        ("a\n-b", ["a", "(- b)"]),
        ("a\n-1 < b", ["a", "(< -1 b)"]),
        ("a\n-9223372036854775808 < b", ["a", "(< -9223372036854775808 b)"]),
        ("a\n--1 < b", ["a", "(< (- -1) b)"]),
        ("a\n- 1 < b", ["a", "(< (- 1) b)"]),
        ("a\n!b", ["a", "(! b)"]),
        ("a\n(b)", ["a", "b"]),
        ("a\n[b][0]", ["a", "[b][0]"]),
        ("f(\na\n,\nb\n)", ["f(a, b)"]),
        ("(a\n&& b)", ["(&& a b)"]),
        ("(a\n- b)", ["(- a b)"]),
        ("[a\n-1]", ["[(- a 1)]"]),
        ("a[\nb\n]", ["a[b]"]),
        ("({\n'k'\n:\nv\n}\n.k)", ["{'k': v}.k"]),
        ("'''a\nb'''\n== c", ["(== 'a\\nb' c)"]),
        ("\n\n  a  \n\n", ["a"]),
        ("a.if\nb.with\nc.allow", ["a.if", "b.with", "c.allow"]),
        ("risk >= 60\nrisk\n+ 1 < 2", ["(>= risk 60)", "(< (+ risk 1) 2)"]),
    ],
)
def test_newlines(body: str, expected: list[str]) -> None:
    assert conditions(body) == expected


@pytest.mark.parametrize("body", ["a\nb", "a\n-1 < b", "a\n&& b", "f(\na,\nb)\nc.if\nd"])
def test_column_one_is_like_any_other(body: str) -> None:
    indented = "\n".join(f"      {line}" for line in body.split("\n"))
    assert conditions(body) == conditions(indented)


@pytest.mark.parametrize(
    "text",
    [
        "deny a if b\nwith { owner: 'x' }",
        "deny a if b\n    with { owner: 'x' }",
        "deny a if b\n\n# why\n    with {\n\n owner\n:\n 'x'\n\n}",
        "deny a if {\n b\n}\nwith {owner: 'x'}",
        "deny a\n if b with\n { owner: 'x', }",
        "deny\na\nif\nb with { owner: 'x' }",
    ],
)
def test_with_goes_on(text: str) -> None:
    (rule,) = file(f"package p\n{text}\ndefault deny\n").statements[:-1]
    assert isinstance(rule, nodes.Rule)
    assert rule.with_ is not None
    assert [entry.key.text for entry in rule.with_.entries] == ["owner"]


@pytest.mark.parametrize("separator", ["\n", ", ", ",\n", "\n,", "\n\n# c\n"])
def test_entries(separator: str) -> None:
    text = f"package p\ndeny a if b with {{ mode: shadow{separator}owner: 'x'{separator}severity: high }}\n"
    rule = file(text).statements[0]
    assert isinstance(rule, nodes.Rule)
    assert rule.with_ is not None
    assert [entry.key.text for entry in rule.with_.entries] == ["mode", "owner", "severity"]


def test_words_are_words_only_in_their_places() -> None:
    """`approval`, `of`, `and`, `group`, `role` name things of one's own elsewhere."""
    text = "package of\napproval if group\nand(role) if role == 1\nrequire approval approval if approval && and(of)\n"
    tree = file(text)
    assert tree.package.name.text == "of"
    assert [s.name.text for s in tree.statements if isinstance(s, nodes.Head | nodes.Rule)] == [
        "approval",
        "and",
        "approval",
    ]


def test_a_leading_dot_begins_a_condition_after_if() -> None:
    (head,) = file("package p\na if .b == -1\n").statements
    assert isinstance(head, nodes.Head)
    assert short(head.body.conditions[0]) == "(== .b -1)"
