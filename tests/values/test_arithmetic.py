from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given

from assentry.errors import EvaluationError, Kind
from assentry.values.limits import MAX_LIST, MAX_STRING
from assentry.values.registry import dispatch
from assentry.values.runtime import INT_MAX, INT_MIN, UINT_MAX, Uint
from tests.support.values import doubles, fails, ints, uints


def outcome(operator: str, left: object, right: object) -> object:
    """The value, or the error's kind."""
    try:
        return dispatch(operator, [left, right], False)
    except EvaluationError as error:
        return error.kind


def bounded(exact: int, low: int, high: int) -> object:
    return exact if low <= exact <= high else Kind.OVERFLOW


@given(ints, ints)
def test_ints_are_exact_or_overflow(left: int, right: int) -> None:
    assert outcome("_+_", left, right) == bounded(left + right, INT_MIN, INT_MAX)
    assert outcome("_-_", left, right) == bounded(left - right, INT_MIN, INT_MAX)
    assert outcome("_*_", left, right) == bounded(left * right, INT_MIN, INT_MAX)


@given(ints, ints)
def test_int_division_rounds_toward_zero(left: int, right: int) -> None:
    if not right:
        assert outcome("_/_", left, right) is Kind.DIVIDE_BY_ZERO
        assert outcome("_%_", left, right) is Kind.DIVIDE_BY_ZERO
        return
    quotient = math.trunc(Fraction(left, right))
    assert outcome("_/_", left, right) == bounded(quotient, INT_MIN, INT_MAX)
    if quotient <= INT_MAX:
        assert outcome("_%_", left, right) == left - quotient * right


@given(uints, uints)
def test_uints_are_exact_or_overflow_and_stay_uints(left: Uint, right: Uint) -> None:
    for operator, exact in (("_+_", left + right), ("_-_", left - right), ("_*_", left * right)):
        result = outcome(operator, left, right)
        assert result == bounded(exact, 0, UINT_MAX)
        assert isinstance(result, (Uint, Kind))
    if right:
        assert outcome("_/_", left, right) == left // right
        assert outcome("_%_", left, right) == left % right
    else:
        assert outcome("_/_", left, right) is Kind.DIVIDE_BY_ZERO
        assert outcome("_%_", left, right) is Kind.DIVIDE_BY_ZERO


@given(doubles, doubles)
def test_doubles_never_fail(left: float, right: float) -> None:
    for operator in ("_+_", "_-_", "_*_", "_/_"):
        assert type(outcome(operator, left, right)) is float


@pytest.mark.parametrize(
    ("left", "right", "result"),
    [
        (1.0, 0.0, "inf"),
        (1.0, -0.0, "-inf"),
        (-1.0, 0.0, "-inf"),
        (math.inf, 0.0, "inf"),
        (0.0, 0.0, "nan"),
        (0.0, -1.0, "-0.0"),
    ],
)
def test_division_by_a_zero_double_is_ieee(left: float, right: float, result: str) -> None:
    assert str(outcome("_/_", left, right)) == result


def test_the_least_int_has_no_opposite() -> None:
    with fails(Kind.OVERFLOW):
        dispatch("-_", [INT_MIN], False)
    assert dispatch("-_", [INT_MAX], False) == -INT_MAX
    assert str(dispatch("-_", [0.0], False)) == "-0.0"
    assert outcome("_%_", INT_MIN, -1) is Kind.OVERFLOW


def test_arithmetic_stays_within_one_type() -> None:
    for left, right in ((1, 1.0), (1, Uint(1)), ("a", b"a"), ([1], "a"), (True, 1), (None, None)):
        assert outcome("_+_", left, right) is Kind.NO_SUCH_OVERLOAD


def test_joining_makes_a_new_value_within_limits() -> None:
    items = [1]
    assert dispatch("_+_", [items, [2]], False) == [1, 2]
    assert items == [1]
    half = "x" * (MAX_STRING // 2)
    assert dispatch("_+_", [half, half], False) == half + half
    with fails(Kind.LIMIT):
        dispatch("_+_", [half, half + "x"], False)
    with fails(Kind.LIMIT):
        dispatch("_+_", [half.encode(), half.encode() + b"x"], False)
    with fails(Kind.LIMIT):
        dispatch("_+_", [[0] * MAX_LIST, [0]], False)
