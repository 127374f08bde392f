"""A rule set over a plain CEL evaluator: one program a rule, all of them run, the verdict put together from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from workloads.assent import conditions
from workloads.reference import Action, Answer, answer
from workloads.rulesets import Effect, Rule

Program = Callable[[Any], object]


def guarded(rule: Rule) -> str:
    """The rule's condition."""
    return " && ".join(conditions(rule))


def unguarded(rule: Rule) -> str:
    """The rule's condition for actions that are known to carry all fields."""
    return " && ".join(line for line in conditions(rule) if not line.startswith("has("))


def decider(
    rules: Sequence[Rule],
    expression: Callable[[Rule], str],
    compile_: Callable[[str], Program],
    activate: Callable[[Action], Any],
) -> Callable[[Action], Answer]:
    """Decides by programs that answer true or false to an activation."""
    programs = [(rule.name, rule.effect, compile_(expression(rule))) for rule in rules]

    def decide(action: Action) -> Answer:
        activation = activate(action)
        fired: dict[Effect, list[str]] = {"deny": [], "require_approval": [], "allow": []}
        for name, effect, program in programs:
            if program(activation):
                fired[effect].append(name)
        return answer(fired["deny"], fired["require_approval"], fired["allow"])

    return decide
