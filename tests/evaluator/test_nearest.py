"""The nearest change against brute force: every subset of conditions of small rule sets, flipped every way."""

from __future__ import annotations

from itertools import combinations, product
from random import Random

import pytest

from assentry.evaluator.nearest import Flip, Judged, Outcome, decision_after, decision_of, nearest
from assentry.evaluator.policy import Policy
from assentry.evaluator.ruling import Decision
from tests.support import forms
from tests.support.forms import Default, Effect, lit, over, rule, rule_set

OUTCOMES: tuple[Outcome, ...] = ("held", "failed", "erred")
EFFECTS: tuple[Effect, ...] = ("allow", "deny", "require_approval", "risk")
CONDITIONS = {"held": lit(True), "failed": lit(False), "erred": over("action.rows")}


def brute(
    rules: list[Judged], default: Default, toward: Decision | None = None
) -> tuple[int, list[tuple[tuple[str, int], int, int]]] | None:
    """The size and the conditions of the shortest change, found by trying all."""
    switches = [(rule.places[at], rule.number, at) for rule in rules for at in range(len(rule.outcomes))]
    now = decision_of([rule for rule in rules if not rule.rule.shadow], default)
    for size in range(1, len(switches) + 1):
        for chosen in sorted(map(sorted, combinations(switches, size))):
            for sides in product(("held", "failed"), repeat=size):
                change = tuple(Flip(*switch, to) for switch, to in zip(chosen, sides, strict=True))  # type: ignore[arg-type]
                really = all(rules[flip.rule].outcomes[flip.condition] != flip.to for flip in change)
                after = decision_after(rules, change, default)
                if really and after != now and toward in (None, after):
                    return size, list(chosen)
    return None


def random_rules(random: Random) -> list[Judged]:
    places = [("a", n) for n in range(9)] + [("b", n) for n in range(9)]
    random.shuffle(places)
    rules: list[Judged] = []
    left = 7
    while left > 0:
        count = min(left, random.choice([0, 1, 1, 2, 2, 3]) if random.random() < 0.95 else 0)
        left -= max(count, 1)
        made = rule(
            f"r{len(rules)}",
            random.choice(EFFECTS),
            reads_risk=random.random() < 0.3,
            shadow=random.random() < 0.1,
        )
        outcomes = tuple(random.choice(OUTCOMES) for _ in range(count))
        rules.append(Judged(len(rules), made, outcomes, tuple(places.pop() for _ in range(count))))
    return rules


@pytest.mark.parametrize("seed", range(400))
def test_it_is_what_brute_force_finds(seed: int) -> None:
    random = Random(seed)
    rules = random_rules(random)
    default: Default = random.choice(["allow", "deny"])
    found = nearest(rules, default)
    expected = brute(rules, default)
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert (len(found), sorted(flip[:3] for flip in found)) == expected


@pytest.mark.parametrize("seed", range(400))
def test_what_would_have_been_allowed_is_what_brute_force_finds(seed: int) -> None:
    random = Random(seed)
    rules = random_rules(random)
    default: Default = random.choice(["allow", "deny"])
    if decision_of([rule for rule in rules if not rule.rule.shadow], default) != "require_approval":
        return
    found = nearest(rules, default, "allow")
    expected = brute(rules, default, "allow")
    assert (None if found is None else (len(found), sorted(flip[:3] for flip in found))) == expected


def judged(number: int, effect: Effect, *conditions: tuple[str, Outcome], naming: int = 0) -> Judged:
    """A rule whose conditions mean what their texts say; the first `naming` of them ask for the action's name."""
    made = rule(f"r{number}", effect)
    places = tuple(("a", number * 10 + at) for at in range(len(conditions)))
    texts, outcomes = tuple(text for text, _ in conditions), tuple(outcome for _, outcome in conditions)
    return Judged(number, made, outcomes, places, texts, frozenset(range(naming)))


def test_conditions_that_say_the_same_flip_together() -> None:
    rules = [
        judged(0, "deny", ("export", "held"), ("secret", "held"), naming=1),
        judged(1, "require_approval", ("export", "held"), naming=1),
    ]
    # Were `export` false, the second rule would not fire either, and the action would be denied all the same.
    assert nearest(rules, "deny") == (Flip(("a", 1), 0, 1, "failed"),)
    assert decision_after(rules, (Flip(("a", 1), 0, 1, "failed"),), "deny") == "require_approval"


def test_a_change_that_leaves_the_name_alone_comes_first() -> None:
    rules = [
        judged(0, "allow", ("export", "held"), naming=1),
        judged(1, "deny", ("export", "held"), ("bulk", "failed")),
    ]
    found = nearest(rules, "deny")
    assert found is not None
    assert [(flip.rule, flip.condition, flip.to) for flip in found] == [(1, 1, "held")]


@pytest.mark.parametrize("seed", range(100))
def test_the_judgement_of_rules_is_the_policys(seed: int) -> None:
    """`decision_of` is a third way to decide: it must agree with the policy's own."""
    random = Random(seed)
    rules = [each for each in random_rules(random) if not each.rule.reads_risk]
    default: Default = random.choice(["allow", "deny"])
    made = [
        rule(
            each.rule.id, each.rule.effect, *(CONDITIONS[outcome] for outcome in each.outcomes), shadow=each.rule.shadow
        )
        for each in rules
    ]
    decided = Policy(rule_set(*made, default=default)).decide(forms.action()).decision
    assert decided == decision_of([each for each in rules if not each.rule.shadow], default)


def test_what_would_have_been_allowed_keeps_what_the_allowing_rule_needs() -> None:
    approving = judged(0, "require_approval", ("name", "held"), ("external", "held"), naming=1)
    allowing = judged(1, "allow", ("name", "held"), ("support", "failed"), naming=1)
    found = nearest([approving, allowing], "deny", "allow")
    assert found is not None
    assert [(flip.rule, flip.condition, flip.to) for flip in found] == [(0, 1, "failed"), (1, 1, "held")]
    assert nearest([approving], "deny", "allow") is None
    assert nearest([approving], "allow", "allow") is not None
