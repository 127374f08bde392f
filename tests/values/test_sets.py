from __future__ import annotations

import time
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from assentry.errors import Kind
from assentry.values.equality import equal
from assentry.values.limits import MAX_LIST
from assentry.values.registry import dispatch
from assentry.values.runtime import Uint
from tests.support.values import fails, values

lists = st.lists(values | st.sampled_from([1, 1.0, Uint(1), True, 2**53, 2**53 + 1, 2.0**53]), max_size=5)


def has(items: list[Any], wanted: Any) -> bool:
    return any(equal(item, wanted) for item in items)


@settings(deadline=None)
@given(lists, lists)
def test_sets_are_by_equality(left: list[Any], right: list[Any]) -> None:
    contains = all(has(left, item) for item in right)
    assert dispatch("sets.contains", [left, right], False) is contains
    assert dispatch("sets.equivalent", [left, right], False) is (contains and all(has(right, item) for item in left))
    assert dispatch("sets.intersects", [left, right], False) is any(has(left, item) for item in right)


def test_large_sets_are_fast_and_larger_ones_refused() -> None:
    before = time.process_time()
    numbers: list[object] = list(range(MAX_LIST))
    assert dispatch("sets.equivalent", [numbers, numbers[::-1]], False)
    assert not dispatch("sets.intersects", [numbers, [-1 - number for number in range(MAX_LIST)]], False)
    assert time.process_time() - before < 1
    with fails(Kind.LIMIT):
        dispatch("sets.contains", [[0] * (MAX_LIST + 1), []], False)
