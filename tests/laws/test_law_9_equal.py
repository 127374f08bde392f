"""Law 9: compiled equals interpreted equals unindexed equals saved and loaded, errors included."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assentry.code import lookup
from assentry.evaluator.policy import Policy
from tests.oracle.interpret import RuleSet
from tests.support.generate import World, world
from tests.support.laws import RULESETS, compiled, law, reloaded
from tests.support.shrink import shown, smallest
from tests.support.texts import RuleTexts

PARTS = 8  # so that several processes can share the work


def decided(texts: RuleTexts, of: World, actions: list[Any]) -> list[dict[str, dict[str, Any]]]:
    """The verdict on each action, each way there is to decide it."""
    policy = compiled(texts, of)
    again = reloaded(policy)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lookup, "FEW", 0)
        apart = Policy(policy.form)
    oracle = RuleSet(texts.render(), of.schema, of.data)
    return [
        {
            "compiled": policy.decide(action).to_dict(),
            "rules that every action meets kept apart": apart.decide(action).to_dict(),
            "reloaded": again.decide(action).to_dict(),
            "interpreted": policy.decide_interpreted(action).to_dict(),
            "unindexed": policy.decide_unindexed(action).to_dict(),
            "oracle": {**oracle.decide(action), "policy": policy.digest},
        }
        for action in actions
    ]


def differs(texts: RuleTexts, of: World, action: Any) -> bool:
    [verdicts] = decided(texts, of, [action])
    return any(found != verdicts["compiled"] for found in verdicts.values())


@pytest.mark.parametrize("part", range(PARTS))
def test_every_way_decides_alike(part: int) -> None:
    @law(RULESETS // PARTS)
    @given(st.integers(0, 2**46).map(lambda number: number * PARTS + part))
    def holds(seed: int) -> None:
        check(world(seed))

    holds()


def check(of: World) -> None:
    actions = [case.action for case in of.cases]
    for action, verdicts in zip(actions, decided(of.texts, of, actions), strict=True):
        if any(found != verdicts["compiled"] for found in verdicts.values()):
            pytest.fail(explained(of, action))


def explained(of: World, action: Any) -> str:
    """The smallest rule set and action that still differ, with what each way says."""
    texts, small = smallest(of.texts, action, lambda texts, less: differs(texts, of, less))
    [verdicts] = decided(texts, of, [small])
    ways = "\n".join(f"{way}: {found}" for way, found in verdicts.items())
    return f"seed {of.seed}, schema `{of.schema_name}`\n{shown(texts, small)}\n{ways}"
