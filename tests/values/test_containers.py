from __future__ import annotations

import math
from typing import Any

import pytest

from assentry.errors import Kind
from assentry.values.registry import dispatch
from assentry.values.runtime import NONE, Optional, Uint, map_key
from tests.support.values import fails


def index(value: object, key: object) -> Any:
    return dispatch("_[_]", [value, key], False)


def maybe(value: object, key: object) -> Any:
    return dispatch("_[?_]", [value, key], False)


def select(value: object, name: str) -> Any:
    return dispatch("_?._", [value, name], False)


@pytest.mark.parametrize("key", [1, Uint(1), 1.0])
def test_a_list_is_indexed_by_any_integral_number(key: object) -> None:
    assert index([7, 8], key) == 8
    assert maybe([7, 8], key) == Optional.of(8)


@pytest.mark.parametrize("key", [-1, 2, Uint(2**64 - 1), -1.0, 2.0])
def test_an_index_out_of_range(key: object) -> None:
    with fails(Kind.INDEX):
        index([7, 8], key)
    assert maybe([7, 8], key) is NONE


@pytest.mark.parametrize("key", ["", 0.1, math.nan, math.inf, True, None, b"", [0]])
def test_what_is_no_index(key: object) -> None:
    for function in (index, maybe):
        with fails(Kind.INVALID_ARGUMENT):
            function([7, 8], key)


def test_a_map_finds_keys_by_value() -> None:
    entries: dict[object, object] = {1: "one", "a": None, map_key(True): "yes"}
    assert index(entries, Uint(1)) == index(entries, 1.0) == "one"
    assert index(entries, True) == "yes"
    assert index(entries, "a") is None
    assert maybe(entries, "a") == Optional.of(None)


@pytest.mark.parametrize("key", ["b", 2, 1.5, math.nan, False, b"a", None, [1], {}])
def test_a_key_that_is_not_there(key: object) -> None:
    entries: dict[object, object] = {1: "one", "a": None, map_key(True): "yes"}
    with fails(Kind.NO_SUCH_KEY):
        index(entries, key)
    assert maybe(entries, key) is NONE


def test_an_optional_is_looked_into() -> None:
    assert index(Optional.of([1, 2]), 1) == Optional.of(2)
    assert index(Optional.of({"a": 1}), "a") == Optional.of(1)
    assert index(Optional.of({}), "a") is NONE
    assert index(NONE, 0) is NONE
    assert maybe(NONE, 0) is NONE
    assert select(Optional.of({"a": 1}), "a") == Optional.of(1)
    assert select(NONE, "a") is NONE
    with fails(Kind.NO_SUCH_OVERLOAD):
        index(Optional.of(1), 0)


def test_a_field_of_a_map_as_an_optional() -> None:
    assert select({"a": 1}, "a") == Optional.of(1)
    assert select({"a": NONE}, "a") == Optional.of(NONE)
    assert select({}, "a") is NONE
    for value in (1, "a", [1], None, Optional.of(1)):
        with fails(Kind.NO_SUCH_OVERLOAD):
            select(value, "a")


def test_only_containers_have_elements() -> None:
    for value in ("abc", b"abc", 1, None):
        with fails(Kind.NO_SUCH_OVERLOAD):
            index(value, 0)


def test_sizes() -> None:
    for value, size in (("a\U0001f431", 2), (b"\xff\xff", 2), ([1, 2], 2), ({"a": 1}, 1)):
        assert dispatch("size", [value], False) == dispatch("size", [value], True) == size
    with fails(Kind.NO_SUCH_OVERLOAD):
        dispatch("size", [1], False)
