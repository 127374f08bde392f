"""PyCasbin with attributes: the name of the action is matched, the other tests are a policy's own expression.

It knows two effects and says yes or no: one enforcer decides whether the action is open, a second one, asked only
then, whether an approval stands before it. Names of rules are not part of its answer.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from versus.peer import InProcess, Said, imported, package_version
from workloads.reference import Action
from workloads.rulesets import Rule, Test

_MODEL = """
[request_definition]
r = subject, action, resource, context

[policy_definition]
p = name, rule, eft

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = (p.name == "*" || p.name == r.action.name) && eval(p.rule)
"""


def make(rules: Sequence[Rule], actions: Sequence[Action], folder: Path) -> InProcess:
    version = package_version("casbin")
    casbin = imported("casbin")
    logging.getLogger("casbin").setLevel(logging.ERROR)
    path = folder / "casbin.conf"
    path.write_text(_MODEL, encoding="utf-8")

    def enforcer(chosen: Sequence[Rule]) -> Any:
        made = casbin.Enforcer(str(path))
        for rule in chosen:
            made.get_model().add_policy("p", "p", _policy(rule))
        return made

    held_rules = [rule for rule in rules if rule.effect == "require_approval"]
    opens, held = enforcer(rules), enforcer(held_rules) if held_rules else None

    def decide(action: Action) -> Said:
        request = (action["subject"], action["action"], action["resource"], action["context"])
        if not opens.enforce(*request):
            return "deny", None
        return ("require_approval" if held and held.enforce(*request) else "allow"), None

    return InProcess(decide, actions, version)


def _policy(rule: Rule) -> list[str]:
    first = rule.tests[0]
    named = first.path == ("action", "name") and first.operator == "=="
    conditions = map(_condition, rule.tests[1:] if named else rule.tests)
    effect = "deny" if rule.effect == "deny" else "allow"
    return [str(first.value) if named else "*", " && ".join(conditions) or "True", effect]


def _condition(test: Test) -> str:
    path = "r." + ".".join(test.path)
    match test.operator:
        case "in":
            assert isinstance(test.value, tuple)
            return f"{path} in ({', '.join(map(json.dumps, test.value))},)"
        case "holds":
            return f"{json.dumps(test.value)} in {path}"
        case ">":
            return f"{path} > {test.value}"
        case "is":
            return f"{path} == {test.value}"
        case "==":
            return f"{path} == {json.dumps(test.value)}"
