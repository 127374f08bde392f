"""Laws 2, 3 and 9 where everything can be tried: three truth values, each true, false or a misfit; few rules.

Large generated rule sets seldom bring risk, errors and alternatives together; these always do.
"""

from __future__ import annotations

from itertools import product
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from assentry.compiler import load_sources
from tests.oracle.interpret import RuleSet
from tests.support.laws import RULESETS, law, strictness, verdict
from tests.support.schemas import FLAG, thing
from tests.support.texts import RuleFile, RuleTexts, Statement

SCHEMA = thing(action=thing(x=FLAG, y=FLAG, z=FLAG))
MISFIT = "misfit"
VALUES = (True, False, MISFIT)
ACTIONS = [dict(zip("xyz", values, strict=True)) for values in product(VALUES, repeat=3)]
EFFECTS = ("allow", "deny", "require approval", "risk 30", "risk 40")


class Writer:
    def __init__(self, rng: Random) -> None:
        self.rng = rng

    def condition(self, depth: int = 2) -> str:
        roll = self.rng.random()
        if depth == 0 or roll < 0.35:
            return self.rng.choice(("action.x", "action.y", "action.z", "!action.x", "action.y != action.z"))
        if roll < 0.6:
            return f"({self.condition(depth - 1)} && {self.condition(depth - 1)})"
        if roll < 0.85:
            return f"({self.condition(depth - 1)} || {self.condition(depth - 1)})"
        if roll < 0.93:
            return f"!({self.condition(depth - 1)})"
        return f"({self.condition(0)} ? {self.condition(depth - 1)} : {self.condition(depth - 1)})"

    def risk(self, effect: str) -> str:
        """A comparison with risk, wherever the effect allows it to stand."""
        bound = self.rng.choice((30, 40, 60))
        test = f"risk {self.rng.choice(('<', '<=') if effect == 'allow' else ('>', '>='))} {bound}"
        forms = [test, f"({test} && {self.condition(1)})"]
        if effect != "require approval":
            forms.append(f"({test} || {self.condition(1)})")
        return self.rng.choice(forms)

    def rule(self, name: str, effect: str) -> Statement:
        lines = [self.condition() for _ in range(self.rng.choice((1, 1, 2)))]
        if not effect.startswith("risk") and self.rng.random() < 0.6:
            lines = [*lines[: self.rng.choice((0, 0, 1))], self.risk(effect)]
        if self.rng.random() < 0.2:
            lines.append("d")
        options = ('approvers: 1 of role("r")',) if effect == "require approval" else ()
        return Statement(f"{effect} {name}", tuple(dict.fromkeys(lines)), options)

    def rules(self) -> RuleTexts:
        heads = [Statement("d", (self.condition(1),)) for _ in range(self.rng.choice((1, 2)))]
        effects = self.rng.choices(EFFECTS, (2, 1, 3, 3, 1), k=self.rng.choice((2, 2, 3)))
        rules = [self.rule(f"r{at}", effect) for at, effect in enumerate(effects)]
        default = [Statement("default allow")] if self.rng.random() < 0.6 else []
        return RuleTexts((RuleFile("a.assent", "p", (*default, *heads, *rules)),))


def verdicts(texts: RuleTexts) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The verdict on every action there is, after comparing the ways of deciding."""
    files = texts.render()
    policy, oracle = load_sources(files, schema=SCHEMA), RuleSet(files, SCHEMA)
    found = {}
    for values in ACTIONS:
        action = {"action": values}
        each = verdict(policy, action)
        assert each == policy.decide_interpreted(action).to_dict() == policy.decide_unindexed(action).to_dict()
        assert each == {**oracle.decide(action), "policy": policy.digest}
        found[tuple(values.values())] = each
    return found


@law(RULESETS // 6)
@given(st.integers(0, 2**32))
def test_an_error_never_widens_access(seed: int) -> None:
    texts = Writer(Random(seed)).rules()
    found = verdicts(texts)
    for values, each in found.items():
        for at in (at for at, value in enumerate(values) if value == MISFIT):
            for fitting in (True, False):
                other = found[*values[:at], fitting, *values[at + 1 :]]
                assert strictness(each) >= strictness(other), (texts.render(), values, fitting)


@law(RULESETS // 6)
@given(st.integers(0, 2**32), st.sampled_from(EFFECTS))
def test_a_rule_more(seed: int, effect: str) -> None:
    writer = Writer(Random(seed))
    texts = writer.rules()
    before, after = verdicts(texts), verdicts(texts.with_statement(writer.rule("extra", effect)))
    for values, each in before.items():
        by_rule = bool(each["rules"]) or any(
            error["effect"] in ("deny", "require_approval") for error in each["errors"]
        )
        if effect.startswith(("deny", "risk")) or (
            effect.startswith("require") and (by_rule or each["decision"] != "deny")
        ):
            assert strictness(after[values]) >= strictness(each), (texts.render(), values)
        if effect == "allow" and by_rule:
            assert after[values]["decision"] == each["decision"], (texts.render(), values)
