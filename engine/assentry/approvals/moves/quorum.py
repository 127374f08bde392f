"""Whether the yes that a request has suffices now: by votes, or by one who stands in for them."""

from __future__ import annotations

from assentry.approvals import exclusion
from assentry.approvals import terms as terms_of
from assentry.approvals.desk import Desk
from assentry.approvals.request import Filled, Request
from assentry.approvals.seating import fill, standing
from assentry.evaluator.ruling import Approval


def seated(desk: Desk, request: Request, excluded: frozenset[str], terms: Approval) -> tuple[Filled, ...] | None:
    """The votes that fill the seats of some terms as of now, or None when they do not.

    Who broke the glass stands in for the request's own seats, not for those that the terms ask for beyond them,
    and takes no other seat.
    """
    votes = standing(desk.people, request, excluded, desk.now)
    wanted = terms_of.counts(terms)
    responder = stand_in(desk, request, excluded)
    if responder is not None:
        wanted = terms_of.beyond(terms, request.wanted)
        votes = [vote for vote in votes if responder not in (vote.actor, vote.principal)]
    filled, missing = fill(desk.people, request, wanted, votes)
    return None if missing else filled


def stand_in(desk: Desk, request: Request, excluded: frozenset[str]) -> str | None:
    """The person who broke the glass, if that person still may."""
    if request.glass is None:
        return None
    responder = desk.people.person(request.glass.responder)
    if responder is None or exclusion.touches(excluded, (responder, request.glass.responder, request.glass.person)):
        return None
    return responder if may_respond(desk, responder) else None


def may_respond(desk: Desk, person: str) -> bool:
    """Whether a person is of those who may break the glass."""
    responders = desk.settings.responders
    return not responders or any(person in desk.people.team(each) for each in responders)
