"""Break-glass (law 11): one person stands in for all seats, for minutes, and answers for it afterwards."""

from __future__ import annotations

from assentry.approvals.commands import BreakGlass, Review
from assentry.approvals.desk import Desk, Events
from assentry.approvals.events import Approved, BrokeGlass, Reviewed
from assentry.approvals.events.answered import BREAK_GLASS_MS
from assentry.approvals.moves.quorum import may_respond
from assentry.approvals.refusal import refuse
from assentry.approvals.request import Glass


def break_glass(desk: Desk, command: BreakGlass) -> Events:
    """Only while nobody denied and not enough approved; by one person outside the chain who owes no review."""
    request = desk.find(command.request, "pending")
    desk.answers(request, command.card)
    desk.vouched(command.proof)
    person = desk.outsider(request, command.actor)
    if not may_respond(desk, person):
        refuse("glass", f"`{command.actor}` is not of those who may break the glass")
    if not command.reason.strip():
        refuse("reason", "a glass is broken for a reason")
    if type(command.for_ms) is not int or not 0 < command.for_ms <= BREAK_GLASS_MS:
        refuse("glass", "a broken glass stands in for people for at most 15 minutes")
    if _debtors(desk) & {person, command.actor}:
        refuse("review", f"`{command.actor}` owes a review of another broken glass")
    head, until = desk.head(request.id), desk.now + command.for_ms
    broke = BrokeGlass(head, command.actor, person, command.reason, command.card, command.proof, until)
    return (*desk.grown(request, desk.excluded(request)), broke, Approved(head, (), lapses_at=until))


def _debtors(desk: Desk) -> frozenset[str]:
    """Who broke a glass that nobody reviewed, under every name."""
    glasses = (desk.state.requests[name].glass for name in desk.state.owing)
    return frozenset().union(*(_names(desk, glass) for glass in glasses if glass is not None))


def _names(desk: Desk, glass: Glass) -> frozenset[str]:
    """The account that broke a glass, the person behind it then, and the person behind it now."""
    return frozenset({glass.responder, glass.person}) | desk.people.persons([glass.responder])


def review(desk: Desk, command: Review) -> Events:
    """Another person outside the chain says what they found."""
    request = desk.known(command.request)
    glass = request.glass
    if glass is None or glass.reviewed:
        return refuse("review", f"request `{request.id}` has nothing to review")
    desk.vouched(command.proof)
    person = desk.outsider(request, command.actor)
    if _names(desk, glass) & {person, command.actor}:
        refuse("review", "nobody reviews a glass that they broke")
    if not command.finding.strip():
        refuse("reason", "a review finds something, be it that all is well")
    reviewed = Reviewed(desk.head(request.id), command.actor, person, command.finding, command.proof)
    return (*desk.grown(request, desk.excluded(request)), reviewed)
