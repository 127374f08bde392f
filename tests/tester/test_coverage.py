"""Rules and conditions are counted both ways, as the exact tier sees them."""

from __future__ import annotations

from typing import Any

import assentry
from assentry.tester.coverage import Coverage

RULES = """\
package p

big if has(action.rows) && action.rows > 10

allow reads if action.name == "data.read"

deny exports if {
    action.name == "data.export"
    big || context.time.getHours("UTC") < 6
    true
}
"""


def action(name: str, **more: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "agent", "id": "a"},
        "action": {"name": name, **more},
        "resource": {"type": "t", "id": "r"},
        "context": {"time": "2026-11-20T12:00:00Z"},
    }


def covered(*actions: object) -> Coverage:
    coverage = Coverage(assentry.load_sources({"p.assent": RULES}).form)
    for one in actions:
        coverage.add(one)
    return coverage


def ways(coverage: Coverage) -> dict[str, str]:
    return {
        seen.text: "".join(mark for mark, was in (("t", seen.true), ("f", seen.false), ("e", seen.error)) if was)
        for seen in coverage.conditions
    }


def test_nothing_is_covered_at_first() -> None:
    coverage = covered()
    assert (coverage.rule_percentage, coverage.condition_percentage) == (0, 0)
    assert [seen.at for seen in coverage.rules] == ["p.assent:7", "p.assent:5"]


def test_lines_and_operands_are_conditions() -> None:
    coverage = covered(action("data.read"))
    assert ways(coverage) == {
        "has(action.rows)": "f",
        "action.rows > 10": "e",
        'action.name == "data.export"': "f",
        'big || context.time.getHours("UTC") < 6': "f",
        'action.name == "data.read"': "t",
    }
    assert [(seen.owner, seen.true, seen.false) for seen in coverage.rules] == [
        ("p.exports", False, True),
        ("p.reads", True, False),
    ]


def test_both_ways() -> None:
    some = covered(action("data.read"), action("data.export", rows=11))
    assert some.rule_percentage == 100
    assert some.condition_percentage == 90
    every = covered(action("data.read"), action("data.export", rows=11), action("x", rows=1))
    assert every.condition_percentage == 100


def test_what_is_no_action_covers_nothing() -> None:
    assert covered([1], None, "x").condition_percentage == 0


def test_a_rule_set_without_rules_is_covered() -> None:
    coverage = Coverage(assentry.load_sources({"p.assent": "package p\n"}).form)
    assert (coverage.rule_percentage, coverage.condition_percentage) == (100, 100)
