"""What Python types a value node can have, as far as the compiled form alone tells.

The emitter uses Python's own operators only where these kinds make them mean exactly what CEL means.
"""

from __future__ import annotations

from collections.abc import Mapping

from assentry.code import form
from assentry.values.registry import OVERLOADS
from assentry.values.runtime import BoolKey, Duration, Timestamp, Uint
from assentry.values.shapes import Shape, Shapes

Kinds = frozenset[str]
"""Names of kinds, or empty: anything."""

ANYTHING: Kinds = frozenset()
BOOL: Kinds = frozenset({"bool"})
INT: Kinds = frozenset({"int"})
STRING: Kinds = frozenset({"string"})

_NUMBERS = frozenset({"bool", "int", "uint", "double"})
_WHOLE = frozenset({"int", "uint"})
_SCALARS = _NUMBERS | {"string", "bytes", "null", "timestamp", "duration"}

_PYTHON: Mapping[type, str] = {
    bool: "bool",
    int: "int",
    Uint: "uint",
    float: "double",
    str: "string",
    bytes: "bytes",
    type(None): "null",
    Timestamp: "timestamp",
    Duration: "duration",
    list: "list",
    dict: "map",
    BoolKey: "bool",
}
_SHAPES: Mapping[str, str] = {"object": "map", "list": "list", "map": "map"}


def of_value(value: object) -> Kinds:
    kind = _PYTHON.get(type(value))
    return ANYTHING if kind is None else frozenset({kind})


def of_values(values: list[object]) -> Kinds:
    """The kinds of all these values together; anything when there are none."""
    kinds = [of_value(value) for value in values]
    return frozenset().union(*kinds) if all(kinds) else ANYTHING


def of_shape(shape: Shape) -> Kinds:
    if shape.kind == "any":
        return ANYTHING
    kind = _SHAPES.get(shape.kind, shape.kind)
    return frozenset({kind, "null"}) if shape.nullable else frozenset({kind})


def of_node(node: form.Expr, shapes: Shapes, variables: Mapping[str, Kinds]) -> Kinds:
    """The kinds of a value node; `variables` holds those of the variables in force."""
    match node:
        case form.Lit(value=value):
            return of_value(value)
        case form.Fit(raw=raw):
            return of_shape(shapes[raw.shape])
        case form.And() | form.Or() | form.Not() | form.Has() | form.IsNull() | form.Contains() | form.HasKey():
            return BOOL
        case form.Define() | form.Risk() | form.Loop(kind="all" | "exists" | "exists_one"):
            return BOOL
        case form.Call(overload=overload) if overload in OVERLOADS:
            result = OVERLOADS[overload].result.name
            return frozenset({result}) if result in _SCALARS else ANYTHING
        case form.If(then=then, otherwise=otherwise):
            one, other = of_node(then, shapes, variables), of_node(otherwise, shapes, variables)
            return one | other if one and other else ANYTHING
        case form.Inlined(body=body):
            return of_node(body, shapes, variables)
        case form.Var(name=name):
            return variables.get(name, ANYTHING)
        case form.Size(raw=raw) if shapes[raw.shape].kind != "any":
            return INT
        case _:
            return ANYTHING


def same_equality(left: Kinds, right: Kinds) -> bool:
    """Whether Python's `==` between values of these kinds is CEL's."""
    return bool(left and right) and all(_same(one, other) for one in left for other in right)


def _same(one: str, other: str) -> bool:
    if one not in _SCALARS or other not in _SCALARS:
        return False
    if one == other:
        return True
    # True == 1 in Python; an int against a double compares as doubles in CEL.
    return {one, other} == _WHOLE or not (one in _NUMBERS and other in _NUMBERS)


def are_builtin(*sides: Kinds) -> bool:
    """Whether all values of these kinds are of Python's own types."""
    return not frozenset().union(*sides) & {"timestamp", "duration"}


def hashable_alike(item: Kinds, members: Kinds) -> bool:
    """Whether finding an item of these kinds in a Python set of such members is CEL's `in`."""
    return same_equality(item, members) and not (item | members) & {"double", "bool"}
