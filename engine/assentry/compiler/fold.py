"""Fold: constants are computed once, here, and never where that would lose the check of a read."""

from __future__ import annotations

from dataclasses import replace
from operator import is_
from typing import NewType, TypeVar

from assentry.cel.fold import fold as fold_expression
from assentry.code import form
from assentry.compiler.check import Checked
from assentry.compiler.infer import Inferred

Folded = NewType("Folded", Inferred)
Part = TypeVar("Part", form.RuleForm, form.HeadForm)


def fold(checked: Checked) -> Folded:
    """Every condition folded; rules and definitions keep their number and order."""
    definitions = tuple(
        replace(definition, heads=tuple(map(_folded, definition.heads))) for definition in checked.definitions
    )
    return Folded(replace(checked, definitions=definitions, rules=tuple(map(_folded, checked.rules))))


def _folded(part: Part) -> Part:
    """A rule or a head with its conditions folded; itself when nothing in them is constant."""
    conditions = [fold_expression(condition) for condition in part.conditions]
    return part if all(map(is_, conditions, part.conditions)) else replace(part, conditions=tuple(conditions))
