"""A neutral rule set as Assent files."""

from __future__ import annotations

import json
from collections.abc import Sequence

from workloads.rulesets import REQUIRED, Rule, Test

_HEADS = {"allow": "allow", "deny": "deny", "require_approval": "require approval"}
_SEATS = 'approvers: 1 of role("owner"), '
_REASON = 'reason: "{subject.id} on {resource.id}", '


A_FILE = 250
"""Rules of a file."""


def assent(rules: Sequence[Rule]) -> dict[str, str]:
    """Rule files by name. Denials and approvals have a reason with values of the action, as they do in life."""
    return {
        f"bench{begin // A_FILE:03}.assent": "\n".join(
            ["package bench", "", *map(_rule, rules[begin : begin + A_FILE])]
        )
        for begin in range(0, len(rules), A_FILE)
    }


def conditions(rule: Rule) -> list[str]:
    """The rule's tests in CEL, each with the guards that its optional fields need; no line twice."""
    return list(dict.fromkeys(line for test in rule.tests for line in (*_guards(test), _condition(test))))


def _rule(rule: Rule) -> str:
    body = "\n".join(f"    {line}" for line in conditions(rule))
    extra = (_SEATS if rule.effect == "require_approval" else "") + (_REASON if rule.effect != "allow" else "")
    return (
        f"{_HEADS[rule.effect]} {rule.name} if {{\n{body}\n}}"
        f' with {{ {extra}controls: [A.8.12], title: "{rule.name}" }}\n'
    )


def _guards(test: Test) -> list[str]:
    steps = [test.path[:depth] for depth in range(2, len(test.path) + 1)]
    return [f"has({'.'.join(step)})" for step in steps if step not in REQUIRED]


def _condition(test: Test) -> str:
    path = ".".join(test.path)
    match test.operator:
        case "==":
            return f"{path} == {json.dumps(test.value)}"
        case "in":
            return f"{path} in {json.dumps(test.value)}"
        case "holds":
            return f"{json.dumps(test.value)} in {path}"
        case ">":
            return f"{path} > {test.value}"
        case "is":
            return path if test.value else f"!{path}"
