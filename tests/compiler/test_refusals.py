"""Every compile-time refusal of the rule level: its code, its place, and what it tells the writer."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from assentry.compiler import load_sources
from assentry.diagnostics import Diagnostic, render
from assentry.errors import CompileError


@dataclass(frozen=True)
class Case:
    name: str
    text: str
    code: str
    place: str  # line:column in the last file
    says: str
    help: str = ""
    others: dict[str, str] = field(default_factory=dict)


HEAD = "package p\n"
SEATS = 'with { approvers: 1 of role("r") }'

CASES = [
    Case("unknown root", 'deny d if acton.name == "x"', "unknown-name", "2:11", "`acton`", "`action`"),
    Case("a rule in a condition", "allow x if true\ndeny d if !x", "unknown-name", "3:12", "`x` is a rule", "definition"),
    Case("a rule by its full name", "allow x if true\ndeny d if p.x", "unknown-name", "3:11", "`p.x` is a rule", "definition"),
    Case("a rule elsewhere", "deny d if o.x || o.y", "unknown-name", "2:11", "`o.x` is a rule", "definition",
         {"o.assent": "package o\nallow x if true\ny if true\n"}),
    Case("unknown field", 'deny d if action.nam == "x"', "unknown-field", "2:18", "`nam`", "`name`"),
    Case("wrong operand", "deny d if action.name > 5", "no-overload", "2:23", "string"),
    Case("not a condition", "deny d if action.name", "not-boolean", "2:11", "string"),
    Case("unguarded", "deny d if action.rows > 5", "unguarded-field", "2:11", "action.rows", "has(action.rows)"),
    Case(
        "unguarded in a head",
        "big if action.rows > 5\ndeny d if big && has(action.rows)",
        "unguarded-field",
        "2:8",
        "action.rows",
    ),
    Case("guard of one head only", "g if has(action.rows)\ng if true\ndeny d if g && action.rows > 1",
         "unguarded-field", "4:16", "action.rows"),
    Case("unknown control", "deny d if true with { controls: [A.8.99] }", "unknown-control", "2:34", "`A.8.99`"),
    Case("unknown key", f"require approval d if true {SEATS[:-1]}, aprovers: 3 }}", "unknown-key", "2:63", "`aprovers`",
         "`approvers`"),
    Case("seats missing", "require approval d if true", "seats-missing", "2:18", "`d`", "approvers"),
    Case("misplaced key", f"deny d if true {SEATS}", "misplaced-key", "2:23", "`approvers`"),
    Case("key twice", 'deny d if true with { title: "a", title: "b" }', "duplicate-key", "2:35", "`title`"),
    Case("bad mode", "deny d if true with { mode: shadw }", "wrong-value", "2:29", "`shadow`", "`shadow`"),
    Case("bad until", 'deny d if true with { until: "soon" }', "wrong-value", "2:30", "`soon`", "2026"),
    Case("bad severity", "deny d if true with { severity: hihg }", "wrong-value", "2:33", "severity", "`high`"),
    Case("title no text", "deny d if true with { title: 5 }", "wrong-value", "2:30", "`title`"),
    Case("controls no list", "deny d if true with { controls: A.8.12 }", "wrong-value", "2:33", "`controls`"),
    Case("redact unknown", "deny d if true with { redact: [action.smple] }", "unknown-field", "2:32", "`smple`", "`sample`"),
    Case("reason unknown", 'deny d if true with { reason: "{resource.idd}" }', "unknown-field", "2:31", "`idd`", "`id`"),
    Case("reason no path", 'deny d if true with { reason: "{1 + 1}" }', "bad-reason", "2:31", "not a path"),
    Case("reason lone brace", 'deny d if true with { reason: "{resource.id" }', "bad-reason", "2:31", "lone"),
    Case("risk upward in allow", "allow a if risk >= 5", "risk-use", "2:12", "loosen", "risk <"),
    Case("risk downward in deny", "deny a if risk < 5", "risk-use", "2:11", "loosen", "risk >="),
    Case("risk below not", "deny a if !(risk < 5)", "risk-use", "2:13", "turn around"),
    Case("risk in ternary", "deny a if risk > 5 ? true : false", "risk-use", "2:11", "turn around"),
    Case("risk beside an alternative",
         f"require approval a if risk >= 60 || has(action.rows) && action.rows > 5 {SEATS}", "risk-use", "2:23",
         "alternative", "two rules"),
    Case("risk beside another head",
         f"hot if risk >= 60\nhot if has(action.rows)\nrequire approval a if hot {SEATS}", "risk-use", "4:23",
         "alternative", "two rules"),
    Case("risk in a function of two heads",
         f"hot(x) if risk >= 60\nhot(x) if x > 5\nrequire approval a if hot(1) {SEATS}", "risk-use", "2:11", "alternative"),
    Case("risk in risk", "risk 5 a if risk > 5", "risk-use", "2:13", "risk rule"),
    Case("risk through a definition", "hot if risk > 5\nallow a if hot", "risk-use", "3:12", "loosen"),
    Case("risk turned in a definition", "hot if !(risk > 5)\ndeny a if hot", "risk-use", "2:10", "turn around"),
    Case("risk as a value", "deny a if risk + 1 > 5", "risk-use", "2:11", "risk"),
    Case("risk weight", "risk 0 a if true", "bad-weight", "2:6", "`0`", "positive"),
    Case("recursion", "a if b\nb if a\ndeny d if a", "recursive-definition", "3:6", "`p.a` > `p.b` > `p.a`"),
    Case("recursion of itself", "a if !a\ndeny d if a", "recursive-definition", "2:7", "`p.a`"),
    Case("recursion of functions", "f(x) if g(x)\ng(x) if f(x)\ndeny d if f(1)", "recursive-definition", "3:9", "`p.f`"),
    Case("rule twice", "deny d if true\nallow d if true", "duplicate-rule", "3:7", "`d`"),
    Case("rule and definition", "d if true\ndeny d if true", "duplicate-name", "3:6", "`d`"),
    Case("constant twice", "const A := 1\nconst A := 2\ndeny d if A == 1", "duplicate-name", "3:7", "`A`"),
    Case("constant and definition", "const A := 1\nA if true\ndeny d if A", "duplicate-name", "3:1", "`A`"),
    Case("definition of a root", "action if true", "taken-name", "2:1", "`action`"),
    Case("definition of a function's name", "size(x) if true", "taken-name", "2:1", "`size`"),
    Case("arity", "f(a) if a\nf(a, b) if a && b\ndeny d if f(true)", "wrong-arity", "3:1", "`f`"),
    Case("shadowed root", "deny d if [1].exists(action, true)", "shadowed-name", "2:22", "`action`"),
    Case("shadowed variable", "deny d if [1].exists(x, [2].exists(x, x > 1))", "shadowed-name", "2:36", "`x`"),
    Case("shadowing parameter", "f(action) if action", "shadowed-name", "2:3", "`action`"),
    Case("two defaults", "default deny\ndefault allow", "duplicate-default", "3:1", "one `default`"),
    Case("not constant", "const A := action.name\ndeny d if A == action.name", "not-constant", "2:12", "`A`"),
    Case("failing constant", "const A := 1 / 0\ndeny d if A == 1", "not-constant", "2:12", "`A`"),
    Case("unknown import", "import data.acounts\ndeny d if true", "unknown-import", "2:1", "data.acounts", "data.accounts"),
    Case("unknown data key", "import data.accounts\ndeny d if accounts.ownd == []", "unknown-field", "3:20", "`ownd`", "`owned`"),
    Case("unknown package", "deny d if commn.external", "unknown-name", "2:11", "`commn`", "check its files"),
    Case("text against a number", 'deny d if action.name > 5.0', "no-overload", "2:23", "string"),
    Case("definition with an error", "g if has(action.rows) && nowhere\ndeny d if g && action.rows > 1", "unknown-name", "2:26",
         "`nowhere`"),
    Case("value outside an enum", 'deny d if has(resource.environment) && resource.environment == "prod"', "never-equal",
         "2:64", "`resource.environment`", "`production`"),
    Case("value outside an enum in a list",
         'deny d if has(resource.environment) && resource.environment in ["production", "tst"]', "never-equal", "2:79",
         "`resource.environment`", "`test`"),
    Case("name of a rule", "deny d if true\nallow e if d", "unknown-name", "3:12", "`d`"),
    Case("bad pattern", 'deny d if action.name.matches("(?=x)")', "bad-regex", "2:31", "RE2"),
    Case("too costly", "const L := [1]\ndeny d if has(resource.labels) && resource.labels"
         ".exists(a, resource.labels.exists(b, resource.labels.exists(c, a == b && b == c)))",
         "too-costly", "3:6", "steps", "loops"),
    Case("object as a value", "deny d if action.name == resource", "whole-object", "2:26", "`resource`", "field"),
    Case("unknown function", 'deny d if action.name.startWith("x")', "unknown-function", "2:23", "`startWith`", "`startsWith`"),
]  # fmt: skip


def findings(case: Case) -> list[Diagnostic]:
    with pytest.raises(CompileError) as caught:
        load_sources({**case.others, "p.assent": HEAD + case.text + "\n"}, data={"accounts": {"owned": ["a"]}})
    return list(caught.value.diagnostics)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_refusal(case: Case) -> None:
    found = findings(case)
    first = found[0]
    drawn = "\n\n".join(render(finding) for finding in found)
    assert first.code == case.code, drawn
    assert f"{first.position.line}:{first.position.column}" == case.place, drawn
    assert case.says in first.message, drawn
    assert case.help in (first.help or ""), drawn


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_one_mistake_is_one_finding(case: Case) -> None:
    found = findings(case)
    assert len(found) == 1, "\n\n".join(render(finding) for finding in found)


def test_all_findings_of_a_run_are_reported_together() -> None:
    text = """package p
deny a if acton.name == "x" with { controls: [A.9.99] }
deny b if action.rows > 5
require approval c if true
"""
    with pytest.raises(CompileError) as caught:
        load_sources({"p.assent": text})
    codes = [finding.code for finding in caught.value.diagnostics]
    assert codes == ["unknown-name", "unknown-control", "unguarded-field", "seats-missing"]
