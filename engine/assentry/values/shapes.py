"""What a schema demands of one input value, and the checked read that holds a value to it.

A shape is one node of the action's JSON Schema, reduced to what a decision checks (language page,
"How it decides", 6). Shapes refer to each other by index into one table, so a recursive schema is
an ordinary table and a saved policy holds it as plain data.

Input values are exactly what `json.loads` gives: dict, list, str, int, float, bool, None. A subclass
or any other type does not fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ShapeKind = Literal["any", "bool", "int", "double", "string", "timestamp", "null", "list", "map", "object"]

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Property:
    """One declared property of an object: `shape` is an index into the table."""

    name: str
    shape: int
    required: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """One node of a schema.

    `name` is the path under which messages know it (`action.destination`). `item` is the table index
    of a list's elements, a map's values, or an object's undeclared properties (None: those are
    unknown fields). `allowed` is `enum`, or `const` as an enum of one; bounds are inclusive unless
    said. A `map` has no declared properties; an `object` has.
    """

    kind: ShapeKind
    name: str = ""
    nullable: bool = False
    item: int | None = None
    properties: tuple[Property, ...] = ()
    allowed: tuple[Scalar, ...] | None = None
    minimum: int | float | None = None
    maximum: int | float | None = None
    exclusive_minimum: int | float | None = None
    exclusive_maximum: int | float | None = None
    doc: str = ""
    marks: tuple[tuple[str, str], ...] = ()  # x-class, x-volatile, x-effect: for redaction and grants

    def property(self, name: str) -> Property | None:
        for declared in self.properties:
            if declared.name == name:
                return declared
        return None


Shapes = tuple[Shape, ...]
