"""Events of asking: a request comes into being, others join it, its card is drawn and shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from assentry.approvals import terms as terms_of
from assentry.approvals.events.event import Birth, Event, illegal
from assentry.approvals.request import Chain, Proposal, Request, Run
from assentry.approvals.state import State
from assentry.evaluator.ruling import Approval

Cause = Literal["countered", "terms"]
"""Why a request takes another's place: somebody proposed a change, or the terms in force grew."""


@dataclass(frozen=True, slots=True)
class Requested(Birth):
    """An action waits. `supersedes` names the request whose place it takes, `renews` an expired one asked again.

    `rules` and `controls` are those that asked for approval.
    """

    proposal: Proposal
    chain: Chain
    owners: tuple[str, ...]
    excluded: tuple[str, ...]
    terms: Approval
    policy: str
    deadline: int
    card: str
    accepts_changes: bool
    supersedes: str | None = None
    cause: Cause | None = None
    renews: str | None = None
    rules: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()

    kind: ClassVar[str] = "requested"

    def check_birth(self, state: State) -> None:
        if not terms_of.sound(self.terms):
            illegal("terms", "a request needs somebody to say yes")
        if self.supersedes is None:
            if self.deadline > self.head.at + 1000 * self.terms.within_seconds:
                illegal("deadline", "a request waits no longer than its terms say")
            if state.cooling_until(self.proposal.sameness) > self.head.at:
                illegal("cool_off", "a person denied the same a short while ago")
        else:
            self._check_place(self._before(state, self.supersedes))

    def _before(self, state: State, name: str) -> Request:
        before = state.requests.get(name)
        if before is None or before.superseded_by != self.head.request:
            illegal("superseded", f"request `{name}` was not superseded by this one")
        return before

    def _check_place(self, before: Request) -> None:
        """What takes another's place has its chain, its deadline, at least its terms and everybody it excluded."""
        if self.chain != before.chain or not before.excluded <= set(self.excluded):
            illegal("chain", "the chain and everybody excluded are those of the request before, or more")
        if self.deadline != before.deadline:
            illegal("deadline", "the deadline is that of the request before")
        if not terms_of.same(terms_of.union(before.wanted, self.terms), self.terms):
            illegal("terms", "the terms are those of the request before, or more")
        if self.cause == "terms" and (self.proposal != before.proposal or before.reopened):
            illegal("reopened", "a request is reopened once, for the same action")
        if self.cause == "countered" and not before.accepts_changes:
            illegal("changes", "the requester accepts no changes")
        if self.cause is None:
            illegal("cause", "a request takes another's place for a cause")

    def born(self, state: State) -> Request:
        before = None if self.supersedes is None else state.requests[self.supersedes]
        return Request(
            id=self.head.request,
            status="pending",
            proposal=self.proposal,
            chain=self.chain,
            owners=frozenset(self.owners),
            excluded=frozenset(self.excluded),
            terms=self.terms,
            policy=self.policy,
            asked_at=self.head.at,
            since=self.head.at if before is None else before.since,
            deadline=self.deadline,
            card=self.card,
            waiters=(self.head.request,) if before is None else before.waiters,
            accepts_changes=self.accepts_changes,
            reach=() if before is None else before.reach,
            reopened=self.cause == "terms" or (before is not None and before.reopened),
            supersedes=self.supersedes,
        )


@dataclass(frozen=True, slots=True)
class Allowed(Birth):
    """An action that needs nobody's yes: born consumed, its effect reserved. `rules` and `controls` allowed it."""

    proposal: Proposal
    chain: Chain
    owners: tuple[str, ...]
    excluded: tuple[str, ...]
    policy: str
    nonce: str
    lease_until: int
    attempt: int
    rules: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()

    kind: ClassVar[str] = "allowed"

    def check_birth(self, state: State) -> None:
        if state.attempt(self.proposal.effect_key) != self.attempt:
            illegal("effect", "another request holds this effect, or the attempt is miscounted")
        if state.cooling_until(self.proposal.sameness) > self.head.at:
            illegal("cool_off", "a person denied the same a short while ago")

    def born(self, state: State) -> Request:
        return Request(
            id=self.head.request,
            status="consumed",
            proposal=self.proposal,
            chain=self.chain,
            owners=frozenset(self.owners),
            excluded=frozenset(self.excluded),
            terms=None,
            policy=self.policy,
            asked_at=self.head.at,
            since=self.head.at,
            deadline=self.head.at,
            card="",
            waiters=(self.head.request,),
            run=Run(self.nonce, self.lease_until, self.attempt),
        )


@dataclass(frozen=True, slots=True)
class Joined(Event):
    """The same was asked again, by the same chain and on the same terms: one more waits for one answer."""

    waiter: str
    chain: Chain

    kind: ClassVar[str] = "joined"

    def check(self, request: Request, state: State) -> None:
        if self.waiter in state.waiters:
            illegal("taken", f"`{self.waiter}` is taken")
        if self.chain != request.chain:
            illegal("chain", "only the same chain joins a request")

    def applied(self, request: Request) -> Request:
        return request._replace(waiters=(*request.waiters, self.waiter))


@dataclass(frozen=True, slots=True)
class Left(Event):
    """One of several who wait does so no more; the others do."""

    waiter: str

    kind: ClassVar[str] = "left"

    def check(self, request: Request, state: State) -> None:
        if self.waiter not in request.waiters or len(request.waiters) < 2:
            illegal("waiter", f"`{self.waiter}` is not one of several who wait")

    def applied(self, request: Request) -> Request:
        return request._replace(waiters=tuple(each for each in request.waiters if each != self.waiter))


@dataclass(frozen=True, slots=True)
class Cancelled(Event):
    """The last who waited does so no more."""

    waiter: str

    kind: ClassVar[str] = "cancelled"

    def check(self, request: Request, state: State) -> None:
        if request.waiters != (self.waiter,):
            illegal("waiter", f"`{self.waiter}` is not the last who waits")

    def applied(self, request: Request) -> Request:
        return request._replace(status="cancelled", waiters=())


@dataclass(frozen=True, slots=True)
class Drawn(Event):
    """The engine drew another card; whoever answers now answers that one."""

    card: str

    kind: ClassVar[str] = "drawn"

    def applied(self, request: Request) -> Request:
        return request._replace(card=self.card)


@dataclass(frozen=True, slots=True)
class Shown(Event):
    """A viewer saw the card."""

    viewer: str
    card: str

    kind: ClassVar[str] = "shown"

    def check(self, request: Request, state: State) -> None:
        if self.card != request.card:
            illegal("stale_card", "the card shown is not the card of the request")
