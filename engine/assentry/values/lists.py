"""Lists: parts, order, repetition.

Source: cel-go's ext/README.md, "Lists".
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from assentry.errors import EvaluationError, Kind
from assentry.values.declare import Cost, Family, linear, product
from assentry.values.equality import bucket, equal
from assentry.values.limits import MAX_LIST, exceeded
from assentry.values.limits import items as limited
from assentry.values.runtime import NONE, Duration, Optional, Timestamp, Uint, runtime_name, type_name
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
    list_of,
    optional_of,
    param,
)

FAMILY = Family("lists", "Lists.")

T = param("T")
List = list[object]

SORTABLE: Final[tuple[Type, ...]] = (INT, UINT, DOUBLE, BOOL, DURATION, TIMESTAMP, STRING, BYTES)
_SORTABLE: Final = frozenset({int, Uint, float, bool, Duration, Timestamp, str, bytes})

SLICE = FAMILY.function(
    "slice",
    "The elements from an index, up to but without another.",
    ("[1, 2, 3, 4].slice(1, 3)", "[2, 3]"),
    ("[1, 2].slice(1, 3)", "error: index out of range"),
    ("[1, 2].slice(2, 1)", "error: invalid argument"),
)
FLATTEN = FAMILY.function(
    "flatten",
    "The list with the elements of the lists in it in their place, one level deep or as many as said.",
    ("[[1, 2], [], [3]].flatten()", "[1, 2, 3]"),
    ("[1, [2, [3, [4]]]].flatten(2)", "[1, 2, 3, [4]]"),
    ("[[1]].flatten(-1)", "error: invalid argument"),
)
SORT = FAMILY.function(
    "sort",
    "The elements in ascending order; they must be of one type that has an order.",
    ("[3, 1, 2].sort()", "[1, 2, 3]"),
    ("['b', 'a'].sort()", "['a', 'b']"),
    ("dyn([1, 'b']).sort()", "error: no such overload"),
)
SORT_BY_KEYS = FAMILY.function(
    "@sortByAssociatedKeys",
    "The elements in the ascending order of their keys: what the macro `sortBy` calls.",
)
DISTINCT = FAMILY.function(
    "distinct", "The elements without those that equal an earlier one.", ("[1, 2, 1, 3.0, 3].distinct()", "[1, 2, 3.0]")
)
REVERSE = FAMILY.function("reverse", "The elements of a list in reverse order.", ("[5, 3, 1].reverse()", "[1, 3, 5]"))
FIRST = FAMILY.function(
    "first", "The first element as an optional.", ("[1, 2].first().value()", "1"), ("[].first().hasValue()", "false")
)
LAST = FAMILY.function(
    "last", "The last element as an optional.", ("[1, 2].last().value()", "2"), ("[].last().hasValue()", "false")
)
RANGE = FAMILY.function(
    "lists.range",
    "The ints from 0 up to but without a number.",
    ("lists.range(3)", "[0, 1, 2]"),
    ("lists.range(-1)", "[]"),
    ("lists.range(1000000)", "error: limit exceeded"),
)


def slice_list(items: List, start: int, end: int) -> List:
    if start < 0 or end < 0 or end > len(items):
        raise EvaluationError(Kind.INDEX)
    if start > end:
        raise EvaluationError(Kind.INVALID_ARGUMENT, "the end of the slice lies before its start")
    return limited(items[start:end])


def flatten_once(items: List) -> List:
    return flatten(items, 1)


def flatten(items: List, depth: int) -> List:
    """Lists inside are counted as elements are, so that empty ones cannot multiply unseen."""
    if depth < 0:
        raise EvaluationError(Kind.INVALID_ARGUMENT, "the depth must not be negative")
    result: List = []
    opened = 0
    levels: list[Iterator[object]] = [iter(items)]
    while levels:
        for item in levels[-1]:
            if isinstance(item, list) and len(levels) <= depth:
                levels.append(iter(item))
                opened += 1
                break
            result.append(item)
            if len(result) > MAX_LIST:
                raise exceeded(f"a list of more than {MAX_LIST} elements")
        else:
            levels.pop()
        if opened > MAX_LIST:
            raise exceeded(f"more than {MAX_LIST} lists in a list")
    return result


def sort(items: List) -> List:
    return sort_by_keys(items, items)


def sort_by_keys(items: List, keys: List) -> List:
    """The sort is stable.

    Raises EvaluationError: NO_SUCH_OVERLOAD for keys of several types or one without an order,
    INVALID_ARGUMENT for a NaN or lists of different lengths.
    """
    if len(items) != len(keys):
        raise EvaluationError(Kind.INVALID_ARGUMENT, "a list and its keys must be of one length")
    limited(keys)
    for key in keys:
        if type(key) is not type(keys[0]) or type(key) not in _SORTABLE:
            raise EvaluationError(Kind.NO_SUCH_OVERLOAD, f"no such overload: order of {type_name(key)}")
        if isinstance(key, float) and math.isnan(key):
            raise EvaluationError(Kind.INVALID_ARGUMENT, "a NaN has no place in an order")
    return [items[at] for at in sorted(range(len(keys)), key=keys.__getitem__)]  # type: ignore[arg-type]


def distinct(items: List) -> List:
    kept: dict[object, List] = {}
    result: List = []
    for item in limited(items):
        peers = kept.setdefault(bucket(item), [])
        if not any(equal(item, peer) for peer in peers):
            peers.append(item)
            result.append(item)
    return result


def reverse(items: List) -> List:
    return limited(items)[::-1]


def first(items: List) -> Optional:
    return Optional.of(items[0]) if items else NONE


def last(items: List) -> Optional:
    return Optional.of(items[-1]) if items else NONE


def int_range(end: int) -> list[int]:
    if end > MAX_LIST:
        raise exceeded(f"a list of more than {MAX_LIST} elements")
    return list(range(end))


_T = list_of(T)
SLICE.add("list_slice", (_T, INT, INT), _T, slice_list, member=True, cost=linear(0, unit=8))
FLATTEN.add("list_flatten", (list_of(_T),), _T, flatten_once, member=True, cost=Cost(fixed=MAX_LIST))
FLATTEN.add("list_flatten_int", (list_of(DYN), INT), list_of(DYN), flatten, member=True, cost=Cost(fixed=2 * MAX_LIST))
for _key in SORTABLE:
    _name = runtime_name(_key)
    SORT.add(f"list_{_name}_sort", (list_of(_key),), list_of(_key), sort, member=True, cost=linear(0, 0))
    SORT_BY_KEYS.add(
        f"list_{_name}_sortByAssociatedKeys",
        (_T, list_of(_key)),
        _T,
        sort_by_keys,
        member=True,
        cost=linear(0, 1),
    )
DISTINCT.add("list_distinct", (_T,), _T, distinct, member=True, cost=product(0, 0, unit=64))
REVERSE.add("list_reverse", (_T,), _T, reverse, member=True, cost=linear(0, unit=8))
FIRST.add("list_first", (_T,), optional_of(T), first, member=True)
LAST.add("list_last", (_T,), optional_of(T), last, member=True)
RANGE.add("lists_range", (INT,), list_of(INT), int_range, cost=Cost(fixed=MAX_LIST // 8))
