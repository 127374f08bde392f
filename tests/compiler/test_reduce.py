"""Conditions to tests: what the index learns of rules, and what it leaves to be evaluated."""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assentry.code import form
from assentry.compiler import load_sources
from assentry.compiler.answers import Among, Beyond, both, compared, either, negated
from tests.support import forms

NUMBERS = [
    -1.7976931348623157e308,
    1.7976931348623157e308,
    -2.5,
    -1,
    0,
    0.5,
    1,
    2,
    2**53,
    float(2**53),
    2**53 + 1,
    2**63 - 1,
    1e300,
    -1e300,
]
OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "_<_": operator.lt,
    "_<=_": operator.le,
    "_>_": operator.gt,
    "_>=_": operator.ge,
    "_==_": operator.eq,
    "_!=_": operator.ne,
}


def compares(name: str, left: float, right: float) -> bool:
    """As CEL does: numbers of different types as doubles."""
    return OPERATORS[name](left, right) if type(left) is type(right) else OPERATORS[name](float(left), float(right))


def index_of(conditions: str) -> tuple[form.IndexForm, form.RuleIndex]:
    compiled = load_sources({"a.assent": f"package a\ndeny x if {{\n{conditions}\n}}\n"}).form
    return compiled.index, compiled.index.rules[0]


@pytest.mark.parametrize(
    ("conditions", "tests", "rest"),
    [
        ('action.name == "a"', 1, 0),
        ('"a" == action.name', 1, 0),
        ('action.name in ["a", "b"]', 1, 0),
        ('!(action.name == "a")', 1, 0),
        ('action.name == "a" || action.name == "b"', 1, 0),
        ('has(resource.labels)\n"pii" in resource.labels', 1, 0),
        ('has(resource.labels)\n"pii" in resource.labels\n"phi" in resource.labels', 1, 1),
        ('has(resource.labels)\n!("pii" in resource.labels)', 1, 1),
        ("has(action.rows)\naction.rows > 5\naction.rows <= 10", 1, 0),
        ("has(resource.public) && resource.public", 1, 0),
        ("!has(resource.public) || resource.public", 1, 0),
        ('action.name == "a" && subject.type != "b"', 2, 0),
        ('action.name == "a" || subject.type == "b"', 0, 1),
        ('action.name == "a" && subject.type == "b" || action.name == "c"', 1, 1),
        ("subject.id == resource.id", 0, 1),
        ('action.name.startsWith("a")', 0, 1),
        ("has(resource.labels) && size(resource.labels) > 2", 1, 1),
    ],
)
def test_what_becomes_a_test(conditions: str, tests: int, rest: int) -> None:
    _, rule = index_of(conditions)
    assert (len(rule.tests), len(rule.rest)) == (tests, rest)


def test_an_optional_place_is_one_test_with_its_guard() -> None:
    index, rule = index_of("has(action.rows)\naction.rows > 5\naction.rows <= 10")
    [test] = [index.tests[number] for number in rule.tests]
    assert (test.values, test.negated, test.absent) == ((6, 11), False, "false")


@pytest.mark.parametrize(("name", "bound"), list(itertools.product(OPERATORS, NUMBERS)))
def test_comparisons_of_numbers(name: str, bound: float) -> None:
    for whole in (True, False):
        test = compared(name, bound, whole)
        if whole and type(bound) is float and abs(bound) >= 2**53:
            assert test is None
            continue
        assert test is not None
        assert all(map(math.isfinite, test.bounds))
        for value in NUMBERS:
            if not whole or float(value).is_integer():
                there = int(value) if whole else float(value)
                assert test.holds(there) is compares(name, there, bound), (there, name, bound)


WRONG: dict[str, dict[str, object]] = {
    'allow x if action.name in ["a", null]': {"name": "zzz"},
    "allow x if has(action.rows) && action.rows > 9007199254740992.0": {"name": "a", "rows": 2**53 + 1},
    "allow x if has(action.rows) && action.rows == 9007199254740992.0": {"name": "a", "rows": 2**53 + 1},
    "allow x if has(action.rows) && action.rows in [9007199254740992.0, 5]": {"name": "a", "rows": 2**53 + 1},
}


@pytest.mark.parametrize("text", WRONG)
def test_what_an_index_gets_wrong(text: str) -> None:
    policy = load_sources({"a.assent": f"package a\n{text}\n"})
    action = forms.action(**WRONG[text])
    verdicts = [policy.decide(action), policy.decide_unindexed(action), policy.decide_interpreted(action)]
    assert verdicts[0] == verdicts[1] == verdicts[2]


def test_what_is_no_bound() -> None:
    assert compared("_<_", math.inf, whole=False) is None
    assert compared("_<_", math.nan, whole=True) is None
    assert compared("_<_", 10**400, whole=False) is None


SETS = st.builds(
    Among, st.frozensets(st.sampled_from("abc")), st.booleans(), st.sampled_from(("false", "error", "true"))
)
RANGES = st.builds(
    Beyond,
    st.frozensets(st.integers(0, 9), max_size=4).map(lambda bounds: tuple(sorted(bounds))),
    st.booleans(),
    st.sampled_from(("false", "error", "true")),
)
ORDER = ("false", "error", "true")


@given(SETS, SETS)
def test_sets_of_values_are_closed(one: Among, other: Among) -> None:
    def holds(test: Among, value: str) -> bool:
        return (value in test.values) != test.negated

    together, alternative, opposite = both(one, other), either(one, other), negated(one)
    assert isinstance(together, Among)
    assert isinstance(alternative, Among)
    assert isinstance(opposite, Among)
    for value in "abcd":
        assert holds(together, value) is (holds(one, value) and holds(other, value))
        assert holds(alternative, value) is (holds(one, value) or holds(other, value))
        assert holds(opposite, value) is not holds(one, value)
    absents = sorted((one.absent, other.absent), key=ORDER.index)
    assert (together.absent, alternative.absent) == tuple(absents)
    assert ORDER.index(opposite.absent) == 2 - ORDER.index(one.absent)


@given(RANGES, RANGES)
def test_ranges_of_numbers_are_closed(one: Beyond, other: Beyond) -> None:
    together, alternative, opposite = both(one, other), either(one, other), negated(one)
    assert isinstance(together, Beyond)
    assert isinstance(alternative, Beyond)
    assert isinstance(opposite, Beyond)
    for value in range(-1, 11):
        assert together.holds(value) is (one.holds(value) and other.holds(value))
        assert alternative.holds(value) is (one.holds(value) or other.holds(value))
        assert opposite.holds(value) is not one.holds(value)
