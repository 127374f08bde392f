"""Lists taken as sets: an element counts once, and equality is CEL's.

Source: cel-go's ext/README.md, "Sets".
"""

from __future__ import annotations

from assentry.values.declare import Family, linear
from assentry.values.equality import bucket, equal
from assentry.values.limits import items as limited
from assentry.values.types import BOOL, list_of, param

FAMILY = Family("sets", "Lists as sets.")

List = list[object]
_Set = dict[object, List]

CONTAINS = FAMILY.function(
    "sets.contains",
    "Whether the first list has every element of the second.",
    ("sets.contains([1, 2, 3], [2, 3.0])", "true"),
    ("sets.contains([], [1])", "false"),
    ("sets.contains([], [])", "true"),
)
EQUIVALENT = FAMILY.function(
    "sets.equivalent",
    "Whether each list has every element of the other.",
    ("sets.equivalent([1, 1], [1u])", "true"),
    ("sets.equivalent([1], [1, 2])", "false"),
)
INTERSECTS = FAMILY.function(
    "sets.intersects",
    "Whether the lists have an element in common.",
    ("sets.intersects([1, 2], [2, 3])", "true"),
    ("sets.intersects([1], [])", "false"),
)


def _set(items: List) -> _Set:
    """The elements by bucket, so that each is compared with few others."""
    result: _Set = {}
    for item in limited(items):
        result.setdefault(bucket(item), []).append(item)
    return result


def _has(elements: _Set, item: object) -> bool:
    return any(equal(item, element) for element in elements.get(bucket(item), ()))


def contains(items: List, parts: List) -> bool:
    elements = _set(items)
    return all(_has(elements, part) for part in limited(parts))


def equivalent(left: List, right: List) -> bool:
    return contains(left, right) and contains(right, left)


def intersects(left: List, right: List) -> bool:
    elements = _set(left)
    return any(_has(elements, item) for item in limited(right))


_LISTS = (list_of(param("T")), list_of(param("T")))
CONTAINS.add("list_sets_contains_list", _LISTS, BOOL, contains, cost=linear(0, 1))
EQUIVALENT.add("list_sets_equivalent_list", _LISTS, BOOL, equivalent, cost=linear(0, 1, 0, 1))
INTERSECTS.add("list_sets_intersects_list", _LISTS, BOOL, intersects, cost=linear(0, 1))
