"""Emitted code, index and exact tier together: every way of deciding gives the same verdict, in every arrangement."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from assentry.code import form, lookup
from assentry.evaluator import policy as policies
from assentry.evaluator.policy import Policy
from tests.support import forms
from tests.support.forms import HERE, Default, Effect, equals, labelled, lit, named, raw, rule, rule_set
from tests.support.random_forms import WORDS, Conditions, random_action

EFFECTS: tuple[Effect, ...] = ("allow", "deny", "require_approval", "risk")


def random_rule(random: Random, number: int) -> form.RuleForm:
    effect = random.choice(EFFECTS)
    conditions = [Conditions(random, 2).boolean(2) for _ in range(random.randint(1, 2))]
    reads_risk = effect != "risk" and random.random() < 0.3
    if reads_risk:
        bound = random.choice([10, 30, 60])
        conditions.append(form.Risk(HERE, "<" if effect == "allow" else ">=", bound))
    return rule(
        f"r{number:03}",
        effect,
        *conditions,
        reads_risk=reads_risk,
        shadow=random.random() < 0.15,
        weight=random.choice([10, 20]) if effect == "risk" else 0,
        seats=((random.randint(1, 3), random.choice("ab")),),
        controls=tuple(random.sample(["A.5.2", "A.8.2", "A.8.12"], random.randrange(3))),
        redact=("action.sample",) if random.random() < 0.1 else (),
        reason=("because ", raw("action.name")) if random.random() < 0.3 else ("plain",),
    )


def random_policy(random: Random, count: int, files: int) -> Policy:
    """Rules of all effects over several files, some of them bound to a name and indexed by it."""
    rules = []
    for number in range(count):
        made = replace(random_rule(random, number), file=random.randrange(files))
        if random.random() < 0.4:
            name = random.choice(WORDS)
            made = replace(made, conditions=(named(name), *made.conditions))
        rules.append(made)
    definitions = [forms.definition(f"d{n}", [Conditions(random, n).boolean(2)]) for n in range(2)]
    default: Default = random.choice(["allow", "deny"])
    compiled = rule_set(*rules, definitions=definitions, default=default)
    texts = tuple(form.FileForm(f"rules{n}.assent", "") for n in range(files))
    return Policy(replace(compiled, files=texts))


@pytest.mark.parametrize("few", [0, 128])
@pytest.mark.parametrize(
    ("seed", "count", "files"), [*((seed, 12, 1 + seed % 3) for seed in range(50)), (50, 90, 1), (51, 150, 3)]
)
def test_every_way_decides_alike(seed: int, count: int, files: int, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "FEW", few)
    random = Random(seed)
    policy = random_policy(random, count, files)
    for _ in range(12):
        action = random_action(random)
        verdict = policy.decide(action).to_dict()
        assert verdict == policy.decide_unindexed(action).to_dict()
        assert verdict == policy.decide_interpreted(action).to_dict()


def test_the_risk_of_many_rules() -> None:
    many = [rule(f"r{n:03}", "risk", labelled(f"l{n}"), weight=1) for n in range(130)]
    policy = Policy(rule_set(*many, rule("z", "deny", form.Risk(HERE, ">=", 3), reads_risk=True), default="allow"))
    for hits, decision in ((2, "allow"), (3, "deny")):
        verdict = policy.decide(forms.action(labels=[f"l{n * 60}" for n in range(hits)]))
        assert (verdict.decision, verdict.risk) == (decision, hits)


def test_kept_verdicts_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "MAX_VERDICTS", 100)
    policy = Policy(rule_set(*(rule(f"r{n:02}", "deny", labelled(str(n))) for n in range(12))))
    for number in range(400):
        labels = [str(bit) for bit in range(12) if number >> bit & 1]
        assert [fired.id[1:].lstrip("0") or "0" for fired in policy.decide(forms.action(labels=labels)).rules] == labels
        assert len(policy._by_rules[()][0]._verdicts) <= 100


def test_threads_decide_alike_while_code_is_made() -> None:
    random = Random(5)
    actions = [random_action(random) for _ in range(40)]
    alone = random_policy(Random(9), 40, 2)
    expected = [alone.decide(action).to_dict() for action in actions]
    policy = random_policy(Random(9), 40, 2)

    def decided(order: Sequence[int]) -> dict[int, object]:
        return {number: policy.decide(actions[number]).to_dict() for number in order}

    orders = [random.sample(range(40), 40) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(decided, orders):
            assert [found[number] for number in range(40)] == expected


def test_an_action_is_not_changed() -> None:
    policy = random_policy(Random(3), 40, 1)
    for seed in range(30):
        action = random_action(Random(seed))
        before = repr(action)
        policy.decide(action).to_dict()
        policy.explain(action).to_text()
        assert repr(action) == before


def test_unusual_equality_of_values() -> None:
    """What Python holds for equal and CEL does not, in every place where Python's operators are used."""
    pairs = [(True, 1), (1, 1.0), (2**53, float(2**53) + 1), (0, False), ("1", 1), (None, False), (-0.0, 0)]
    for one, other in pairs:
        for left, right in ((one, other), (other, one)):
            conditions = [equals(lit(left), lit(right)), equals(forms.read("action.sample"), lit(right))]
            for condition in conditions:
                policy = Policy(rule_set(rule("r", "deny", condition), default="allow"))
                action = forms.action(sample=left)
                assert policy.decide(action) == policy.decide_interpreted(action)


ROOT = Path(__file__).parents[2]


def test_every_rule_of_the_pack_is_emitted() -> None:
    """What cannot be emitted is still decided, but slowly: so nothing in the pack may need that."""
    from assentry.compiler.pipeline import load

    policy = load(ROOT / "rules")
    for index in range(len(policy.rules)):
        policy.program.rule(index)
