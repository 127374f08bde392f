from __future__ import annotations

import math

import pytest
from hypothesis import given

from assentry.errors import Kind
from assentry.values.limits import MAX_STRING
from assentry.values.registry import dispatch
from assentry.values.runtime import INT_MIN, UINT_MAX, Duration, Timestamp, TypeValue, Uint
from tests.support.values import byte_strings, doubles, durations, fails, ints, strings, timestamps, uints


def convert(function: str, value: object) -> object:
    return dispatch(function, [value], False)


@pytest.mark.parametrize(
    ("function", "value", "result"),
    [
        ("int", 1.9, 1),
        ("int", -7.9, -7),
        ("int", "-0", 0),
        ("int", "+12", 12),
        ("int", "-9223372036854775808", INT_MIN),
        ("int", "0" * 100 + "7", 7),
        ("int", Timestamp(-1), -1),
        ("uint", 0.9, 0),
        ("uint", "18446744073709551615", UINT_MAX),
        ("double", "1.", 1.0),
        ("double", ".5e-2", 0.005),
        ("double", "-Infinity", -math.inf),
        ("double", "+inf", math.inf),
        ("double", 2**53 + 1, 2.0**53),
        ("bool", "t", True),
        ("bool", "FALSE", False),
        ("string", True, "true"),
        ("string", Uint(5), "5"),
        ("string", -0.0, "-0"),
        ("string", 1e21, "1e+21"),
        ("string", 123456789.0, "1.23456789e+08"),
        ("string", 100000.0, "100000"),
        ("string", 1e-5, "1e-05"),
        ("string", math.inf, "+Inf"),
        ("string", math.nan, "NaN"),
        ("bytes", "\U0001f431", "\U0001f431".encode()),
        ("type", None, TypeValue("null_type")),
        ("type", TypeValue("int"), TypeValue("type")),
        ("type", Duration(0), TypeValue("google.protobuf.Duration")),
    ],
)
def test_conversion(function: str, value: object, result: object) -> None:
    given = convert(function, value)
    assert given == result
    assert type(given) is type(result) or isinstance(given, Uint)


@pytest.mark.parametrize(
    ("function", "value", "kind"),
    [
        ("int", Uint(2**63), Kind.OVERFLOW),
        ("int", 2.0**63, Kind.OVERFLOW),
        ("int", -(2.0**63), Kind.OVERFLOW),  # the specification leaves both ends out
        ("int", math.nan, Kind.OVERFLOW),
        ("int", "9223372036854775808", Kind.OVERFLOW),
        ("int", "9" * 50_000, Kind.OVERFLOW),
        ("int", "", Kind.INVALID_ARGUMENT),
        ("int", " 1", Kind.INVALID_ARGUMENT),
        ("int", "1_000", Kind.INVALID_ARGUMENT),
        ("int", "\u0663", Kind.INVALID_ARGUMENT),
        ("int", True, Kind.NO_SUCH_OVERLOAD),
        ("uint", -1, Kind.OVERFLOW),
        ("uint", -0.1, Kind.OVERFLOW),
        ("uint", 2.0**64, Kind.OVERFLOW),
        ("uint", "+1", Kind.INVALID_ARGUMENT),
        ("uint", "18446744073709551616", Kind.OVERFLOW),
        ("double", "1e400", Kind.OVERFLOW),
        ("double", "1_0.0", Kind.INVALID_ARGUMENT),
        ("double", "0x10", Kind.INVALID_ARGUMENT),
        ("double", ".", Kind.INVALID_ARGUMENT),
        ("bool", "TrUe", Kind.INVALID_ARGUMENT),
        ("bool", 1, Kind.NO_SUCH_OVERLOAD),
        ("string", b"\xff", Kind.INVALID_ARGUMENT),
        ("string", None, Kind.NO_SUCH_OVERLOAD),
        ("string", [], Kind.NO_SUCH_OVERLOAD),
        ("bytes", "\ud800", Kind.INVALID_ARGUMENT),
        ("bytes", "x" * (MAX_STRING + 1), Kind.LIMIT),
        ("timestamp", 253402300800, Kind.OVERFLOW),
        ("timestamp", -62135596801, Kind.OVERFLOW),
    ],
)
def test_refusal(function: str, value: object, kind: Kind) -> None:
    with fails(kind):
        convert(function, value)


@given(ints)
def test_an_int_survives_text(value: int) -> None:
    assert convert("int", convert("string", value)) == value


@given(uints)
def test_a_uint_survives_text(value: Uint) -> None:
    assert convert("uint", convert("string", value)) == value


@given(doubles)
def test_a_double_survives_text(value: float) -> None:
    back = convert("double", convert("string", value))
    assert str(back) == str(value)


@given(strings)
def test_a_string_survives_bytes(value: str) -> None:
    assert convert("string", convert("bytes", value)) == value


@given(byte_strings)
def test_bytes_are_text_only_when_they_are_utf8(value: bytes) -> None:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        with fails(Kind.INVALID_ARGUMENT):
            convert("string", value)
    else:
        assert convert("string", value) == text


@given(timestamps)
def test_a_timestamp_survives_text_and_its_seconds_round_down(value: Timestamp) -> None:
    assert convert("timestamp", convert("string", value)) == value
    seconds = convert("int", value)
    assert isinstance(seconds, int)
    assert seconds * 10**9 <= value.ns < (seconds + 1) * 10**9


@given(durations)
def test_a_duration_survives_text(value: Duration) -> None:
    assert convert("duration", convert("string", value)) == value


@given(doubles)
def test_int_of_a_double_rounds_toward_zero(value: float) -> None:
    if -(2.0**63) < value < 2.0**63:
        assert convert("int", value) == math.trunc(value)
    else:
        with fails(Kind.OVERFLOW):
            convert("int", value)
