"""The static cost: two nested loops over the input pass, three do not."""

from __future__ import annotations

import pytest

from assentry.cel.cost import BUDGET, check, cost
from assentry.source import Source
from tests.support.expressions import READ, inferred

AFFORDABLE = [
    "true",
    "action.name.matches('a+')",
    "action.labels.exists(l, l in LABELS)",
    "action.labels.exists(l, action.sizes.exists(s, size(l) > s))",
    "action.labels.exists(l, action.labels.all(m, l != m && l.contains(m)))",
    "action.parts.exists(p, p.id in action.labels)",
    "[1, 2, 3].all(a, [1, 2].all(b, [1].all(c, [1, 2].all(d, a + b + c > d))))",
    "action.labels == ['a'] && action.tree.below == action.tree.below",
]
TOO_COSTLY = [
    "action.labels.exists(a, action.labels.exists(b, action.labels.exists(c, a == b)))",
    "action.labels.exists(a, action.labels.exists(b, a in action.labels))",
    "action.labels.map(a, action.labels.map(b, action.labels)).size() > 1",
]


@pytest.mark.parametrize("text", AFFORDABLE)
def test_affordable(text: str) -> None:
    assert cost(inferred(text)[0], READ.shapes) <= BUDGET


@pytest.mark.parametrize("text", TOO_COSTLY)
def test_too_costly(text: str) -> None:
    expr = inferred(text)[0]
    [finding] = check([expr], Source("test", text), expr.span, READ.shapes)
    assert finding.code == "too-costly"
    assert finding.help == "nest fewer loops: each runs over up to 4,096 elements"


def test_conditions_that_belong_together_share_the_budget() -> None:
    expr = inferred("action.labels.exists(a, action.labels.exists(b, a == b))")[0]
    source = Source("test", "")
    assert check([expr], source, expr.span, READ.shapes) == []
    assert check([expr] * 1000, source, expr.span, READ.shapes) != []


def test_a_key_is_looked_up_and_an_element_looked_for() -> None:
    in_map, in_list = (inferred(f"'k' in action.{place}")[0] for place in ("tags", "labels"))
    assert cost(in_map, READ.shapes) < 100
    assert cost(in_list, READ.shapes) > 4096


def test_a_loop_costs_at_least_its_elements() -> None:
    one = cost(inferred("action.labels.all(a, true)")[0], READ.shapes)
    assert 4096 <= one <= 3 * 4096
    assert cost(inferred("[1, 2].all(a, true)")[0]) < 10
