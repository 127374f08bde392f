"""The workloads are what the benchmarks say they are, and every way of deciding them answers alike."""

from __future__ import annotations

from collections import Counter

import pytest
from workloads import handwritten
from workloads.actions import LEAVES, MIX, answered, leaves, natural_mix
from workloads.assent import assent
from workloads.malformed import SPOILED
from workloads.prepared import check
from workloads.reference import answer, holds
from workloads.rulesets import KINDS, Kind, names, rule_set

from assentry.compiler import load_sources

SIZES = [10, 100, 1000, 10_000]
EVERY = [(kind, rules) for kind in KINDS for rules in SIZES]
SMALL = [(kind, rules) for kind in KINDS for rules in (10, 300)]


@pytest.mark.parametrize(("kind", "rules"), EVERY)
def test_verdicts_keep_their_mix_at_every_size(kind: Kind, rules: int) -> None:
    decisions = Counter(answer[0] for _, answer in answered(rules, kind, count=200))
    assert {effect: count / 200 for effect, count in decisions.items()} == pytest.approx(dict(MIX), abs=0.01)
    assert MIX["allow"] == 0.70
    assert 0.10 <= MIX["require_approval"] <= 0.15


@pytest.mark.parametrize(("kind", "rules"), EVERY)
def test_little_is_left_out_to_keep_the_mix(kind: Kind, rules: int) -> None:
    shares = natural_mix(rules, kind, count=400)
    assert 0.5 <= shares["allow"] <= 0.8
    assert 0.02 <= shares["require_approval"] <= 0.2


@pytest.mark.parametrize("kind", KINDS)
def test_actions_have_as_many_leaves_as_they_say(kind: Kind) -> None:
    assert {leaves(action) for action, _ in answered(100, kind, count=50)} == {LEAVES}
    assert LEAVES == 32


def test_an_action_meets_ten_rules_of_a_partition() -> None:
    for rules in SIZES:
        met = Counter(rule.tests[0].value for rule in rule_set(rules, "partition"))
        assert set(met.values()) == {10}


def test_mixed_rules_have_their_shares_and_their_rules_an_action() -> None:
    rules = rule_set(10_000, "mixed")
    first = Counter((rule.tests[0].path, rule.tests[0].operator) for rule in rules)
    assert first[("action", "name"), "=="] == 7500
    assert first[("action", "name"), "in"] == 1500
    assert sum(1 for rule in rules if not any(test.operator == "==" for test in rule.tests)) >= 500
    known = names(10_000, "mixed")
    met = 0
    for rule in rules:
        value = rule.tests[0].value
        if rule.tests[0].path == ("action", "name"):
            met += len(value) if isinstance(value, tuple) else 1
    assert 45 <= met / len(known) <= 51


@pytest.mark.parametrize("kind", KINDS)
def test_the_reference_answers_as_each_rule_by_itself(kind: Kind) -> None:
    rules = rule_set(1000, kind)
    for action, found in answered(1000, kind, count=50):
        fired = [rule for rule in rules if all(holds(test, action) for test in rule.tests)]
        denied, held, allowed = (
            [rule.name for rule in fired if rule.effect == effect] for effect in ("deny", "require_approval", "allow")
        )
        assert found == answer(denied, held, allowed)


def test_no_rule_tests_a_field_twice() -> None:
    for kind in KINDS:
        for rule in rule_set(1000, kind):
            paths = [test.path for test in rule.tests]
            assert len(set(paths)) == len(paths)


@pytest.mark.parametrize(("kind", "rules"), SMALL)
def test_the_engine_and_python_by_hand_answer_as_the_reference_does(kind: Kind, rules: int) -> None:
    made = rule_set(rules, kind)
    pairs = answered(rules, kind, count=100)
    policy = load_sources(assent(made))
    check(policy, [action for action, _ in pairs], [answer for _, answer in pairs])
    every, first = handwritten.collect_all(made), handwritten.first_match(made)
    for action, (decision, winners) in pairs:
        assert (every(action)[0], tuple(sorted(every(action)[1]))) == (decision, winners)
        assert first(action)[0] == decision
        assert set(first(action)[1]) <= set(winners)


@pytest.mark.parametrize("name", SPOILED)
def test_a_malformed_action_is_decided_alike_by_all_tiers(name: str) -> None:
    policy = load_sources(assent(rule_set(40, "mixed")))
    for number, (action, _) in enumerate(answered(40, "mixed", count=20)):
        spoiled = SPOILED[name](action, number)
        found = policy.decide(spoiled).to_dict()
        assert found == policy.decide_interpreted(spoiled).to_dict()
        assert found == policy.decide_unindexed(spoiled).to_dict()
