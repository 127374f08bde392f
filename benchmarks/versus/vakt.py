"""vakt, attribute-based access control in Python, with its rules checker and its store in memory.

It knows two effects and says yes or no: one guard decides whether the action is open, a second one, asked only then,
whether an approval stands before it. Names of rules are not part of its answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from versus.peer import InProcess, Said, imported, package_version
from workloads.reference import Action
from workloads.rulesets import Rule, Test


def make(rules: Sequence[Rule], actions: Sequence[Action], _folder: Path) -> InProcess:
    version = package_version("vakt")
    vakt = imported("vakt")

    def guard(chosen: Sequence[Rule]) -> Any:
        store = vakt.MemoryStorage()
        for number, rule in enumerate(chosen):
            store.add(_policy(number, rule))
        return vakt.Guard(store, vakt.RulesChecker())

    opens, held = guard(rules), guard([rule for rule in rules if rule.effect == "require_approval"])

    def decide(action: Action) -> Said:
        inquiry = vakt.Inquiry(
            subject=action["subject"],
            action={**action["action"], "external": action["action"]["destination"]["external"]},
            resource=action["resource"],
            context=action["context"],
        )
        if not opens.is_allowed(inquiry):
            return "deny", None
        return ("require_approval" if held.is_allowed(inquiry) else "allow"), None

    return InProcess(decide, actions, version)


def _policy(number: int, rule: Rule) -> Any:
    vakt, anything = imported("vakt"), imported("vakt.rules").Any()
    fields: dict[str, dict[str, Any]] = defaultdict(dict)
    for test in rule.tests:
        fields[test.path[0]][test.path[-1]] = _rule(test)
    effect = vakt.DENY_ACCESS if rule.effect == "deny" else vakt.ALLOW_ACCESS
    return vakt.Policy(
        number,
        subjects=[fields["subject"] or anything],
        actions=[fields["action"] or anything],
        resources=[fields["resource"] or anything],
        context=fields["context"],
        effect=effect,
    )


def _rule(test: Test) -> Any:
    rules = imported("vakt.rules")
    match test.operator:
        case "==" | "is":
            return rules.Eq(test.value)
        case "in":
            assert isinstance(test.value, tuple)
            return rules.In(*test.value)
        case "holds":
            return rules.AnyIn(test.value)
        case ">":
            return rules.Greater(test.value)
