"""Arithmetic: `+ - * / %` and negation. 64-bit integers that overflow are errors; doubles follow IEEE 754.

Source: langdef.md, "Arithmetic Operators" and "Overflow".
"""

from __future__ import annotations

import math
import operator

from assentry.errors import EvaluationError, Kind
from assentry.values.declare import Family, linear
from assentry.values.limits import MAX_LIST, MAX_STRING, exceeded
from assentry.values.runtime import INT_MAX, INT_MIN, UINT_MAX, Uint
from assentry.values.types import BYTES, DOUBLE, INT, STRING, UINT, list_of, param

FAMILY = Family("arithmetic", "Arithmetic and concatenation.")

A = param("A")

ADD = FAMILY.function(
    "_+_",
    "Adds numbers, or a duration to a duration or timestamp; joins strings, bytes or lists.",
    ("1 + 2", "3"),
    ("22u + 33u", "55u"),
    ("3.5 + 1.25", "4.75"),
    ("9223372036854775807 + 1", "error: overflow"),
    ("'Hello, ' + 'world!'", "'Hello, world!'"),
    ("b'hi' + b'ya'", "b'hiya'"),
    ("[1] + [2, 3]", "[1, 2, 3]"),
)
SUBTRACT = FAMILY.function(
    "_-_",
    "Subtracts numbers, durations, or timestamps from each other.",
    ("5 - 3", "2"),
    ("10.5 - 2.0", "8.5"),
    ("3u - 42u", "error: overflow"),
)
MULTIPLY = FAMILY.function(
    "_*_", "Multiplies numbers.", ("-2 * 6", "-12"), ("13u * 3u", "39u"), ("3.5 * 40.0", "140.0")
)
DIVIDE = FAMILY.function(
    "_/_",
    "Divides numbers; integers are rounded toward zero.",
    ("-7 / 2", "-3"),
    ("42u / 2u", "21u"),
    ("7.0 / 2.0", "3.5"),
    ("1 / 0", "error: division by zero"),
    ("1.0 / 0.0 > 1e300", "true"),
)
MODULO = FAMILY.function(
    "_%_",
    "The remainder of an integer division; it has the sign of the first number.",
    ("-7 % 2", "-1"),
    ("6u % 4u", "2u"),
    ("1 % 0", "error: division by zero"),
)
NEGATE = FAMILY.function("-_", "The number with the other sign.", ("-(5)", "-5"), ("-(3.25)", "-3.25"))


def _overflow() -> EvaluationError:
    return EvaluationError(Kind.OVERFLOW, "overflow: the result does not fit 64 bits")


def _division_by_zero() -> EvaluationError:
    return EvaluationError(Kind.DIVIDE_BY_ZERO)


def _int(result: int) -> int:
    if INT_MIN <= result <= INT_MAX:
        return result
    raise _overflow()


def _uint(result: int) -> Uint:
    if 0 <= result <= UINT_MAX:
        return Uint(result)
    raise _overflow()


def add_int(left: int, right: int) -> int:
    result = left + right
    if INT_MIN <= result <= INT_MAX:
        return result
    raise _overflow()


def subtract_int(left: int, right: int) -> int:
    result = left - right
    if INT_MIN <= result <= INT_MAX:
        return result
    raise _overflow()


def multiply_int(left: int, right: int) -> int:
    return _int(left * right)


def divide_int(left: int, right: int) -> int:
    if not right:
        raise _division_by_zero()
    quotient = abs(left) // abs(right)
    return _int(quotient if (left < 0) == (right < 0) else -quotient)


def modulo_int(left: int, right: int) -> int:
    """The quotient of the least int and -1 overflows, and with it, in CEL, the remainder."""
    if not right:
        raise _division_by_zero()
    if right == -1 and left == INT_MIN:
        raise _overflow()
    remainder = abs(left) % abs(right)
    return -remainder if left < 0 else remainder


def negate_int(value: int) -> int:
    return _int(-value)


def add_uint(left: int, right: int) -> Uint:
    return _uint(left + right)


def subtract_uint(left: int, right: int) -> Uint:
    return _uint(left - right)


def multiply_uint(left: int, right: int) -> Uint:
    return _uint(left * right)


def divide_uint(left: int, right: int) -> Uint:
    if not right:
        raise _division_by_zero()
    return Uint(left // right)


def modulo_uint(left: int, right: int) -> Uint:
    if not right:
        raise _division_by_zero()
    return Uint(left % right)


def divide_double(left: float, right: float) -> float:
    """IEEE 754 division, where Python raises: a zero divisor gives an infinity, or NaN for 0/0."""
    if right:
        return left / right
    if not left or math.isnan(left) or math.isnan(right):
        return math.nan if not math.isnan(right) else right
    return math.copysign(math.inf, left) * math.copysign(1.0, right)


def add_string(left: str, right: str) -> str:
    if len(left) + len(right) > MAX_STRING:
        raise exceeded(f"a string of more than {MAX_STRING} code points")
    return left + right


def add_bytes(left: bytes, right: bytes) -> bytes:
    if len(left) + len(right) > MAX_STRING:
        raise exceeded(f"bytes longer than {MAX_STRING}")
    return left + right


def add_list(left: list[object], right: list[object]) -> list[object]:
    if len(left) + len(right) > MAX_LIST:
        raise exceeded(f"a list of more than {MAX_LIST} elements")
    return left + right


ADD.add("add_int64", (INT, INT), INT, add_int)
ADD.add("add_uint64", (UINT, UINT), UINT, add_uint)
ADD.add("add_double", (DOUBLE, DOUBLE), DOUBLE, operator.add)
ADD.add("add_string", (STRING, STRING), STRING, add_string, cost=linear(0, 1, unit=64))
ADD.add("add_bytes", (BYTES, BYTES), BYTES, add_bytes, cost=linear(0, 1, unit=64))
ADD.add("add_list", (list_of(A), list_of(A)), list_of(A), add_list, cost=linear(0, 1, unit=8))

SUBTRACT.add("subtract_int64", (INT, INT), INT, subtract_int)
SUBTRACT.add("subtract_uint64", (UINT, UINT), UINT, subtract_uint)
SUBTRACT.add("subtract_double", (DOUBLE, DOUBLE), DOUBLE, operator.sub)

MULTIPLY.add("multiply_int64", (INT, INT), INT, multiply_int)
MULTIPLY.add("multiply_uint64", (UINT, UINT), UINT, multiply_uint)
MULTIPLY.add("multiply_double", (DOUBLE, DOUBLE), DOUBLE, operator.mul)

DIVIDE.add("divide_int64", (INT, INT), INT, divide_int)
DIVIDE.add("divide_uint64", (UINT, UINT), UINT, divide_uint)
DIVIDE.add("divide_double", (DOUBLE, DOUBLE), DOUBLE, divide_double)

MODULO.add("modulo_int64", (INT, INT), INT, modulo_int)
MODULO.add("modulo_uint64", (UINT, UINT), UINT, modulo_uint)

NEGATE.add("negate_int64", (INT,), INT, negate_int)
NEGATE.add("negate_double", (DOUBLE,), DOUBLE, operator.neg)
