"""The checked read: whether an input value fits its shape, and the CEL value that it then is.

Language page, "How it decides", 6. Everything that a decision reads passes through here, or through
code that the compiler emits to the same rules. A misfit says where, what the schema wants and what
kind of thing was there; it never quotes the value.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from assentry.errors import Misfit
from assentry.values.equality import equal
from assentry.values.limits import MAX_DEPTH, MAX_LIST
from assentry.values.runtime import INT_MAX, INT_MIN, TIMESTAMP_MAX, TIMESTAMP_MIN, Timestamp
from assentry.values.shapes import Scalar, Shape, Shapes


class _Missing:
    """The type of `MISSING`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()
"""What stands at a place where there is nothing."""

_JSON_TYPES: Mapping[type, str] = MappingProxyType(
    {
        bool: "bool",
        int: "int",
        float: "double",
        str: "string",
        list: "list",
        dict: "map",
        type(None): "null",
        _Missing: "missing",
    }
)

_BOUNDS = (
    ("minimum", ">="),
    ("exclusive_minimum", ">"),
    ("maximum", "<="),
    ("exclusive_maximum", "<"),
)

_LIST_SHAPES = frozenset({"list", "any"})
_MAP_SHAPES = frozenset({"map", "object", "any"})
_WORDS = MappingProxyType({"object": "map", "any": "any value"})


def json_type(value: object) -> str:
    """The type of a value as JSON names it; `unsupported` for what `json.loads` never gives."""
    return _JSON_TYPES.get(type(value), "unsupported")


def describe(shape: Shape) -> str:
    """What a shape demands, in the words of a verdict: `int >= 0`, `one of "a", "b"`, `string or null`."""
    if shape.allowed is not None:
        choices = [choice for choice in shape.allowed if choice is not None or not shape.nullable]
        text = f"one of {', '.join(json.dumps(choice, ensure_ascii=False) for choice in choices)}"
    else:
        text = _WORDS.get(shape.kind, shape.kind)
        bounds = [
            f"{sign} {json.dumps(bound)}" for name, sign in _BOUNDS if (bound := getattr(shape, name)) is not None
        ]
        if bounds:
            text += f" {' and '.join(bounds)}"
    return f"{text} or null" if shape.nullable else text


ANY: Final = Shape("any")
"""The shape of what a schema says nothing of."""


def fit(value: object, shape: int, shapes: Shapes, path: str) -> object:
    """The CEL value of an input value, read whole. Raises Misfit with the first misfit in it.

    Lists go in order; maps by declared properties in schema order, then other keys sorted.
    """
    return read_whole(value, shapes[shape], shapes, path)


def fit_shallow(value: object, shape: int, shapes: Shapes, path: str) -> object:
    """As `fit`, but a list is a list and a map is a map, whatever is in them. Raises Misfit."""
    return read_shallow(value, shapes[shape], path)


def read_whole(value: object, shape: Shape, shapes: Shapes, path: str, level: int = 1) -> object:
    """`fit` by the shape itself; `level` counts lists and maps from the outermost."""
    checked = read_shallow(value, shape, path)
    if isinstance(checked, list | dict):
        if level > MAX_DEPTH:
            raise Misfit(path, describe(shape), "too deep")
        check_length(checked, shape, path)
        if isinstance(checked, dict):
            return _read_map(checked, shape, shapes, path, level)
        item = item_shape(shape, shapes)
        return [read_whole(element, item, shapes, f"{path}[{at}]", level + 1) for at, element in enumerate(checked)]
    return checked


def read_shallow(value: object, shape: Shape, path: str) -> object:
    """`fit_shallow` by the shape itself."""
    kind = type(value)
    if kind is list or kind is dict:
        if shape.kind not in (_LIST_SHAPES if kind is list else _MAP_SHAPES):
            raise Misfit(path, describe(shape), json_type(value))
        if shape.allowed is not None:  # a choice among scalars
            raise Misfit(path, describe(shape), "another value")
        return value
    return _scalar(value, shape, path)


def check_length(value: list[object] | dict[object, object], shape: Shape, path: str) -> None:
    """Raises Misfit for a list or map of more than `MAX_LIST` elements or entries."""
    if len(value) > MAX_LIST:
        raise Misfit(path, describe(shape), "too long")


def item_shape(shape: Shape, shapes: Shapes) -> Shape:
    """The shape of a list's elements, a map's values or an object's undeclared properties."""
    return ANY if shape.item is None else shapes[shape.item]


def step(name: str, shape: Shape) -> str:
    """How a path goes on to what a map holds: `.host` for a declared property, `["k"]` for any other key."""
    return f".{name}" if shape.property(name) is not None else f"[{json.dumps(name, ensure_ascii=False)}]"


def keys_of(value: dict[object, object], shape: Shape, path: str) -> list[str]:
    """The keys of an input map that count, sorted: all, but of a closed object only the declared ones.

    Raises Misfit when a key is anything but a string.
    """
    keys = sorted(key for key in value if type(key) is str)
    if len(keys) != len(value):
        raise Misfit(path, describe(shape), "unsupported")
    return keys if shape.kind != "object" or shape.item is not None else [k for k in keys if shape.property(k)]


def _read_map(value: dict[object, object], shape: Shape, shapes: Shapes, path: str, level: int) -> dict[object, object]:
    keys = keys_of(value, shape, path)
    result: dict[object, object] = {}
    for declared in shape.properties:
        if declared.required or declared.name in value:
            there = value.get(declared.name, MISSING)
            wanted = shapes[declared.shape]
            result[declared.name] = read_whole(there, wanted, shapes, f"{path}.{declared.name}", level + 1)
    item = item_shape(shape, shapes)
    for key in keys:
        if key not in result:
            result[key] = read_whole(value[key], item, shapes, path + step(key, shape), level + 1)
    return result


# ---- scalars ----


def _scalar(value: object, shape: Shape, path: str) -> object:
    found = json_type(value)
    if value is None and (shape.nullable or shape.kind == "null"):
        return None
    kind = found if shape.kind == "any" else shape.kind
    result: object = value
    if kind in {"int", "double"}:
        result = _number(value, kind, shape, path)
    elif kind == "timestamp" and type(value) is str:
        result = parse_date_time(value)
        if result is None:
            raise Misfit(path, describe(shape), "not a date-time")
    elif found != kind or kind in {"missing", "unsupported"}:
        raise Misfit(path, describe(shape), found)
    if shape.allowed is not None and not _is_allowed(value if kind == "timestamp" else result, shape.allowed):
        raise Misfit(path, describe(shape), "another value")
    if isinstance(result, int | float) and type(result) is not bool and not _is_within(result, shape):
        raise Misfit(path, describe(shape), "out of range")
    return result


def _number(value: object, kind: str, shape: Shape, path: str) -> int | float:
    """A JSON number by its value: 1.0 is the int 1, and 1 the double 1.0."""
    if type(value) is float:
        if not math.isfinite(value):
            raise Misfit(path, describe(shape), "not finite")
        if kind == "double":
            return value
        if value.is_integer():
            return _in_int64(int(value), shape, path)
    elif type(value) is int:
        if kind == "int":
            return _in_int64(value, shape, path)
        try:
            return float(value)
        except OverflowError:
            raise Misfit(path, describe(shape), "out of range") from None
    raise Misfit(path, describe(shape), json_type(value))


def _in_int64(number: int, shape: Shape, path: str) -> int:
    if not INT_MIN <= number <= INT_MAX:
        raise Misfit(path, describe(shape), "out of range")
    return number


def _is_within(number: float, shape: Shape) -> bool:
    return (
        (shape.minimum is None or number >= shape.minimum)
        and (shape.maximum is None or number <= shape.maximum)
        and (shape.exclusive_minimum is None or number > shape.exclusive_minimum)
        and (shape.exclusive_maximum is None or number < shape.exclusive_maximum)
    )


def _is_allowed(value: object, allowed: tuple[Scalar, ...]) -> bool:
    return any(equal(value, choice) for choice in allowed)


# ---- date-times ----

_DATE_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)
_EPOCH = date(1970, 1, 1).toordinal()


def parse_date_time(text: str) -> Timestamp | None:
    """The point in time that an RFC 3339 date-time names, or None when the text is none.

    The offset is required; digits beyond nanoseconds are dropped; a leap second (`:60`) has no place
    on CEL's time line and does not fit; years 0001 to 9999 in UTC.
    """
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = map(int, match.group(1, 2, 3, 4, 5, 6))
    fraction, sign, offset_hours, offset_minutes = match.group(7, 8, 9, 10)
    if hour > 23 or minute > 59 or second > 59:
        return None
    try:
        days = date(year, month, day).toordinal() - _EPOCH
    except ValueError:
        return None
    seconds = days * 86_400 + hour * 3600 + minute * 60 + second
    if sign is not None:
        if int(offset_hours) > 23 or int(offset_minutes) > 59:
            return None
        offset = int(offset_hours) * 3600 + int(offset_minutes) * 60
        seconds -= -offset if sign == "-" else offset
    nanoseconds = seconds * 10**9 + (int(fraction[:9].ljust(9, "0")) if fraction else 0)
    return Timestamp(nanoseconds) if TIMESTAMP_MIN <= nanoseconds <= TIMESTAMP_MAX else None
