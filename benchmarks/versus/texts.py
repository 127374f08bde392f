"""The neutral rule set in the languages of the peers."""

from __future__ import annotations

import json
from collections.abc import Sequence

from workloads.rulesets import REQUIRED, Rule, Test

_REGO_SETS = {"allow": "allowed", "deny": "denied", "require_approval": "held"}


def rego(rules: Sequence[Rule]) -> str:
    """A Rego module: three sets of names, and the verdict over them. Equalities stand first, as OPA's index wants."""
    parts = ["package bench"]
    for rule in rules:
        body = "\n".join(f"    {_rego(test)}" for test in rule.tests)
        parts.append(f'{_REGO_SETS[rule.effect]} contains "{rule.name}" if {{\n{body}\n}}')
    parts.append(
        'verdict := {"decision": "deny", "rules": denied} if {\n    count(denied) > 0\n}'
        ' else := {"decision": "require_approval", "rules": held} if {\n    count(held) > 0\n}'
        ' else := {"decision": "allow", "rules": allowed} if {\n    count(allowed) > 0\n}'
        ' else := {"decision": "deny", "rules": set()}'
    )
    # Sets that no rule makes still have to be there.
    missing = set(_REGO_SETS.values()) - {_REGO_SETS[rule.effect] for rule in rules}
    parts += [f'{name} contains "none" if false' for name in sorted(missing)]
    return "\n\n".join(parts) + "\n"


def _rego(test: Test) -> str:
    path = "input." + ".".join(test.path)
    match test.operator:
        case "==":
            return f"{path} == {json.dumps(test.value)}"
        case "in":
            assert isinstance(test.value, tuple)
            return f"{path} in {{{', '.join(map(json.dumps, test.value))}}}"
        case "holds":
            return f"{json.dumps(test.value)} in {path}"
        case ">":
            return f"{path} > {test.value}"
        case "is":
            return f"{path} == {json.dumps(test.value)}"


def cedar(rules: Sequence[Rule]) -> str:
    """Cedar policies. What a policy's head can say stands there: the action, and the types of principal and resource.

    Cedar knows two effects: an approval is a forbid that is annotated as one, so that a single request tells the
    three verdicts apart by the policies that decided it.
    """
    return "\n".join(map(_cedar, rules))


def _cedar(rule: Rule) -> str:
    head = {"principal": "principal", "action": "action", "resource": "resource"}
    conditions: list[str] = []
    for test in rule.tests:
        match test.path, test.operator:
            case ("action", "name"), "==":
                head["action"] = f'action == Action::"{test.value}"'
            case ("action", "name"), "in":
                assert isinstance(test.value, tuple)
                head["action"] = "action in [" + ", ".join(f'Action::"{name}"' for name in test.value) + "]"
            case ("subject", "type"), "==":
                head["principal"] = f"principal is {test.value}"
            case ("resource", "type"), "==":
                head["resource"] = f"resource is {test.value}"
            case _:
                conditions += [*_cedar_guards(test), _cedar_condition(test)]
    effect = "permit" if rule.effect == "allow" else "forbid"
    when = f" when {{ {' && '.join(dict.fromkeys(conditions))} }}" if conditions else ""
    return f'@id("{rule.name}") @effect("{rule.effect}")\n{effect} ({", ".join(head.values())}){when};'


def _cedar_guards(test: Test) -> list[str]:
    steps = [test.path[:depth] for depth in range(2, len(test.path) + 1)]
    return [f"context.{'.'.join(step[:-1])} has {step[-1]}" for step in steps if step not in REQUIRED]


def _cedar_condition(test: Test) -> str:
    path = "context." + ".".join(test.path)
    match test.operator:
        case "==":
            return f"{path} == {json.dumps(test.value)}"
        case "in":
            assert isinstance(test.value, tuple)
            return f"[{', '.join(map(json.dumps, test.value))}].contains({path})"
        case "holds":
            return f"{path}.contains({json.dumps(test.value)})"
        case ">":
            return f"{path} > {test.value}"
        case "is":
            return path if test.value else f"!{path}"
