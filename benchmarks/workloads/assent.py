"""A neutral rule set as an Assent file."""

from __future__ import annotations

import json
from collections.abc import Sequence

from workloads.rulesets import REQUIRED, Rule, Test

_HEADS = {"allow": "allow", "deny": "deny", "require_approval": "require approval"}
# The parents of these fields are optional too: one guard for each step.
_OPTIONAL_PARENTS = {("action", "destination"), ("subject", "session")}
# Within those, these are required.
_REQUIRED_BELOW = {("action", "destination", "external"), ("subject", "session", "id")}


def assent(rules: Sequence[Rule]) -> str:
    """The text of the rule file."""
    return "\n".join(["package bench", "", *map(_rule, rules)])


def _rule(rule: Rule) -> str:
    lines = [line for test in rule.tests for line in _test(test)]
    seats = 'approvers: 1 of role("owner"), ' if rule.effect == "require_approval" else ""
    body = "\n".join(f"    {line}" for line in dict.fromkeys(lines))
    return f'{_HEADS[rule.effect]} {rule.name} if {{\n{body}\n}} with {{ {seats}controls: [A.8.12], title: "{rule.name}" }}\n'


def _test(test: Test) -> list[str]:
    path = ".".join(test.path)
    guards = []
    for depth in range(2, len(test.path) + 1):
        step = test.path[:depth]
        if step not in REQUIRED and step not in _REQUIRED_BELOW:
            guards.append(f"has({'.'.join(step)})")
    match test.operator:
        case "==":
            return [*guards, f"{path} == {json.dumps(test.value)}"]
        case "in":
            return [*guards, f"{path} in {json.dumps(test.value)}"]
        case "holds":
            return [*guards, f"{json.dumps(test.value)} in {path}"]
        case ">":
            return [*guards, f"{path} > {test.value}"]
        case "is":
            return [*guards, path if test.value else f"!{path}"]
