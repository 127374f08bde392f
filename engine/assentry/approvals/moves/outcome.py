"""How an execution ended, as its executor says it or as a person finds out (law 2)."""

from __future__ import annotations

from typing import get_args

from assentry.approvals.commands import Outcome, Report, Resolve
from assentry.approvals.desk import Desk, Events
from assentry.approvals.events import Committed, Event, Failed, Reported, Resolved, Unknown
from assentry.approvals.refusal import refuse
from assentry.approvals.request import How, judged


def report(desk: Desk, command: Report) -> Events:
    """In time it counts; late it is kept and changes nothing; said twice it is said once."""
    desk.word(command.how, get_args(How))
    request = desk.find(command.request, "consumed", "unknown", "committed", "failed")
    if request.run is None or request.run.nonce != command.nonce:
        refuse("permit", f"this executor does not run request `{request.id}`")
    if judged(request, desk.now) == "consumed":
        return (_ending(desk, command),)
    head = desk.head(request.id)
    late = Reported(head, command.how, command.without_effect)
    if request.status == "consumed":
        return (Unknown(head, "lease"), late)
    return () if request.run.outcome == command.how else (late,)


def _ending(desk: Desk, command: Report) -> Event:
    """Failed is only what the tool declares to be without effect; all else that did not return is unknown."""
    head = desk.head(command.request)
    if command.how == "returned":
        return Committed(head, "returned")
    if command.how == "raised" and command.without_effect:
        return Failed(head, "raised")
    return Unknown(head, command.how)


def resolve(desk: Desk, command: Resolve) -> Events:
    """A person outside the chain says whether it was done."""
    desk.word(command.outcome, get_args(Outcome))
    request = desk.find(command.request, "unknown")
    desk.vouched(command.proof)
    person = desk.outsider(request, command.actor)
    if not command.reason.strip():
        refuse("reason", "an outcome is resolved for a reason")
    head = desk.head(request.id)
    ended: Events = (Unknown(head, "lease"),) if request.status == "consumed" else ()
    resolved = Resolved(head, command.actor, person, command.outcome, command.reason, command.proof)
    return (*ended, *desk.grown(request, desk.excluded(request)), resolved)
