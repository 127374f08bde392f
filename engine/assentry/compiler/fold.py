"""Fold: constants are computed once, here, and never where that would lose the check of a read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NewType

from assentry.cel.fold import fold as fold_expression
from assentry.code import form
from assentry.compiler.check import Checked
from assentry.compiler.infer import Inferred

Folded = NewType("Folded", Inferred)


def fold(checked: Checked) -> Folded:
    """Every condition folded; rules and definitions keep their number and order."""
    definitions = tuple(
        replace(definition, heads=tuple(replace(head, conditions=_all(head.conditions)) for head in definition.heads))
        for definition in checked.definitions
    )
    rules = tuple(replace(rule, conditions=_all(rule.conditions)) for rule in checked.rules)
    return Folded(replace(checked, definitions=definitions, rules=rules))


def _all(conditions: Sequence[form.Expr]) -> tuple[form.Expr, ...]:
    return tuple(fold_expression(condition) for condition in conditions)
