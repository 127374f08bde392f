"""Which overload of a function the static types leave.

Source: overload resolution of the CEL language definition as cel-go's checker does it: every overload
whose parameters the arguments may stand for is a candidate; several with different results give `dyn`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from assentry.cel.unify import Unifier, is_ground
from assentry.values.declare import Function, Overload
from assentry.values.registry import FUNCTIONS
from assentry.values.types import DYN, Type


class Resolution(NamedTuple):
    """`overload` is the one id that is certain at run time too, else empty: then values choose.

    The result's type is `guessed` when an argument of any type may hold something else than what the type
    was learned from: `dyn(x) + [1]` is a list of int to the checker, whatever the list `x` holds.
    """

    overload: str
    result: Type
    guessed: bool = False


def resolve(unifier: Unifier, function: Function, args: tuple[Type, ...], member: bool) -> Resolution | None:
    """The overload of a call by its arguments' types (the target first), or None when none fits.

    Behind a guess no overload is certain any more, as its value may have gone anywhere in the expression.
    """
    found = _resolve_known(unifier, function, args, member)
    if found is None or not (found.guessed or unifier.guessed):
        return found
    was, unifier.guessed = unifier.guessed, True
    return found._replace(overload="") if was else found


def _resolve_known(unifier: Unifier, function: Function, args: tuple[Type, ...], member: bool) -> Resolution | None:
    if FUNCTIONS.get(function.name) is function:
        # Most calls: without open type parameters the answer is a matter of the types alone.
        known = _resolve_ground(function.name, args, member)
        if known is not None:
            found, is_open = known
            return found._replace(result=unifier.instance((found.result,))[0]) if found and is_open else found
    return _resolve(unifier, function.overloads, args, member)


@lru_cache(maxsize=4096)
def _resolve_ground(name: str, args: tuple[Type, ...], member: bool) -> tuple[Resolution | None, bool] | None:
    """The overload, if one fits, and whether its result has type parameters; None when the arguments have some."""
    if not all(map(is_ground, args)):
        return None
    unifier = Unifier()
    found = _resolve(unifier, FUNCTIONS[name].overloads, args, member)
    if found is None:
        return None, False
    found = found._replace(result=unifier.resolved(found.result))
    return found, not is_ground(found.result)


def _resolve(
    unifier: Unifier, overloads: tuple[Overload, ...], args: tuple[Type, ...], member: bool
) -> Resolution | None:
    fitting: list[Overload] = []
    result: Type | None = None
    guessed = False
    for overload in overloads:
        if overload.member is not member or len(overload.params) != len(args):
            continue
        signature = unifier.instance((*overload.params, overload.result))
        if not unifier.all_assignable(args, signature[:-1]):
            continue
        fitting.append(overload)
        guessed = guessed or _is_guess(unifier, overload, signature, args)
        own = unifier.resolved(signature[-1])
        if result is None:
            result = own
        elif own != result:
            result = DYN
    if result is None:
        return None
    certain = len(fitting) == 1 and all(
        is_certain(unifier.resolved(arg, close=True), wanted)
        for arg, wanted in zip(args, fitting[0].params, strict=True)
    )
    return Resolution(fitting[0].id if certain else "", result, guessed and result != DYN)


def _is_guess(unifier: Unifier, overload: Overload, signature: tuple[Type, ...], args: tuple[Type, ...]) -> bool:
    """Whether the result's type was learned from some arguments while others may hold anything."""
    return not is_ground(overload.result) and not all(
        is_certain(unifier.resolved(arg, close=True), unifier.resolved(wanted, close=True))
        for arg, wanted in zip(args, signature, strict=False)
    )


def is_certain(actual: Type, wanted: Type) -> bool:
    """Whether every value of type `actual` is surely one of `wanted`: no dyn, no null in between."""
    if wanted.is_param or wanted == DYN:
        return True
    if actual.name != wanted.name or len(actual.params) != len(wanted.params):
        return False
    return actual.name == "type" or all(map(is_certain, actual.params, wanted.params))
