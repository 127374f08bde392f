"""A person proposes another action instead (law 7): a new request takes the place of the old one."""

from __future__ import annotations

from assentry.approvals.commands import Counter
from assentry.approvals.desk import Desk, Events
from assentry.approvals.events import Countered, Superseded
from assentry.approvals.moves.place import successor, united
from assentry.approvals.moves.vote import answerable
from assentry.approvals.refusal import refuse
from assentry.approvals.request import Request


def counter(desk: Desk, command: Counter) -> Events:
    """Evaluated as a whole, on the terms of both, until the original's deadline; else the original stays."""
    request = answerable(desk, command)
    desk.fresh(command.proposed)
    desk.current(command.judgement, command.proposal)
    _changes(desk, request, command)
    if command.judgement.decision == "deny":
        refuse("denied", "the policy denies this")
    desk.not_cooling(command.proposal)
    excluded = desk.excluded(request)
    requested = successor(
        desk,
        request,
        command.proposed,
        "countered",
        proposal=command.proposal,
        judgement=command.judgement,
        terms=united(request, command.judgement),
        excluded=excluded | _authors(desk, command),
    )
    child = requested.born(desk.state)
    desk.fillable(child, desk.excluded(child))
    head = desk.head(request.id)
    countered = Countered(
        head, command.actor, command.principal, "counter", command.card, command.proof, command.reason,
        proposed=command.proposed,
    )  # fmt: skip
    return (*desk.grown(request, excluded), countered, Superseded(head, by=command.proposed), requested)


def _changes(desk: Desk, request: Request, command: Counter) -> None:
    if not request.accepts_changes:
        refuse("changes", f"the requester of `{request.id}` accepts no changes")
    if command.proposal.digest == request.proposal.digest:
        refuse("changes", "this proposes what is asked already")
    if desk.now >= request.deadline:
        refuse("status", f"the time to answer request `{request.id}` is over")


def _authors(desk: Desk, command: Counter) -> frozenset[str]:
    """Deputy and principal both: who proposes does not approve."""
    if desk.state.development:
        return frozenset()
    names = frozenset(name for name in (command.actor, command.principal) if name is not None)
    return names | desk.people.persons(names)
