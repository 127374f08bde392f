"""Conversions between types, `type` and `dyn`.

Numbers that do not fit are overflows; text that is no number (bool, ...) is an invalid argument.
A double is written with the fewest digits that give it back.

Source: langdef.md, "Types and Conversions" and "Overflow".
"""

from __future__ import annotations

import math
import re
from typing import Final

from assentry.errors import EvaluationError, Kind
from assentry.values import double_text
from assentry.values.declare import Declaration, Family, Implementation, linear
from assentry.values.limits import text as limited
from assentry.values.runtime import (
    INT_MAX,
    INT_MIN,
    TYPE_VALUES,
    UINT_MAX,
    Timestamp,
    TypeValue,
    Uint,
    type_name,
)
from assentry.values.time_text import (
    SECOND,
    duration_text,
    parse_duration,
    parse_timestamp,
    timestamp,
    timestamp_text,
)
from assentry.values.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    STRING,
    TIMESTAMP,
    UINT,
    Type,
    param,
    type_of,
)

FAMILY = Family("conversions", "From one type to another.")

A = param("A")

_INT: Final = re.compile(r"[+-]?[0-9]+", re.ASCII)
_UINT: Final = re.compile(r"[0-9]+", re.ASCII)
_DOUBLE: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)
_NOT_FINITE: Final = re.compile(r"([+-]?)(nan|inf|infinity)", re.ASCII | re.IGNORECASE)
_TRUE: Final = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_FALSE: Final = frozenset({"0", "f", "F", "false", "FALSE", "False"})
_DIGITS_OF_64_BITS: Final = 20
_TWO_TO_63: Final = float(2**63)
_TWO_TO_64: Final = float(2**64)

INT_FUNCTION = FAMILY.function(
    "int",
    "An int from a number (rounded toward zero), from text, or a timestamp's seconds since 1970.",
    ("int(3.9)", "3"),
    ("int('-123')", "-123"),
    ("int(timestamp('1970-01-01T00:01:00Z'))", "60"),
    ("int(18446744073709551615u)", "error: overflow"),
    ("int('12a')", "error: invalid argument"),
)
UINT_FUNCTION = FAMILY.function(
    "uint",
    "A uint from a number (rounded toward zero) or from text.",
    ("uint(3.9)", "3u"),
    ("uint('123')", "123u"),
    ("uint(-1)", "error: overflow"),
)
DOUBLE_FUNCTION = FAMILY.function(
    "double", "A double from a number or from text.", ("double(10)", "10.0"), ("double('-1.5e3')", "-1500.0")
)
BOOL_FUNCTION = FAMILY.function(
    "bool",
    "A bool from text.",
    ("bool('true')", "true"),
    ("bool('F')", "false"),
    ("bool('yes')", "error: invalid argument"),
)
STRING_FUNCTION = FAMILY.function(
    "string",
    "Text from any simple value; bytes must be UTF-8.",
    ("string(123u)", "'123'"),
    ("string(-4.5e-3)", "'-0.0045'"),
    ("string(1e6)", "'1e+06'"),
    ("string(b'caf\\303\\251')", "'caf\u00e9'"),
    ("string(b'\\377')", "error: invalid argument"),
    ("string(duration('1m1ms'))", "'60.001s'"),
    ("string(timestamp('2023-08-26T12:39:00-07:00'))", "'2023-08-26T19:39:00Z'"),
)
BYTES_FUNCTION = FAMILY.function("bytes", "The UTF-8 bytes of a string.", ("bytes('\u00ff')", "b'\\303\\277'"))
TIMESTAMP_FUNCTION = FAMILY.function(
    "timestamp",
    "A point in time from RFC 3339 text, or from seconds since 1970.",
    ("timestamp('2023-08-26T12:39:00-07:00')", "timestamp('2023-08-26T19:39:00Z')"),
    ("timestamp(60)", "timestamp('1970-01-01T00:01:00Z')"),
    ("timestamp('2023-08-26')", "error: invalid argument"),
    ("timestamp(253402300800)", "error: overflow"),
)
DURATION_FUNCTION = FAMILY.function(
    "duration",
    "A length of time from text with the units h, m, s, ms, us and ns.",
    ("duration('1h30m')", "duration('5400s')"),
    ("duration('-1.5h')", "duration('-90m')"),
    ("duration('1 day')", "error: invalid argument"),
)
TYPE_FUNCTION = FAMILY.function(
    "type", "The type of a value, itself a value.", ("type(1) == int", "true"), ("type([]) == list", "true")
)
DYN_FUNCTION = FAMILY.function("dyn", "The value as given, of a type that is not checked.", ("dyn(1) == 1.0", "true"))


def _invalid(target: str) -> EvaluationError:
    return EvaluationError(Kind.INVALID_ARGUMENT, f"the text is not a {target}")


def _range(target: str) -> EvaluationError:
    return EvaluationError(Kind.OVERFLOW, f"range: the value is out of the range of {target}")


def identity(value: object) -> object:
    return value


def _integer(digits: str, low: int, high: int, target: str) -> int:
    """An integer from text already known to be one: digits are counted first, reading many is slow."""
    significant = digits.lstrip("+-0")
    if len(significant) > _DIGITS_OF_64_BITS:
        raise _range(target)
    value = int(digits[0] + significant) if digits[0] == "-" and significant else int(significant or "0")
    if not low <= value <= high:
        raise _range(target)
    return value


def uint_to_int(value: Uint) -> int:
    if value > INT_MAX:
        raise _range("int")
    return int(value)


def double_to_int(value: float) -> int:
    """Both ends of the range are out of it, as the specification asks."""
    if not -_TWO_TO_63 < value < _TWO_TO_63:
        raise _range("int")
    return int(value)


def string_to_int(value: str) -> int:
    if not _INT.fullmatch(limited(value)):
        raise _invalid("int")
    return _integer(value, INT_MIN, INT_MAX, "int")


def timestamp_to_int(value: Timestamp) -> int:
    return value.ns // SECOND


def int_to_uint(value: int) -> Uint:
    if value < 0:
        raise _range("uint")
    return Uint(value)


def double_to_uint(value: float) -> Uint:
    if not 0 <= value < _TWO_TO_64:
        raise _range("uint")
    return Uint(value)


def string_to_uint(value: str) -> Uint:
    if not _UINT.fullmatch(limited(value)):
        raise _invalid("uint")
    return Uint(_integer(value, 0, UINT_MAX, "uint"))


def string_to_double(value: str) -> float:
    if found := _NOT_FINITE.fullmatch(limited(value)):
        sign = -1.0 if found.group(1) == "-" else 1.0
        return math.nan if found.group(2).lower() == "nan" else math.copysign(math.inf, sign)
    if not _DOUBLE.fullmatch(value):
        raise _invalid("double")
    number = float(value)
    if math.isinf(number):
        raise _range("double")
    return number


def string_to_bool(value: str) -> bool:
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise _invalid("bool")


def bool_to_string(value: bool) -> str:
    return "true" if value else "false"


def integer_to_string(value: int) -> str:
    return int.__repr__(value)


def bytes_to_string(value: bytes) -> str:
    try:
        return limited(value).decode()
    except UnicodeDecodeError as error:
        raise EvaluationError(Kind.INVALID_ARGUMENT, "the bytes are not UTF-8") from error


def string_to_bytes(value: str) -> bytes:
    try:
        return limited(value).encode()
    except UnicodeEncodeError as error:
        raise EvaluationError(Kind.INVALID_ARGUMENT, "the string holds half of a surrogate pair") from error


def int_to_timestamp(value: int) -> Timestamp:
    return timestamp(value * SECOND)


def type_value(value: object) -> TypeValue:
    return TYPE_VALUES[type_name(value)]


def _declare(function: Declaration, result: Type, *signatures: tuple[str, Type, Implementation]) -> None:
    for id, source, impl in signatures:
        cost = linear(0, unit=16) if source in (STRING, BYTES) and impl is not identity else linear()
        function.add(id, (source,), result, impl, cost=cost)


_declare(
    INT_FUNCTION,
    INT,
    ("int64_to_int64", INT, identity),
    ("uint64_to_int64", UINT, uint_to_int),
    ("double_to_int64", DOUBLE, double_to_int),
    ("string_to_int64", STRING, string_to_int),
    ("timestamp_to_int64", TIMESTAMP, timestamp_to_int),
)
_declare(
    UINT_FUNCTION,
    UINT,
    ("uint64_to_uint64", UINT, identity),
    ("int64_to_uint64", INT, int_to_uint),
    ("double_to_uint64", DOUBLE, double_to_uint),
    ("string_to_uint64", STRING, string_to_uint),
)
_declare(
    DOUBLE_FUNCTION,
    DOUBLE,
    ("double_to_double", DOUBLE, identity),
    ("int64_to_double", INT, float),
    ("uint64_to_double", UINT, float),
    ("string_to_double", STRING, string_to_double),
)
_declare(BOOL_FUNCTION, BOOL, ("bool_to_bool", BOOL, identity), ("string_to_bool", STRING, string_to_bool))
_declare(
    STRING_FUNCTION,
    STRING,
    ("string_to_string", STRING, identity),
    ("bool_to_string", BOOL, bool_to_string),
    ("int64_to_string", INT, integer_to_string),
    ("uint64_to_string", UINT, integer_to_string),
    ("double_to_string", DOUBLE, double_text.general),
    ("bytes_to_string", BYTES, bytes_to_string),
    ("timestamp_to_string", TIMESTAMP, timestamp_text),
    ("duration_to_string", DURATION, duration_text),
)
_declare(BYTES_FUNCTION, BYTES, ("bytes_to_bytes", BYTES, identity), ("string_to_bytes", STRING, string_to_bytes))
_declare(
    TIMESTAMP_FUNCTION,
    TIMESTAMP,
    ("timestamp_to_timestamp", TIMESTAMP, identity),
    ("string_to_timestamp", STRING, parse_timestamp),
    ("int64_to_timestamp", INT, int_to_timestamp),
)
_declare(
    DURATION_FUNCTION,
    DURATION,
    ("duration_to_duration", DURATION, identity),
    ("string_to_duration", STRING, parse_duration),
)
TYPE_FUNCTION.add("type", (A,), type_of(A), type_value)
DYN_FUNCTION.add("to_dyn", (A,), DYN, identity)
