"""Terms of mandates: what is passed on covers no more, whatever is tried."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assentry.errors import GateError
from assentry.gate.authority.mandate import USES, Terms, amount_at, outside, widened

AMOUNT = "action.parameters.amount"
WIDE = Terms(
    actions=frozenset({"refund.*", "mail.send"}),
    resources=frozenset({"order:*"}),
    expires=1000,
    tools=frozenset({"shop", "mail*"}),
    limits={AMOUNT: 100},
    budgets={AMOUNT: 500, USES: 10},
    task="t-1",
    depth=2,
)
NARROW = replace(WIDE, actions=frozenset({"refund.pay"}), depth=1)


def document(
    name: str = "refund.pay", resource: str = "order:7", amount: Any = 50, tool: Any = "shop"
) -> dict[str, Any]:
    kind, _, identity = resource.partition(":")
    return {
        "action": {"name": name, "tool": {"name": tool}, "parameters": {"amount": amount}},
        "resource": {"type": kind, "id": identity},
    }


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"actions": frozenset({"refund.pay", "iam.grant"})}, "`iam.grant` of its actions"),
        ({"actions": frozenset({"refund*"})}, "`refund*` of its actions"),
        ({"actions": frozenset({"*"})}, "`*` of its actions"),
        ({"resources": frozenset({"*"})}, "`*` of its resources"),
        ({"resources": frozenset({"order:7", "invoice:7"})}, "`invoice:7` of its resources"),
        ({"tools": None}, "its tools"),
        ({"tools": frozenset({"shell"})}, "its tools"),
        ({"limits": {}}, f"`{AMOUNT}` of its limits"),
        ({"limits": {AMOUNT: 101}}, f"`{AMOUNT}` of its limits"),
        ({"budgets": {AMOUNT: 500}}, "`uses` of its budgets"),
        ({"budgets": {AMOUNT: 501, USES: 10}}, f"`{AMOUNT}` of its budgets"),
        ({"task": None}, "its task"),
        ({"task": "t-2"}, "its task"),
        ({"expires": 1001}, "its end"),
        ({"depth": 2}, "how often it may be passed on"),
        ({"depth": 16}, "how often it may be passed on"),
    ],
)
def test_each_way_of_widening_is_seen(changes: dict[str, Any], what: str) -> None:
    assert widened(replace(NARROW, **changes), WIDE) == what


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"actions": frozenset({"refund.*"})},
        {"actions": frozenset({"refund.pay.*", "mail.send"})},
        {"resources": frozenset({"order:7*"})},
        {"tools": frozenset({"mail-eu", "mail*"})},
        {"limits": {AMOUNT: 0, "action.rows": 7}},
        {"budgets": {AMOUNT: 1, USES: 1, "action.rows": 7}},
        {"expires": 1},
        {"depth": 0},
    ],
)
def test_narrowing_is_fine(changes: dict[str, Any]) -> None:
    assert widened(replace(NARROW, **changes), WIDE) is None


@pytest.mark.parametrize(
    ("action", "task", "now", "why"),
    [
        (document(), "t-1", 999, None),
        (document(amount=100), "t-1", 0, None),
        (document(), "t-1", 1000, "it has expired"),
        (document(), "t-2", 0, "it is for another task"),
        (document(), None, 0, "it is for another task"),
        (document("refund.pay.all"), "t-1", 0, None),
        (document("refund"), "t-1", 0, "it does not cover `refund`"),
        (document(resource="invoice:7"), "t-1", 0, "it does not cover this resource"),
        (document(tool="shell"), "t-1", 0, "it does not cover this tool"),
        (document(tool=None), "t-1", 0, "it does not cover this tool"),
        (document(amount=101), "t-1", 0, f"`{AMOUNT}` is beyond its limit"),
        *[
            (document(amount=odd), "t-1", 0, f"`{AMOUNT}` is no whole number from 0, and it limits that")
            for odd in (-1, 1.5, True, "5", None, [1], 2**60)
        ],
    ],
)
def test_what_terms_cover(action: dict[str, Any], task: str | None, now: int, why: str | None) -> None:
    assert outside(WIDE, action, task, now) == why


@pytest.mark.parametrize(
    "resource", [{"type": "order:x", "id": "7"}, {"type": "order", "id": 7}, {"type": None, "id": "7"}, {"id": "7"}, {}]
)
def test_a_resource_passes_for_no_other(resource: dict[str, Any]) -> None:
    """`order:x` with the id `7` is not the order `x:7`."""
    every = replace(WIDE, resources=frozenset({"order:*", "*"}))
    why = outside(every, {**document(), "resource": resource}, "t-1", 0)
    assert why == "it does not cover this resource"


@pytest.mark.parametrize(
    "changes",
    [
        {"actions": frozenset[str]()},
        {"actions": frozenset({""})},
        {"actions": frozenset({"a*b"})},
        {"resources": frozenset({"**"})},
        {"tools": frozenset({"*x"})},
        {"limits": {"a": 1.5}},
        {"limits": {"a": True}},
        {"budgets": {"a": -1}},
        {"budgets": {"a": 2**60}},
        {"expires": None},
        {"depth": -1},
        {"depth": 17},
    ],
)
def test_terms_that_cannot_be_held_to_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(GateError):
        replace(WIDE, **changes)


def test_terms_are_plain_data_and_come_back() -> None:
    for terms in (WIDE, NARROW, replace(WIDE, tools=None, task=None, limits={}, budgets={})):
        assert Terms.from_data(terms.to_data()) == terms


PATTERNS = st.frozensets(st.sampled_from(["a*", "ab", "ab*", "abc", "b", "*", "b*"]), min_size=1, max_size=3)
AMOUNTS = st.dictionaries(st.sampled_from(["action.x", "action.y", USES]), st.integers(0, 5), max_size=3)
TERMS = st.builds(
    Terms,
    actions=PATTERNS,
    resources=PATTERNS.map(lambda each: frozenset(f"r:{name}" for name in each)),
    expires=st.integers(0, 5),
    tools=st.none() | PATTERNS,
    limits=AMOUNTS,
    budgets=AMOUNTS,
    task=st.sampled_from([None, "t", "u"]),
    depth=st.integers(0, 3),
)
ACTIONS = st.builds(
    lambda name, resource, tool, x, y: {
        "action": {"name": name, "tool": {"name": tool}, "x": x, "y": y},
        "resource": {"type": "r", "id": resource},
    },
    *[st.sampled_from(["a", "ab", "abc", "b", "bb", "c"])] * 3,
    *[st.integers(-1, 6)] * 2,
)


@given(TERMS, TERMS, ACTIONS, st.sampled_from([None, "t", "u"]), st.integers(0, 6))
def test_what_the_narrower_covers_the_wider_covers(
    child: Terms, parent: Terms, action: Any, task: str | None, now: int
) -> None:
    if widened(child, parent) is None and outside(child, action, task, now) is None:
        assert outside(parent, action, task, now) is None
        assert child.depth < parent.depth
        for path, budget in parent.budgets.items():
            assert child.budgets[path] <= budget
            assert amount_at(action, path) is None or path in child.budgets
