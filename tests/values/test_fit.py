"""The checked read: what fits, what it then is, and how a misfit is told."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from assentry.errors import Kind, Misfit
from assentry.values.fit import MISSING, describe, fit, fit_shallow, json_type, parse_date_time
from assentry.values.limits import MAX_DEPTH, MAX_LIST
from assentry.values.runtime import Timestamp
from assentry.values.shapes import Property, Shape, Shapes

SHAPES: Shapes = (
    Shape("any"),
    Shape("int"),
    Shape("double"),
    Shape("string"),
    Shape("bool"),
    Shape("timestamp"),
    Shape("list", item=1),
    Shape("map", item=3),
    Shape("object", properties=(Property("b", 3, True), Property("a", 1, False))),
    Shape("object", item=1, properties=(Property("b", 3, False),)),
    Shape("null"),
    Shape("string", allowed=("x", "y"), nullable=True),
    Shape("int", minimum=0, maximum=10),
    Shape("double", exclusive_minimum=0, exclusive_maximum=1.5),
    Shape("any", allowed=(1, True, None)),
    Shape("list", item=None),
)
ANY, INT, DOUBLE, STRING, BOOL, TIME, INTS, TEXTS, OBJECT, OPEN, NULL, ENUM, BOUNDED, RATIO, MIXED, LOOSE = range(16)


class Sneaky(str):
    """A subclass: no JSON value."""


@pytest.mark.parametrize(
    ("shape", "given", "value"),
    [
        (INT, 5, 5),
        (INT, 1.0, 1),
        (INT, 2**63 - 1, 2**63 - 1),
        (INT, -(2.0**63), -(2**63)),
        (DOUBLE, 1, 1.0),
        (DOUBLE, -0.0, -0.0),
        (STRING, "", ""),
        (BOOL, False, False),
        (NULL, None, None),
        (ENUM, None, None),
        (ENUM, "y", "y"),
        (BOUNDED, 10, 10),
        (BOUNDED, 0.0, 0),
        (MIXED, 1.0, 1.0),
        (MIXED, True, True),
        (MIXED, None, None),
        (ANY, {"b": [1, None, {"c": 2.5}]}, {"b": [1, None, {"c": 2.5}]}),
        (INTS, [1, 2.0], [1, 2]),
        (TEXTS, {"z": "1", "a": "2"}, {"a": "2", "z": "1"}),
        (OBJECT, {"x": object(), "b": "t"}, {"b": "t"}),
        (OPEN, {"x": 1.0, "b": "t"}, {"b": "t", "x": 1}),
        (LOOSE, [1, "a"], [1, "a"]),
        (TIME, "1970-01-01T00:00:01Z", Timestamp(10**9)),
    ],
)
def test_what_fits_has_a_value(shape: int, given: object, value: object) -> None:
    read = fit(given, shape, SHAPES, "p")
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("shape", "given", "path", "expected", "found"),
    [
        (INT, True, "p", "int", "bool"),
        (INT, 1.5, "p", "int", "double"),
        (INT, 2**63, "p", "int", "out of range"),
        (INT, 1e300, "p", "int", "out of range"),
        (INT, math.nan, "p", "int", "not finite"),
        (INT, MISSING, "p", "int", "missing"),
        (DOUBLE, math.inf, "p", "double", "not finite"),
        (DOUBLE, 10**400, "p", "double", "out of range"),
        (DOUBLE, "1", "p", "double", "string"),
        (DOUBLE, True, "p", "double", "bool"),
        (STRING, Sneaky("a"), "p", "string", "unsupported"),
        (STRING, None, "p", "string", "null"),
        (BOOL, 1, "p", "bool", "int"),
        (NULL, 0, "p", "null", "int"),
        (ENUM, "z", "p", 'one of "x", "y" or null', "another value"),
        (ENUM, 3, "p", 'one of "x", "y" or null', "int"),
        (BOUNDED, 11, "p", "int >= 0 and <= 10", "out of range"),
        (RATIO, 0, "p", "double > 0 and < 1.5", "out of range"),
        (MIXED, "a", "p", "one of 1, true, null", "another value"),
        (MIXED, [1], "p", "one of 1, true, null", "another value"),
        (MIXED, False, "p", "one of 1, true, null", "another value"),
        (ANY, {"b": [1, {"c": math.nan}]}, 'p["b"][1]["c"]', "any value", "not finite"),
        (ANY, {"b": 2**64}, 'p["b"]', "any value", "out of range"),
        (ANY, {"b": (1,)}, 'p["b"]', "any value", "unsupported"),
        (ANY, {1: 2}, "p", "any value", "unsupported"),
        (INTS, [1, "2", None], "p[1]", "int", "string"),
        (INTS, {"a": 1}, "p", "list", "map"),
        (TEXTS, {"z": 1, "a": 2}, 'p["a"]', "string", "int"),
        (TEXTS, [1], "p", "map", "list"),
        (OBJECT, {"a": "x"}, "p.b", "string", "missing"),
        (OBJECT, {"a": "x", "b": "t"}, "p.a", "int", "string"),
        (OPEN, {"a\n": "x"}, 'p["a\\n"]', "int", "string"),
        (TIME, "yesterday", "p", "timestamp", "not a date-time"),
        (TIME, 5, "p", "timestamp", "int"),
        (INTS, [0] * (MAX_LIST + 1), "p", "list", "too long"),
        (ANY, dict.fromkeys(map(str, range(MAX_LIST + 1))), "p", "any value", "too long"),
    ],
)
def test_a_misfit_names_place_wish_and_find(shape: int, given: object, path: str, expected: str, found: str) -> None:
    with pytest.raises(Misfit) as caught:
        fit(given, shape, SHAPES, "p")
    misfit = caught.value
    assert (misfit.path, misfit.expected, misfit.found) == (path, expected, found)
    assert misfit.kind == (Kind.MISSING if found == "missing" else Kind.MISFIT)


def test_depth_is_bounded_even_for_a_value_that_holds_itself() -> None:
    nested: object = 1
    for _ in range(MAX_DEPTH):
        nested = [nested]
    fit(nested, ANY, SHAPES, "p")
    with pytest.raises(Misfit, match="too deep"):
        fit([nested], ANY, SHAPES, "p")
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(Misfit, match="too deep"):
        fit(loop, ANY, SHAPES, "p")


def test_a_shallow_read_leaves_what_is_inside_alone() -> None:
    broken = ["no int"]
    assert fit_shallow(broken, INTS, SHAPES, "p") is broken
    with pytest.raises(Misfit):
        fit_shallow({}, INTS, SHAPES, "p")
    with pytest.raises(Misfit):
        fit_shallow("5", INT, SHAPES, "p")


def test_reading_changes_nothing() -> None:
    given = {"z": [1.0], "a": {}}
    fit(given, ANY, SHAPES, "p")
    assert list(given) == ["z", "a"]


def test_descriptions() -> None:
    texts = [describe(shape) for shape in SHAPES]
    assert texts[:8] == ["any value", "int", "double", "string", "bool", "timestamp", "list", "map"]
    assert describe(Shape("object", nullable=True)) == "map or null"
    assert describe(Shape("int", exclusive_minimum=0, nullable=True)) == "int > 0 or null"
    assert describe(Shape("string", allowed=("ä", None))) == 'one of "ä", null'


def test_json_types() -> None:
    given = [True, 1, 1.5, "a", [], {}, None, object(), Sneaky("a"), MISSING]
    names = ["bool", "int", "double", "string", "list", "map", "null", "unsupported", "unsupported", "missing"]
    assert [json_type(value) for value in given] == names


def date_times() -> Iterator[tuple[str, int | None]]:
    second = 10**9
    yield "1970-01-01T00:00:00Z", 0
    yield "1970-01-01t00:00:00z", 0
    yield "1970-01-01T00:00:00.5+00:00", second // 2
    yield "1970-01-01T01:00:00+01:00", 0
    yield "1969-12-31T23:30:00-00:30", 0
    yield "1970-01-01T00:00:00.1234567891Z", 123_456_789
    yield "2026-11-20T12:00:00Z", 1_795_176_000 * second
    yield "2024-02-29T00:00:00Z", 1_709_164_800 * second
    yield "9999-12-31T23:59:59.999999999Z", 253_402_300_800 * second - 1
    for text in [
        "1970-01-01T00:00:00",
        "1970-01-01 00:00:00Z",
        "1970-01-01",
        "2023-02-29T00:00:00Z",
        "1970-01-01T24:00:00Z",
        "1970-01-01T00:60:00Z",
        "1970-01-01T00:00:60Z",
        "1970-01-01T00:00:00+24:00",
        "1970-01-01T00:00:00+0100",
        "1970-01-01T00:00:00.Z",
        "1970-01-01T00:00:00Z\n",
        " 1970-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "١٩٧٠-01-01T00:00:00Z",
        "",
    ]:
        yield text, None


@pytest.mark.parametrize(("text", "nanoseconds"), list(date_times()))
def test_date_times_are_strict(text: str, nanoseconds: int | None) -> None:
    assert parse_date_time(text) == (None if nanoseconds is None else Timestamp(nanoseconds))
