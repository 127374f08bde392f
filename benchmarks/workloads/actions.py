"""Seeded actions for a rule set: 32 leaf fields, JSON-decoded one by one, their verdicts in a fixed mix."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from workloads.reference import Action, Answer, reference
from workloads.rulesets import (
    ENVIRONMENTS,
    LABELS,
    REGIONS,
    RESOURCE_OWNERS,
    ROWS,
    SUBJECT_OWNERS,
    SUBJECTS,
    TYPES,
    Effect,
    Kind,
    names,
    rule_set,
)

MIX: dict[Effect, float] = {"allow": 0.70, "require_approval": 0.125, "deny": 0.175}
LEAVES = 32


def actions(rules: int, kind: Kind, count: int = 1000, seed: int = 11) -> list[Action]:
    """So many actions for the rule set of that size, their verdicts in the mix."""
    return [action for action, _ in answered(rules, kind, count, seed)]


def answered(rules: int, kind: Kind, count: int = 1000, seed: int = 11) -> list[tuple[Action, Answer]]:
    """The same with the answers of the reference.

    Drawn at random, and kept as long as the verdict's part of the mix has room; so the mix holds exactly, at every
    size. Raises AssertionError when a verdict hardly ever comes out: then the rules need to be calibrated anew.
    """
    pick = random.Random(seed)
    decide = reference(rule_set(rules, kind))
    room = {effect: round(count * share) for effect, share in MIX.items()}
    room["allow"] = count - room["require_approval"] - room["deny"]
    found: list[tuple[Action, Answer]] = []
    for drawn, action in enumerate(_drawn(pick, names(rules, kind)), 1):
        assert drawn <= 10 * count, f"{kind} of {rules} rules: after {drawn} actions there is still room for {room}"
        answer = decide(action)
        if room[answer[0]]:
            room[answer[0]] -= 1
            found.append((action, answer))
        if not any(room.values()):
            break
    pick.shuffle(found)
    return found


def leaves(value: object) -> int:
    """How many fields a document has; a list is one."""
    return sum(map(leaves, value.values())) if isinstance(value, dict) else 1


def natural_mix(rules: int, kind: Kind, count: int = 2000, seed: int = 5) -> dict[str, float]:
    """The shares of the verdicts before any is left out."""
    pick = random.Random(seed)
    decide: Callable[[Action], Answer] = reference(rule_set(rules, kind))
    drawn = _drawn(pick, names(rules, kind))
    decisions = [decide(next(drawn))[0] for _ in range(count)]
    return {effect: decisions.count(effect) / count for effect in MIX}


def _drawn(pick: random.Random, known: list[str]) -> Iterator[Action]:
    number = 0
    while True:
        yield json.loads(json.dumps(_action(pick, number, pick.choice(known))))
        number += 1


def _action(pick: random.Random, number: int, name: str) -> dict[str, Any]:
    return {
        "subject": {
            "type": pick.choice(SUBJECTS),
            "id": f"s{number}",
            "owner": f"team-{pick.randrange(SUBJECT_OWNERS)}",
            "roles": ["reader", "writer"][: pick.randrange(3)],
            "groups": ["data", "platform"][: pick.randrange(3)],
            "region": pick.choice(REGIONS),
            "mfa": pick.random() < 0.5,
            "session": {"id": f"session-{number}"},
            "on_behalf_of": [{"type": "user", "id": f"u{number % 31}"}],
        },
        "action": {
            "name": name,
            "rows": pick.randrange(ROWS),
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
            "owner": f"team-{pick.randrange(RESOURCE_OWNERS)}",
            "labels": pick.sample(LABELS, pick.randrange(4)),
            "region": pick.choice(REGIONS),
            "country": "DE",
            "environment": pick.choice(ENVIRONMENTS),
            "encrypted": pick.random() < 0.8,
            "public": pick.random() < 0.1,
        },
        "context": {
            "time": f"2026-11-20T{number % 24:02d}:00:00Z",
            "ip": "192.0.2.7",
            "request_id": f"q{number}",
            "environment": pick.choice(ENVIRONMENTS),
            "region": pick.choice(REGIONS),
        },
    }
