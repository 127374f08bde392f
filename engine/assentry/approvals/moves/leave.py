"""Nobody wants it any more: a waiter leaves, or a person takes back what was approved."""

from __future__ import annotations

from assentry.approvals import exclusion
from assentry.approvals.commands import Cancel, Revoke
from assentry.approvals.desk import Desk, Events
from assentry.approvals.events import Cancelled, Left, Revoked
from assentry.approvals.refusal import refuse
from assentry.approvals.seating import may_answer


def cancel(desk: Desk, command: Cancel) -> Events:
    """A waiter that leaves cancels nobody else's request; the last one cancels it."""
    request = desk.find(command.request, "pending", "approved")
    if command.waiter not in request.waiters:
        refuse("waiter", f"`{command.waiter}` does not wait for request `{request.id}`")
    head = desk.head(request.id)
    return (Cancelled(head, command.waiter),) if len(request.waiters) == 1 else (Left(head, command.waiter),)


def revoke(desk: Desk, command: Revoke) -> Events:
    """By a person who could answer it, or who is of its chain and answers for it: stopping needs no distance."""
    request = desk.find(command.request, "approved")
    desk.vouched(command.proof)
    person = desk.people.person(command.actor)
    if person is None:
        refuse("person", f"no person stands behind `{command.actor}`")
    if person not in may_answer(desk.people, request) | exclusion.of_request(desk.people, request):
        refuse("seat", f"`{command.actor}` neither answers request `{request.id}` nor for it")
    return (Revoked(desk.head(request.id), command.actor, command.reason, command.proof),)
