"""Seeded generators: rule sets of any size, and the actions that they decide.

Each action name meets about ten rules however large the set is, as in a rule set that many teams share:
most rules begin with the action's name.
"""

from __future__ import annotations

import random

TYPES = ["table", "bucket", "queue", "secret", "cluster"]
LABELS = ["pii", "phi", "secret", "public", "internal"]
REGIONS = ["eu-central-1", "eu-west-1", "us-east-1", "ap-south-1"]


def rule_file(rules: int, seed: int = 7) -> str:
    """The text of a rule set with that many rules (and a handful of definitions)."""
    pick = random.Random(seed)
    names = max(1, rules // 10)
    lines = [
        "package bench",
        'const SENSITIVE := ["pii", "phi", "secret"]',
        "labelled if has(resource.labels)",
        "sensitive if labelled && resource.labels.exists(l, l in SENSITIVE)",
        "external if has(action.destination) && action.destination.external",
        "",
    ]
    for number in range(rules):
        lines += _rule(pick, number, f"svc{number % names}.act")
    return "\n".join(lines) + "\n"


def _rule(pick: random.Random, number: int, name: str) -> list[str]:
    condition = pick.choice(
        [
            f'resource.type == "{pick.choice(TYPES)}"',
            f"has(action.rows) && action.rows > {pick.randrange(1000, 100000)}",
            f'has(resource.labels) && "{pick.choice(LABELS)}" in resource.labels',
            "sensitive",
            "external",
            f'has(resource.region) && resource.region == "{pick.choice(REGIONS)}"',
            'subject.type == "agent"',
        ]
    )
    effect, extra = pick.choices(
        [
            ("allow", ""),
            ("deny", ""),
            ("require approval", 'approvers: 1 of role("owner"), within: 30m, '),
        ],
        weights=[6, 1, 1],
    )[0]
    more = ["    external", "    sensitive"] if effect != "allow" else []
    return [
        f"{effect} r{number} if {{",
        f'    action.name == "{name}"',
        f"    {condition}",
        *more,
        f'}} with {{ {extra}controls: [A.8.12], title: "rule {number}" }}',
        "",
    ]


def actions(rules: int, count: int = 1000, seed: int = 11) -> list[dict[str, object]]:
    """Actions for a rule set of that size, as a service would decode them."""
    pick = random.Random(seed)
    names = max(1, rules // 10)
    made: list[dict[str, object]] = []
    for number in range(count):
        action: dict[str, object] = {"name": f"svc{pick.randrange(names)}.act", "rows": pick.randrange(200000)}
        if pick.random() < 0.5:
            action["destination"] = {"kind": "bucket", "external": pick.random() < 0.3}
        made.append(
            {
                "subject": {"type": pick.choice(["agent", "user"]), "id": f"s{number}", "owner": "dana"},
                "action": action,
                "resource": {
                    "type": pick.choice(TYPES),
                    "id": f"r{number}",
                    "labels": pick.sample(LABELS, pick.randrange(3)),
                    "region": pick.choice(REGIONS),
                },
                "context": {"time": "2026-11-20T12:00:00Z"},
            }
        )
    return made
