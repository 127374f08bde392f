"""Numbers: greatest and least, rounding, sign, bits.

Source: cel-go's ext/README.md, "Math".
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from assentry.errors import EvaluationError, Kind
from assentry.values.declare import Declaration, Family, linear
from assentry.values.runtime import INT_MAX, INT_MIN, UINT_MAX, Uint, type_name
from assentry.values.types import BOOL, DOUBLE, DYN, INT, UINT, Type, list_of

FAMILY = Family("math", "Numbers.")

Number = int | float
_WIDTH: Final = 64
_MASK: Final = UINT_MAX

GREATEST = FAMILY.function(
    "math.greatest",
    "The greatest of the numbers given, or of a list of them; the first of equals.",
    ("math.greatest(1, 2)", "2"),
    ("math.greatest(-1.5, 2, 3u)", "3u"),
    ("math.greatest([-42.0, -21.5])", "-21.5"),
    ("math.greatest(dyn('a'))", "error: no such overload"),
    gathers=True,
)
LEAST = FAMILY.function(
    "math.least",
    "The least of the numbers given, or of a list of them; the first of equals.",
    ("math.least(1, 2)", "1"),
    ("math.least([3, 1, 2])", "1"),
    ("math.least(dyn([]))", "error: invalid argument"),
    gathers=True,
)
CEIL = FAMILY.function("math.ceil", "The double rounded up.", ("math.ceil(-1.2)", "-1.0"))
FLOOR = FAMILY.function("math.floor", "The double rounded down.", ("math.floor(-1.2)", "-2.0"))
ROUND = FAMILY.function("math.round", "The double rounded; halves away from zero.", ("math.round(-1.5)", "-2.0"))
TRUNC = FAMILY.function("math.trunc", "The double rounded toward zero.", ("math.trunc(-1.3)", "-1.0"))
ABS = FAMILY.function(
    "math.abs",
    "The number without its sign.",
    ("math.abs(-1)", "1"),
    ("math.abs(-1.5)", "1.5"),
    ("math.abs(-9223372036854775808)", "error: overflow"),
)
SIGN = FAMILY.function(
    "math.sign",
    "-1, 0 or 1 of the number's own type.",
    ("math.sign(-42)", "-1"),
    ("math.sign(3u)", "1u"),
    ("math.sign(0.0)", "0.0"),
)
SQRT = FAMILY.function(
    "math.sqrt",
    "The square root; NaN of a negative number.",
    ("math.sqrt(81)", "9.0"),
    ("math.isNaN(math.sqrt(-1.0))", "true"),
)
IS_NAN = FAMILY.function("math.isNaN", "Whether a double is not a number.", ("math.isNaN(0.0 / 0.0)", "true"))
IS_INF = FAMILY.function("math.isInf", "Whether a double is an infinity.", ("math.isInf(1.0 / 0.0)", "true"))
IS_FINITE = FAMILY.function(
    "math.isFinite", "Whether a double is a number and no infinity.", ("math.isFinite(1.2)", "true")
)
BIT_AND = FAMILY.function(
    "math.bitAnd", "The bits set in both.", ("math.bitAnd(3, 5)", "1"), ("math.bitAnd(-3, -5)", "-7")
)
BIT_OR = FAMILY.function(
    "math.bitOr", "The bits set in either.", ("math.bitOr(1u, 2u)", "3u"), ("math.bitOr(-2, -4)", "-2")
)
BIT_XOR = FAMILY.function("math.bitXor", "The bits set in one and not the other.", ("math.bitXor(3u, 5u)", "6u"))
BIT_NOT = FAMILY.function(
    "math.bitNot", "All 64 bits turned over.", ("math.bitNot(1)", "-2"), ("math.bitNot(0u)", "18446744073709551615u")
)
SHIFT_LEFT = FAMILY.function(
    "math.bitShiftLeft",
    "The 64 bits moved to the left; those that fall out are lost.",
    ("math.bitShiftLeft(-1, 2)", "-4"),
    ("math.bitShiftLeft(1u, 200)", "0u"),
    ("math.bitShiftLeft(1, -1)", "error: invalid argument"),
)
SHIFT_RIGHT = FAMILY.function(
    "math.bitShiftRight",
    "The 64 bits moved to the right; zeros come in, also for a negative number.",
    ("math.bitShiftRight(1024, 2)", "256"),
    ("math.bitShiftRight(-1, 63)", "1"),
)

# ---- greatest and least ----


def _number(value: object) -> Number:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    raise EvaluationError(Kind.NO_SUCH_OVERLOAD, f"no such overload: {type_name(value)} is not a number")


def _less(left: Number, right: Number) -> bool:
    """As `<` across types: a double against an integer compares as doubles."""
    if type(left) is float or type(right) is float:
        return float(left) < float(right)
    return left < right


def greater_of(left: Number, right: Number) -> Number:
    return right if _less(left, right) else left


def lesser_of(left: Number, right: Number) -> Number:
    return right if _less(right, left) else left


def greatest(values: list[object]) -> Number:
    return _fold(greater_of, values)


def least(values: list[object]) -> Number:
    return _fold(lesser_of, values)


def _fold(choose: Callable[[Number, Number], Number], values: list[object]) -> Number:
    if not values:
        raise EvaluationError(Kind.INVALID_ARGUMENT, "the list of numbers is empty")
    chosen = _number(values[0])
    for value in values[1:]:
        chosen = choose(chosen, _number(value))
    return chosen


def _same(value: Number) -> Number:
    return value


def _declare_choice(
    function: Declaration,
    prefix: str,
    of_two: Callable[[Number, Number], Number],
    of_list: Callable[[list[object]], Number],
) -> None:
    numbers: tuple[tuple[Type, str], ...] = ((INT, "int"), (UINT, "uint"), (DOUBLE, "double"))
    for kind, name in numbers:
        function.add(f"{prefix}_{name}", (kind,), kind, _same)
        function.add(f"{prefix}_list_{name}", (list_of(kind),), kind, of_list, cost=linear(0))
    for left, left_name in numbers:
        for right, right_name in numbers:
            result = left if left == right else DYN
            function.add(f"{prefix}_{left_name}_{right_name}", (left, right), result, of_two)


_declare_choice(GREATEST, "math_@max", greater_of, greatest)
_declare_choice(LEAST, "math_@min", lesser_of, least)

# ---- rounding, sign, root ----


def _whole(rounding: Callable[[float], int]) -> Callable[[float], float]:
    """The rounding of a double as a double: infinities and NaN stay, and so does the sign of zero."""

    def rounded(value: float) -> float:
        return math.copysign(float(rounding(value)), value) if math.isfinite(value) else value

    return rounded


def _half_away(value: float) -> int:
    """`floor(x + 0.5)` would be wrong just below a half, where the sum rounds up."""
    size = abs(value)
    below = math.floor(size)
    nearest = below + 1 if size - below >= 0.5 else below
    return -nearest if value < 0 else nearest


def abs_int(value: int) -> int:
    if value == INT_MIN:
        raise EvaluationError(Kind.OVERFLOW, "overflow: the result does not fit 64 bits")
    return abs(value)


def sign_int(value: int) -> int:
    return (value > 0) - (value < 0)


def sign_uint(value: Uint) -> Uint:
    return Uint(1 if value else 0)


def sign_double(value: float) -> float:
    return value if math.isnan(value) else float((value > 0) - (value < 0))


def sqrt(value: Number) -> float:
    number = float(value)
    return math.nan if number < 0 else math.sqrt(number)


CEIL.add("math_ceil_double", (DOUBLE,), DOUBLE, _whole(math.ceil))
FLOOR.add("math_floor_double", (DOUBLE,), DOUBLE, _whole(math.floor))
ROUND.add("math_round_double", (DOUBLE,), DOUBLE, _whole(_half_away))
TRUNC.add("math_trunc_double", (DOUBLE,), DOUBLE, _whole(math.trunc))
ABS.add("math_abs_double", (DOUBLE,), DOUBLE, math.fabs)
ABS.add("math_abs_int", (INT,), INT, abs_int)
ABS.add("math_abs_uint", (UINT,), UINT, _same)
SIGN.add("math_sign_double", (DOUBLE,), DOUBLE, sign_double)
SIGN.add("math_sign_int", (INT,), INT, sign_int)
SIGN.add("math_sign_uint", (UINT,), UINT, sign_uint)
for _kind, _name in ((DOUBLE, "double"), (INT, "int"), (UINT, "uint")):
    SQRT.add(f"math_sqrt_{_name}", (_kind,), DOUBLE, sqrt)
IS_NAN.add("math_isNaN_double", (DOUBLE,), BOOL, math.isnan)
IS_INF.add("math_isInf_double", (DOUBLE,), BOOL, math.isinf)
IS_FINITE.add("math_isFinite_double", (DOUBLE,), BOOL, math.isfinite)

# ---- bits ----


def _signed(bits: int) -> int:
    bits &= _MASK
    return bits - 2**_WIDTH if bits > INT_MAX else bits


def _shift(bits: int) -> int:
    """How far to shift: beyond 64 nothing is left."""
    if bits < 0:
        raise EvaluationError(Kind.INVALID_ARGUMENT, "negative offset of a shift")
    return min(bits, _WIDTH)


def bit_and_int(left: int, right: int) -> int:
    return left & right


def bit_and_uint(left: Uint, right: Uint) -> Uint:
    return Uint(left & right)


def bit_or_int(left: int, right: int) -> int:
    return left | right


def bit_or_uint(left: Uint, right: Uint) -> Uint:
    return Uint(left | right)


def bit_xor_int(left: int, right: int) -> int:
    return left ^ right


def bit_xor_uint(left: Uint, right: Uint) -> Uint:
    return Uint(left ^ right)


def bit_not_int(value: int) -> int:
    return ~value


def bit_not_uint(value: Uint) -> Uint:
    return Uint(value ^ _MASK)


def shift_left_int(value: int, bits: int) -> int:
    return _signed(value << _shift(bits))


def shift_left_uint(value: Uint, bits: int) -> Uint:
    return Uint((value << _shift(bits)) & _MASK)


def shift_right_int(value: int, bits: int) -> int:
    return _signed((value & _MASK) >> _shift(bits))


def shift_right_uint(value: Uint, bits: int) -> Uint:
    return Uint(value >> _shift(bits))


BIT_AND.add("math_bitAnd_int_int", (INT, INT), INT, bit_and_int)
BIT_AND.add("math_bitAnd_uint_uint", (UINT, UINT), UINT, bit_and_uint)
BIT_OR.add("math_bitOr_int_int", (INT, INT), INT, bit_or_int)
BIT_OR.add("math_bitOr_uint_uint", (UINT, UINT), UINT, bit_or_uint)
BIT_XOR.add("math_bitXor_int_int", (INT, INT), INT, bit_xor_int)
BIT_XOR.add("math_bitXor_uint_uint", (UINT, UINT), UINT, bit_xor_uint)
BIT_NOT.add("math_bitNot_int_int", (INT,), INT, bit_not_int)
BIT_NOT.add("math_bitNot_uint_uint", (UINT,), UINT, bit_not_uint)
SHIFT_LEFT.add("math_bitShiftLeft_int_int", (INT, INT), INT, shift_left_int)
SHIFT_LEFT.add("math_bitShiftLeft_uint_int", (UINT, INT), UINT, shift_left_uint)
SHIFT_RIGHT.add("math_bitShiftRight_int_int", (INT, INT), INT, shift_right_int)
SHIFT_RIGHT.add("math_bitShiftRight_uint_int", (UINT, INT), UINT, shift_right_uint)
