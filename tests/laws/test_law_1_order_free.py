"""Law 1: permuting rules, files, bodies, lines or heads changes no verdict, and makes no legal file illegal."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.support.generate import World
from tests.support.laws import RULESETS, comparable, compiled, law, policy, verdict, worlds


@law(RULESETS // 12)
@given(worlds(), st.integers(0, 2**32))
def test_order_changes_no_verdict(world: World, seed: int) -> None:
    other = compiled(world.texts.shuffled(Random(seed)), world)
    for case in world.cases:
        expected = comparable(verdict(policy(world), case.action))
        assert comparable(verdict(other, case.action)) == expected, case.action
