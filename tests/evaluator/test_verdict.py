"""A verdict as a value: immutable, comparable, and its controls in other frameworks."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from assentry.compiler import load_sources
from assentry.controls import order
from assentry.evaluator.policy import Policy
from tests.support import forms
from tests.support.forms import lit, rule, rule_set


@pytest.fixture
def policy() -> Policy:
    return Policy(rule_set(rule("d", "deny", lit(True), controls=("A.5.15", "A.8.12"), reason=("because",))))


def test_it_is_immutable(policy: Policy) -> None:
    verdict = policy.decide(forms.action())
    with pytest.raises(AttributeError, match="immutable"):
        verdict.decision = "allow"  # type: ignore[misc]
    with pytest.raises(AttributeError, match="immutable"):
        del verdict._ruling
    with pytest.raises(AttributeError):
        verdict.extra = 1


def test_one_verdict_serves_every_action_that_reads_nothing(policy: Policy) -> None:
    assert policy.decide(forms.action()) is policy.decide(forms.action(rows=5))


def test_its_keys_are_in_order(policy: Policy) -> None:
    assert list(policy.decide(forms.action()).to_dict()) == [
        "decision", "rules", "controls", "approval", "redact", "risk", "shadow", "errors", "policy",
    ]  # fmt: skip


def test_equal_verdicts_say_the_same(policy: Policy) -> None:
    verdict = policy.decide(forms.action())
    twin = policy.decide_interpreted(forms.action())
    assert verdict == twin
    assert hash(verdict) == hash(twin)
    assert verdict != policy.decide(None)
    assert verdict != verdict.to_dict()


def test_it_prints_its_decision_and_rules(policy: Policy) -> None:
    assert repr(policy.decide(forms.action())) == "<Verdict deny: d>"
    assert repr(policy.decide(None)) == "<Verdict deny: no rule>"
    assert not policy.decide(None).allowed


def test_controls_in_other_frameworks(policy: Policy) -> None:
    verdict = policy.decide(forms.action())
    assert "CC6.1" in verdict.controls_in("soc2")
    nist = verdict.controls_in("nist")
    assert "AC-3" in nist
    assert list(nist) == sorted(nist, key=lambda number: order(f"nist:{number}"))
    assert set(verdict.controls_in("fedramp")) <= set(nist)
    assert policy.decide(None).controls_in("soc2") == ()
    with pytest.raises(ValueError, match="unknown framework"):
        policy.decide(None).controls_in("pci")


def test_what_becomes_of_the_action_later_does_not_show() -> None:
    text = """package p
deny d if has(action.rows) && action.rows > 5 with { reason: "{subject.id} of {resource.labels} at {action.parameters}" }
risk 1 r if has(action.count) && action.count > 5
"""
    policy = load_sources({"p.assent": text})
    action: dict[str, Any] = {
        "subject": {"type": "agent", "id": "etl-7"},
        "action": {"name": "x", "rows": 6, "count": "six", "parameters": {"deep": [1, {"k": "v"}]}},
        "resource": {"type": "t", "id": "t", "labels": ["pii"]},
        "context": {"time": "2026-11-20T12:00:00Z"},
    }
    expected = policy.decide(copy.deepcopy(action)).to_dict()
    verdict = policy.decide(action)
    action["subject"]["id"] = "mallory"
    action["resource"]["labels"].append("more")
    action["action"]["parameters"]["deep"][1]["k"] = "other"
    action["action"]["count"] = 7
    action["action"].clear()
    assert verdict.to_dict() == expected
    assert verdict.rules[0].reason == 'etl-7 of ["pii"] at {"deep":[1,{"k":"v"}]}'
    assert [error.causes[0].found for error in verdict.errors] == ["string"]
