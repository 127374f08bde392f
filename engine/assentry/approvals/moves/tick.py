"""What time and the directory do by themselves. Expiry holds whether or not anybody sweeps; this writes it down."""

from __future__ import annotations

from collections.abc import Iterator

from assentry.approvals.commands import Tick
from assentry.approvals.desk import Desk, Events
from assentry.approvals.events import Escalated, Expired, Lapsed, Reminded, Unknown
from assentry.approvals.request import Request, Status, judged
from assentry.approvals.terms import Who, counts
from assentry.errors import DirectoryUnavailable


def tick(desk: Desk, command: Tick) -> Events:
    """The ends by the clock; else reminders, and what the directory says now, as far as it says anything."""
    request = desk.known(command.request)
    status = judged(request, desk.now)
    if status != request.status:
        return (_end(desk, request, status),)
    if status not in ("pending", "approved"):
        return ()
    reminded = tuple(_reminded(desk, request))
    try:
        return (*reminded, *_directory(desk, request))
    except DirectoryUnavailable:
        # Nothing is granted by what a silent directory does not say; the clock goes on.
        return reminded


def _end(desk: Desk, request: Request, status: Status) -> Expired | Lapsed | Unknown:
    head = desk.head(request.id)
    if status == "expired":
        return Expired(head, cause="deadline")
    return Lapsed(head) if status == "lapsed" else Unknown(head, "lease")


def _reminded(desk: Desk, request: Request) -> Iterator[Reminded]:
    number = (desk.now - request.asked_at) // desk.settings.remind_ms
    if request.status == "pending" and number > request.reminders:
        yield Reminded(desk.head(request.id), number)


def _directory(desk: Desk, request: Request) -> Events:
    excluded = desk.excluded(request)
    grown = desk.grown(request, excluded)
    if request.status != "pending":
        return grown
    widened: Events = ()
    for seat in counts(request.terms):
        for event in _widened(desk, request, seat):
            request = event.applied(request)
            widened = (*widened, event)
    return (*grown, *widened, *desk.told(request, excluded))


def _widened(desk: Desk, request: Request, seat: Who) -> Iterator[Escalated]:
    """Step by step: whom a seat was widened to may be widened further, after a time of its own."""
    since = {seat: request.since} | {each.to: each.at for each in request.reach if each.seat == seat}
    ahead = list(since)
    while ahead:
        each = ahead.pop(0)
        further = desk.people.escalation(each)
        if further is not None and further.to not in since and desk.now >= since[each] + further.after_ms:
            since[further.to] = desk.now
            ahead.append(further.to)
            yield Escalated(desk.head(request.id), seat, further.to)
