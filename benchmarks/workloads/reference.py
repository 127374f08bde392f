"""What a neutral rule set comes to, computed plainly: the answer that every engine must give.

Deny when a deny rule fires; else approval when such a rule fires; else allow when an allow rule does; else deny.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from workloads.rulesets import Effect, Rule, Test

Action = dict[str, Any]
Answer = tuple[Effect, tuple[str, ...]]
"""A decision and the names of the rules that fired with it, sorted."""


def reference(rules: Sequence[Rule]) -> Callable[[Action], Answer]:
    """A function from well-formed actions to answers.

    Rules that name actions are found by the name; of the others those that begin with the same tests stand together,
    so that a test which fails is asked once: else 100,000 rules would take too long to wait for.
    """
    named: dict[str, list[Rule]] = defaultdict(list)
    others = _Together()
    for rule in rules:
        first = rule.tests[0]
        if first.path != ("action", "name"):
            others.add(rule)
        else:
            for name in first.value if isinstance(first.value, tuple) else (str(first.value),):
                named[name].append(rule)

    def decide(action: Action) -> Answer:
        fired: dict[Effect, list[str]] = {"deny": [], "require_approval": [], "allow": []}
        for rule in named.get(action["action"]["name"], ()):
            if all(holds(test, action) for test in rule.tests):
                fired[rule.effect].append(rule.name)
        for rule in others.firing(action):
            fired[rule.effect].append(rule.name)
        return answer(fired["deny"], fired["require_approval"], fired["allow"])

    return decide


class _Together:
    """Rules by their tests, in one order for all: a node for each test that follows on those before it."""

    def __init__(self) -> None:
        self._here: list[Rule] = []
        self._after: dict[Test, _Together] = {}

    def add(self, rule: Rule) -> None:
        node = self
        for test in sorted(rule.tests, key=_place):
            node = node._after.setdefault(test, _Together())
        node._here.append(rule)

    def firing(self, action: Action) -> Iterator[Rule]:
        """The rules of which all tests hold."""
        yield from self._here
        for test, node in self._after.items():
            if holds(test, action):
                yield from node.firing(action)


def _place(test: Test) -> tuple[object, ...]:
    """Equalities first, as they fail most; thresholds last, as hardly two are the same."""
    return test.operator != "==", test.operator == ">", test.path, str(test.value)


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
