"""`decision`, `rules` and `risk` are exact; the rest means at least these; a case in which no rule speaks fails."""

from __future__ import annotations

from typing import Any

import pytest

from assentry.tester.expect import Expect, compare

RULES = ["exports.pii", "exports.risky", "exports.secrets"]


def verdict(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "decision": "require_approval",
        "rules": [{"id": "exports.pii"}],
        "controls": ["A.5.34", "A.8.12"],
        "approval": {"seats": [{"count": 2, "group": "dpo"}, {"count": 1, "role": "owner"}], "within": "30m"},
        "redact": ["action.sample"],
        "risk": 50,
        "shadow": [{"id": "exports.trial"}],
        "errors": [],
    }
    return base | changes


def failures(expect: Expect, **changes: Any) -> list[str]:
    return [f"{failure.code}: {failure.message}" for failure in compare(expect, verdict(**changes), RULES)]


@pytest.mark.parametrize(
    "expect",
    [
        Expect("require_approval"),
        Expect("require_approval", ("exports.pii",), 50),
        Expect(controls=("A.8.12",), redact=("action.sample",), shadow=("exports.trial",)),
        Expect(approval={"within": "30m"}),
        Expect(approval={"seats": [{"role": "owner", "count": 1}, {"group": "dpo", "count": 2}]}),
    ],
)
def test_met(expect: Expect) -> None:
    assert failures(expect) == []


@pytest.mark.parametrize(
    ("expect", "messages"),
    [
        (Expect("deny"), ["decision: expected deny, decided require_approval by `exports.pii`"]),
        (Expect(rules=()), ["rules: `exports.pii` fired, which is not expected"]),
        (
            Expect(rules=("exports.risky", "exports.secret")),
            [
                "rules: expected `exports.risky` to fire, it did not",
                "rules: expected `exports.secret` to fire, it did not; there is no such rule: did you mean `exports.secrets`?",
                "rules: `exports.pii` fired, which is not expected",
            ],
        ),
        (Expect(risk=10), ["risk: expected a risk of 10, found 50"]),
        (Expect(controls=("A.5.1",)), ["controls: expected `A.5.1` among the controls, found `A.5.34`, `A.8.12`"]),
        (Expect(redact=("x",)), ["redact: expected `x` among the redactions, found `action.sample`"]),
        (Expect(errors=("x",)), ["errors: expected `x` among the rules in error, found none"]),
        (Expect(shadow=("x",)), ["shadow: expected `x` among the shadow rules, found `exports.trial`"]),
        (Expect(approval={"within": "1h"}), ["approval: expected `within` to be 1h, found 30m"]),
        (
            Expect(approval={"seats": [{"count": 1, "group": "dpo"}]}),
            [
                'approval: expected `seats` to be [{"count": 1, "group": "dpo"}], '
                'found [{"count": 2, "group": "dpo"}, {"count": 1, "role": "owner"}]'
            ],
        ),
    ],
)
def test_not_met(expect: Expect, messages: list[str]) -> None:
    assert failures(expect) == messages


def test_vacuous() -> None:
    silent: dict[str, Any] = {"decision": "deny", "rules": [], "approval": None}
    vacuous = "vacuous: no rule speaks here, only the default; say `rules: []` when that is meant"
    assert failures(Expect("deny"), **silent) == [vacuous]
    assert failures(Expect("allow"), **silent) == ["decision: expected allow, decided deny by default", vacuous]
    assert failures(Expect("deny", ()), **silent) == []
    assert failures(Expect("deny", shadow=("exports.trial",)), **silent) == []


def test_a_rule_in_error_speaks() -> None:
    silent: dict[str, Any] = {"decision": "deny", "rules": [], "approval": None, "errors": [{"id": "exports.pii"}]}
    assert failures(Expect("deny"), **silent) == []
    assert failures(Expect("allow"), **silent) == [
        "decision: expected allow, decided deny because of an error in `exports.pii`"
    ]
