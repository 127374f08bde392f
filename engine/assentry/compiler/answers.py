"""The algebra of tests on one place: what `&&`, `||` and `!` of them come to as a test again.

A test (`form.TestForm`) splits the values of its place into those that make it true and the rest, and says what holds
where nothing stands. Errors of a value that does not fit are the same for every test on a place, so they need no word
here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Absent = Literal["false", "error", "true"]
Scalar = str | int | float | bool | None
Number = int | float

EXACT = 2**53
"""From here on not every int is a double."""

_ORDER: tuple[Absent, ...] = ("false", "error", "true")
_FLIPPED: dict[Absent, Absent] = {"false": "true", "error": "error", "true": "false"}


@dataclass(frozen=True, slots=True)
class Among:
    """A test on a text, a bool or a mere presence: the value is one of `values`, or, `negated`, none of them."""

    values: frozenset[Scalar]
    negated: bool
    absent: Absent

    def and_(self, other: Among) -> Among:
        return self.not_().or_(other.not_()).not_()

    def or_(self, other: Among) -> Among:
        absent = _ORDER[max(_ORDER.index(self.absent), _ORDER.index(other.absent))]
        if self.negated and other.negated:
            return Among(self.values & other.values, True, absent)
        if self.negated:
            return Among(self.values - other.values, True, absent)
        if other.negated:
            return Among(other.values - self.values, True, absent)
        return Among(self.values | other.values, False, absent)

    def not_(self) -> Among:
        return Among(self.values, not self.negated, _FLIPPED[self.absent])


@dataclass(frozen=True, slots=True)
class Beyond:
    """A test on a number: its answer changes at each of `bounds`, ascending, and is `first` below them all.

    `bounds` are numbers of the place's own type, so that `x > 5` of an int is `Beyond((6,), False)`.
    """

    bounds: tuple[Number, ...]
    first: bool
    absent: Absent

    def holds(self, value: Number) -> bool:
        return (sum(bound <= value for bound in self.bounds) % 2 == 1) != self.first

    def and_(self, other: Beyond) -> Beyond:
        return self.not_().or_(other.not_()).not_()

    def or_(self, other: Beyond) -> Beyond:
        first = self.first or other.first
        bounds: list[Number] = []
        for bound in sorted({*self.bounds, *other.bounds}):
            before = first != (len(bounds) % 2 == 1)
            if (self.holds(bound) or other.holds(bound)) != before:
                bounds += [bound]
        absent = _ORDER[max(_ORDER.index(self.absent), _ORDER.index(other.absent))]
        return Beyond(tuple(bounds), first, absent)

    def not_(self) -> Beyond:
        return Beyond(self.bounds, not self.first, _FLIPPED[self.absent])


@dataclass(frozen=True, slots=True)
class Holding:
    """A test on a list of texts: one of its elements is among `values`. Closed under `||` alone."""

    values: frozenset[Scalar]
    absent: Absent

    def or_(self, other: Holding) -> Holding:
        absent = _ORDER[max(_ORDER.index(self.absent), _ORDER.index(other.absent))]
        return Holding(self.values | other.values, absent)


Answer = Among | Beyond | Holding


def both(one: Answer, other: Answer) -> Answer | None:
    """`one && other`, or None where that is no test on the place any more."""
    if isinstance(one, Among) and isinstance(other, Among):
        return one.and_(other)
    if isinstance(one, Beyond) and isinstance(other, Beyond):
        return one.and_(other)
    return one if one == other else None


def either(one: Answer, other: Answer) -> Answer | None:
    """`one || other`."""
    if isinstance(one, Among) and isinstance(other, Among):
        return one.or_(other)
    if isinstance(one, Beyond) and isinstance(other, Beyond):
        return one.or_(other)
    if isinstance(one, Holding) and isinstance(other, Holding):
        return one.or_(other)
    return None


def negated(one: Answer) -> Answer | None:
    """`!one`."""
    return None if isinstance(one, Holding) else one.not_()


def compared(operator: str, bound: Number, whole: bool) -> Beyond | None:
    """`x operator bound` on an int (`whole`) or a double, as CEL compares them: an int against a double as doubles.

    `operator` is a CEL name: `_<_`, `_<=_`, `_>_`, `_>=_`, `_==_` or `_!=_`. None where that is no range of numbers.
    """
    try:
        if not math.isfinite(bound):
            return None
        if whole and isinstance(bound, float) and abs(bound) >= EXACT:
            return None  # ints so large meet it rounded
        at = math.ceil(bound) if whole else float(bound)
        after = math.floor(bound) + 1 if whole else math.nextafter(at, math.inf)
    except OverflowError:
        return None
    later = () if after == math.inf else (after,)  # nothing is beyond the largest double
    match operator:
        case "_>=_" | "_<_":
            return Beyond((at,), operator == "_<_", "error")
        case "_>_" | "_<=_":
            return Beyond(later, operator == "_<=_", "error")
        case "_==_" | "_!=_":
            bounds = (at, *later) if at < after else ()
            return Beyond(bounds, operator == "_!=_", "error")
        case _:
            return None
