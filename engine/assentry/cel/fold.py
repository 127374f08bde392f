"""Constants are computed once, when compiling.

Folding never changes what an evaluation gives: an erring constant stays as it is and errs where it
stands; a read of the input is dropped only where no evaluation would look at it (`false && x`, the other
branch of `true ? a : b`). That `x && true` is `x` holds only when `x` is surely a bool.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import replace
from operator import is_
from types import MappingProxyType
from typing import Any

from assentry.cel.rebuild import with_children
from assentry.code import form
from assentry.errors import EvaluationError
from assentry.values.registry import FUNCTIONS, OVERLOADS, dispatch
from assentry.values.runtime import map_key
from assentry.values.types import BOOL


def fold(expr: form.Expr, kept: Container[str] = ()) -> form.Expr:
    """The expression with its constant parts computed; calls of the functions in `kept` stay."""
    parts = form.children(expr)
    if parts:
        folded = [fold(part, kept) for part in parts]
        if not all(map(is_, folded, parts)):
            expr = with_children(expr, folded)
    rule = _RULES.get(type(expr))
    return expr if rule is None else rule(expr, kept)


def _not(expr: form.Not, _: Container[str]) -> form.Expr:
    operand = expr.operand
    if isinstance(operand, form.Lit) and isinstance(operand.value, bool):
        return form.Lit(expr.span, not operand.value)
    return expr


def _if(expr: form.If, _: Container[str]) -> form.Expr:
    condition = expr.condition
    if isinstance(condition, form.Lit) and isinstance(condition.value, bool):
        return _branch(expr, expr.then if condition.value else expr.otherwise)
    return expr


def _select(expr: form.Select, _: Container[str]) -> form.Expr:
    held = expr.operand.value if isinstance(expr.operand, form.Lit) else None
    return form.Lit(expr.span, held[expr.name]) if isinstance(held, dict) and expr.name in held else expr


def _has_key(expr: form.HasKey, _: Container[str]) -> form.Expr:
    held = expr.operand.value if isinstance(expr.operand, form.Lit) else None
    return form.Lit(expr.span, expr.name in held) if isinstance(held, dict) else expr


def _body(expr: form.Let | form.Inlined, _: Container[str]) -> form.Expr:
    return form.Lit(expr.span, expr.body.value) if isinstance(expr.body, form.Lit) else expr


def _logic(expr: form.And | form.Or, _: Container[str]) -> form.Expr:
    absorbing = isinstance(expr, form.Or)
    rest = []
    for operand in expr.operands:
        if isinstance(operand, form.Lit) and operand.value is absorbing:
            return form.Lit(expr.span, absorbing)
        if not (isinstance(operand, form.Lit) and isinstance(operand.value, bool)):
            rest.append(operand)
    if not rest:
        return form.Lit(expr.span, not absorbing)
    if len(rest) == 1 and is_bool(rest[0]):
        return rest[0]
    if len(rest) == 1:
        rest.append(form.Lit(expr.span, not absorbing))
    return expr if len(rest) == len(expr.operands) else type(expr)(expr.span, tuple(rest))


def _branch(expr: form.If, chosen: form.Expr) -> form.Expr:
    """The chosen branch, unless that would show in an error: what is asked for a bool and is none is
    quoted by its own span, and an operation by the span of the operation."""
    if isinstance(chosen, form.Lit | form.Fit):
        return replace(chosen, span=expr.span)
    return chosen if is_bool(chosen) else expr


def _call(expr: form.Call, kept: Container[str]) -> form.Expr:
    if expr.function in kept or expr.function not in FUNCTIONS:
        return expr
    args = [arg.value for arg in expr.args if isinstance(arg, form.Lit)]
    if len(args) < len(expr.args):
        return expr
    try:
        return form.Lit(expr.span, dispatch(expr.function, args, expr.member))
    except EvaluationError:
        return expr


def _list(expr: form.ListOf, _: Container[str]) -> form.Expr:
    values = [part.value for part, optional in expr.elements if isinstance(part, form.Lit) and not optional]
    return form.Lit(expr.span, values) if len(values) == len(expr.elements) else expr


def _map(expr: form.MapOf, _: Container[str]) -> form.Expr:
    held: dict[object, object] = {}
    for key, value, optional in expr.entries:
        if optional or not isinstance(key, form.Lit) or not isinstance(value, form.Lit):
            return expr
        try:
            name = map_key(key.value)
        except EvaluationError:
            return expr
        if name in held:
            return expr
        held[name] = value.value
    return form.Lit(expr.span, held)


_RULES: Mapping[type[form.Expr], Callable[[Any, Container[str]], form.Expr]] = MappingProxyType(
    {
        form.And: _logic,
        form.Or: _logic,
        form.Not: _not,
        form.If: _if,
        form.Call: _call,
        form.ListOf: _list,
        form.MapOf: _map,
        form.Select: _select,
        form.HasKey: _has_key,
        form.Let: _body,
        form.Inlined: _body,
    }
)


def is_bool(expr: form.Expr) -> bool:
    """Whether an expression, when it has a value, surely has a bool."""
    match expr:
        case form.Lit(value=value):
            return isinstance(value, bool)
        case (
            form.And()
            | form.Or()
            | form.Not()
            | form.Has()
            | form.IsNull()
            | form.HasKey()
            | form.Contains()
            | form.Define()
            | form.Risk()
        ):
            return True
        case form.Loop(kind=kind):
            return kind in {"all", "exists", "exists_one"}
        case form.Inlined(body=body) | form.Let(body=body):
            return is_bool(body)
        case form.If(then=then, otherwise=otherwise):
            return is_bool(then) and is_bool(otherwise)
        case form.Call(overload=overload):
            return overload in OVERLOADS and OVERLOADS[overload].result == BOOL
        case _:
            return False
