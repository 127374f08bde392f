"""The one function of a program: what it checks, what it leaves alone, and that it looks like hand-written code."""

from __future__ import annotations

import ast
import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from assentry import cel
from assentry.cel.emitted import ProgramEmitter
from assentry.cel.meter import WORK, Meter, each_turn, outside_loops
from assentry.errors import EvaluationError, Kind, Misfit
from assentry.values.runtime import Uint
from tests.differential.ours import by_emitted_code, emitted


def quick(text: str, types: dict[str, str] | None, **bindings: object) -> object:
    """What the emitted code gives by itself; fails when it leaves the answer to the exact tier."""
    return emitted(cel.compile(text, types))(bindings)


class Watched(ProgramEmitter):
    """An emitter that keeps what it emits."""

    def function(self, name: str, params: Iterable[str], body: Iterable[ast.stmt]) -> ast.Module:
        self.module = super().function(name, params, body)
        return self.module


def code(text: str, types: dict[str, str]) -> str:
    """The emitted code as text."""
    program = cel.compile(text, types)
    emitter = Watched(program.source, {})
    emitter.whole(program.expression, program.variables, print, print)
    return ast.unparse(emitter.module)


@pytest.mark.parametrize(
    ("text", "types", "bindings", "value"),
    [
        ("n > 3", {"n": "int"}, {"n": 4}, True),
        ("n > 3u", {"n": "uint"}, {"n": Uint(4)}, True),
        ("d < 1.5 && b", {"d": "double", "b": "bool"}, {"d": 1.0, "b": True}, True),
        ("t > timestamp(0)", {"t": "timestamp"}, {"t": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}, True),
        ("y == b'a'", {"y": "bytes"}, {"y": b"a"}, True),
        ("'a' in l && l.exists(x, x == 'b') && l.all(x, x in ['a', 'b'])", {"l": "list(string)"}, {"l": ["a", "b"]}, True),
        ("'a' in l", {"l": "list(string)"}, {"l": ("a",)}, True),
        ("1 in l && l.exists(x, x > 1)", {"l": "list(int)"}, {"l": [1, 2]}, True),
        ("has(m.a) && m.a == 'x' && 'a' in m && m['a'] == m.a", {"m": "map(string, string)"}, {"m": {"a": "x"}}, True),
        ("m.a.b[0].c == 1 && has(m.a.b) && size(m.a.b) == 1", {"m": "map(string, dyn)"}, {"m": {"a": {"b": [{"c": 1}]}}}, True),
        ("m.a < 5 && m.b < 1.5 && m.c < 'b' && m.c.startsWith('a')", {"m": "map(string, dyn)"}, {"m": {"a": 1, "b": 1.0, "c": "a"}}, True),
        ("m.a == m.b && m.a != m.c && m.d == null", {"m": "map(string, dyn)"}, {"m": {"a": "x", "b": "x", "c": 1, "d": None}}, True),
        ("m.a in m.l && 'x' in m.l && m.a in ['x'] && 'k' in m", {"m": "map(string, dyn)"}, {"m": {"a": "x", "l": ["x"], "k": 1}}, True),
        ("m.l.exists(x, x.k == 'b') && m.l.all(i, x, i >= 0)", {"m": "map(string, dyn)"}, {"m": {"l": [{"k": "a"}, {"k": "b"}]}}, True),
        ("m.l.filter(x, x > 1).size() + m.l.map(x, x).size()", {"m": "map(string, dyn)"}, {"m": {"l": [1, 2]}}, 3),
        ("m.?a.orValue(3) + m[?'b'].orValue(4)", {"m": "map(string, dyn)"}, {"m": {"a": 1}}, 5),
        ("l[0] + l[1].a", {"l": "list(dyn)"}, {"l": [1, {"a": 2}]}, 3),
        ("m.?a.orValue(0) > 100 || m.?b.orValue('') + 'x' == 'x'", {"m": "map(string, dyn)"}, {"m": {"a": 7}}, True),
        ("m.n.?a.orValue(0) * 2 + m.n[?'b'].orValue(1)", {"m": "map(string, dyn)"}, {"m": {"n": {"a": 7}}}, 15),
        ("(m.l + [1])[0] + 2 + m.l.size()", {"m": "map(string, dyn)"}, {"m": {"l": [5]}}, 8),
        ("x.y + z", None, {"x": {"y": 1}, "z": 2}, 3),
        ("l.map(x, x * 2).filter(y, y > 2)", {"l": "list(int)"}, {"l": [1, 2]}, [4]),
    ],
)  # fmt: skip
def test_the_usual_is_decided_by_emitted_code(
    text: str, types: dict[str, str] | None, bindings: dict[str, Any], value: object
) -> None:
    assert quick(text, types, **bindings) == value
    assert cel.compile(text, types).evaluate(bindings) == value
    assert cel.compile(text, types).evaluate(bindings, 10**12) == value


@pytest.mark.parametrize(
    ("declared", "right", "wrong", "found"),
    [
        ("int", 1, True, "bool"),
        ("int", 1, 1.0, "double"),
        ("string", "a", 1, "int"),
        ("bool", True, 1, "int"),
        ("double", 1.0, 1, "int"),
        ("list(string)", ["a"], ["a", 1], "list"),
        ("list(int)", [1], [1, "a"], "list"),
        ("list(int)", [1], [True], "list"),
        ("map(string, string)", {"a": "b"}, {"a": 1}, "map"),
        ("map(string, dyn)", {"a": 1}, [1], "list"),
        ("list(dyn)", [1], {"a": 1}, "map"),
    ],
)
def test_declared_bindings_are_checked_before_anything_is_evaluated(
    declared: str, right: object, wrong: object, found: str
) -> None:
    program = cel.compile("true || x == x", {"x": declared})
    assert program.evaluate({"x": right}) is True
    unused = cel.compile("p || x == x", {"x": declared, "p": "bool"})
    assert unused.evaluate({"x": right, "p": True}) is True
    with pytest.raises(Misfit, match="`x`: expected") as caught:
        unused.evaluate({"x": wrong, "p": True})
    assert caught.value.found == found


def test_a_missing_binding_is_an_error_only_where_it_is_used() -> None:
    program = cel.compile("p || x == 1", {"x": "int", "p": "bool"})
    assert program.evaluate({"p": True}) is True
    with pytest.raises(EvaluationError) as caught:
        program.evaluate({"p": False})
    assert caught.value.kind is Kind.UNBOUND
    with pytest.raises(EvaluationError):
        program.evaluate()


@pytest.mark.parametrize("text", ["a + x", "x + a", "a < x", "a * x", "[x].map(y, a + y)[0] == 0"])
@pytest.mark.parametrize("bound", [False, 0.5, "0", None])
def test_a_value_of_unknown_type_is_never_taken_for_one_that_fits(text: str, bound: object) -> None:
    """`a` is looked at where it is read, `x` is not looked at any more: Python would add False to 0."""
    program = cel.compile(f"cel.bind(x, dyn(p), {text})", {"a": "dyn", "p": "dyn"})
    if text == "a < x" and bound == 0.5:
        assert program.evaluate({"a": 0, "p": bound}) is True
        return
    with pytest.raises(EvaluationError) as caught:
        program.evaluate({"a": 0, "p": bound})
    assert caught.value.kind is Kind.NO_SUCH_OVERLOAD


def test_unchecked_calls_of_what_there_is_not_are_errors_when_evaluated() -> None:
    for text in ("nothing(x)", "x.nothing(1)", "nothing(x) && true", "x + nothing(x)"):
        with pytest.raises(EvaluationError) as caught:
            cel.compile(text, check=False).evaluate({"x": 1})
        assert caught.value.kind is Kind.UNKNOWN_FUNCTION


def test_evaluate_is_a_plain_function_made_when_first_asked_for() -> None:
    program = cel.compile("n + 1", {"n": "int"})
    evaluate = program.evaluate
    assert evaluate is program.evaluate
    assert evaluate({"n": 1}) == 2
    assert evaluate(bindings={"n": 1}, budget=100) == 2
    assert cel.compile("1 + 1").evaluate() == 2
    with pytest.raises(AttributeError, match="no attribute `evaluated`"):
        _ = program.evaluated  # type: ignore[attr-defined]


def test_emitted_code_reads_like_hand_written_code() -> None:
    text = code("name == 'data.export' && rows > 10000", {"name": "string", "rows": "int"})
    assert "if not type(v1) is str:" in text
    assert "return v1 == 'data.export' and v2 > 10000" in text
    assert "dispatch" not in code("m.a.b == 'x'", {"m": "map(string, dyn)"})


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("l.exists(x, x.k > 1)", [False, False, True, None]),
        ("l.all(x, x.k > 1)", [True, False, False, None]),
        ("b && l.exists(x, x.k > 1)", [False, False, True, None]),
        ("!b || l.all(i, x, x.k > i)", [True, True, True, None]),
        ("b && (size(l) == 0 || l.all(x, x.k > 0))", [True, True, True, None]),
        ("b && b && l.exists(x, l.all(y, y.k <= x.k))", [False, True, True, None]),
    ],
)
def test_a_loop_that_decides_is_a_loop(text: str, answers: list[bool | None]) -> None:
    """None: the emitted code leaves the answer to the exact tier."""
    types = {"b": "bool", "l": "list(dyn)"}
    assert "for v" in code(text, types)
    program = cel.compile(text, types)
    documents: list[list[object]] = [[], [{"k": 1}], [{"k": 1}, {"k": 2}], [{}]]
    for document, answer in zip(documents, answers, strict=True):
        found = by_emitted_code(program, {"b": True, "l": document})
        assert (found and found.value) is answer


class Loud(dict[str, object]):
    """A dict of the host's own, which does something when it is read."""

    def __getitem__(self, key: str) -> object:
        raise RuntimeError(key)

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError

    def copy(self) -> dict[str, object]:
        raise RuntimeError


@pytest.mark.parametrize(
    "text", ["m.a == 1", "m['a'] < 2", "has(m.a)", "'a' in m", "m.all(k, k == 'a')", "size(m) == 1"]
)
def test_no_code_of_the_hosts_own_containers_is_run(text: str) -> None:
    assert quick(text, {"m": "map(string, dyn)"}, m=Loud(a=1)) is True


def test_added_functions_are_called_from_emitted_code() -> None:
    calls: list[int] = []

    def twice(number: int) -> int:
        calls.append(number)
        return number * 2

    double = cel.function("twice", ["int"], "int", twice)
    program = cel.compile("twice(n) + twice(dyn(n))", {"n": "int"}, functions=[double])
    assert program.evaluate({"n": 2}) == 8
    assert calls == [2, 2]


def test_deep_expressions_are_evaluated() -> None:
    text = "cel.bind(a, 1, " * 30 + "a" + ")" * 30
    assert cel.compile(text).evaluate() == 1


def test_costs_by_turn() -> None:
    program = cel.compile("l.exists(x, m.all(y, x == y)) && l.size() > 2", {"l": "list(int)", "m": "list(int)"})
    outside = outside_loops(program.expression)
    assert 0 < outside < 20
    loops = [node for node in _nodes(program.expression) if type(node).__name__ == "Loop"]
    assert len(loops) == 2
    assert all(0 < each_turn(loop) < 200 for loop in loops)
    meter = Meter(10)
    assert meter([1, 2], 5) == [1, 2]
    assert meter.left == 0
    assert WORK > 1_000_000


def _nodes(expr: Any) -> list[Any]:
    from assentry.code import form

    return [expr, *(node for part in form.children(expr) for node in _nodes(part))]
