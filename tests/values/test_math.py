from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assentry.errors import Kind
from assentry.values.registry import dispatch
from assentry.values.runtime import INT_MAX, INT_MIN, UINT_MAX, Uint
from tests.support.values import doubles, fails, ints, uints

numbers = ints | uints | st.floats(allow_nan=False)


def call(name: str, *args: object) -> Any:
    return dispatch(f"math.{name}", args, False)


@given(st.lists(numbers, min_size=1, max_size=5))
def test_greatest_and_least_of_any_numbers(items: list[Any]) -> None:
    greatest, least = call("greatest", *items), call("least", *items)
    assert any(greatest is item for item in items)
    assert any(least is item for item in items)
    assert all(not dispatch("_<_", [greatest, item], False) for item in items if len(items) == 2)
    assert call("greatest", items) is greatest
    assert call("least", items) is least


def test_the_first_of_equals_is_chosen() -> None:
    assert type(call("greatest", 1, 1.0)) is int
    assert type(call("greatest", 1.0, 1)) is float
    assert type(call("least", Uint(1), 1, 1.0)) is Uint


@pytest.mark.parametrize("args", [("a",), (1, "a"), (1, 2, None), ([1, "a"],), (True,), ([True],), ([1], [2])])
def test_what_has_no_greatest(args: tuple[object, ...]) -> None:
    with fails(Kind.NO_SUCH_OVERLOAD):
        call("greatest", *args)


def test_an_empty_list_has_no_greatest() -> None:
    with fails(Kind.INVALID_ARGUMENT):
        call("greatest", [])


@given(doubles)
def test_rounding(value: float) -> None:
    for name in ("ceil", "floor", "trunc", "round"):
        rounded = call(name, value)
        if not math.isfinite(value):
            assert str(rounded) == str(value)
        else:
            assert rounded.is_integer()
            assert abs(rounded - value) <= 1
            assert math.copysign(1, rounded) == math.copysign(1, value)
    if math.isfinite(value):
        assert call("floor", value) <= value <= call("ceil", value)
        assert abs(call("round", value) - value) <= 0.5


@pytest.mark.parametrize(
    ("value", "rounded"), [(0.5, 1.0), (-0.5, -1.0), (2.5, 3.0), (0.49999999999999994, 0.0), (2.0**52 + 1, 2.0**52 + 1)]
)
def test_halves_round_away_from_zero(value: float, rounded: float) -> None:
    assert call("round", value) == rounded


def test_sign_and_size() -> None:
    assert [call("sign", value) for value in (-5, 0, 5, -0.5, 0.0)] == [-1, 0, 1, -1.0, 0.0]
    assert type(call("sign", Uint(5))) is Uint
    assert math.isnan(call("sign", math.nan))
    assert call("abs", INT_MIN + 1) == INT_MAX
    assert math.isnan(call("sqrt", -1.0))
    assert math.isnan(call("sqrt", math.nan))
    assert call("sqrt", Uint(81)) == 9.0
    with fails(Kind.OVERFLOW):
        call("abs", INT_MIN)


def wrapped(bits: int) -> int:
    """The int64 of these 64 bits."""
    return int.from_bytes((bits & UINT_MAX).to_bytes(8, "big"), "big", signed=True)


@given(ints, st.integers(0, 70))
def test_int_bits_move_as_in_64_bit_registers(value: int, bits: int) -> None:
    assert call("bitShiftLeft", value, bits) == wrapped(value << bits)
    assert call("bitShiftRight", value, bits) == wrapped((value & UINT_MAX) >> bits)
    assert call("bitNot", value) == wrapped(~value)


@given(uints, uints, st.integers(0, 70))
def test_uint_bits_stay_uints(left: Uint, right: Uint, bits: int) -> None:
    assert call("bitShiftLeft", left, bits) == left << bits & UINT_MAX
    assert call("bitShiftRight", left, bits) == left >> bits
    assert call("bitAnd", left, right) + call("bitOr", left, right) == left + right
    assert call("bitXor", left, right) == call(
        "bitAnd", call("bitOr", left, right), call("bitNot", call("bitAnd", left, right))
    )
    assert all(type(call(name, left, right)) is Uint for name in ("bitAnd", "bitOr", "bitXor"))


def test_bits_do_not_move_by_a_negative_number_and_a_huge_one_is_no_work() -> None:
    for name in ("bitShiftLeft", "bitShiftRight"):
        for value in (1, Uint(1)):
            assert call(name, value, INT_MAX) == 0
            with fails(Kind.INVALID_ARGUMENT):
                call(name, value, -1)
    with fails(Kind.NO_SUCH_OVERLOAD):
        call("bitAnd", 1, Uint(1))
