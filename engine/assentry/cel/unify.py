"""When one type may stand for another, and what type parameters then are.

Source: the rules of the CEL language definition ("Gradual Type Checking") as cel-go's checker applies
them: `dyn` agrees with everything, null with what is nullable, a type parameter takes the most general
of the types that it meets.
"""

from __future__ import annotations

from itertools import count

from assentry.values.limits import MAX_DEPTH
from assentry.values.runtime import key_value, type_of_value
from assentry.values.types import DYN, NULL, Type, list_of, map_of, param

_WILD = frozenset({"dyn", "error"})
# Null may stand for these besides nullable types: so that `[optional.of(1), null]` has a type, as in cel-go.
_LEGACY_NULLABLE = frozenset({"timestamp", "duration", "optional_type", "net.IP", "net.CIDR"})


class Unifier:
    """Type parameters and what they stand for so far, within one expression.

    `guessed`: a type was learned from one argument beside another of any type (see overloads.Resolution).
    """

    __slots__ = ("_found", "_fresh", "guessed")

    def __init__(self) -> None:
        self.guessed = False
        self._found: dict[str, Type] = {}
        self._fresh = count()

    def fresh(self) -> Type:
        """A new type parameter that nothing is known of."""
        return param(f"_{next(self._fresh)}")

    def assignable(self, actual: Type, wanted: Type) -> bool:
        """Whether `actual` may stand where `wanted` is asked for; learns type parameters when it may."""
        return self.all_assignable((actual,), (wanted,))

    def all_assignable(self, actual: tuple[Type, ...], wanted: tuple[Type, ...]) -> bool:
        """As `assignable`, for all pairs together: either everything is learned or nothing."""
        before = dict(self._found)
        if len(actual) == len(wanted) and all(map(self._assign, actual, wanted)):
            return True
        self._found = before
        return False

    def resolved(self, item: Type, *, close: bool = False) -> Type:
        """The type with what is known of its parameters put in; `close` makes the unknown ones `dyn`."""
        if item.is_param:
            found = self._found.get(item.name)
            if found is not None:
                return self.resolved(found, close=close)
            return DYN if close else item
        if not item.params:
            return item
        return Type(item.name, tuple([self.resolved(inner, close=close) for inner in item.params]))

    def joined(self, first: Type | None, second: Type) -> Type:
        """The type of a list that holds both: the more general of two that agree, else `dyn`."""
        if first is None:
            return second
        if first is second or first == second:
            return first
        return most_general(first, second) if self.assignable(first, second) else DYN

    def instance(self, types: tuple[Type, ...]) -> tuple[Type, ...]:
        """The types of a signature with fresh parameters in place of its own."""
        names: dict[str, Type] = {}
        return tuple([self._renamed(item, names) for item in types])

    def _renamed(self, item: Type, names: dict[str, Type]) -> Type:
        if item.is_param:
            if item.name not in names:
                names[item.name] = self.fresh()
            return names[item.name]
        if not item.params:
            return item
        return Type(item.name, tuple([self._renamed(inner, names) for inner in item.params]))

    def _assign(self, actual: Type, wanted: Type) -> bool:
        if wanted.is_param:
            valid, known = self._substitute(actual, wanted)
            if valid or known:
                return valid
        if actual.is_param:
            return self._substitute(wanted, actual)[0]
        if actual == wanted or actual.name in _WILD or wanted.name in _WILD:
            return True
        if NULL in {actual, wanted}:
            return _takes_null(wanted if actual == NULL else actual)
        if "wrapper" in {actual.name, wanted.name}:
            return self._assign(_unwrapped(actual), _unwrapped(wanted))
        if actual.name == "type":
            return wanted.name == "type"
        return (
            actual.name == wanted.name
            and len(actual.params) == len(wanted.params)
            and all(map(self._assign, actual.params, wanted.params))
        )

    def _substitute(self, item: Type, parameter: Type) -> tuple[bool, bool]:
        """Whether the parameter can stand for the type, and whether something was known of it before."""
        if item == parameter:
            return True, True
        known = self._found.get(parameter.name)
        if known is None:
            if self._occurs(parameter, item):
                return False, False
            self._found[parameter.name] = item
            return True, False
        if item == known:
            return True, True
        if not self._assign(item, known):
            return False, True
        general = most_general(item, known)
        if not self._occurs(parameter, general):
            self._found[parameter.name] = general
        return True, True

    def _occurs(self, parameter: Type, item: Type) -> bool:
        if item == parameter:
            return True
        if item.is_param:
            known = self._found.get(item.name)
            return known is not None and self._occurs(parameter, known)
        return any(self._occurs(parameter, inner) for inner in item.params)


def most_general(first: Type, second: Type) -> Type:
    """Of two types that agree, the one that says less."""
    return first if _says_no_more(first, second) else second


def _says_no_more(first: Type, second: Type) -> bool:
    if first in {second, DYN} or first.is_param:
        return True
    if second == DYN or second.is_param:
        return False
    if first.name == "wrapper":
        return _says_no_more(first.params[0], _unwrapped(second))
    # The one that null stands for: `[optional.of(1), null]` is a list of optionals.
    if second == NULL:
        return first != NULL
    if first.name != second.name or len(first.params) != len(second.params):
        return False
    return first.name == "type" or all(map(_says_no_more, first.params, second.params))


def _takes_null(item: Type) -> bool:
    return item.name in _LEGACY_NULLABLE or item.name in {"wrapper", "null_type"}


def _unwrapped(item: Type) -> Type:
    return item.params[0] if item.name == "wrapper" else item


def is_ground(item: Type) -> bool:
    """Whether a type holds no type parameter."""
    return not item.is_param and all(map(is_ground, item.params))


def type_of_constant(value: object) -> Type:
    """The type of a value, with that of what its lists and maps hold: `list(string)` for `["a"]`."""
    return _type_of_constant(value, 0)


def _type_of_constant(value: object, depth: int) -> Type:
    if depth > MAX_DEPTH:
        return DYN
    unifier = Unifier()
    if isinstance(value, list):
        item = _join(unifier, [_type_of_constant(part, depth + 1) for part in value])
        return list_of(item)
    if isinstance(value, dict):
        keys = _join(unifier, [type_of_value(key_value(key)) for key in value])
        return map_of(keys, _join(unifier, [_type_of_constant(part, depth + 1) for part in value.values()]))
    return type_of_value(value)


def _join(unifier: Unifier, types: list[Type]) -> Type:
    joined: Type | None = None
    for item in dict.fromkeys(types):
        joined = unifier.joined(joined, item)
    return DYN if joined is None else joined
