from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assentry.errors import Kind
from assentry.values.registry import dispatch
from assentry.values.runtime import Duration, Timestamp, Uint
from tests.support.values import byte_strings, doubles, durations, fails, ints, strings, timestamps, uints

numbers = ints | uints | doubles


def compare(operator: str, left: object, right: object) -> bool:
    result = dispatch(f"_{operator}_", [left, right], False)
    assert isinstance(result, bool)
    return result


def agree(left: Any, right: Any) -> None:
    """The laws of the specification: each operator says what the others imply."""
    less, equals = compare("<", left, right), compare("==", left, right)
    assert compare("<=", left, right) is (less or equals)
    assert compare(">", left, right) is compare("<", right, left)
    assert compare(">=", left, right) is compare("<=", right, left)
    assert [less, equals, compare(">", left, right)].count(True) == 1


@given(numbers, numbers)
def test_numbers_order_across_types(left: Any, right: Any) -> None:
    if math.isnan(left) or math.isnan(right):
        assert not any(compare(operator, left, right) for operator in ("<", "<=", ">", ">=", "=="))
    else:
        agree(left, right)


@given(st.data(), st.sampled_from([strings, byte_strings, timestamps, durations, st.booleans()]))
def test_other_values_order_within_their_type(data: st.DataObject, kind: st.SearchStrategy[Any]) -> None:
    agree(data.draw(kind), data.draw(kind))


@given(strings, strings)
def test_strings_order_by_code_point(left: str, right: str) -> None:
    assert compare("<", left, right) is ([*map(ord, left)] < [*map(ord, right)])


def test_a_double_against_an_integer_orders_as_doubles() -> None:
    assert compare(">=", 2**63 - 1, 2.0**63)
    assert not compare("<", 2**63 - 1, 2.0**63)
    assert compare("<", 2**63 - 1, Uint(2**63))
    assert compare("<", -1, Uint(0))


@pytest.mark.parametrize(
    ("left", "right"),
    [([0], [1]), (None, None), ("a", 1), ({}, {}), (True, 1), (Timestamp(0), Duration(0)), ("a", b"a")],
)
def test_what_has_no_order(left: object, right: object) -> None:
    for operator in ("<", "<=", ">", ">="):
        with fails(Kind.NO_SUCH_OVERLOAD):
            compare(operator, left, right)
