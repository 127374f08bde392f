"""What a neutral rule set comes to, computed plainly: the answer that every engine must give.

Deny when a deny rule fires; else approval when such a rule fires; else allow when an allow rule does; else deny.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from workloads.rulesets import Effect, Rule, Test

Action = dict[str, Any]
Answer = tuple[Effect, tuple[str, ...]]
"""A decision and the names of the rules that fired with it, sorted."""


def reference(rules: Sequence[Rule]) -> Callable[[Action], Answer]:
    """A function from well-formed actions to answers. Rules are found by the action's name, so that it can keep up."""
    named: dict[str, list[Rule]] = defaultdict(list)
    others: list[Rule] = []
    for rule in rules:
        first = rule.tests[0]
        if first.path != ("action", "name"):
            others.append(rule)
        else:
            for name in first.value if isinstance(first.value, tuple) else (str(first.value),):
                named[name].append(rule)

    def decide(action: Action) -> Answer:
        fired: dict[Effect, list[str]] = {"deny": [], "require_approval": [], "allow": []}
        for rule in (*named.get(action["action"]["name"], ()), *others):
            if all(holds(test, action) for test in rule.tests):
                fired[rule.effect].append(rule.name)
        return answer(fired["deny"], fired["require_approval"], fired["allow"])

    return decide


def answer(denied: Iterable[str], held: Iterable[str], allowed: Iterable[str]) -> Answer:
    """The decision over the rules that fired."""
    if rules := sorted(denied):
        return "deny", tuple(rules)
    if rules := sorted(held):
        return "require_approval", tuple(rules)
    rules = sorted(allowed)
    return "allow" if rules else "deny", tuple(rules)


def holds(test: Test, action: Action) -> bool:
    """Whether a test holds; one on an absent field does not."""
    found: Any = action
    for step in test.path:
        if step not in found:
            return False
        found = found[step]
    match test.operator:
        case "==":
            return bool(found == test.value)
        case "in":
            return found in test.value  # type: ignore[operator]
        case "holds":
            return test.value in found
        case ">":
            return bool(found > test.value)
        case "is":
            return found is test.value
