"""Equality and ordering.

Within one type Python's comparisons are right: numbers by value, strings by code point, bytes by
byte, false before true. Across number types only run-time types choose, and a double against an
integer compares as doubles, as equality does. A NaN is unordered: every comparison with it is false.

Source: langdef.md, "Equality" and "Ordering".
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from assentry.values.declare import Declaration, Family, linear
from assentry.values.equality import equal, in_list, in_map
from assentry.values.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    INT,
    STRING,
    TIMESTAMP,
    UINT,
    Type,
    list_of,
    map_of,
    param,
)

FAMILY = Family("comparison", "Equality, order and membership.")

A, B = param("A"), param("B")
Compare = Callable[[Any, Any], bool]

EQUALS = FAMILY.function(
    "_==_",
    "Whether two values are equal: numbers by value, lists and maps by what they hold.",
    ("1 == 1", "true"),
    ("'hello' == 'world'", "false"),
    ("dyn(3.0) == 3", "true"),
    ("[1, [2]] == [1, [2]]", "true"),
    ("{'a': 1, 'b': 2} == {'b': 2, 'a': 1}", "true"),
    ("dyn(1) == true", "false"),
    ("0.0 / 0.0 == 0.0 / 0.0", "false"),
)
NOT_EQUALS = FAMILY.function(
    "_!=_", "Whether two values differ.", ("1 != 2", "true"), ("'a' != 'a'", "false"), ("dyn(1) != 1.0", "false")
)
LESS = FAMILY.function(
    "_<_",
    "Whether the first value comes before the second.",
    ("2 < 3", "true"),
    ("'cat' < 'cab'", "false"),
    ("dyn(1) < 1.5", "true"),
    ("false < true", "true"),
    ("dyn('a') < 1", "error: no such overload"),
)
LESS_EQUALS = FAMILY.function(
    "_<=_", "Whether the first value comes before the second or is equal.", ("2 <= 2", "true"), ("'b' <= 'a'", "false")
)
GREATER = FAMILY.function(
    "_>_", "Whether the first value comes after the second.", ("3 > 2", "true"), ("5u > 5u", "false")
)
GREATER_EQUALS = FAMILY.function(
    "_>=_", "Whether the first value comes after the second or is equal.", ("3 >= 2", "true"), ("dyn(1) >= 2u", "false")
)
IN = FAMILY.function(
    "@in",
    "Whether a value is an element of a list or a key of a map.",
    ("2 in [1, 2, 3]", "true"),
    ("'a' in ['b', 'c']", "false"),
    ("'k' in {'k': 1}", "true"),
    ("dyn(1.0) in {1: 'one'}", "true"),
    ("1 in dyn('1')", "error: no such overload"),
)


def not_equal(left: object, right: object) -> bool:
    return not equal(left, right)


def as_doubles(compare: Compare) -> Compare:
    """The comparison after turning both numbers into doubles."""

    def compared(left: float, right: float) -> bool:
        return compare(float(left), float(right))

    return compared


ORDERED: tuple[tuple[Type, str], ...] = (
    (BOOL, "bool"),
    (INT, "int64"),
    (UINT, "uint64"),
    (DOUBLE, "double"),
    (TIMESTAMP, "timestamp"),
    (DURATION, "duration"),
    (STRING, "string"),
    (BYTES, "bytes"),
)
NUMBERS: tuple[tuple[Type, str], ...] = ((INT, "int64"), (UINT, "uint64"), (DOUBLE, "double"))


def _declare_order(function: Declaration, prefix: str, compare: Compare) -> None:
    for kind, suffix in ORDERED:
        cost = linear(0, unit=64) if kind in (STRING, BYTES) else linear()
        function.add(f"{prefix}_{suffix}", (kind, kind), BOOL, compare, cost=cost)
    for left, left_suffix in NUMBERS:
        for right, right_suffix in NUMBERS:
            if left != right:
                impl = as_doubles(compare) if DOUBLE in (left, right) else compare
                function.add(f"{prefix}_{left_suffix}_{right_suffix}", (left, right), BOOL, impl, dynamic=True)


EQUALS.add("equals", (A, A), BOOL, equal, cost=linear(0))
NOT_EQUALS.add("not_equals", (A, A), BOOL, not_equal, cost=linear(0))

_declare_order(LESS, "less", operator.lt)
_declare_order(LESS_EQUALS, "less_equals", operator.le)
_declare_order(GREATER, "greater", operator.gt)
_declare_order(GREATER_EQUALS, "greater_equals", operator.ge)

IN.add("in_list", (A, list_of(A)), BOOL, in_list, cost=linear(1))
IN.add("in_map", (A, map_of(A, B)), BOOL, in_map)
