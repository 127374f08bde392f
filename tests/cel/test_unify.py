"""Type parameters, dyn and null: when one type may stand for another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assentry.cel.overloads import is_certain, resolve
from assentry.cel.typenames import parse_type, type_text
from assentry.cel.unify import Unifier, most_general, type_of_constant
from assentry.values.registry import FUNCTIONS
from assentry.values.runtime import BoolKey
from assentry.values.types import DYN, ERROR, INT, NULL, STRING, Type, list_of, map_of, nullable, optional_of, param


@pytest.mark.parametrize(
    ("actual", "wanted", "expected"),
    [
        ("int", "int", True),
        ("int", "double", False),
        ("dyn", "int", True),
        ("int", "dyn", True),
        ("list(int)", "list(dyn)", True),
        ("list(int)", "list(string)", False),
        ("map(string, int)", "list(int)", False),
        ("null", "int", False),
        ("null", "wrapper(int)", True),
        ("null", "timestamp", True),
        ("null", "optional_type(int)", True),
        ("null", "list(int)", False),
        ("wrapper(int)", "int", True),
        ("int", "wrapper(int)", True),
        ("wrapper(int)", "string", False),
        ("wrapper(list(int))", "list(int)", True),
        ("type(int)", "type(string)", True),
        ("tuple(int, int)", "tuple(int)", False),
    ],
)
def test_assignable(actual: str, wanted: str, expected: bool) -> None:
    assert Unifier().assignable(parse_type(actual), parse_type(wanted)) is expected


def test_an_error_agrees_with_everything() -> None:
    assert Unifier().assignable(ERROR, INT)
    assert Unifier().assignable(list_of(INT), ERROR)


def test_a_parameter_takes_the_most_general_of_what_it_meets() -> None:
    unifier = Unifier()
    item = unifier.fresh()
    assert unifier.all_assignable((INT, DYN), (item, item))
    assert unifier.resolved(item) == DYN
    other = unifier.fresh()
    assert unifier.all_assignable((STRING, nullable(STRING)), (other, other))
    assert unifier.resolved(other) == nullable(STRING)
    assert not unifier.assignable(INT, other)


def test_nothing_is_learned_from_what_does_not_fit() -> None:
    unifier = Unifier()
    item = unifier.fresh()
    assert not unifier.all_assignable((INT, STRING), (item, INT))
    assert unifier.assignable(STRING, item)
    assert unifier.resolved(item) == STRING


def test_a_parameter_never_holds_itself() -> None:
    unifier = Unifier()
    item = unifier.fresh()
    assert not unifier.assignable(list_of(item), item)
    assert unifier.resolved(list_of(item), close=True) == list_of(DYN)


def test_a_joined_type_is_the_more_general_or_any() -> None:
    unifier = Unifier()
    assert unifier.joined(None, INT) == INT
    assert unifier.joined(INT, DYN) == DYN
    assert unifier.joined(INT, STRING) == DYN
    assert unifier.joined(optional_of(INT), NULL) == optional_of(INT)
    assert unifier.joined(NULL, optional_of(INT)) == optional_of(INT)


TYPES = st.recursive(
    st.sampled_from([INT, STRING, DYN, NULL, nullable(INT), nullable(STRING)]),
    lambda inner: st.one_of(st.builds(list_of, inner), st.builds(map_of, inner, inner), st.builds(optional_of, inner)),
    max_leaves=4,
)


@given(TYPES, TYPES)
def test_the_order_of_two_types_does_not_matter(one: Type, two: Type) -> None:
    assert Unifier().assignable(one, two) is Unifier().assignable(two, one)
    assert Unifier().assignable(one, one)
    if Unifier().assignable(one, two) and NULL not in {one, two}:
        assert most_general(one, two) in {one, two}


@pytest.mark.parametrize(
    ("function", "args", "member", "expected"),
    [
        ("_+_", ("int", "int"), False, ("add_int64", "int")),
        ("_+_", ("dyn", "int"), False, ("", "int")),
        ("_+_", ("dyn", "dyn"), False, ("", "dyn")),
        ("_+_", ("wrapper(int)", "int"), False, ("", "int")),
        ("_+_", ("int", "string"), False, None),
        ("_==_", ("dyn", "int"), False, ("equals", "bool")),
        ("startsWith", ("string", "string"), True, ("starts_with_string", "bool")),
        ("startsWith", ("string", "string"), False, None),
        ("@in", ("int", "list(dyn)"), False, ("in_list", "bool")),
        ("@in", ("int", "dyn"), False, ("", "bool")),
        ("_[_]", ("list(int)", "int"), False, ("index_list", "int")),
        ("orValue", ("optional_type(int)", "int"), True, ("optional_orValue_value", "int")),
    ],
)
def test_the_overload_that_the_types_leave(
    function: str, args: tuple[str, ...], member: bool, expected: tuple[str, str] | None
) -> None:
    unifier = Unifier()
    found = resolve(unifier, FUNCTIONS[function], tuple(map(parse_type, args)), member)
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert (found.overload, type_text(unifier.resolved(found.result))) == expected


def test_parameters_that_stay_open_are_new_for_each_call() -> None:
    unifier = Unifier()
    none = FUNCTIONS["optional.none"]
    one, two = resolve(unifier, none, (), False), resolve(unifier, none, (), False)
    assert one is not None
    assert two is not None
    assert one.result != two.result


def test_certain_means_no_dyn_and_no_null_in_between() -> None:
    assert is_certain(list_of(INT), list_of(param("A")))
    assert is_certain(list_of(DYN), list_of(DYN))
    assert not is_certain(list_of(DYN), list_of(INT))
    assert not is_certain(nullable(INT), INT)
    assert not is_certain(DYN, INT)


def test_the_type_of_a_constant_looks_inside() -> None:
    assert type_of_constant([1, 2]) == list_of(INT)
    assert type_of_constant([1, "a"]) == list_of(DYN)
    assert type_of_constant({"a": [1], "b": []}) == map_of(STRING, list_of(DYN))
    assert str(type_of_constant({BoolKey(True): None})) == "map(bool, null_type)"
    deep: list[object] = []
    for _ in range(200):
        deep = [deep]
    assert str(type_of_constant(deep)).count("list") <= 66
