"""How a policy decides, point by point of the language page, and that nothing makes it raise."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from assentry.code import form
from assentry.evaluator.policy import Policy
from assentry.evaluator.verdict import Verdict
from tests.support import forms
from tests.support.forms import HERE, Default, Effect, has, labelled, lit, named, over, raw, rule, rule_set

TRUE, FALSE = lit(True), lit(False)
ERROR = over("action.rows")  # the action has no rows
RISKY = form.Risk(HERE, ">=", 50)


def decide(*rules: form.RuleForm, default: Default = "deny", **changes: object) -> Verdict:
    """The verdict, after all ways of deciding agreed on it."""
    policy = Policy(rule_set(*rules, default=default))
    action = forms.action(**changes)
    verdict = policy.decide(action)
    assert verdict.to_dict() == policy.decide_unindexed(action).to_dict()
    assert verdict.to_dict() == policy.decide_interpreted(action).to_dict()
    return verdict


# ---- points 1 to 5 ----


def test_what_no_rule_speaks_of_is_the_default() -> None:
    assert decide().decision == "deny"
    assert decide(default="allow").decision == "allow"
    assert decide(rule("a", "allow", FALSE)).decision == "deny"


@pytest.mark.parametrize(
    ("effects", "default", "decision"),
    [
        (["allow"], "deny", "allow"),
        (["require_approval"], "deny", "require_approval"),
        (["require_approval"], "allow", "require_approval"),
        (["allow", "require_approval"], "deny", "require_approval"),
        (["allow", "deny"], "allow", "deny"),
        (["allow", "deny", "require_approval"], "deny", "deny"),
        (["risk"], "deny", "deny"),
        (["risk"], "allow", "allow"),
    ],
)
def test_the_strictest_effect_wins(effects: list[Effect], default: Default, decision: str) -> None:
    rules = [rule(effect, effect, TRUE, weight=10) for effect in effects]
    verdict = decide(*rules, default=default)
    assert verdict.decision == decision
    assert [fired.id for fired in verdict.rules] == [each for each in effects if each == decision]


def test_an_error_in_a_deny_or_approval_rule_denies() -> None:
    effects: tuple[Effect, ...] = ("deny", "require_approval")
    for effect in effects:
        verdict = decide(rule("e", effect, ERROR, controls=("A.8.12",)), rule("a", "allow", TRUE), default="allow")
        assert verdict.decision == "deny"
        assert verdict.rules == ()
        assert verdict.controls == ("A.8.12",)
        assert [error.to_dict() for error in verdict.errors] == [
            {
                "id": "e",
                "effect": effect,
                "at": "rules.assent:1",
                "controls": ["A.8.12"],
                "causes": [{"path": "action.rows", "expected": "int >= 0", "found": "missing"}],
            }
        ]


def test_an_error_in_an_allow_rule_opens_nothing() -> None:
    verdict = decide(rule("e", "allow", ERROR))
    assert (verdict.decision, [error.id for error in verdict.errors]) == ("deny", ["e"])
    assert decide(rule("e", "allow", ERROR), rule("a", "allow", TRUE)).decision == "allow"


def test_a_false_condition_absorbs_an_error() -> None:
    verdict = decide(rule("d", "deny", ERROR, FALSE), default="allow")
    assert (verdict.decision, verdict.errors) == ("allow", ())


def test_an_approval_that_reads_risk_only_tightens() -> None:
    risky = rule("r", "require_approval", RISKY, reads_risk=True)
    weight = rule("w", "risk", TRUE, weight=50)
    assert decide(risky, weight).decision == "deny"
    assert decide(risky, weight, default="allow").decision == "require_approval"
    assert decide(risky, weight, rule("a", "allow", TRUE)).decision == "require_approval"


def test_risk_sums_what_fires_and_what_errs() -> None:
    rules = [
        rule("x", "risk", ERROR, weight=30),
        rule("y", "risk", TRUE, weight=25),
        rule("z", "risk", FALSE, weight=9),
    ]
    deny = rule("d", "deny", RISKY, reads_risk=True)
    verdict = decide(*rules, deny, default="allow")
    assert (verdict.decision, verdict.risk, [error.id for error in verdict.errors]) == ("deny", 55, ["x"])
    calm = rule("c", "allow", form.Risk(HERE, "<", 55), reads_risk=True)
    assert decide(*rules, calm).decision == "deny"


# ---- points 7 and 8 ----


def test_merging() -> None:
    verdict = decide(
        rule(
            "a",
            "require_approval",
            TRUE,
            seats=((1, "security"), (2, "legal")),
            within=5400,
            controls=("A.8.12", "A.5.2"),
        ),
        rule("b", "require_approval", TRUE, seats=((3, "security"),), within=7200, controls=("A.8.2", "soc2:CC6.1")),
        rule("c", "allow", TRUE, controls=("A.6.1",), redact=("subject.owner",)),
        rule("d", "risk", ERROR, weight=1, redact=("action.sample",)),
        rule("s", "deny", TRUE, shadow=True, redact=("action.name",)),
    )
    assert verdict.decision == "require_approval"
    assert verdict.approval is not None
    assert verdict.approval.to_dict() == {
        "seats": [{"count": 2, "group": "legal"}, {"count": 3, "group": "security"}],
        "within": "90m",
    }
    assert verdict.controls == ("A.5.2", "A.8.2", "A.8.12", "soc2:CC6.1")
    assert verdict.redact == ("action.sample", "subject.owner")
    assert [shadow.to_dict()["outcome"] for shadow in verdict.shadow] == ["fired"]


@pytest.mark.parametrize(
    ("seconds", "text"), [(1800, "30m"), (3600, "1h"), (172_800, "2d"), (90, "90s"), (5400, "90m")]
)
def test_within_is_written_in_its_largest_unit(seconds: int, text: str) -> None:
    approval = decide(rule("a", "require_approval", TRUE, within=seconds)).approval
    assert approval is not None
    assert approval.within == text


def test_shadow_rules_count_in_nothing() -> None:
    verdict = decide(
        rule("a", "allow", TRUE),
        rule("d", "deny", TRUE, shadow=True),
        rule("e", "deny", ERROR, shadow=True),
        rule("w", "risk", TRUE, shadow=True, weight=9),
    )
    assert (verdict.decision, verdict.risk, verdict.errors) == ("allow", 0, ())
    assert [(shadow.id, shadow.outcome) for shadow in verdict.shadow] == [
        ("d", "fired"),
        ("e", "error"),
        ("w", "fired"),
    ]


# ---- reasons ----


def reason(*parts: str | form.Raw, redact: tuple[str, ...] = (), **changes: object) -> str:
    return decide(rule("d", "deny", TRUE, reason=parts, redact=redact), default="deny", **changes).rules[0].reason


def test_reasons() -> None:
    assert reason("who: ", raw("subject.id"), "!") == "who: etl-7!"
    assert reason(raw("action.rows"), rows=5) == "5"
    assert reason(raw("action.rows")) == "(none)"
    assert reason(raw("action.rows"), rows="5") == "(none)"
    assert reason(raw("action.destination.kind"), destination=7) == "(none)"
    assert reason(raw("resource.labels"), labels=["a", "b"]) == '["a","b"]'
    assert reason(raw("action.params"), params={"z": 1.5, "a": None}) == '{"a":null,"z":1.5}'
    assert reason(raw("action.at"), at="1970-01-01T00:00:00Z") == "1970-01-01T00:00:00Z"
    assert reason(raw("action.destination"), destination={"kind": "x", "external": True, "other": object()}) == (
        '{"external":true,"kind":"x"}'
    )


def test_reasons_leak_nothing() -> None:
    where = {"kind": "x", "external": True, "account": "s3cret"}
    hidden = ("action.destination.account",)
    assert reason(raw("action.destination.account"), redact=hidden, destination=where) == "[redacted]"
    assert reason(raw("action.destination.account"), redact=("action.destination",)) == "[redacted]"
    assert reason(raw("action.destination"), redact=hidden, destination=where) == (
        '{"account":"[redacted]","external":true,"kind":"x"}'
    )
    assert reason(raw("action.destination"), redact=("action.dest",), destination=where).startswith('{"account":"s3')


def test_reasons_are_short_and_visible() -> None:
    assert reason(raw("subject.id")) == "etl-7"
    assert reason(raw("action.sample"), sample="x" * 100) == "x" * 77 + "..."
    assert reason(raw("action.sample"), sample="x" * 80) == "x" * 80
    assert reason(raw("action.sample"), sample="a\u202eb\n") == "a\\u{202e}b\\u{a}"


# ---- the index ----


def test_the_index_leaves_out_only_what_the_name_excludes() -> None:
    policy = Policy(
        rule_set(
            rule("export", "deny", named("data.export"), ERROR),
            rule("read", "allow", named("data.read")),
            rule("tag", "require_approval", labelled("pii")),
        )
    )
    for name in ("data.export", "data.read", "other", 5, None, True):
        action = forms.action(name=name)
        assert policy.decide(action) == policy.decide_interpreted(action)
        assert policy.decide(action) == policy.decide_unindexed(action)
    unnamed = policy.decide(forms.action(name=5))
    assert [error.id for error in unnamed.errors] == ["export", "read"]


# ---- anything at all ----


class Odd(dict[str, object]):
    """A subclass of dict is no map."""


class Hostile:
    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no")

    def __hash__(self) -> int:
        return hash("name")


def strange() -> Iterator[object]:
    yield from (
        None,
        True,
        1,
        math.nan,
        "x",
        b"x",
        [],
        [{}],
        (),
        object(),
        Odd(),
        Odd(forms.action()),
        {1, 2},
        10**1000,
    )


def strange_actions() -> Iterator[dict[object, object]]:
    loop: dict[object, object] = {}
    loop.update(action=loop, resource=loop, subject=loop, name=loop, labels=loop)
    yield loop
    yield {}
    yield {1: 2, None: 3, Hostile(): 4}
    yield {"action": {Hostile(): 1}, "resource": {Hostile(): 1}}
    for value in strange():
        yield {"subject": value, "action": value, "resource": value}
        yield {"action": {"name": value, "rows": value, "kind": value}, "resource": {"labels": value}}
        yield {"action": {"name": "data.export", "rows": value}, "resource": {"labels": [value]}}


@pytest.fixture(scope="module")
def policy() -> Policy:
    return Policy(
        rule_set(
            rule(
                "bulk",
                "deny",
                named("data.export"),
                has("action.rows"),
                over("action.rows"),
                reason=(raw("action.rows"),),
            ),
            rule("ok", "allow", named("data.export")),
            rule("tagged", "require_approval", labelled("pii"), reason=(raw("action"),)),
            rule("weight", "risk", over("action.rows"), weight=10, redact=("action.sample",)),
        )
    )


@pytest.mark.parametrize("value", list(strange()), ids=lambda value: type(value).__name__)
def test_an_action_that_is_no_map_is_denied(policy: Policy, value: object) -> None:
    verdict = policy.decide(value)
    assert verdict.decision == "deny"
    [error] = verdict.errors
    [cause] = error.causes
    assert (error.id, cause.where, cause.expected) == ("(action)", "", "map")


def test_no_action_makes_a_decision_raise(policy: Policy) -> None:
    for action in strange_actions():
        verdicts = [policy.decide(action), policy.decide_unindexed(action), policy.decide_interpreted(action)]
        assert len({str(verdict.to_dict()) for verdict in verdicts}) == 1
        assert verdicts[0].decision == "deny"


def test_many(policy: Policy) -> None:
    decisions = [verdict.decision for verdict in policy.decide_many([forms.action(labels=[]), forms.action(), None])]
    assert decisions == ["allow", "require_approval", "deny"]
