"""The same rule set as a careful engineer would write it by hand in Python: plain ifs, a type guard at each read.

`collect_all` finds every rule that fires; `first_match` stops at the first deny, else approval, else allow,
as hand-written checks usually do. Both refuse what does not fit the schema where they read it, as the engine does:
a value of another type, one that an enum does not name, a number out of range, a list with something else in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Never

from workloads.reference import Action
from workloads.rulesets import ENUMS, REQUIRED, Effect, Rule, Test

Decide = Callable[[Action], tuple[Effect, list[str]]]
_BUCKETS = {"deny": "denied", "require_approval": "held", "allow": "allowed"}


class Unfit(Exception):
    """A value that is missing or of the wrong type."""


def collect_all(rules: Sequence[Rule]) -> Decide:
    """A function that gives the decision and the names of all rules that fired with it, in the rules' order."""
    lines = ["def decide(action):", "    denied = []", "    held = []", "    allowed = []"]
    for rule in rules:
        lines += _ifs(rule, f"{_BUCKETS[rule.effect]}.append({rule.name!r})")
    lines += [
        "    if denied: return 'deny', denied",
        "    if held: return 'require_approval', held",
        "    if allowed: return 'allow', allowed",
        "    return 'deny', []",
    ]
    return _made(lines)


def first_match(rules: Sequence[Rule]) -> Decide:
    """A function that gives the decision and the first rule that settles it."""
    lines = ["def decide(action):"]
    for effect in _BUCKETS:
        for rule in rules:
            if rule.effect == effect:
                lines += _ifs(rule, f"return {effect!r}, [{rule.name!r}]")
    return _made([*lines, "    return 'deny', []"])


def _ifs(rule: Rule, then: str) -> list[str]:
    tests = dict.fromkeys(line for test in rule.tests for line in (*_presence(test), _condition(test)))
    return [f"    if {' and '.join(tests)}:", f"        {then}"]


def _presence(test: Test) -> list[str]:
    """An absent optional field fails the test."""
    steps = [test.path[:depth] for depth in range(2, len(test.path) + 1)]
    return [f"{step[-1]!r} in {_read(step[:-1])}" for step in steps if step not in REQUIRED]


def _condition(test: Test) -> str:
    """The test with a guard on what is read."""
    read = f"(v := {_read(test.path)})"
    match test.operator:
        case "holds":
            # The element that matches settles it; the others are looked at only when none does.
            return f"(({test.value!r} in v if type({read}) is list else unfit()) or others(v))"
        case ">":
            return f"(v if type({read}) is int and 0 <= v <= {2**63 - 1} else integral(v)) > {test.value!r}"
        case "is":
            positive = f"(v if type({read}) is bool else unfit())"
            return positive if test.value else f"not {positive}"
    known = ENUMS.get(test.path)
    guarded = f"(v if {read} in {set(known)!r} else unfit())" if known else f"(v if type({read}) is str else unfit())"
    if isinstance(test.value, tuple):
        return f"{guarded} in {set(test.value)!r}"
    return f"{guarded} == {test.value!r}"


def _read(path: Sequence[str]) -> str:
    return "action" + "".join(f"[{name!r}]" for name in path)


def _made(lines: Sequence[str]) -> Decide:
    names: dict[str, Any] = {"unfit": _unfit, "others": _others, "integral": _integral}
    exec("\n".join(lines), names)  # the baseline is text that this file made, from its own rules
    decide: Decide = names["decide"]
    return decide


def _unfit() -> Never:
    raise Unfit


def _others(values: list[Any]) -> bool:
    """False, when all are strings."""
    for value in values:
        if type(value) is not str:
            raise Unfit
    return False


def _integral(value: object) -> int:
    """A number such as 1.0 is an integer too."""
    if type(value) is float and value.is_integer() and 0 <= value < 2**63:
        return int(value)
    raise Unfit
