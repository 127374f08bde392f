"""Mutants are small mistakes; those that a case notices are killed, the others are shown."""

from __future__ import annotations

import assentry
from assentry.source import Source
from assentry.tester.mutants import mutants
from assentry.tester.mutate import mutate
from assentry.tester.suite import read_suite
from assentry.yamlfile import read_yaml

RULES = """\
package p

internal if action.name.startsWith("data.")

allow reads if internal && action.name == "data.read"

deny large if has(action.rows) && action.rows > 10 && !internal

require approval tagged if {
    has(resource.labels)
    resource.labels.exists(l, l == "pii")
} with { approvers: 1 of role("r") }

risk 5 odd if action.name == "data.odd" || action.name == "data.even"

deny risky if risk >= 5

deny silent if action.name == "x" with { mode: shadow }
"""

TESTS = """\
suite: p
actions:
  read: {subject: {type: a, id: a}, action: {name: data.read}, resource: {type: t, id: r}, context: {time: "2026-11-20T12:00:00Z"}}
cases:
  - {name: reads, action: read, expect: allow}
  - {name: pauses, action: read, set: {resource.labels: [pii]}, expect: require_approval}
  - {name: odd, action: read, set: {action.name: data.odd}, expect: {decision: deny, rules: [p.risky]}}
"""


def test_every_kind_of_mistake_is_made() -> None:
    policy = assentry.load_sources({"p.assent": RULES})
    made = [(mutant.kind, mutant.what) for mutant in mutants(policy.form)]
    assert len(made) == len(list(mutants(policy.form)))
    assert {what for _, what in made} == {
        "the line was dropped",
        "the operand was dropped",
        "the allow rule was dropped",
        "the risk rule was dropped",
        "`deny` became `allow`",
        "`require approval` became `allow`",
        "`&&` became `||`",
        "`||` became `&&`",
        "`!` was dropped",
        "`==` became `!=`",
        "`>` became `>=`",
        "`>=` became `>`",
        "`exists` became `all`",
    }
    assert {kind for kind, _ in made} == {"rule", "definition"}


def test_survivors_are_what_no_case_notices() -> None:
    policy = assentry.load_sources({"p.assent": RULES})
    suite = read_suite(read_yaml(Source("p.test.yaml", TESTS)))
    tried = list(mutate(policy, [suite]))
    by_change = {(mutant.owner, mutant.what, mutant.text): mutant.killed_by for mutant in tried}
    assert by_change["p.reads", "the allow rule was dropped", "reads"] == "p.test.yaml:5"
    assert by_change["p.tagged", "`require approval` became `allow`", "tagged"] == "p.test.yaml:6"
    assert by_change["p.risky", "`>=` became `>`", "risk >= 5"] == "p.test.yaml:7"
    # No case has rows, so nothing notices what becomes of `large`; nor does one have two labels.
    assert by_change["p.large", "`deny` became `allow`", "large"] is None
    assert by_change["p.tagged", "`exists` became `all`", 'resource.labels.exists(l, l == "pii")'] is None
    assert not [mutant for mutant in tried if mutant.owner == "p.silent" and mutant.killed_by is not None]


def test_a_mutant_leaves_the_policy_alone() -> None:
    policy = assentry.load_sources({"p.assent": RULES})
    before = policy.form
    for mutant in mutants(policy.form):
        assert mutant.form != before
    assert policy.form == assentry.load_sources({"p.assent": RULES}).form
