"""CEL as a library: compile, evaluate, bindings, added functions, threads."""

from __future__ import annotations

import datetime as dt
import sys
import threading

import pytest

from assentry import cel
from assentry.cel.bindings import WrongTypeError, taker
from assentry.errors import CompileError, EvaluationError, Kind, Misfit
from assentry.values.runtime import NONE, BoolKey, Duration, Optional, Timestamp, TypeValue, Uint


def kind(text: str, **bindings: object) -> Kind:
    with pytest.raises(EvaluationError) as caught:
        cel.compile(text).evaluate(bindings)
    return caught.value.kind


def test_an_expression_is_compiled_once_and_evaluated_often() -> None:
    program = cel.compile(
        "size > 1024 && owner in admins", {"size": "int", "owner": "string", "admins": "list(string)"}
    )
    assert str(program.type) == "bool"
    assert program.evaluate({"size": 2048, "owner": "ann", "admins": ["ann"]}) is True
    assert program.evaluate({"size": 2048, "owner": "bob", "admins": ["ann"]}) is False
    assert repr(program) == "Program('size > 1024 && owner in admins')"


def test_without_types_every_name_is_a_variable_of_any_type() -> None:
    program = cel.compile("x.y + z")
    assert program.evaluate({"x": {"y": 1}, "z": 2}) == 3
    assert program.evaluate({"x": {"y": "a"}, "z": "b"}) == "ab"
    assert program.type == cel.parse_type("dyn")


def test_errors_of_a_compilation_are_all_listed() -> None:
    with pytest.raises(CompileError) as caught:
        cel.compile("x + 'a' == y || z.foo()", {"x": "int", "z": "int"})
    assert [finding.code for finding in caught.value.diagnostics] == ["no-overload", "unknown-name", "unknown-function"]
    assert "did you mean" not in str(caught.value)
    with pytest.raises(CompileError, match="expression:1:4"):
        cel.compile("1 + ")


def test_errors_of_an_evaluation_say_their_kind() -> None:
    assert kind("1 / x", x=0) is Kind.DIVIDE_BY_ZERO
    assert kind("x") is Kind.UNBOUND
    assert kind("x + 1", x="a") is Kind.NO_SUCH_OVERLOAD
    assert kind("x.a", x={}) is Kind.NO_SUCH_KEY
    assert kind("[1][x]", x=3) is Kind.INDEX
    assert cel.compile("1 / x == 1 || true").evaluate({"x": 0}) is True


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (Uint(7), Uint(7)),
        (1.5, 1.5),
        (b"x", b"x"),
        ((1, (2,)), [1, [2]]),
        ({"a": {True: 1, 2: None}}, {"a": {BoolKey(True): 1, 2: None}}),
        (Optional.of((1,)), Optional.of([1])),
        (NONE, NONE),
        (dt.datetime(2026, 1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=1))), Timestamp(1_767_225_600 * 10**9)),
        (dt.timedelta(seconds=1, microseconds=5), Duration(1_000_005_000)),
        (TypeValue("int"), TypeValue("int")),
    ],
)
def test_bindings_become_cel_values(value: object, expected: object) -> None:
    found = cel.compile("x").evaluate({"x": value})
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (2**63, Kind.OVERFLOW),
        (-(2**63) - 1, Kind.OVERFLOW),
        (object(), Kind.INVALID_ARGUMENT),
        ({1.5: 1}, Kind.INVALID_ARGUMENT),
        ({1, 2}, Kind.INVALID_ARGUMENT),
        ({(1,): 1}, Kind.INVALID_ARGUMENT),
        (dt.datetime(2026, 1, 1), Kind.INVALID_ARGUMENT),
    ],
)
def test_what_is_no_cel_value_is_refused(value: object, wanted: Kind) -> None:
    assert kind("x", x=value) is wanted


def nested(depth: int) -> list[object]:
    value: list[object] = []
    for _ in range(depth):
        value = [value]
    return value


def test_a_binding_nested_too_deep_is_refused() -> None:
    assert kind("x", x=nested(100_000)) is Kind.LIMIT
    assert cel.compile("size(x)").evaluate({"x": nested(200)}) == 1


def test_bindings_that_are_not_named_are_not_looked_at() -> None:
    assert cel.compile("x + 1").evaluate({"x": 1, "y": object()}) == 2


def test_a_binding_of_another_type_than_declared_is_refused() -> None:
    program = cel.compile("x.size() == 0", {"x": "map(string, list(int))"})
    assert program.evaluate({"x": {}}) is True
    with pytest.raises(Misfit, match=r"`x`: expected map\(string, list\(int\)\), found map"):
        program.evaluate({"x": {"a": [1, "2"]}})


@pytest.mark.parametrize(
    ("value", "item", "expected"),
    [
        (True, "int", False),
        (1, "int", True),
        (Uint(1), "int", False),
        (Uint(1), "uint", True),
        (None, "int", False),
        (None, "wrapper(int)", True),
        (1, "wrapper(int)", True),
        ([1], "list(int)", True),
        ([1, None], "list(int)", False),
        ({"a": 1}, "map(string, int)", True),
        ({BoolKey(True): 1}, "map(bool, int)", True),
        ({1: 1}, "map(string, int)", False),
        (Optional.of(1), "optional_type(int)", True),
        (Optional.of("a"), "optional_type(int)", False),
        (NONE, "optional_type(int)", True),
        ([1, "a"], "dyn", True),
        (1, "my.Type", True),
    ],
)
def test_a_binding_is_taken_by_its_type(value: object, item: str, expected: bool) -> None:
    take = taker(cel.parse_type(item))
    if expected:
        assert take(value) == value
    else:
        with pytest.raises(WrongTypeError):
            take(value)


def test_added_functions() -> None:
    double = cel.function("double_it", ["int"], "int", lambda n: n * 2)
    shout = cel.function("shout", ["string"], "string", lambda s: s.upper(), member=True)
    pair = cel.function("ns.pair", ["A", "B"], "list(dyn)", lambda a, b: (a, b))
    program = cel.compile(
        "'a'.shout() + string(double_it(x)) + string(size(ns.pair(1, 'b')))", functions=[double, shout, pair]
    )
    assert program.evaluate({"x": 4}) == "A82"
    with pytest.raises(EvaluationError) as caught:
        program.evaluate({"x": "no"})
    assert caught.value.kind is Kind.NO_SUCH_OVERLOAD
    with pytest.raises(CompileError, match="`double_it` does not take a string"):
        cel.compile("double_it('a')", functions=[double])


def test_an_added_function_may_join_a_standard_one() -> None:
    size = cel.function("size", ["int"], "int", lambda n: len(str(n)))
    program = cel.compile("size(1234) + size('ab') + size(dyn([1]))", functions=[size])
    assert program.evaluate() == 7
    with pytest.raises(ValueError, match="there is an overload `size_int` already"):
        cel.compile("1", functions=[size, size])


def test_an_added_function_that_fails_is_an_error_like_any_other() -> None:
    def fails(_: object) -> object:
        raise EvaluationError(Kind.INVALID_ARGUMENT)

    broken = cel.function("broken", ["int"], "bool", fails)
    assert cel.compile("broken(1) || true", functions=[broken]).evaluate() is True
    with pytest.raises(EvaluationError):
        cel.compile("broken(1)", functions=[broken]).evaluate()


def test_the_budget_can_be_set() -> None:
    text = "a.all(x, b.all(y, x == y))"
    assert cel.compile(text).evaluate({"a": [], "b": []}) is True
    with pytest.raises(CompileError, match="too-costly"):
        cel.compile(text, budget=1000)


def test_what_is_absent_has_no_attribute() -> None:
    with pytest.raises(AttributeError):
        _ = cel.nothing_of_the_kind


def test_a_program_may_be_shared_between_threads() -> None:
    program = cel.compile("[1, 2, 3].map(x, x * n).exists(x, x == 3 * n) && cel.bind(m, n * 2, m - n == n)")
    wrong: list[int] = []

    def work(start: int) -> None:
        wrong.extend(n for n in range(start, start + 100) if program.evaluate({"n": n}) is not True)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=work, args=(100 * number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "bindings", "part"),
    [
        ("a.b + 1 == 2 && 1 / a.c > 0", {}, "a"),
        ("a.b + 1 == 2 && 1 / a.c > 0", {"a": {}}, "a.b"),
        ("a.b + 1 == 2 && 1 / a.c > 0", {"a": {"b": 1, "c": 0}}, "1 / a.c"),
        ("a && true", {"a": 1}, "a"),
        ("[1, 2].all(x, x / 0 > 1)", {}, "x / 0"),
        ("true ? {1: 2}[3] : 0", {}, "{1: 2}[3]"),
        ("'é' + '😀' == '' || [optional.none().value()].size() > 9", {}, "optional.none().value()"),
    ],
)
def test_an_error_says_which_part_has_no_value(text: str, bindings: dict[str, object], part: str) -> None:
    program = cel.compile(text)
    for budget in (None, 1_000_000):
        with pytest.raises(EvaluationError) as caught:
            program.evaluate(bindings, budget)
        span = caught.value.span
        assert span is not None
        assert text[span.start : span.end] == part


def test_no_part_is_to_blame_for_a_binding_or_a_budget() -> None:
    for text, types, bindings in (
        ("a + 1", {"a": "int"}, {"a": "x"}),
        ("l.all(x, l.all(y, true))", None, {"l": [1] * 99}),
    ):
        with pytest.raises(EvaluationError) as caught:
            cel.compile(text, types).evaluate(bindings, 500)
        assert caught.value.span is None
