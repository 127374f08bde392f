"""Events of time and of the directory: who is excluded by now, reminders, escalations, the ends by the clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from assentry.approvals.events.event import ALIVE, ANY, Event, illegal
from assentry.approvals.request import Reach, Request, Status
from assentry.approvals.state import State
from assentry.approvals.terms import Who, counts


@dataclass(frozen=True, slots=True)
class Excluded(Event):
    """More accounts and persons are of the chain now; they stay excluded."""

    names: tuple[str, ...]

    kind: ClassVar[str] = "excluded"
    after: ClassVar[frozenset[Status]] = ANY

    def applied(self, request: Request) -> Request:
        return request._replace(excluded=request.excluded | set(self.names))


@dataclass(frozen=True, slots=True)
class Unfillable(Event):
    """For these seats there are not enough people now; for none of them when it is empty again."""

    seats: tuple[Who, ...]

    kind: ClassVar[str] = "unfillable"
    after: ClassVar[frozenset[Status]] = frozenset({"pending"})

    def applied(self, request: Request) -> Request:
        return request._replace(unfillable=self.seats)


@dataclass(frozen=True, slots=True)
class Escalated(Event):
    """More people may take a seat; how many it needs stays as it was."""

    seat: Who
    to: Who

    kind: ClassVar[str] = "escalated"
    after: ClassVar[frozenset[Status]] = frozenset({"pending"})

    def check(self, request: Request, state: State) -> None:
        if self.seat not in counts(request.terms):
            illegal("seats", f"request `{request.id}` has no such seat")

    def applied(self, request: Request) -> Request:
        return request._replace(reach=(*request.reach, Reach(self.seat, self.to, self.head.at)))


@dataclass(frozen=True, slots=True)
class Reminded(Event):
    """Those who can answer were to be reminded for the n-th time."""

    number: int

    kind: ClassVar[str] = "reminded"
    after: ClassVar[frozenset[Status]] = frozenset({"pending"})

    def applied(self, request: Request) -> Request:
        return request._replace(reminders=self.number)


@dataclass(frozen=True, slots=True)
class Expired(Event):
    """Nobody answered in time; or, for cause `terms`, the terms in force grew again after a reopening."""

    cause: Literal["deadline", "terms"]

    kind: ClassVar[str] = "expired"
    after: ClassVar[frozenset[Status]] = frozenset({"expired", "approved"})

    def check(self, request: Request, state: State) -> None:
        by_terms = request.status == "approved" and request.reopened
        if self.cause == "terms" and not by_terms:
            illegal("expired", "only a reopened request expires because of its terms")
        if self.cause == "deadline" and request.status != "pending":
            illegal("expired", "only what is pending has a deadline")

    def applied(self, request: Request) -> Request:
        return request._replace(status="expired")


@dataclass(frozen=True, slots=True)
class Lapsed(Event):
    """What was approved did not run in time."""

    kind: ClassVar[str] = "lapsed"
    after: ClassVar[frozenset[Status]] = frozenset({"lapsed"})

    def applied(self, request: Request) -> Request:
        return request._replace(status="lapsed")


@dataclass(frozen=True, slots=True)
class Superseded(Event):
    """Another request takes this one's place."""

    by: str

    kind: ClassVar[str] = "superseded"
    after: ClassVar[frozenset[Status]] = ALIVE

    def check(self, request: Request, state: State) -> None:
        if self.by in state.waiters:
            illegal("taken", f"`{self.by}` is taken")

    def applied(self, request: Request) -> Request:
        return request._replace(status="superseded", superseded_by=self.by)
