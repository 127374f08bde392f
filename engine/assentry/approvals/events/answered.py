"""Events of answering: votes, changes, quorum, denial, break-glass and its review, revocation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from assentry.approvals import terms as terms_of
from assentry.approvals.events.event import ANY, Event, illegal, stranger, vouched
from assentry.approvals.request import Choice, Filled, Glass, Proof, Request, Status, Vote
from assentry.approvals.state import State
from assentry.approvals.terms import Who

BREAK_GLASS_MS = 15 * 60_000
"""The longest that a break-glass may stand in for people."""


@dataclass(frozen=True, slots=True)
class Voted(Event):
    """One person's answer to the card with this hash, given by itself or by a deputy `actor` for `principal`."""

    actor: str
    principal: str | None
    choice: Choice
    card: str
    proof: Proof
    reason: str = ""

    kind: ClassVar[str] = "voted"

    def check(self, request: Request, state: State) -> None:
        if not self.card or self.card != request.card:
            illegal("stale_card", "a vote answers the card of its request")
        stranger(request, (self.actor, self.principal), "a voter")
        vouched(self.proof, "a voter")

    def applied(self, request: Request) -> Request:
        vote = Vote(self.actor, self.principal, self.choice, self.card, self.proof, self.head.at)
        return request._replace(votes=(*request.votes, vote))


@dataclass(frozen=True, slots=True)
class Countered(Voted):
    """An answer that proposes a change: the request `proposed` takes this one's place."""

    proposed: str = ""

    kind: ClassVar[str] = "countered"

    def check(self, request: Request, state: State) -> None:
        Voted.check(self, request, state)
        if not request.accepts_changes:
            illegal("changes", "the requester accepts no changes")


@dataclass(frozen=True, slots=True)
class Approved(Event):
    """Enough people said yes, or one broke the glass; the grant ends at `lapses_at`."""

    seats: tuple[Filled, ...]
    lapses_at: int

    kind: ClassVar[str] = "approved"
    after: ClassVar[frozenset[Status]] = frozenset({"pending"})

    def check(self, request: Request, state: State) -> None:
        if request.glass is None:
            check_filled(request, terms_of.counts(request.terms), self.seats)
        elif self.lapses_at > request.glass.until:
            illegal("glass", "a broken glass stands in for no longer than was said")

    def applied(self, request: Request) -> Request:
        return request._replace(status="approved", seats=self.seats, lapses_at=self.lapses_at)


def check_filled(request: Request, wanted: Mapping[Who, int], seats: Sequence[Filled]) -> None:
    """Raises IllegalEvent unless standing votes of distinct people, none of them excluded, fill these seats."""
    if any(vote.choice == "deny" for vote in request.votes):
        illegal("denied", "a person denied this request")
    taken = Counter(each.seat for each in seats)
    if any(taken[who] < count for who, count in wanted.items()):
        illegal("seats", "not every seat is filled")
    for names in ([each.vote for each in seats], [each.actor for each in seats], [each.principal for each in seats]):
        if len(set(names)) < len(seats):
            illegal("distinct", "each seat is filled by another person")
    for each in seats:
        if not 0 <= each.vote < len(request.votes) or request.votes[each.vote].choice != "approve":
            illegal("votes", "a seat is filled by a vote that approves")
        vote = request.votes[each.vote]
        stranger(request, (each.actor, each.principal, vote.actor, vote.principal), "whoever fills a seat")


@dataclass(frozen=True, slots=True)
class Denied(Event):
    """A person's deny, the newest vote, ends the request and starts a cool-off."""

    cool_until: int

    kind: ClassVar[str] = "denied"

    def check(self, request: Request, state: State) -> None:
        if not request.votes or request.votes[-1].choice != "deny":
            illegal("votes", "only a person denies a request")

    def applied(self, request: Request) -> Request:
        return request._replace(status="denied", cool_until=self.cool_until)


@dataclass(frozen=True, slots=True)
class BrokeGlass(Event):
    """One person outside the chain stands in for the seats of a pending request, for a reason; a review is owed."""

    responder: str
    person: str
    reason: str
    card: str
    proof: Proof
    until: int

    kind: ClassVar[str] = "broke_glass"
    after: ClassVar[frozenset[Status]] = frozenset({"pending"})

    def check(self, request: Request, state: State) -> None:
        stranger(request, (self.responder, self.person), "who breaks the glass")
        vouched(self.proof, "who breaks the glass")
        if not self.card or self.card != request.card:
            illegal("stale_card", "who breaks the glass answers the card of the request")
        if not self.reason.strip() or not self.head.at < self.until <= self.head.at + BREAK_GLASS_MS:
            illegal("glass", "a glass is broken for a reason, and for at most 15 minutes")
        if any(vote.choice == "deny" for vote in request.votes):
            illegal("denied", "a person denied this request")
        owed = [glass for name in state.owing if (glass := state.requests[name].glass) is not None]
        if any({self.person, self.responder} & {glass.person, glass.responder} for glass in owed):
            illegal("owing", "who owes a review breaks no other glass")

    def applied(self, request: Request) -> Request:
        return request._replace(glass=Glass(self.responder, self.person, self.reason, self.until))


@dataclass(frozen=True, slots=True)
class Reviewed(Event):
    """Another person outside the chain looked at what was done under a broken glass."""

    reviewer: str
    person: str
    finding: str
    proof: Proof

    kind: ClassVar[str] = "reviewed"
    after: ClassVar[frozenset[Status]] = ANY

    def check(self, request: Request, state: State) -> None:
        glass = request.glass
        if glass is None or glass.reviewed:
            illegal("review", "there is nothing to review")
        stranger(request, (self.reviewer, self.person), "a reviewer")
        vouched(self.proof, "a reviewer")
        if {self.reviewer, self.person} & {glass.responder, glass.person}:
            illegal("review", "nobody reviews a glass that they broke")

    def applied(self, request: Request) -> Request:
        return request if request.glass is None else request._replace(glass=replace(request.glass, reviewed=True))


@dataclass(frozen=True, slots=True)
class Revoked(Event):
    """A person took back what was approved and has not run."""

    actor: str
    reason: str
    proof: Proof

    kind: ClassVar[str] = "revoked"
    after: ClassVar[frozenset[Status]] = frozenset({"approved"})

    def check(self, request: Request, state: State) -> None:
        vouched(self.proof, "who takes it back")

    def applied(self, request: Request) -> Request:
        return request._replace(status="revoked")
