"""Whole lists and maps: as they are when they are right, else whatever the taker says."""

from __future__ import annotations

import pytest

from assentry.cel.bindings import WrongTypeError, taker
from assentry.cel.checkers import CHECKERS
from assentry.cel.typenames import parse_type
from assentry.code.access import GiveUp
from assentry.errors import EvaluationError
from assentry.values.limits import MAX_LIST


@pytest.mark.parametrize(
    ("declared", "right"),
    [
        ("list(string)", ["a", ""]),
        ("list(string)", []),
        ("list(int)", [1, -(2**63)]),
        ("map(string, string)", {"a": "b"}),
        ("map(string, string)", {}),
    ],
)
def test_what_is_right_is_taken_as_it_is(declared: str, right: object) -> None:
    assert CHECKERS[declared](taker(parse_type(declared)))(right) is right


@pytest.mark.parametrize(
    ("declared", "wrong"),
    [
        ("list(string)", ["a", 1]),
        ("list(string)", "a"),
        ("list(int)", [1, True]),
        ("list(int)", [1.0]),
        ("map(string, string)", {"a": 1}),
        ("map(string, string)", {1: "a"}),
        ("map(string, string)", []),
    ],
)
def test_what_is_wrong_is_refused(declared: str, wrong: object) -> None:
    with pytest.raises(WrongTypeError):
        CHECKERS[declared](taker(parse_type(declared)))(wrong)


def test_what_python_brings_besides_is_copied() -> None:
    assert CHECKERS["list(string)"](taker(parse_type("list(string)")))(("a",)) == ["a"]
    with pytest.raises(EvaluationError):
        CHECKERS["list(int)"](taker(parse_type("list(int)")))([2**63])


def test_a_list_too_long_for_a_loop_is_left_to_the_exact_tier() -> None:
    for declared, item in (("list(string)", "a"), ("list(int)", 1)):
        with pytest.raises(GiveUp):
            CHECKERS[declared](taker(parse_type(declared)))([item] * (MAX_LIST + 1))
