from __future__ import annotations

from typing import Any

import pytest

from assentry.errors import Kind
from assentry.values.registry import dispatch
from assentry.values.runtime import IP, NONE, Duration, Optional, Timestamp, TypeValue, Uint
from tests.support.values import fails


def of_non_zero(value: object) -> Any:
    return dispatch("optional.ofNonZeroValue", [value], False)


@pytest.mark.parametrize("value", [None, False, 0, Uint(0), 0.0, -0.0, "", b"", [], {}, Timestamp(0), Duration(0)])
def test_zero_values(value: object) -> None:
    assert of_non_zero(value) is NONE


@pytest.mark.parametrize(
    "value",
    [
        True,
        1,
        float("nan"),
        "0",
        b"\0",
        [0],
        {"": 0},
        Timestamp(1),
        Duration(-1),
        NONE,
        Optional.of(0),
        IP(4, 0),
        TypeValue("int"),
    ],
)
def test_values_that_are_not_zero(value: object) -> None:
    assert of_non_zero(value).value is value


def test_a_value_or_another() -> None:
    some, other = Optional.of(None), Optional.of(2)
    assert dispatch("or", [some, other], True) is some
    assert dispatch("or", [NONE, other], True) is other
    assert dispatch("or", [NONE, NONE], True) is NONE
    assert dispatch("orValue", [some, 2], True) is None
    assert dispatch("orValue", [NONE, 2], True) == 2
    assert dispatch("value", [other], True) == 2
    with fails(Kind.EMPTY_OPTIONAL):
        dispatch("value", [NONE], True)
    with fails(Kind.NO_SUCH_OVERLOAD):
        dispatch("or", [NONE, 1], True)
    with fails(Kind.NO_SUCH_OVERLOAD):
        dispatch("value", [1], True)


def test_unwrapping_keeps_what_is_there() -> None:
    items = [Optional.of(1), NONE, Optional.of(None)]
    assert dispatch("optional.unwrap", [items], False) == [1, None]
    assert dispatch("unwrapOpt", [items], True) == [1, None]
    with fails(Kind.NO_SUCH_OVERLOAD):
        dispatch("unwrapOpt", [[1]], True)
