"""The shapes of a saved policy: each a map of what differs from a shape that demands nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any, Final, get_args

from assentry.code import checks
from assentry.values.shapes import Property, Shape, ShapeKind, Shapes

_KINDS: tuple[ShapeKind, ...] = get_args(ShapeKind)
_DEFAULTS: Final[Mapping[str, object]] = {
    field.name: field.default for field in fields(Shape) if field.default is not MISSING
}


def write_shape(shape: Shape) -> dict[str, object]:
    """A shape as plain JSON data."""
    data: dict[str, object] = {"kind": shape.kind}
    for name, default in _DEFAULTS.items():
        value = getattr(shape, name)
        if value != default:
            data[name] = value
    if shape.properties:
        data["properties"] = [[each.name, each.shape, each.required] for each in shape.properties]
    if shape.allowed is not None:
        data["allowed"] = list(shape.allowed)
    if shape.marks:
        data["marks"] = [list(mark) for mark in shape.marks]
    return data


def read_shapes(data: object) -> Shapes:
    """The table of shapes. Raises FormatError for what is none, or points out of the table."""
    parts = checks.items(data)
    return tuple([_read_shape(each, len(parts)) for each in parts])


def _read_shape(data: object, count: int) -> Shape:
    found = checks.record(data, ("kind",), _DEFAULTS)
    given: dict[str, Any] = {name: _READ[name](found[name], count) for name in _DEFAULTS if name in found}
    return Shape(checks.one_of(found["kind"], _KINDS), **given)


def _read_property(data: object, count: int) -> Property:
    name, shape, required = checks.items(data, 3)
    return Property(checks.text(name), checks.position(shape, count), checks.flag(required))


def _read_mark(data: object) -> tuple[str, str]:
    name, value = map(checks.text, checks.items(data, 2))
    return name, value


_READ: Mapping[str, Callable[[object, int], object]] = {
    "name": lambda data, _: checks.text(data),
    "nullable": lambda data, _: checks.flag(data),
    "item": checks.position,
    "properties": lambda data, count: tuple([_read_property(each, count) for each in checks.items(data)]),
    "allowed": lambda data, _: tuple(map(checks.scalar, checks.items(data))),
    "minimum": lambda data, _: checks.number(data),
    "maximum": lambda data, _: checks.number(data),
    "exclusive_minimum": lambda data, _: checks.number(data),
    "exclusive_maximum": lambda data, _: checks.number(data),
    "doc": lambda data, _: checks.text(data),
    "marks": lambda data, _: tuple([_read_mark(each) for each in checks.items(data)]),
}
