from __future__ import annotations

import math
import time
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assentry.errors import Kind
from assentry.values.equality import equal
from assentry.values.limits import MAX_LIST
from assentry.values.registry import dispatch
from assentry.values.runtime import NONE, Duration, Optional, Timestamp, Uint
from tests.support.values import byte_strings, doubled, durations, fails, ints, strings, timestamps, uints, values


def call(name: str, *args: object) -> Any:
    return dispatch(name, args, True)


@given(st.lists(st.integers(0, 5), max_size=6), st.integers(-1, 7), st.integers(-1, 7))
def test_slices(items: list[int], start: int, end: int) -> None:
    if not (start >= 0 and 0 <= end <= len(items)):
        with fails(Kind.INDEX):
            call("slice", items, start, end)
    elif start > end:
        with fails(Kind.INVALID_ARGUMENT):
            call("slice", items, start, end)
    else:
        assert call("slice", items, start, end) == items[start:end]


def flattened(items: list[Any], depth: int) -> list[Any]:
    result = []
    for item in items:
        result += flattened(item, depth - 1) if isinstance(item, list) and depth else [item]
    return result


@given(
    st.recursive(st.integers(), lambda inner: st.lists(inner, max_size=3), max_leaves=10).filter(
        lambda v: isinstance(v, list)
    ),
    st.integers(0, 5),
)
def test_flatten_opens_as_many_levels_as_said(items: list[Any], depth: int) -> None:
    assert call("flatten", items, depth) == flattened(items, depth)
    assert call("flatten", items) == flattened(items, 1)


def test_flatten_is_bounded_by_what_it_opens() -> None:
    before = time.process_time()
    for items in (doubled(50), [[0] * 4000, [1] * 4000]):
        with fails(Kind.LIMIT):
            call("flatten", items, 2**62)
    assert time.process_time() - before < 1


@given(st.data(), st.sampled_from([ints, uints, strings, byte_strings, timestamps, durations, st.booleans()]))
def test_sort_orders_one_type(data: st.DataObject, kind: st.SearchStrategy[Any]) -> None:
    items = data.draw(st.lists(kind, max_size=6))
    ordered = call("sort", items)
    assert sorted(map(repr, ordered)) == sorted(map(repr, items))
    assert all(not dispatch("_<_", [later, earlier], False) for earlier, later in pairwise(ordered))


@pytest.mark.parametrize(
    "items",
    [[1, "a"], [1, Uint(1)], [1, 1.0], [[1], [2]], [None], [{}], [True, 1], [Timestamp(0), Duration(0)], [NONE]],
)
def test_what_cannot_be_sorted(items: list[object]) -> None:
    with fails(Kind.NO_SUCH_OVERLOAD):
        call("sort", items)


def test_a_nan_cannot_be_sorted() -> None:
    with fails(Kind.INVALID_ARGUMENT):
        call("sort", [1.0, math.nan])


def test_sorting_by_keys_is_stable() -> None:
    assert call("@sortByAssociatedKeys", ["a", "b", "c", "d"], [2, 1, 2, 1]) == ["b", "d", "a", "c"]
    with fails(Kind.INVALID_ARGUMENT):
        call("@sortByAssociatedKeys", ["a"], [1, 2])


@settings(deadline=None)
@given(st.lists(values | st.integers(0, 2) | st.sampled_from([1.0, Uint(1), True]), max_size=8))
def test_distinct_keeps_the_first_of_equals(items: list[Any]) -> None:
    kept: list[Any] = []
    for item in items:
        if not any(equal(item, other) for other in kept):
            kept.append(item)
    assert repr(call("distinct", items)) == repr(kept)


def test_distinct_of_many_is_fast() -> None:
    before = time.process_time()
    assert len(call("distinct", [[at, str(at)] for at in range(MAX_LIST)])) == MAX_LIST
    assert time.process_time() - before < 1
    with fails(Kind.LIMIT):
        call("distinct", [0] * (MAX_LIST + 1))


def test_ends_of_a_list() -> None:
    assert (call("first", [1, 2]), call("last", [1, 2])) == (Optional.of(1), Optional.of(2))
    assert (call("first", []), call("last", [])) == (NONE, NONE)


def test_ranges() -> None:
    assert dispatch("lists.range", [3], False) == [0, 1, 2]
    assert dispatch("lists.range", [-5], False) == []
    assert len(dispatch("lists.range", [MAX_LIST], False)) == MAX_LIST  # type: ignore[arg-type]
    with fails(Kind.LIMIT):
        dispatch("lists.range", [2**62], False)


def test_no_function_changes_its_list() -> None:
    items = [3, 1, 2, 1]
    for name in ("sort", "reverse", "distinct", "flatten"):
        call(name, items)
    assert items == [3, 1, 2, 1]
