"""Events of execution: the one use of a grant, how it ended, and what a person says where that is not known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from assentry.approvals import terms as terms_of
from assentry.approvals.events.answered import check_filled
from assentry.approvals.events.event import Event, illegal, stranger, vouched
from assentry.approvals.request import Filled, How, Proof, Request, Run, Status
from assentry.approvals.state import State
from assentry.evaluator.ruling import Approval

RUNNING: frozenset[Status] = frozenset({"consumed"})


@dataclass(frozen=True, slots=True)
class Consumed(Event):
    """The grant is used up, its effect reserved. `terms` unite those approved with those in force by `policy`.

    `rules` and `controls` are those of the decision in force.
    """

    digest: str
    policy: str
    terms: Approval
    seats: tuple[Filled, ...]
    nonce: str
    lease_until: int
    attempt: int
    rules: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()

    kind: ClassVar[str] = "consumed"
    after: ClassVar[frozenset[Status]] = frozenset({"approved"})

    def check(self, request: Request, state: State) -> None:
        if self.digest != request.proposal.digest:
            illegal("digest", "what runs is what was approved")
        if not terms_of.same(terms_of.union(request.wanted, self.terms), self.terms):
            illegal("terms", "the terms approved are not relaxed")
        if state.attempt(request.proposal.effect_key) != self.attempt:
            illegal("effect", "another request holds this effect, or the attempt is miscounted")
        glass = request.glass
        stands_in = glass is not None and not {glass.person, glass.responder} & request.excluded
        wanted = terms_of.beyond(self.terms, request.wanted) if stands_in else terms_of.counts(self.terms)
        check_filled(request, wanted, self.seats)

    def applied(self, request: Request) -> Request:
        run = Run(self.nonce, self.lease_until, self.attempt)
        return request._replace(status="consumed", seats=self.seats, run=run)


@dataclass(frozen=True, slots=True)
class Ended(Event):
    """The executor said how it ended."""

    how: How

    after: ClassVar[frozenset[Status]] = RUNNING


@dataclass(frozen=True, slots=True)
class Committed(Ended):
    """It was done."""

    kind: ClassVar[str] = "committed"

    def check(self, request: Request, state: State) -> None:
        if self.how != "returned":
            illegal("outcome", "only what returned is committed")

    def applied(self, request: Request) -> Request:
        return _ended(request, "committed", self.how)


@dataclass(frozen=True, slots=True)
class Failed(Ended):
    """It raised what its tool declares to be without effect; the effect is free again."""

    kind: ClassVar[str] = "failed"

    def check(self, request: Request, state: State) -> None:
        if self.how != "raised":
            illegal("outcome", "only a declared error is without effect")

    def applied(self, request: Request) -> Request:
        return _ended(request, "failed", self.how)


@dataclass(frozen=True, slots=True)
class Unknown(Event):
    """Nobody knows whether it was done: it raised, was cut off, or its lease ended. A person has to say."""

    how: How | Literal["lease"]

    kind: ClassVar[str] = "unknown"
    after: ClassVar[frozenset[Status]] = frozenset({"consumed", "unknown"})

    def check(self, request: Request, state: State) -> None:
        if request.status != "consumed":
            illegal("outcome", "the outcome is unknown already")
        run = request.run
        if self.how == "lease" and (run is None or self.head.at < run.lease_until):
            illegal("lease", "the lease has not ended")

    def applied(self, request: Request) -> Request:
        return _ended(request, "unknown", None if self.how == "lease" else self.how)


@dataclass(frozen=True, slots=True)
class Reported(Event):
    """A report that came too late; it is kept, and changes nothing."""

    how: How
    without_effect: bool

    kind: ClassVar[str] = "reported"
    after: ClassVar[frozenset[Status]] = frozenset({"unknown", "committed", "failed"})


@dataclass(frozen=True, slots=True)
class Resolved(Event):
    """A person outside the chain says what became of it."""

    actor: str
    person: str
    outcome: Literal["committed", "failed"]
    reason: str
    proof: Proof

    kind: ClassVar[str] = "resolved"
    after: ClassVar[frozenset[Status]] = frozenset({"unknown"})

    def check(self, request: Request, state: State) -> None:
        if request.status != "unknown":
            illegal("outcome", "that the outcome is unknown stands in the log first")
        stranger(request, (self.actor, self.person), "who resolves the outcome")
        vouched(self.proof, "who resolves the outcome")

    def applied(self, request: Request) -> Request:
        return _ended(request, self.outcome, None)


def _ended(request: Request, status: Status, how: How | None) -> Request:
    run = request.run
    return request._replace(status=status, run=None if run is None else run._replace(outcome=how))
