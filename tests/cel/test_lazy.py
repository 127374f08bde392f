"""Steps through bindings that have not been looked at yet."""

from __future__ import annotations

from typing import Any

import pytest

from assentry.cel import lazy
from assentry.errors import EvaluationError, Kind
from assentry.values.limits import MAX_LIST
from assentry.values.runtime import NONE, Optional


class Untouchable:
    """What fails as soon as anyone looks at it."""

    def __eq__(self, other: object) -> bool:
        raise AssertionError("it was looked at")

    __hash__ = None  # type: ignore[assignment]


OTHER = Untouchable()


def kind(step: Any, *args: object) -> Kind:
    with pytest.raises(EvaluationError) as caught:
        step(*args)
    return caught.value.kind


def test_select() -> None:
    assert lazy.select({"a": OTHER, "b": 1}, "a") is OTHER
    assert kind(lazy.select, {"a": 1}, "b") is Kind.NO_SUCH_KEY
    assert kind(lazy.select, [1], "b") is Kind.NO_SUCH_OVERLOAD
    assert lazy.select(Optional.of({"a": 1}), "a") == Optional.of(1)


def test_has_key() -> None:
    assert lazy.has_key({"a": OTHER}, "a") is True
    assert lazy.has_key({"a": OTHER}, "b") is False
    assert lazy.has_key(NONE, "a") is False
    assert kind(lazy.has_key, 1, "a") is Kind.NO_SUCH_OVERLOAD


def test_element() -> None:
    assert lazy.element({"a": OTHER}, "a") is OTHER
    assert lazy.element([OTHER, 1], 1) == 1
    assert lazy.element((OTHER, 1), 1.0) == 1
    assert lazy.element({True: "yes", "a": 1}, True) == "yes"
    assert kind(lazy.element, [1], 1) is Kind.INDEX
    assert kind(lazy.element, {True: "yes"}, 1) is Kind.NO_SUCH_KEY
    assert kind(lazy.element, {"a": 1}, "b") is Kind.NO_SUCH_KEY
    assert kind(lazy.element, 1, 1) is Kind.NO_SUCH_OVERLOAD


def test_find() -> None:
    assert lazy.find({"a": (1,)}, "a") == Optional.of([1])
    assert lazy.find({"a": OTHER}, "b") == NONE
    assert lazy.find([OTHER, 1], 1) == Optional.of(1)
    assert lazy.find([1], 1) == NONE
    assert lazy.find({1: "a"}, 1) == Optional.of("a")
    assert lazy.find_field({"a": 1}, "a") == Optional.of(1)
    assert lazy.find_field(Optional.of({"a": 1}), "a") == Optional.of(1)
    assert kind(lazy.find, "a", 0) is Kind.NO_SUCH_OVERLOAD


def test_contains() -> None:
    assert lazy.contains(1, [1.0, OTHER]) is True
    assert lazy.contains("a", ["a", OTHER]) is True
    assert lazy.contains("a", {"a": OTHER}) is True
    assert lazy.contains(2, (1, 2)) is True
    assert lazy.contains(True, {True: 1}) is True
    assert lazy.contains(1, {True: 1}) is False
    assert kind(lazy.contains, 1, 1) is Kind.NO_SUCH_OVERLOAD
    assert kind(lazy.contains, 1, [2**70]) is Kind.OVERFLOW


def test_count() -> None:
    assert lazy.count([OTHER, OTHER]) == 2
    assert lazy.count({"a": OTHER}) == 1
    assert lazy.count((OTHER,)) == 1
    assert lazy.count("text") == 4
    assert kind(lazy.count, 1) is Kind.NO_SUCH_OVERLOAD


def test_turns() -> None:
    assert lazy.turns({"b": 1, "a": OTHER})[1] == ("b", 1)
    assert lazy.turns((7, 8)) == [(0, 7), (1, 8)]
    assert lazy.turns({True: 1, False: 2}) == [(False, 2), (True, 1)]
    assert lazy.singles([OTHER])[0] is OTHER
    assert lazy.singles({"b": OTHER, "a": OTHER}) == ["a", "b"]
    assert lazy.singles((1, 2)) == [1, 2]
    assert kind(lazy.turns, "text") is Kind.NO_SUCH_OVERLOAD
    assert kind(lazy.turns, [0] * (MAX_LIST + 1)) is Kind.LIMIT
    assert kind(lazy.singles, [0] * (MAX_LIST + 1)) is Kind.LIMIT
