from __future__ import annotations

import copy

import pytest

from assentry.errors import Kind
from assentry.values import types
from assentry.values.runtime import (
    NONE,
    TYPE_VALUES,
    BoolKey,
    Duration,
    Optional,
    Timestamp,
    TypeValue,
    Uint,
    find,
    key_value,
    map_key,
    runtime_name,
    sorted_keys,
    type_name,
    type_of_value,
)
from tests.support.values import fails


def test_a_uint_shows_as_a_number_and_represents_itself_as_cel_does() -> None:
    assert (str(Uint(5)), repr(Uint(5)), f"{Uint(5)}", f"{Uint(255):x}") == ("5", "5u", "5", "ff")


def test_points_and_lengths_of_time_compare_within_their_class() -> None:
    assert Timestamp(1) < Timestamp(2) <= Timestamp(2)
    assert Duration(2) > Duration(1) >= Duration(1)
    assert Timestamp(1) != Duration(1)
    assert len({Timestamp(1), Timestamp(1), Duration(1)}) == 2
    assert repr(Timestamp(1)) == "Timestamp(ns=1)"


def test_values_are_immutable_and_may_be_copied() -> None:
    assert copy.deepcopy(Timestamp(1)) == Timestamp(1)
    with pytest.raises(AttributeError):
        Timestamp(1).ns = 2
    with pytest.raises(AttributeError):
        NONE.present = True  # type: ignore[misc]


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (True, "bool"),
        (1, "int"),
        (Uint(1), "uint"),
        (1.0, "double"),
        ("", "string"),
        (b"", "bytes"),
        (None, "null_type"),
        ([], "list"),
        ({}, "map"),
        (Timestamp(0), "google.protobuf.Timestamp"),
        (Duration(0), "google.protobuf.Duration"),
        (TypeValue("int"), "type"),
        (NONE, "optional_type"),
    ],
)
def test_type_names(value: object, name: str) -> None:
    assert type_name(value) == name
    assert TYPE_VALUES[name] == TypeValue(name)


def test_the_type_of_a_value_knows_nothing_of_what_it_holds() -> None:
    assert type_of_value([1]) == types.list_of(types.DYN)
    assert type_of_value(Optional.of(1)) == types.optional_of(types.DYN)
    assert runtime_name(types.TIMESTAMP) == "google.protobuf.Timestamp"


def test_a_python_object_is_no_value() -> None:
    for value in (object(), {1}, 1j, (1,)):
        with fails(Kind.NO_SUCH_OVERLOAD):
            type_of_value(value)


def test_bool_keys_stay_apart_from_numbers() -> None:
    entries: dict[object, object] = {map_key(True): "bool", map_key(1): "int"}
    assert len(entries) == 2
    assert find(entries, True, None) == "bool"
    assert find(entries, Uint(1), None) == "int"
    assert find(entries, 1.0, None) == "int"
    assert find(entries, 1.5, "none") == "none"
    assert find(entries, None, "none") == "none"
    assert [key_value(key) for key in entries] == [True, 1]


def test_what_cannot_be_a_key() -> None:
    refused: list[object] = [1.0, None, b"", [], {}, Timestamp(0)]
    for value in refused:
        with fails(Kind.INVALID_ARGUMENT):
            map_key(value)


def test_keys_have_one_order() -> None:
    assert sorted_keys(["b", 2, BoolKey(True), "a", Uint(1), BoolKey(False), -1]) == [
        BoolKey(False),
        BoolKey(True),
        -1,
        Uint(1),
        2,
        "a",
        "b",
    ]
