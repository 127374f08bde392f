"""A person answers: one standing vote, a deny ends it, enough approvals are a grant."""

from __future__ import annotations

from typing import get_args

from assentry.approvals.commands import Answer, CastVote, Counter
from assentry.approvals.desk import Desk, Events
from assentry.approvals.events import Approved, Denied, Voted
from assentry.approvals.moves.quorum import seated
from assentry.approvals.refusal import refuse
from assentry.approvals.request import Request
from assentry.approvals.seating import may_answer


def answerable(desk: Desk, command: CastVote | Counter) -> Request:
    """The request, if this account may answer it: a person outside the chain, or a deputy of one, with a seat.

    Whether somebody is excluded is asked before whether they are eligible, of the deputy and of the principal.
    """
    request = desk.find(command.request, "pending", "approved")
    desk.answers(request, command.card)
    desk.vouched(command.proof)
    person = desk.outsider(request, command.actor)
    if command.principal is not None:
        person = _deputised(desk, request, person, command.principal)
    if person not in may_answer(desk.people, request):
        refuse("seat", f"request `{request.id}` has no seat for `{command.principal or command.actor}`")
    return request


def _deputised(desk: Desk, request: Request, actor: str, account: str) -> str:
    principal = desk.outsider(request, account)
    if principal == actor or not desk.people.is_deputy(actor, principal, desk.now):
        refuse("deputy", f"`{account}` delegated nothing to this person")
    return principal


def vote(desk: Desk, command: CastVote) -> Events:
    """The vote, and what follows from it at once."""
    desk.word(command.choice, get_args(Answer))
    request = answerable(desk, command)
    excluded = desk.excluded(request)
    head = desk.head(request.id)
    voted = Voted(head, command.actor, command.principal, command.choice, command.card, command.proof, command.reason)
    events: Events = (*desk.grown(request, excluded), voted)
    if command.choice == "deny":
        return (*events, Denied(head, cool_until=desk.now + desk.settings.cool_off_ms))
    if request.status != "pending":
        return events
    filled = seated(desk, voted.applied(request), excluded, request.wanted)
    if filled is not None:
        return (*events, Approved(head, filled, lapses_at=desk.now + desk.settings.grant_ms))
    return (*events, *desk.told(request, excluded))
