"""What docs/language/cel-differences.md says of others is still so: where they come to agree, the page has to change."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assentry.cel.program import compile
from assentry.errors import CompileError, EvaluationError
from assentry.values.limits import MAX_LIST, MAX_NODES, MAX_STRING, MAX_TEXT
from tests.differential.celpython import by_celpython
from tests.differential.google import agrees, by_google
from tests.differential.ours import Errs, Gives, Outcome, Refused

PAGE = (Path(__file__).parents[2] / "docs" / "language" / "cel-differences.md").read_text(encoding="utf-8")


def ours(text: str, **bindings: object) -> Outcome:
    try:
        return Gives(compile(text).evaluate(bindings))
    except CompileError as error:
        return Refused(frozenset(finding.code for finding in error.diagnostics))
    except EvaluationError as error:
        return Errs(frozenset({error.kind.value}))


@pytest.mark.parametrize(
    "text",
    [
        'true || "a".matches("(")',
        '{1: "a", 1u: "b"}',
        'dyn({}) in {"a": 1}',
        'int(" 1")',
        'double("0x1p3")',
        'double("1e400")',
        'timestamp("2023-01-01T00:00:60Z")',
        'timestamp("2023-01-01T00:00:00+0100")',
        'base64.decode("YWI = ")',
        'string(duration("1.5s"))',
        'string(timestamp("2023-01-01T00:00:00.5Z"))',
        "string(1.0 / 0.0)",
        "string(0.0 / 0.0)",
        "dyn([1, 2])[?0u].hasValue()",
        "[[5, 6].exists(x, x == 5), cel.bind(y, 1, dyn(y))]",
        "[[5, 6].all(x, x == 6), optional.of(1).optMap(y, dyn(y)).orValue(0)]",
        'int(duration("1s"))',
        '"%s %d".format([10000000000.0, 1.5])',
        'duration("9223372037s")',
        "int(dyn(true))",
        '"abc".substring(1, 3)',
        "r'\\'",
        "{}['k'].map(x, x).size()",
        "sets.contains([1], [1])",
        "isIP('::1')",
        "[1].all(i, x, true)",
        "[2, 1].sort()",
    ],
)
def test_google_differs(text: str) -> None:
    theirs = by_google(text, {})
    assert theirs is not None
    assert not (agrees(ours(text), theirs) and isinstance(ours(text), Refused) is isinstance(theirs, Refused))


@pytest.mark.parametrize(
    "text",
    [
        "dyn(9007199254740993) == 9007199254740992.0",
        '"".split("")',
        '"tacocat".lastIndexOf("a", 7)',
        '"tacocat".indexOf("a", 8)',
        'base64.decode("YWI")',
        '"%s".format([1, 2])',
        "optional.of(1).orValue(1 / 0)",
    ],
)
def test_google_agrees(text: str) -> None:
    theirs = by_google(text, {})
    assert theirs is not None
    assert agrees(ours(text), theirs)


def test_cel_python_differs() -> None:
    assert by_celpython("xs[-1]", {"xs": [1, 2]}) == Gives(2)
    assert ours("xs[-1]", xs=[1, 2]) == Errs(frozenset({"index out of range"}))
    assert isinstance(by_celpython("false && xs.map(x, 1 / x) == []", {"xs": [0]}), Gives | Errs)
    text = "xs.map(x, 1 / x).size() > 5 && false"
    assert isinstance(by_celpython(text, {"xs": [0]}), Errs)
    assert ours(text, xs=[0]) == Gives(False)


def test_the_limits_on_the_page_are_the_limits() -> None:
    for limit in (MAX_LIST, MAX_STRING, MAX_NODES, MAX_TEXT):
        assert f"{limit:,}" in PAGE


def test_a_binding_is_looked_at_where_it_is_read() -> None:
    assert ours("d.x == 1", d={"x": 1, "y": object()}) == Gives(True)
    assert ours("d.y == 1", d={"x": 1, "y": object()}) == Errs(frozenset({"invalid argument"}))
    assert ours("d == d", d={"x": 1, "y": object()}) == Errs(frozenset({"invalid argument"}))


def test_the_versions_on_the_page_are_those_that_are_asked() -> None:
    pins = (Path(__file__).parents[2] / "constraints.txt").read_text(encoding="utf-8")
    for name in ("cel-expr-python", "cel-python"):
        version = re.search(rf"^{name}==(\S+)", pins, re.MULTILINE)
        assert version is not None
        assert f"{name} {version[1]}" in PAGE
