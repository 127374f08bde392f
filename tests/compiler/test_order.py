"""Nothing depends on the order of files or statements (law 1, for names)."""

from __future__ import annotations

import itertools

from assentry.compiler import load_sources

STATEMENTS = [
    "deny d if big",
    "big if size(xs(1)) > 1 || LIMIT > 3".replace("xs(1)", "LIST"),
    "const LIST := [BASE]",
    "const BASE := 1 + LIMIT",
    "const LIMIT := 4",
    "f(x) if x > LIMIT",
    "allow a if f(BASE)",
]


def test_statements_in_any_order_and_file() -> None:
    digests = set()
    for split in (0, 3, 7):
        for order in itertools.islice(itertools.permutations(STATEMENTS), 0, 5040, 631):
            files = {
                "a.assent": "\n".join(["package p", *order[:split]]) + "\n",
                "b.assent": "\n".join(["package p", *order[split:]]) + "\n",
            }
            policy = load_sources(files)
            verdict = policy.decide({}).to_dict()
            verdict.pop("policy")
            for rule in verdict["rules"]:  # type: ignore[attr-defined]
                rule.pop("at")
            digests.add(str(verdict))
    assert len(digests) == 1
    assert "'deny'" in digests.pop()


def test_other_packages_are_read_by_their_name() -> None:
    files = {
        "common.assent": "package common\nconst READS := ['data.read']\nis_read(n) if n in READS\nquiet if is_read(action.name)\n",
        "p.assent": "package p\nallow a if common.quiet && common.is_read(action.name) && action.name in common.READS\n",
    }
    policy = load_sources(files)
    action = {
        "subject": {"type": "agent", "id": "a"},
        "action": {"name": "data.read"},
        "resource": {"type": "table", "id": "t"},
        "context": {"time": "2026-11-20T12:00:00Z"},
    }
    assert policy.decide(action).decision == "allow"
    assert policy.decide({**action, "action": {"name": "data.write"}}).decision == "deny"


def test_package_defaults_fill_what_a_rule_leaves_out() -> None:
    text = """package p with { controls: [A.5.15], approvers: 1 of role("r"), within: 5m }
require approval a if true
require approval b if true with { within: 2m }
allow c if true with { controls: [A.8.2] }
"""
    verdict = load_sources({"p.assent": text}).decide(
        {
            "subject": {"type": "agent", "id": "a"},
            "action": {"name": "x"},
            "resource": {"type": "t", "id": "t"},
            "context": {"time": "2026-11-20T12:00:00Z"},
        }
    )
    assert verdict.to_dict()["approval"] == {"seats": [{"count": 1, "role": "r"}], "within": "2m"}
    assert verdict.to_dict()["controls"] == ["A.5.15"]
