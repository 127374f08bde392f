from __future__ import annotations

import math
import time
from typing import Any

import pytest
from hypothesis import given, settings

from assentry.errors import Kind
from assentry.values.equality import bucket, contains, equal
from assentry.values.limits import MAX_NESTING
from assentry.values.registry import dispatch
from assentry.values.runtime import NONE, BoolKey, Duration, Optional, Timestamp, TypeValue, Uint, map_key
from tests.support.values import doubled, fails, nested, values


def has_nan(value: object) -> bool:
    if isinstance(value, list):
        return any(has_nan(item) for item in value)
    if isinstance(value, dict):
        return any(has_nan(item) for item in value.values())
    if isinstance(value, Optional):
        return has_nan(value.value)
    return isinstance(value, float) and math.isnan(value)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (1, 1, True),
        (1, True, False),
        (0, False, False),
        (1, Uint(1), True),
        (1, 1.0, True),
        (Uint(1), 1.0, True),
        (-1, Uint(2**64 - 1), False),
        (0.0, -0.0, True),
        (math.nan, math.nan, False),
        ("1", 1, False),
        ("a", b"a", False),
        (None, None, True),
        (None, 0, False),
        (None, False, False),
        ([1, [2.0]], [1.0, [Uint(2)]], True),
        ([1], [True], False),
        ([math.nan], [math.nan], False),
        ([1], [1, 1], False),
        ({"a": 1, "b": [2]}, {"b": [2.0], "a": Uint(1)}, True),
        ({1: "x"}, {Uint(1): "x"}, True),
        ({BoolKey(True): 1}, {1: 1}, False),
        ({"a": None}, {}, False),
        ({"a": None}, {"b": None}, False),
        (Timestamp(0), Timestamp(0), True),
        (Timestamp(0), Duration(0), False),
        (Timestamp(0), 0, False),
        (TypeValue("int"), TypeValue("int"), True),
        (TypeValue("int"), "int", False),
        (NONE, NONE, True),
        (Optional.of(1), Optional.of(1.0), True),
        (Optional.of(None), NONE, False),
        (Optional.of(1), 1, False),
    ],
)
def test_equality(left: object, right: object, same: bool) -> None:
    assert equal(left, right) is same
    assert equal(right, left) is same
    assert dispatch("_!=_", [left, right], False) is not same


def test_an_integer_equals_a_double_as_a_double() -> None:
    """As in the specification's own cases, where 9223372036854775807 >= 9223372036854775808.0 holds."""
    assert equal(2**53 + 1, 2.0**53)
    assert equal(2**63 - 1, 2.0**63)
    assert not equal(2**53 + 1, 2**53)
    assert contains(2**53 + 1, [2.0**53])
    assert not contains(2.0**53, {2**53 + 1: "x"})


@settings(max_examples=200, deadline=None)
@given(values, values)
def test_equality_is_symmetric_and_buckets_never_part_equals(left: Any, right: Any) -> None:
    assert equal(left, right) is equal(right, left)
    if equal(left, right):
        assert bucket(left) == bucket(right)
        assert hash(bucket(left)) == hash(bucket(right))


@settings(max_examples=200, deadline=None)
@given(values)
def test_everything_without_nan_equals_itself(value: Any) -> None:
    assert equal(value, value) is not has_nan(value)
    assert contains(value, [value]) is not has_nan(value)


def test_an_element_is_found_by_equality() -> None:
    assert contains("a", ["b", "a"])
    assert not contains(1, [True, "1", None])
    assert contains(1, [True, 1.0])
    assert not contains(True, [1])
    assert not contains(math.nan, [math.nan])
    assert not contains("a", [])


def test_a_key_is_found_by_value() -> None:
    assert contains(1.0, {1: "x"})
    assert contains(True, {map_key(True): "x"})
    assert not contains(True, {1: "x"})
    assert not contains(1, {map_key(True): "x"})
    assert not contains(b"a", {"a": 1})
    assert not contains([1], {"a": 1})
    assert not contains(math.nan, {1: 1})


def test_only_lists_and_maps_contain() -> None:
    with fails(Kind.NO_SUCH_OVERLOAD):
        contains("a", "abc")


def test_depth_is_an_error_and_not_a_crash() -> None:
    assert equal(nested(MAX_NESTING - 2), nested(MAX_NESTING - 2))
    for function in (equal, lambda one, _: bucket(one)):
        with fails(Kind.LIMIT):
            function(nested(100_000), nested(100_000))


def test_a_value_that_shares_its_parts_is_compared_part_by_part() -> None:
    before = time.process_time()
    assert equal(doubled(60), doubled(60))
    assert not equal([doubled(60), 1], [doubled(60), 2])
    with fails(Kind.LIMIT):
        bucket(doubled(60))
    assert time.process_time() - before < 2
