"""Every function and operator of CEL by name, and the choice of a signature by run-time types.

Logic (`&&`, `||`, `!`, `?:`) and macros are not here: they decide what is evaluated at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Final

from assentry.errors import EvaluationError, Kind
from assentry.values import (
    arithmetic,
    comparison,
    containers,
    conversions,
    encoders,
    lists,
    math,
    network,
    optionals,
    regex,
    sets,
    strings,
    strings_format,
    time,
)
from assentry.values.declare import Cost, Declaration, Example, Family, Function, Overload
from assentry.values.runtime import type_name, type_of_value

__all__ = ["FAMILIES", "FUNCTIONS", "OVERLOADS", "Cost", "Example", "Function", "Overload", "dispatch"]

FAMILIES: Final[tuple[Family, ...]] = (
    arithmetic.FAMILY,
    comparison.FAMILY,
    containers.FAMILY,
    conversions.FAMILY,
    strings.FAMILY,
    strings_format.FAMILY,
    regex.FAMILY,
    time.FAMILY,
    math.FAMILY,
    lists.FAMILY,
    sets.FAMILY,
    optionals.FAMILY,
    encoders.FAMILY,
    network.FAMILY,
)
"""In the order of the reference."""


def _name(declaration: Declaration) -> str:
    return declaration.name


def _function(name: str, parts: Iterable[Declaration]) -> Function:
    """One function from its declarations: `reverse` is declared for strings and for lists."""
    declared = list(parts)
    return Function(
        name=name,
        doc=" ".join(part.doc for part in declared),
        examples=tuple(example for part in declared for example in part.examples),
        overloads=tuple(overload for part in declared for overload in part.overloads),
        dynamic=tuple(overload for part in declared for overload in part.dynamic),
        families=tuple(part.family for part in declared),
        gathers=any(part.gathers for part in declared),
    )


def _gather(families: Iterable[Family]) -> dict[str, Function]:
    declarations = sorted((part for family in families for part in family.declarations), key=_name)
    return {name: _function(name, parts) for name, parts in groupby(declarations, _name)}


FUNCTIONS: Final[Mapping[str, Function]] = MappingProxyType(_gather(FAMILIES))
"""By CEL name: `_+_`, `startsWith`, `math.greatest`."""

OVERLOADS: Final[Mapping[str, Overload]] = MappingProxyType(
    {overload.id: overload for function in FUNCTIONS.values() for overload in (*function.overloads, *function.dynamic)}
)
"""By id, those that only run-time types find among them."""

# Choices already made, by function, call style and the arguments' Python types. Only CEL's own types
# and the arities of the overloads get in, so it stays small.
_CHOSEN: Final[dict[tuple[object, ...], Callable[..., object]]] = {}


def dispatch(function: str, args: Sequence[object], member: bool) -> object:
    """Call a function with values, choosing the signature by their run-time types.

    `args` holds the target first when `member`.
    Raises EvaluationError: UNKNOWN_FUNCTION, NO_SUCH_OVERLOAD, or what the function itself raises.
    """
    impl = _CHOSEN.get((function, member, *map(type, args)))
    return impl(*args) if impl is not None else _dispatch_first(function, args, member)


def _dispatch_first(function: str, args: Sequence[object], member: bool) -> object:
    declared = FUNCTIONS.get(function)
    if declared is None:
        raise EvaluationError(Kind.UNKNOWN_FUNCTION, f"unknown function `{function}`")
    candidates = (*declared.overloads, *declared.dynamic)
    if declared.gathers and len(args) > max(len(candidate.params) for candidate in candidates):
        return dispatch(function, [list(args)], member)
    kinds = [type_of_value(arg).name for arg in args]
    for candidate in candidates:
        if candidate.member == member and _accepts(candidate, kinds):
            _CHOSEN[(function, member, *map(type, args))] = candidate.impl
            return candidate.impl(*args)
    given = ", ".join(type_name(arg) for arg in args)
    raise EvaluationError(Kind.NO_SUCH_OVERLOAD, f"no such overload: `{function}` of ({given})")


def _accepts(overload: Overload, kinds: Sequence[str]) -> bool:
    return len(overload.params) == len(kinds) and all(
        param.is_param or param.name in ("dyn", kind) for param, kind in zip(overload.params, kinds, strict=True)
    )
