"""Who may take which seat, which votes count now, and whether they fill the seats (law 3).

Everything is asked of the directory at the moment of the question: accounts are traced to persons anew, groups and
delegations are read anew. What counted when a vote was cast does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assentry.approvals import exclusion
from assentry.approvals.directory import Reading
from assentry.approvals.matching import match
from assentry.approvals.request import Filled, Request
from assentry.approvals.terms import Who, counts, places


@dataclass(frozen=True, slots=True)
class Standing:
    """A vote that counts: its number within the request, and the two persons, the same for one's own vote."""

    vote: int
    actor: str
    principal: str


def able(people: Reading, request: Request, seat: Who) -> frozenset[str]:
    """The persons who may take a seat, those it was escalated to included, excluded or not."""
    wider = (each.to for each in request.reach if each.seat == seat)
    return people.team(seat).union(*(people.team(each) for each in wider))


def may_answer(people: Reading, request: Request) -> frozenset[str]:
    """The persons who may take any seat, excluded or not."""
    return frozenset().union(*(able(people, request, seat) for seat in counts(request.terms)))


def standing(people: Reading, request: Request, excluded: frozenset[str], now: int) -> list[Standing]:
    """The approving votes that count now, newest first: one for each actor and one for each principal."""
    kept: list[Standing] = []
    for number in reversed(range(len(request.votes))):
        vote = _counting(people, request, number, excluded, now)
        if vote is None or any(vote.actor == each.actor or vote.principal == each.principal for each in kept):
            continue
        kept.append(vote)
    return kept


def _counting(people: Reading, request: Request, number: int, excluded: frozenset[str], now: int) -> Standing | None:
    vote = request.votes[number]
    actor = people.person(vote.actor)
    principal = actor if vote.principal is None else people.person(vote.principal)
    if vote.choice != "approve" or actor is None or principal is None:
        return None
    if exclusion.touches(excluded, (actor, principal, vote.actor, vote.principal)):
        return None
    if vote.principal is not None and not people.is_deputy(actor, principal, now):
        return None
    return Standing(number, actor, principal)


def fill(
    people: Reading, request: Request, wanted: Mapping[Who, int], votes: Sequence[Standing]
) -> tuple[tuple[Filled, ...], tuple[Who, ...]]:
    """The places that distinct votes fill, as many as can be, and those that stay empty."""
    seats = places(dict(wanted))
    candidates = {
        seat: [each.vote for each in votes if each.principal in able(people, request, seat)] for seat in wanted
    }
    found = match([candidates[seat] for seat in seats])
    by_number = {each.vote: each for each in votes}
    filled = tuple(
        Filled(seat, number, by_number[number].actor, by_number[number].principal)
        for seat, number in zip(seats, found, strict=True)
        if number is not None
    )
    return filled, tuple(seat for seat, number in zip(seats, found, strict=True) if number is None)


def lacking(people: Reading, request: Request, excluded: frozenset[str]) -> tuple[Who, ...]:
    """The seats for which there are not enough persons who are not excluded."""
    seats = places(counts(request.terms))
    candidates = {seat: sorted(able(people, request, seat) - excluded) for seat in set(seats)}
    found = match([candidates[seat] for seat in seats])
    empty = [seat for seat, person in zip(seats, found, strict=True) if person is None]
    return tuple(dict.fromkeys(empty))
