"""Who has to say yes: terms of approval, the places they consist of, and their union.

Terms are the evaluator's own `Approval`; they are compared and united as rules are merged (language page,
"How it decides", 7): equal selectors take the larger count, different ones add, the shortest time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from assentry.evaluator.ruling import Approval, Seat

MAX_PLACES = 100
"""People that one action can wait for; more are a mistake in a rule, and matching them would not be quick."""


@dataclass(frozen=True, slots=True, order=True)
class Who:
    """The people of a group or with a role."""

    selector: Literal["group", "role"]
    name: str

    def __str__(self) -> str:
        return f'{self.selector}("{self.name}")'


def who(seat: Seat) -> Who:
    """Who may take a seat."""
    return Who(seat.selector, seat.name)


def counts(terms: Approval | None) -> dict[Who, int]:
    """How many of whom, in order of their names."""
    if terms is None:
        return {}
    return {who(seat): seat.count for seat in sorted(terms.seats, key=who)}


def places(wanted: dict[Who, int]) -> tuple[Who, ...]:
    """One entry for each single place, in order."""
    return tuple(each for each in sorted(wanted) for _ in range(wanted[each]))


def union(first: Approval, second: Approval | None) -> Approval:
    """The terms of both; of one, when the other asks for nothing."""
    if second is None:
        return first
    ours, theirs = counts(first), counts(second)
    seats = tuple(
        Seat(max(ours.get(each, 0), theirs.get(each, 0)), each.selector, each.name) for each in sorted({*ours, *theirs})
    )
    return Approval(seats, min(first.within_seconds, second.within_seconds))


def beyond(terms: Approval, covered: Approval) -> dict[Who, int]:
    """How many of whom these terms ask for more than others do."""
    have = counts(covered)
    return {each: more for each, count in counts(terms).items() if (more := count - have.get(each, 0)) > 0}


def sound(terms: Approval | None) -> bool:
    """Whether these terms ask for somebody, for each once, for not too many, and give time to answer."""
    if terms is None or terms.within_seconds <= 0 or len(counts(terms)) != len(terms.seats):
        return False
    return all(seat.count > 0 for seat in terms.seats) and 0 < sum(seat.count for seat in terms.seats) <= MAX_PLACES


def same(first: Approval, second: Approval) -> bool:
    """Whether two terms ask for the same, in whatever order they are written."""
    return counts(first) == counts(second) and first.within_seconds == second.within_seconds
