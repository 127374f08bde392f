from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assentry.errors import EvaluationError, Kind
from assentry.values.declare import Overload
from assentry.values.limits import MAX_LIST, MAX_STRING
from assentry.values.registry import FAMILIES, FUNCTIONS, OVERLOADS, dispatch
from assentry.values.runtime import Optional, Uint, type_of_value
from tests.support.values import fails, of_type, values


def test_ids_are_unique() -> None:
    ids = [overload.id for family in FAMILIES for part in family.declarations for overload in part.overloads]
    assert len(ids) == len(set(ids))
    assert all(OVERLOADS[id].id == id for id in ids)


def test_overloads_belong_to_their_function() -> None:
    for function in FUNCTIONS.values():
        assert function.overloads
        for overload in (*function.overloads, *function.dynamic):
            assert overload.function == function.name
            assert overload.params or not overload.member


def test_one_name_may_come_from_several_families() -> None:
    reverse = FUNCTIONS["reverse"]
    assert reverse.families == ("strings", "lists")
    assert {overload.id for overload in reverse.overloads} == {"string_reverse", "list_reverse"}


def test_a_signature_reads_as_it_is_called() -> None:
    assert str(OVERLOADS["starts_with_string"]) == "string.startsWith(string) -> bool"
    assert str(OVERLOADS["list_slice"]) == "list(T).slice(int, int) -> list(T)"
    assert str(OVERLOADS["size_map"]) == "size(map(A, B)) -> int"


def test_a_cross_type_comparison_is_for_run_time_types_only() -> None:
    less = FUNCTIONS["_<_"]
    assert "less_int64_double" in {overload.id for overload in less.dynamic}
    assert all(overload.params[0] == overload.params[1] for overload in less.overloads)


def _fits(value: object, overload: Overload) -> bool:
    result = overload.result
    return result.is_param or result.name == "dyn" or type_of_value(value).name == result.name


def _size(value: object) -> int:
    if isinstance(value, Optional):
        return _size(value.value)
    return len(value) if isinstance(value, (str, bytes, list, dict)) else 0


def _outcome(call: Callable[..., object], *args: object) -> object:
    """The value as text (NaN equals nothing, its text does), or the error's kind."""
    try:
        return repr(call(*args))
    except EvaluationError as error:
        return error.kind


@pytest.mark.parametrize("overload", OVERLOADS.values(), ids=OVERLOADS.keys())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_an_implementation_gives_its_result_or_an_evaluation_error(overload: Overload, data: st.DataObject) -> None:
    params: dict[str, st.SearchStrategy[Any]] = {}
    args = [data.draw(of_type(param, params)) for param in overload.params]
    before = repr(args)
    with suppress(EvaluationError):
        result = overload.impl(*args)
        assert _fits(result, overload)
        assert _size(result) <= max(MAX_STRING, MAX_LIST)
    assert repr(args) == before
    assert _outcome(dispatch, overload.function, args, overload.member) == _outcome(overload.impl, *args)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(FUNCTIONS)), st.lists(values, max_size=4), st.booleans())
def test_dispatch_of_anything_is_a_value_or_an_evaluation_error(name: str, args: list[Any], member: bool) -> None:
    with suppress(EvaluationError):
        type_of_value(dispatch(name, args, member))


def test_dispatch_refuses_what_is_not_there() -> None:
    with fails(Kind.UNKNOWN_FUNCTION):
        dispatch("frobnicate", [1], False)
    with fails(Kind.NO_SUCH_OVERLOAD):
        dispatch("_+_", [1, "a"], False)
    with fails(Kind.NO_SUCH_OVERLOAD):
        dispatch("_+_", [1, Uint(1)], False)
    with fails(Kind.NO_SUCH_OVERLOAD):
        dispatch("startsWith", ["ab", "a"], False)
    with fails(Kind.NO_SUCH_OVERLOAD):
        dispatch("_+_", [True, True], False)
    with fails(Kind.NO_SUCH_OVERLOAD):
        dispatch("dyn", [object()], False)


def test_more_arguments_than_declared_are_gathered_where_the_function_says_so() -> None:
    assert dispatch("math.greatest", [1, 5.5, Uint(3), 2], False) == 5.5
    with fails(Kind.NO_SUCH_OVERLOAD):
        dispatch("math.abs", [1, 2, 3], False)


def test_an_error_never_shows_a_value_in_its_kind() -> None:
    with pytest.raises(EvaluationError) as caught:
        dispatch("int", ["secret"], False)
    assert "secret" not in caught.value.kind.value
    assert "secret" not in str(caught.value)


def test_costs_grow_with_sizes() -> None:
    assert OVERLOADS["add_int64"].cost.bound([1, 1]) == 1
    assert OVERLOADS["list_sets_contains_list"].cost.bound([10, 20]) == 31
    assert OVERLOADS["matches"].cost.bound([640, 10]) == 101


def test_importing_the_registry_loads_nothing_heavy() -> None:
    script = (
        "import sys, assentry.values.registry\n"
        "print([name for name in ('lark', 'yaml', 'jsonschema', 're2', 'zoneinfo', 'tzdata', 'ipaddress', 'socket')"
        " if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
