"""Law 2: a rule more tightens or loosens only as its effect says."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.generate import World, Writer
from tests.support.laws import (
    RULESETS,
    compiled,
    decided_by_rule,
    law,
    policy,
    strictness,
    verdict,
    worlds,
)
from tests.support.texts import Statement


def one_more(world: World, seed: int, effect: str) -> Statement:
    """A rule of this effect that the world's rule set does not have yet."""
    writer = Writer(Random(seed), world.schema_name)
    lines = writer.body(2)
    if effect != "risk" and writer.chance(0.25):
        lines.append(writer.risk(effect, None))
    head = "risk 30 extra" if effect == "risk" else f"{effect} extra"
    options = [option for option in writer.options(effect) if not option.startswith("mode")]
    return Statement(head, tuple(dict.fromkeys(lines)), tuple(options))


@pytest.mark.parametrize("effect", ["deny", "risk", "require approval", "allow"])
def test_a_rule_more(effect: str) -> None:
    @law(RULESETS // 40)
    @given(worlds(), st.integers(0, 2**32))
    def holds(world: World, seed: int) -> None:
        after = compiled(world.texts.with_statement(one_more(world, seed, effect)), world)
        for case in world.cases:
            check(effect, verdict(policy(world), case.action), verdict(after, case.action))

    holds()


def check(effect: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    by_rule = decided_by_rule(before)
    if effect in ("deny", "risk") or (effect == "require approval" and (by_rule or before["decision"] != "deny")):
        assert strictness(after) >= strictness(before)
    if effect == "allow" and by_rule:
        assert after["decision"] == before["decision"]
        assert after["approval"] == before["approval"]
        ids = [rule["id"] for rule in after["rules"] if rule["id"].rpartition(".")[2] != "extra"]
        assert ids == [rule["id"] for rule in before["rules"]]
    if effect != "risk":
        assert after["risk"] == before["risk"]
