"""Calls of functions that the host has added to the language."""

from __future__ import annotations

from assentry.cel.bindings import adopt
from assentry.code import form
from assentry.errors import EvaluationError, Kind
from assentry.values.declare import Function, Overload
from assentry.values.registry import FUNCTIONS, dispatch
from assentry.values.runtime import type_of_value


def call_added(declared: Function, node: form.Call, args: list[object]) -> object:
    """The call of an added function, by its overload or by the values' types."""
    for overload in declared.overloads:
        if overload.id == node.overload or (not node.overload and _takes(overload, args, node.member)):
            return adopt(overload.impl(*args))
    if node.function in FUNCTIONS:
        return dispatch(node.function, args, node.member)
    raise EvaluationError(Kind.NO_SUCH_OVERLOAD, f"no such overload: `{node.function}`")


def _takes(overload: Overload, args: list[object], member: bool) -> bool:
    if overload.member is not member or len(overload.params) != len(args):
        return False
    kinds = [type_of_value(arg).name for arg in args]
    return all(
        param.is_param or param.name in {"dyn", kind} for param, kind in zip(overload.params, kinds, strict=True)
    )
