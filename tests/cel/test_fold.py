"""Folding computes constants and changes nothing that an evaluation gives."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assentry.cel.fold import fold, is_bool
from assentry.code import form
from assentry.evaluator.exact import Exact, World
from assentry.evaluator.outcome import Failure
from assentry.source import Source
from tests.support.expressions import READ, inferred, show

FOLDED = {
    "1 + 2 * 3": "7",
    "'a' + 'b' == 'ab'": "True",
    "[1, 2 + 3]": "[1, 5]",
    "{'a': 1 + 1}": "{'a': 2}",
    "{'a': 1}.a + 1": "2",
    "has({'a': 1}.b)": "False",
    "size(LABELS) > 1": "True",
    "action.name in LABELS + ['x']": "in_list(fit(action.name), ['pii', 'phi', 'x'])",
    "true && external": "def0",
    "external || false": "def0",
    "false && action.rows > 1": "False",
    "1 / 0 == 1 || true": "True",
    "true ? action.rows : 1 / 0": "fit(action.rows?)",
    "!(1 > 2)": "True",
    "is_read('read')": "True",
    "cel.bind(x, 1 / 0, 2)": "2",
    "action.tags['a' + 'b']": "fit(action.tags?['ab'])",
    "duration('1h') + duration('1h')": "Duration(ns=7200000000000)",
    # what stays
    "1 / 0": "divide_int64(1, 0)",
    "1 / 0 == 1 && action.force": "and(equals(divide_int64(1, 0), 1), fit(action.force?))",
    "true && action.force": "and(True, fit(action.force?))",
    "dyn(1) && true": "and(1, True)",
    "false || dyn('a')": "or(False, 'a')",
    "{1: 1, 1: 2}": "mapof(1, 1, 1, 2)",
    "[?optional.of(1)]": "[?Optional(present=True, value=1)]",
    "9223372036854775807 + 1": "add_int64(9223372036854775807, 1)",
}


@pytest.mark.parametrize("text", FOLDED)
def test_folded(text: str) -> None:
    assert show(fold(inferred(text)[0])) == FOLDED[text]


def test_functions_to_keep_are_kept() -> None:
    assert show(fold(inferred("size('ab') + 1")[0], {"size"})) == "add_int64(size_string('ab'), 1)"


NUMBERS = st.recursive(
    st.sampled_from(["0", "1", "-2", "9223372036854775807", "action.rows", "size(action.labels)", "int(action.name)"]),
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["+", "*", "/", "%", "-"]), inner),
    max_leaves=4,
)
CONDITIONS = st.recursive(
    st.one_of(
        st.builds("{} {} {}".format, NUMBERS, st.sampled_from(["==", "<", ">="]), NUMBERS),
        st.sampled_from(
            [
                "true",
                "false",
                "dyn(1)",
                "action.force",
                "action.sample",
                "has(action.to)",
                "'pii' in action.labels",
                "'a' in LABELS",
                "[1, 0].exists(x, 1 / x > 0)",
                "[1, 2].all(x, x > 0)",
                "is_read('read')",
                "close(action.rows, 1 + 1)",
                "cel.bind(x, 1 / 0, x == 1 || true)",
                "{'a': 1 / 0}.a == 1",
            ]
        ),
    ),
    lambda inner: st.one_of(
        st.builds("({}) && ({})".format, inner, inner),
        st.builds("({}) || ({})".format, inner, inner),
        st.builds("!({})".format, inner),
        st.builds("(({}) ? ({}) : ({}))".format, inner, inner, inner),
    ),
    max_leaves=6,
)
ACTIONS: list[dict[str, object]] = [
    {"action": {"name": "read", "labels": ["pii"], "rows": 3, "force": True, "sample": True}},
    {"action": {"name": "7", "labels": [], "rows": 0, "force": None, "sample": 1, "to": {"kind": "x"}}},
    {"action": {"name": 5, "labels": None}},
    {},
]


@settings(max_examples=300, deadline=None)
@given(CONDITIONS)
def test_folding_changes_no_outcome(text: str) -> None:
    expr = inferred(text)[0]
    folded = fold(expr)
    world = World(tuple(Source(f"file{number}", text) for number in range(9)), READ.shapes)
    for action in ACTIONS:
        before, after = Exact(world, action).value(expr), Exact(world, action).value(folded)
        assert isinstance(before, Failure) is isinstance(after, Failure), (text, action, before, after)
        if isinstance(before, Failure) and isinstance(after, Failure):
            assert before.causes == after.causes
        else:
            assert (type(before), before) == (type(after), after)
            assert not is_bool(expr) or isinstance(before, bool)


def test_what_is_surely_a_bool() -> None:
    for text in ("external", "has(action.to)", "action.rows > 1", "risk > 1", "is_read('a')", "true ? true : external"):
        assert is_bool(inferred(text)[0]), text
    for text in ("action.force", "dyn(true)", "action.name", "{'a': true}.a", "[true][0]"):
        assert not is_bool(inferred(text)[0]), text
    assert isinstance(inferred("risk > 1")[0], form.Risk)
