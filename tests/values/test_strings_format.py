from __future__ import annotations

import math
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings

from assentry.errors import EvaluationError, Kind
from assentry.values.limits import MAX_NESTING, MAX_STRING
from assentry.values.registry import dispatch
from assentry.values.runtime import IP, NONE, BoolKey, Duration, Timestamp, TypeValue, Uint
from tests.support.values import doubled, doubles, fails, ints, nested, values


def form(template: str, *args: object) -> object:
    return dispatch("format", [template, list(args)], True)


@pytest.mark.parametrize(
    ("template", "arg", "result"),
    [
        ("%s", "text", "text"),
        ("%s", None, "null"),
        ("%s", True, "true"),
        ("%s", Uint(7), "7"),
        ("%s", 1e21, "1000000000000000000000"),
        ("%s", 1e-7, "0.0000001"),
        ("%s", math.inf, "Infinity"),
        ("%s", b"caf\xc3\xa9", "caf\u00e9"),
        ("%s", b"a\xff\xf0\x9f\x98b\xff", "a\ufffdb\ufffd"),
        ("%s", b"\xef\xbf\xbd\xff", "\ufffd\ufffd"),
        ("%s", Duration(2**63 - 1), "9223372036.854776s"),
        ("%s", Timestamp(500_000_000), "1970-01-01T00:00:00.5Z"),
        ("%s", Duration(-1_500_000_000), "-1.5s"),
        ("%s", TypeValue("int"), "int"),
        ("%s", [1, ["a", 2.5], {}], "[1, [a, 2.5], {}]"),
        ("%s", {"b": 1, BoolKey(True): [None], 6: "x"}, "{6: x, b: 1, true: [null]}"),
        ("%d", -5, "-5"),
        ("%d", 1.5, "1.5"),
        ("%d", math.nan, "NaN"),
        ("%f", 2, "2.000000"),
        ("%f", Uint(3), "3.000000"),
        ("%.0f", 2.5, "2"),
        ("%.03f", 1.2345, "1.234"),
        ("%.2f", -math.inf, "-Infinity"),
        ("%e", 1052.032911275, "1.052033e+03"),
        ("%.0e", 5, "5e+00"),
        ("%b", True, "1"),
        ("%b", -10, "-1010"),
        ("%o", Uint(65535), "177777"),
        ("%x", -255, "-ff"),
        ("%X", "Hello", "48656C6C6F"),
        ("%x", b"\x00\xff", "00ff"),
    ],
)
def test_verbs(template: str, arg: object, result: str) -> None:
    assert form(template, arg) == result
    assert form(f"<{template}|%%>", arg) == f"<{result}|%>"


@pytest.mark.parametrize(
    ("template", "arg"),
    [
        ("%a", 1),
        ("%E", 0.5),
        ("%", 1),
        ("abc %", 1),
        ("%.f", 1.5),
        ("%.", 1.5),
        ("%.3", 1.5),
        ("%-5d", 1),
        ("%5d", 1),
        ("%d", "a"),
        ("%d", None),
        ("%d", True),
        ("%f", "a"),
        ("%f", True),
        ("%e", None),
        ("%b", "abc"),
        ("%b", 1.0),
        ("%o", True),
        ("%x", 0.5),
        ("%x", None),
        ("%s", NONE),
        ("%s", [IP(4, 1)]),
        ("%.1001f", 1.0),
        ("%.99999999999999999999f", 1.0),
    ],
)
def test_refusals(template: str, arg: object) -> None:
    with fails(Kind.INVALID_ARGUMENT):
        form(template, arg)


def test_too_few_values_are_an_error_and_too_many_are_not() -> None:
    with fails(Kind.INDEX):
        form("%d %d %d", 0, 1)
    assert form("%d", 1, 2) == "1"
    assert form("no place") == "no place"


def test_growth_is_bounded() -> None:
    long = "x" * MAX_STRING
    assert form("%s", long) == long
    for template, args in (
        ("%s%s", [long, "y"]),
        ("y%s", [long]),
        ("%sy", [long]),
        ("%x", [long]),
        ("%.1000f" * 100, [1.0] * 100),
        ("%s", [doubled(40)]),
        ("%s", [nested(MAX_NESTING + 1)]),
        ("%s", [nested(100_000)]),
        ("%" + long, [1]),
    ):
        with fails(Kind.LIMIT):
            form(template, *args)


def test_a_large_precision_is_served() -> None:
    assert form("%.1000f", 0.1) == f"{0.1:.1000f}"


@given(doubles, ints)
def test_fixed_and_scientific_round_as_c_does(number: float, integer: int) -> None:
    if math.isfinite(number):
        assert form("%.3f %.5e", number, number) == f"{number:.3f} {number:.5e}"
    assert form("%d %x %o", integer, integer, integer) == f"{integer:d} {integer:x} {integer:o}"


@settings(max_examples=150, deadline=None)
@given(values)
def test_text_of_anything_is_text_or_refused(value: Any) -> None:
    with suppress(EvaluationError):
        assert isinstance(form("%s", value), str)
