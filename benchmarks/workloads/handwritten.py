"""The same rule set as a careful engineer would write it by hand in Python: plain ifs, a type guard at each read.

`collect_all` finds every rule that fires; `first_match` stops at the first deny, else approval, else allow,
as hand-written checks usually do. Both refuse what does not fit, as the engine does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from workloads.rulesets import REQUIRED, Rule, Test

Action = dict[str, Any]
_TYPES = {"==": "str", "in": "str", ">": "int", "is": "bool", "holds": "list"}


class Unfit(Exception):
    """A value that is missing or of the wrong type."""


def collect_all(rules: Sequence[Rule]) -> Callable[[Action], tuple[str, list[str]]]:
    """A function that gives the decision and the names of all rules that fired with it."""
    lines = ["def decide(action):", "    denied = []", "    held = []", "    allowed = []"]
    for rule in rules:
        bucket = {"deny": "denied", "require_approval": "held", "allow": "allowed"}[rule.effect]
        lines += _ifs(rule, f"{bucket}.append({rule.name!r})")
    lines += [
        "    if denied: return 'deny', denied",
        "    if held: return 'require_approval', held",
        "    if allowed: return 'allow', allowed",
        "    return 'deny', []",
    ]
    return _made(lines)


def first_match(rules: Sequence[Rule]) -> Callable[[Action], tuple[str, list[str]]]:
    """A function that gives the decision and the first rule that settles it."""
    lines = ["def decide(action):"]
    for effect in ("deny", "require_approval", "allow"):
        for rule in rules:
            if rule.effect == effect:
                lines += _ifs(rule, f"return {effect!r}, [{rule.name!r}]")
    return _made([*lines, "    return 'deny', []"])


def _ifs(rule: Rule, then: str) -> list[str]:
    return [f"    if {' and '.join(map(_condition, rule.tests))}:", f"        {then}"]


def _condition(test: Test) -> str:
    """One test with its guards: an absent optional field fails it, a misfit raises."""
    path = "action" + "".join(f"[{name!r}]" for name in test.path)
    value = f"(v if type(v := {path}) is {_TYPES[test.operator]} else unfit())"
    guards = [
        f"{test.path[depth - 1]!r} in action" + "".join(f"[{name!r}]" for name in test.path[: depth - 1])
        for depth in range(2, len(test.path) + 1)
        if test.path[:depth] not in REQUIRED
    ]
    match test.operator:
        case "==":
            condition = f"{value} == {test.value!r}"
        case "in":
            condition = f"{value} in {set(test.value)!r}" if isinstance(test.value, tuple) else value
        case "holds":
            condition = f"{test.value!r} in strings({value})"
        case ">":
            condition = f"{value} > {test.value!r}"
        case "is":
            condition = value
    return " and ".join([*guards, condition])


def _made(lines: Sequence[str]) -> Callable[[Action], tuple[str, list[str]]]:
    def unfit() -> object:
        raise Unfit

    def strings(values: list[Any]) -> list[Any]:
        for value in values:
            if type(value) is not str:
                raise Unfit
        return values

    names: dict[str, Any] = {"unfit": unfit, "strings": strings}
    exec("\n".join(lines), names)  # the baseline is text that this file made, from its own rules
    decide: Callable[[Action], tuple[str, list[str]]] = names["decide"]
    return decide
