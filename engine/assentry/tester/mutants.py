"""Small mistakes, one at a time: operators flipped, lines dropped, effects weakened.

A mutant is a compiled form that differs in one rule or definition; its types still fit, and the places of
its nodes are those of the text it was made from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from assentry.cel.rebuild import with_children
from assentry.code.form import (
    And,
    Call,
    DefinitionForm,
    Expr,
    Form,
    HeadForm,
    Inlined,
    Loop,
    Not,
    Or,
    Risk,
    RuleForm,
    children,
)
from assentry.source import Span


@dataclass(frozen=True, slots=True)
class Mutant:
    """One form with one mistake in it.

    `kind` and `index` say whether a rule or a definition is mutated, and which; `what` tells the change in
    words, `file` and `span` its place.
    """

    form: Form
    kind: Literal["rule", "definition"]
    index: int
    what: str
    file: int
    span: Span


def mutants(form: Form) -> Iterator[Mutant]:
    """All mutants of a form, in the order of its definitions and rules."""
    for index, definition in enumerate(form.definitions):
        for changed, what, file, span in _definitions(definition):
            yield Mutant(
                replace(form, definitions=_put(form.definitions, index, changed)), "definition", index, what, file, span
            )
    for index, rule in enumerate(form.rules):
        for other, what, span in _rules(rule):
            yield Mutant(replace(form, rules=_put(form.rules, index, other)), "rule", index, what, rule.file, span)


def _definitions(definition: DefinitionForm) -> Iterator[tuple[DefinitionForm, str, int, Span]]:
    for number, head in enumerate(definition.heads):
        for conditions, what, span in _bodies(head.conditions):
            changed: HeadForm = replace(head, conditions=conditions)
            yield replace(definition, heads=_put(definition.heads, number, changed)), what, head.file, span


def _rules(rule: RuleForm) -> Iterator[tuple[RuleForm, str, Span]]:
    if rule.shadow:
        return  # counts in nothing, whatever it says
    if rule.effect in {"deny", "require_approval"}:
        weaker = "require approval" if rule.effect == "require_approval" else rule.effect
        yield replace(rule, effect="allow", reads_risk=False), f"`{weaker}` became `allow`", rule.span
    else:
        yield replace(rule, shadow=True), f"the {rule.effect} rule was dropped", rule.span
    for conditions, what, span in _bodies(rule.conditions):
        yield replace(rule, conditions=conditions), what, span


def _bodies(conditions: Sequence[Expr]) -> Iterator[tuple[tuple[Expr, ...], str, Span]]:
    for number, condition in enumerate(conditions):
        yield (*conditions[:number], *conditions[number + 1 :]), "the line was dropped", condition.span
        for changed, what, span in _expressions(condition):
            yield _put(conditions, number, changed), what, span


def _expressions(expr: Expr) -> Iterator[tuple[Expr, str, Span]]:
    """The expression with one operator flipped, at each place where there is one."""
    flipped = _flipped(expr)
    if flipped is not None:
        yield *flipped, expr.span
    if isinstance(expr, Inlined):  # a function's body stands elsewhere, and its callers share it
        return
    parts = children(expr)
    if isinstance(expr, And | Or):
        for number, part in enumerate(parts):
            rest = (*parts[:number], *parts[number + 1 :])
            yield rest[0] if len(rest) == 1 else replace(expr, operands=rest), "the operand was dropped", part.span
    for number, part in enumerate(parts):
        for changed, what, span in _expressions(part):
            yield with_children(expr, _put(parts, number, changed)), what, span


# Comparisons move their border by one, so that a test at the border kills them.
_OPERATORS: Mapping[str, str] = {
    "_==_": "_!=_",
    "_!=_": "_==_",
    "_<_": "_<=_",
    "_<=_": "_<_",
    "_>_": "_>=_",
    "_>=_": "_>_",
    "_+_": "_-_",
    "_-_": "_+_",
}
_BORDERS: Mapping[Literal["<", "<=", ">", ">="], Literal["<", "<=", ">", ">="]] = {
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
}


def _flipped(expr: Expr) -> tuple[Expr, str] | None:
    match expr:
        case And(span=span, operands=operands):
            return Or(span, operands), "`&&` became `||`"
        case Or(span=span, operands=operands):
            return And(span, operands), "`||` became `&&`"
        case Not(operand=operand):
            return operand, "`!` was dropped"
        case Loop(kind="all"):
            return replace(expr, kind="exists"), "`all` became `exists`"
        case Loop(kind="exists"):
            return replace(expr, kind="all"), "`exists` became `all`"
        case Risk(operator=operator):
            other = _BORDERS[operator]
            return replace(expr, operator=other), f"`{operator}` became `{other}`"
        case Call(function=function) if function in _OPERATORS and len(expr.args) == 2:
            # Without an overload the choice waits for the values, whose types are the same.
            flipped = replace(expr, function=_OPERATORS[function], overload="")
            return flipped, f"`{function.strip('_')}` became `{flipped.function.strip('_')}`"
        case _:
            return None


Item = TypeVar("Item")


def _put(items: Sequence[Item], index: int, item: Item) -> tuple[Item, ...]:
    return (*items[:index], item, *items[index + 1 :])
