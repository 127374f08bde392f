"""Seeded rule sets of any size, in one neutral form that every engine's text is made of.

Two kinds:

- `partition`: every action name has ten rules of its own, so a decision meets ten however many there are;
- `mixed`: of twenty rules fifteen name one action, three a list of actions, one only a resource type, and one has
  no equality at all. There are 2.5 names for each root of the number of rules, so that the rules of one action grow
  with the set: 1.5 of 10 rules, 5 of 100, 15 of 1,000, 48 of 10,000, 152 of 100,000.

How narrow a rule is follows from how many of its effect an action meets, so that the verdicts keep their mix
(`actions.MIX`) and about three allow rules fire, whatever the size.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

Kind = Literal["partition", "mixed"]
Effect = Literal["allow", "deny", "require_approval"]
Operator = Literal["==", "in", "holds", ">", "is"]
"""`holds`: a list of strings holds this one; `is`: a bool is this one."""
Selector = Literal["name", "names", "type", "none"]

KINDS: tuple[Kind, ...] = ("partition", "mixed")
TYPES = ["table", "bucket", "queue", "secret", "cluster", "topic", "role", "function"]
LABELS = ["pii", "phi", "secret", "public", "internal", "finance"]
REGIONS = ["eu-central-1", "eu-west-1", "us-east-1", "ap-south-1"]
ENVIRONMENTS = ["production", "staging", "test", "development"]
SUBJECTS = ["agent", "user", "service", "pipeline"]
SUBJECT_OWNERS = 17
RESOURCE_OWNERS = 13
ROWS = 200_000

_SHARES: dict[Selector, float] = {"name": 0.75, "names": 0.15, "type": 0.05, "none": 0.05}
_PATTERN: list[Selector] = ["name"] * 20
_PATTERN[3] = _PATTERN[12] = _PATTERN[16] = "names"
_PATTERN[9], _PATTERN[19] = "type", "none"
_EFFECTS: list[Effect] = [
    "allow", "allow", "deny", "allow", "allow", "require_approval", "allow", "deny", "allow", "allow",
]  # fmt: skip
_HARMFUL: list[Effect] = ["deny", "require_approval", "deny"]
# How many rules of an effect fire on an action, on average.
_FIRING: dict[Effect, float] = {"allow": 4.5, "deny": 0.12, "require_approval": 0.18}
# Which part of them each selector accounts for.
_BUDGET: dict[Selector, float] = {"name": 0.6, "names": 0.6, "type": 0.2, "none": 0.2}


@dataclass(frozen=True)
class Test:
    """One condition on one field."""

    path: tuple[str, ...]
    operator: Operator
    value: str | int | bool | tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """All tests must hold."""

    name: str
    effect: Effect
    tests: tuple[Test, ...]


# Fields that need no guard; `action.destination` and `subject.session` do, and what is below them does not.
REQUIRED = {
    ("subject", "type"),
    ("subject", "id"),
    ("action", "name"),
    ("action", "destination", "external"),
    ("resource", "type"),
    ("resource", "id"),
}
ENUMS: dict[tuple[str, ...], list[str]] = {
    ("resource", "environment"): ENVIRONMENTS,
    ("context", "environment"): ENVIRONMENTS,
}
"""Fields of which the schema names all values."""


def names(rules: int, kind: Kind) -> list[str]:
    """The action names of a rule set of that size."""
    count = rules // 10 if kind == "partition" else round(2.5 * math.sqrt(rules))
    return [f"svc{number}.act{number % 7}" for number in range(max(1, count))]


@cache
def rule_set(rules: int, kind: Kind = "partition", seed: int = 7) -> tuple[Rule, ...]:
    """That many rules."""
    pick = random.Random(seed)
    known = names(rules, kind)
    if kind == "partition":
        return tuple(_partitioned(pick, number, known) for number in range(rules))
    return tuple(_mixed(pick, number, known, rules) for number in range(rules))


def _partitioned(pick: random.Random, number: int, known: Sequence[str]) -> Rule:
    effect = _EFFECTS[number % 10]
    first = Test(("action", "name"), "==", known[number // 10 % len(known)])
    met = 10 * _EFFECTS.count(effect) / len(_EFFECTS)
    return Rule(f"r{number}", effect, (first, *_narrowed(pick, _FIRING[effect] / met)))


def _mixed(pick: random.Random, number: int, known: Sequence[str], rules: int) -> Rule:
    selector = _PATTERN[number % len(_PATTERN)]
    round_ = number // len(_PATTERN)
    effects = _HARMFUL if selector == "none" else _EFFECTS
    # A rule that every action meets does not allow, or it would allow them all.
    effect = effects[(round_ if selector in ("type", "none") else number) % len(effects)]
    first: tuple[Test, ...] = ()
    if selector == "name":
        first = (Test(("action", "name"), "==", known[number % len(known)]),)
    elif selector == "names":
        some = pick.sample(known, min(len(known), pick.randrange(2, 5)))
        first = (Test(("action", "name"), "in", tuple(sorted(some))),)
    elif selector == "type":
        first = (Test(("resource", "type"), "==", TYPES[round_ % len(TYPES)]),)
    share = effects.count(effect) / len(effects)
    rest = _narrowed(pick, _BUDGET[selector] * _FIRING[effect] / _met(selector, share, rules, len(known)), selector)
    return Rule(f"r{number}", effect, (*first, *rest))


def _met(selector: Selector, share: float, rules: int, known: int) -> float:
    """How many rules of an effect an action meets by such a selector, on average."""
    if selector in ("name", "names"):
        met = rules * (_SHARES["name"] + 3 * _SHARES["names"]) / known
    else:
        met = rules * _SHARES[selector] / (len(TYPES) if selector == "type" else 1)
    return met * share


def _narrowed(pick: random.Random, target: float, selector: Selector = "name") -> list[Test]:
    """Tests on different fields that an action passes with about that probability, at most 0.9."""
    found: list[Test] = []
    chance = 1.0
    # Every second rule ends with a threshold, which hits the target exactly.
    threshold = pick.random() < 0.5
    for test, passing in pick.sample(pool := _pool(pick, selector), len(pool)):
        if chance <= target * (10 if threshold else 1.3):
            break
        known = any(other.path == test.path for other in found)
        if not known and (threshold or chance * passing > target / 3):
            found.append(test)
            chance *= passing
    if not found or (threshold and chance > target):
        found.append(Test(("action", "rows"), ">", int(ROWS * (1 - min(0.9, target / chance)))))
    return found


def _pool(pick: random.Random, selector: Selector) -> list[tuple[Test, float]]:
    """Tests and how often an action passes each."""
    flags = [
        (Test(("action", "destination", "external"), "is", True), 0.3),
        (Test(("subject", "mfa"), "is", pick.random() < 0.5), 0.5),
        (Test(("resource", "encrypted"), "is", encrypted := pick.random() < 0.5), 0.8 if encrypted else 0.2),
        (Test(("resource", "public"), "is", True), 0.1),
        (Test(("resource", "labels"), "holds", pick.choice(LABELS)), 0.25),
        (Test(("subject", "groups"), "holds", pick.choice(["data", "platform"])), 0.5),
    ]
    if selector == "none":
        return flags
    return [
        *flags,
        (Test(("subject", "owner"), "==", f"team-{pick.randrange(SUBJECT_OWNERS)}"), 1 / SUBJECT_OWNERS),
        (Test(("resource", "owner"), "==", f"team-{pick.randrange(RESOURCE_OWNERS)}"), 1 / RESOURCE_OWNERS),
        (Test(("subject", "type"), "==", pick.choice(SUBJECTS)), 0.25),
        (Test(("subject", "type"), "in", tuple(sorted(pick.sample(SUBJECTS, 3)))), 0.75),
        (Test(("resource", "region"), "in", tuple(sorted(pick.sample(REGIONS, 3)))), 0.75),
        (Test(("resource", "environment"), "==", pick.choice(ENVIRONMENTS)), 0.25),
        (Test(("context", "environment"), "in", tuple(sorted(pick.sample(ENVIRONMENTS, 3)))), 0.75),
        *([(Test(("resource", "type"), "==", pick.choice(TYPES)), 0.125)] if selector != "type" else []),
    ]
