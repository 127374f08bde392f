"""Explanations: every condition with its place and what it looked at, nothing that must not be shown."""

from __future__ import annotations

import json
from random import Random

import pytest

from assentry.code import form
from assentry.evaluator.explain import ExplainedRule, Explanation
from assentry.evaluator.policy import Policy
from assentry.evaluator.tracer import MAX_VALUES, shown
from assentry.source import Span
from assentry.values.runtime import NONE, BoolKey, Duration, Optional, Timestamp, TypeValue, Uint
from tests.support import forms
from tests.support.forms import HERE, call, equals, item, lit, loop, raw, rule, rule_set
from tests.support.random_forms import Conditions, random_action

TEXT = """package exports

deny bulk if {
    action.name == "data.export"
    action.rows > 100
    "pii" in resource.labels
}

allow exports if action.name == "data.export"
"""


def at(text: str, expr: form.Expr, nth: int = 0) -> form.Expr:
    """The node, standing where the n-th occurrence of its text stands."""
    start = -1
    for _ in range(nth + 1):
        start = TEXT.index(text, start + 1)
    return forms.at(expr, start, start + len(text))


def named(nth: int) -> form.Expr:
    return at(
        'action.name == "data.export"',
        equals(at("action.name", forms.read("action.name"), nth), lit("data.export")),
        nth,
    )


def policy() -> Policy:
    rows = at(
        "action.rows > 100",
        call("_>_", at("action.rows", forms.read("action.rows")), lit(100), overload="greater_int64"),
    )
    labels = at('"pii" in resource.labels', forms.labelled("pii"))
    other = rule("z.other", "allow", forms.named("other"))
    compiled = rule_set(
        rule("exports.bulk", "deny", named(0), rows, labels),
        rule("exports.exports", "allow", named(1)),
        other,
        text=TEXT,
    )
    return Policy(compiled)


def the(explanation: Explanation, id: str) -> ExplainedRule:
    [found] = [rule for rule in explanation.rules if rule.id == id]
    return found


def test_every_condition_has_outcome_place_and_values() -> None:
    explanation = policy().explain(forms.action(rows=5))
    assert explanation.verdict.decision == "allow"
    bulk = the(explanation, "exports.bulk")
    assert (bulk.state, bulk.at) == ("not fired", "rules.assent:1:1")
    assert [condition.outcome for condition in bulk.conditions] == ["held", "failed", "held"]
    second = bulk.conditions[1].to_dict()
    assert second == {
        "text": "action.rows > 100",
        "at": "rules.assent:5:5",
        "outcome": "failed",
        "values": [{"text": "action.rows", "at": "rules.assent:5:5", "value": "5"}],
        "causes": [],
    }
    assert the(explanation, "exports.exports").state == "fired"
    assert explanation.excluded == 1


def test_errors_tell_their_causes() -> None:
    bulk = the(policy().explain(forms.action()), "exports.bulk")
    assert (bulk.state, bulk.conditions[1].outcome) == ("error", "erred")
    assert bulk.conditions[1].to_dict()["causes"] == [
        {"path": "action.rows", "expected": "int >= 0", "found": "missing"}
    ]


def test_the_nearest_change() -> None:
    allowed = policy().explain(forms.action(rows=5)).nearest
    assert allowed is not None
    assert allowed.to_dict() == {
        "decision": "deny",
        "flips": [
            {
                "rule": "exports.bulk",
                "text": "action.rows > 100",
                "at": "rules.assent:5:5",
                "outcome": "failed",
                "to": "held",
            }
        ],
    }
    assert Policy(rule_set()).explain(forms.action()).nearest is None


def test_the_text() -> None:
    text = policy().explain(forms.action(rows=5)).to_text()
    assert text.splitlines() == [
        "allow, risk 0",
        "",
        "exports.bulk: deny, not fired  (rules.assent:1:1)",
        "    failed    action.rows > 100  (rules.assent:5:5)",
        "              action.rows is 5",
        "    2 more held",
        "",
        "exports.exports: allow, fired  (rules.assent:1:1)",
        '    held      action.name == "data.export"  (rules.assent:9:18)',
        '              action.name is "data.export"',
        "",
        "not concerned by the action's name: 1 other rule",
        "nearest change: deny with 1 condition",
        "    exports.bulk: `action.rows > 100` would have to hold  (rules.assent:5:5)",
    ]
    assert str(policy().explain([])).splitlines()[:2] == [
        "deny, risk 0",
        "    (action): the action: expected map, found list",
    ]


def test_an_action_whose_name_does_not_fit_is_explained_by_all_rules() -> None:
    explanation = policy().explain(forms.action(name=5))
    assert (len(explanation.rules), explanation.excluded) == (3, 0)


def test_definitions_and_risk_are_looked_into() -> None:
    compiled = rule_set(
        rule("a", "deny", forms.at(form.Define(HERE, 0), 0, 4)),
        rule("b", "deny", forms.at(form.Risk(HERE, ">=", 50), 0, 4), reads_risk=True),
        rule("c", "risk", lit(True), weight=30),
        definitions=[forms.definition("d", [equals(forms.at(forms.read("subject.id"), 0, 4), lit("x"))])],
        text="text",
    )
    explanation = Policy(compiled).explain(forms.action())
    assert '"etl-7"' in [value.value for value in the(explanation, "a").conditions[0].values]
    assert [(value.text, value.value) for value in the(explanation, "b").conditions[0].values] == [("risk", "30")]


# ---- what must not be shown ----

SECRET = "s3cr3t-value"


def leaky_conditions() -> list[form.Expr]:
    """Conditions that handle what stands at `action.destination.account`, `action.params`, `action.sample` or a secret."""
    account, sample = forms.read("action.destination.account"), forms.read("action.sample")
    secret, params = forms.read("resource.secret"), raw("action.params")
    upper = call("upperAscii", account, overload="string_upper_ascii", member=True)
    return [
        equals(account, lit("x")),
        equals(call("_+_", account, lit("!"), overload="add_string"), lit("x")),
        equals(call("size", upper, overload="size_string"), lit(3)),
        equals(forms.read("action.destination"), lit(1)),
        equals(sample, lit(1)),
        equals(secret, lit("x")),
        equals(call("_+_", secret, secret, overload="add_string"), lit("x")),
        form.Let(HERE, "v", account, form.And(HERE, (equals(forms.var("v"), lit(1)), equals(forms.var("v"), lit(2))))),
        loop("exists", "k", params, equals(item("v", forms.ANY), lit(1)), second="v"),
        equals(
            loop("map", "e", call("split", secret, lit("-"), member=True), call("_+_", forms.var("e"), lit("."))),
            lit(1),
        ),
        equals(form.Select(HERE, forms.read("action.params"), "token"), lit(1)),
        equals(form.Fit(HERE, form.Element(HERE, forms.ANY, params, lit("token"))), lit(1)),
        equals(form.Fit(HERE, form.Element(HERE, forms.ANY, params, forms.read("subject.id"))), lit(1)),
        equals(form.If(HERE, lit(True), account, lit("")), lit(1)),
        equals(form.ListOf(HERE, ((account, False),)), lit(1)),
        equals(form.Inlined(HERE, "f", 0, account), lit(1)),
    ]


@pytest.mark.parametrize("number", range(len(leaky_conditions())))
def test_nothing_redacted_or_secret_is_shown(number: int) -> None:
    condition = leaky_conditions()[number]
    hidden = ("action.destination.account", "action.params.token", "action.sample")
    compiled = rule_set(
        rule("a", "deny", forms.at(form.Define(HERE, 0), 0, 3), forms.at(condition, 0, 3)),
        rule("b", "risk", lit(True), weight=1, redact=hidden),
        definitions=[forms.definition("d", [spread(condition)])],
        text="some text of a rule",
    )
    action = forms.action(
        destination={"kind": "x", "external": True, "account": SECRET},
        params={"token": SECRET, "etl-7": SECRET},
        sample={"deep": [SECRET]},
        secret=SECRET,
    )
    explanation = Policy(compiled).explain(action)
    told = json.dumps(explanation.to_dict()) + explanation.to_text()
    assert "s3cr3t" not in told.lower()
    assert "value" not in told.replace('"value', "")


def spread(expr: form.Expr) -> form.Expr:
    return forms.at(expr, 0, 4)


def test_what_is_not_redacted_is_shown() -> None:
    compiled = rule_set(
        rule(
            "a",
            "deny",
            equals(forms.at(forms.read("action.destination.kind"), 0, 4), lit("x")),
            redact=("action.destination.account",),
        ),
        text="text",
    )
    destination = {"kind": "public", "external": True, "account": SECRET}
    condition = Policy(compiled).explain(forms.action(destination=destination)).rules[0].conditions[0]
    assert [value.value for value in condition.values] == ['"public"']


# ---- bounded, and never an exception ----


def test_a_long_loop_does_not_make_a_long_explanation() -> None:
    body = equals(forms.at(item("s", forms.INT), 0, 1), lit(-1))
    compiled = rule_set(rule("a", "deny", loop("exists", "s", raw("resource.sizes"), body)), text="s == 1")
    [condition] = Policy(compiled).explain(forms.action(sizes=list(range(4000)))).rules[0].conditions
    assert len(condition.values) == MAX_VALUES


@pytest.mark.parametrize("seed", range(40))
def test_explaining_never_raises_and_agrees_with_the_verdict(seed: int) -> None:
    random = Random(seed)
    rules = [
        rule(f"r{n}", random.choice(["allow", "deny"]), *(Conditions(random).boolean(3) for _ in range(2)))
        for n in range(4)
    ]
    policy = Policy(rule_set(*rules))
    for _ in range(5):
        action = random_action(random)
        explanation = policy.explain(action)
        explanation.to_text()
        json.dumps(explanation.to_dict())
        verdict = explanation.verdict
        fired = [rule.id for rule in explanation.rules if rule.state == "fired" and rule.effect == verdict.decision]
        assert fired == [rule.id for rule in verdict.rules]
        assert [rule.id for rule in explanation.rules if rule.state == "error"] == [
            error.id for error in verdict.errors
        ]
    odd: list[object] = [None, [], 5, {"action": object()}]
    for value in odd:
        policy.explain(value).to_text()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (Uint(5), "5"),
        ("a\u202e", '"a\\u{202e}"'),
        ("x" * 200, '"' + "x" * 76 + "..."),
        ({"b": 1, BoolKey(True): [1.5]}, '{"True": [1.5], "b": 1}'),
        (Optional.of(1), "1"),
        (NONE, '"(none)"'),
        (TypeValue("int"), '"int"'),
        (Timestamp(0), '"1970-01-01T00:00:00Z"'),
        (Duration(5 * 10**9), '"5s"'),
        (b"x", '"(bytes)"'),
        ([[[[[1]]]]], '[[[["..."]]]]'),
    ],
)
def test_values_are_short_and_visible(value: object, text: str) -> None:
    assert shown(value) == text


def test_spans_may_lie_anywhere() -> None:
    compiled = rule_set(rule("a", "deny", form.Lit(Span(500, 900), True)), text="short")
    assert Policy(compiled).explain(forms.action()).rules[0].conditions[0].text == ""
