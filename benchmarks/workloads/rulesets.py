"""Seeded rule sets of any size and the actions they decide, in one neutral form that every engine's text is made of.

Two kinds of rule set:

- `partition`: every action name has ten rules of its own, so a decision meets ten however many there are;
- `mixed`: 75 % of the rules name one action, 15 % a list of actions, 5 % only a resource type, 5 % neither.

Actions have 32 fields and are JSON-decoded. About 70 % come out as allow, 10 to 15 % as an approval.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Literal

Kind = Literal["partition", "mixed"]
Effect = Literal["allow", "deny", "require_approval"]
Operator = Literal["==", "in", "holds", ">", "is"]
"""`holds`: a list of strings holds this one; `is`: a bool."""

TYPES = ["table", "bucket", "queue", "secret", "cluster", "topic", "role", "function"]
LABELS = ["pii", "phi", "secret", "public", "internal", "finance"]
REGIONS = ["eu-central-1", "eu-west-1", "us-east-1", "ap-south-1"]
ENVIRONMENTS = ["production", "staging", "test", "development"]
SUBJECTS = ["agent", "user", "service", "pipeline"]
HOURS = 24


@dataclass(frozen=True)
class Test:
    """One condition on one field."""

    path: tuple[str, ...]
    operator: Operator
    value: str | int | bool | tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    name: str
    effect: Effect
    tests: tuple[Test, ...]


# Fields that the default schema requires need no guard.
REQUIRED = {("action", "name"), ("resource", "type"), ("subject", "type")}
# How often each test comes out true on the generated actions, so that the mix of verdicts can be steered.
_COMMON: list[Test] = [
    Test(("subject", "type"), "in", ("agent", "user", "service")),
    Test(("resource", "region"), "in", ("eu-central-1", "eu-west-1", "us-east-1")),
    Test(("action", "rows"), ">", 1_000),
    Test(("resource", "encrypted"), "is", True),
]


def names(rules: int, kind: Kind) -> list[str]:
    """The action names of a rule set of that size."""
    count = rules // 10 if kind == "partition" else rules * 3 // 4 // 32
    return [f"svc{number}.act{number % 7}" for number in range(max(1, count))]


def rule_set(rules: int, kind: Kind = "partition", seed: int = 7) -> list[Rule]:
    """That many rules."""
    pick = random.Random(seed)
    known = names(rules, kind)
    return [_rule(pick, number, known, kind) for number in range(rules)]


def _rule(pick: random.Random, number: int, known: list[str], kind: Kind) -> Rule:
    share = 0.0 if kind == "partition" else pick.random()
    first: list[Test] = []
    if share < 0.75:
        own = known[number % len(known)] if kind == "partition" else pick.choice(known)
        first = [Test(("action", "name"), "==", own)]
    elif share < 0.90:
        some = pick.sample(known, min(len(known), pick.randrange(2, 5)))
        first = [Test(("action", "name"), "in", tuple(sorted(some)))]
    elif share < 0.95:
        first = [Test(("resource", "type"), "==", pick.choice(TYPES))]
    effect: Effect = pick.choices(["allow", "deny", "require_approval"], weights=[7, 2, 1])[0]
    if not first:
        # A rule that every action meets is narrow, or it would decide them all.
        effect = "deny"
        first = [Test(("subject", "session", "id"), "==", f"revoked-{number}")]
    if effect == "allow":
        rest = pick.sample(_COMMON, 2)
    else:
        rest = _narrow(pick)
    return Rule(f"r{number}", effect, (*first, *rest))


def _narrow(pick: random.Random) -> list[Test]:
    """Tests that few actions pass: alone about one in twelve."""
    return pick.choice(
        [
            [Test(("action", "destination", "external"), "is", True), Test(("resource", "labels"), "holds", "pii")],
            [Test(("action", "rows"), ">", 180_000), Test(("resource", "environment"), "==", "production")],
            [
                Test(("resource", "labels"), "holds", pick.choice(LABELS)),
                Test(("resource", "region"), "==", "ap-south-1"),
            ],
            [Test(("resource", "type"), "==", pick.choice(TYPES)), Test(("subject", "type"), "==", "pipeline")],
        ]
    )


def actions(rules: int, kind: Kind = "partition", count: int = 1000, seed: int = 11) -> list[dict[str, object]]:
    """JSON-decoded actions for a rule set of that size."""
    pick = random.Random(seed)
    known = names(rules, kind)
    return [json.loads(json.dumps(_action(pick, number, pick.choice(known)))) for number in range(count)]


def _action(pick: random.Random, number: int, name: str) -> dict[str, object]:
    return {
        "subject": {
            "type": pick.choice(SUBJECTS),
            "id": f"s{number}",
            "owner": f"team-{number % 17}",
            "roles": ["reader", "writer"][: pick.randrange(3)],
            "groups": ["data", "platform"][: pick.randrange(3)],
            "region": pick.choice(REGIONS),
            "mfa": pick.random() < 0.5,
            "session": {"id": f"session-{number}"},
            "on_behalf_of": [{"type": "user", "id": f"u{number % 31}"}],
        },
        "action": {
            "name": name,
            "rows": pick.randrange(200_000),
            "reason": "nightly job",
            "tool": {"name": "warehouse"},
            "model": {"name": "m-1"},
            "destination": {
                "kind": pick.choice(["bucket", "host"]),
                "external": pick.random() < 0.3,
                "account": f"a{number % 9}",
                "region": pick.choice(REGIONS),
            },
        },
        "resource": {
            "type": pick.choice(TYPES),
            "id": f"r{number}",
            "owner": f"team-{number % 13}",
            "labels": pick.sample(LABELS, pick.randrange(4)),
            "region": pick.choice(REGIONS),
            "country": "de",
            "environment": pick.choice(ENVIRONMENTS),
            "encrypted": pick.random() < 0.8,
            "public": pick.random() < 0.1,
        },
        "context": {
            "time": f"2026-11-20T{number % HOURS:02d}:00:00Z",
            "ip": "192.0.2.7",
            "request_id": f"q{number}",
            "environment": pick.choice(ENVIRONMENTS),
            "region": pick.choice(REGIONS),
        },
    }
