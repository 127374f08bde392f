"""One request as it stands: what is asked, by whom, who answered, how far it came.

    pending   > approved | denied | expired | cancelled | superseded
    approved  > consumed | denied | cancelled | superseded | revoked | lapsed
    consumed  > committed | failed | unknown
    unknown   > committed | failed           a person outside the chain says which

An allow is born consumed. One step more follows from the first law: approved > expired, when the terms in force
changed a second time. Times are whole milliseconds since 1970, as the ledger counts them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from assentry.approvals.terms import Who
from assentry.evaluator.ruling import Approval

Status = Literal[
    "pending",
    "approved",
    "denied",
    "expired",
    "cancelled",
    "superseded",
    "consumed",
    "committed",
    "failed",
    "unknown",
    "revoked",
    "lapsed",
]

STEPS: Mapping[Status, frozenset[Status]] = {
    "pending": frozenset({"approved", "denied", "expired", "cancelled", "superseded"}),
    "approved": frozenset({"consumed", "denied", "cancelled", "superseded", "revoked", "lapsed", "expired"}),
    "consumed": frozenset({"committed", "failed", "unknown"}),
    "unknown": frozenset({"committed", "failed"}),
}
"""Which status may follow which; what is not named here is final."""

OPEN: frozenset[Status] = frozenset({"pending", "approved"})
"""What can still be answered, joined and left."""

Choice = Literal["approve", "deny", "counter"]
How = Literal["returned", "raised", "timed_out", "cancelled", "died"]
"""How the execution of an action ended."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is to be done: the digest of the action, its sameness and effect key, all derived by the engine.

    `preconditions` are names with what the tool read before (row count, HEAD), or its digest.
    """

    digest: str
    sameness: str
    effect_key: str | None = None
    preconditions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Chain:
    """Who asks, as the transport proved it: the requester, the owner it names, for whom, with whose credential."""

    requester: str
    owner: str | None = None
    on_behalf_of: tuple[str, ...] = ()
    holder: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """All identities of the chain."""
        ends = (self.requester, self.owner, self.holder)
        return (*(name for name in ends if name is not None), *self.on_behalf_of)


@dataclass(frozen=True, slots=True)
class Proof:
    """How it is known whose vote it is: the gate attests what a transport proved, or the person signed it.

    `by` names the transport or the person's key, `reference` the session or the signature.
    """

    kind: Literal["attested", "signed"]
    by: str
    reference: str = ""

    @property
    def vouches(self) -> bool:
        """Whether anything stands behind it."""
        return bool(self.by) and (self.kind == "attested" or bool(self.reference))


@dataclass(frozen=True, slots=True)
class Vote:
    """What one account answered, for itself or for `principal`, to the card with this hash."""

    actor: str
    principal: str | None
    choice: Choice
    card: str
    proof: Proof
    at: int


@dataclass(frozen=True, slots=True)
class Filled:
    """One place and the vote, by its number within the request, that fills it; actor and principal as persons."""

    seat: Who
    vote: int
    actor: str
    principal: str


@dataclass(frozen=True, slots=True)
class Reach:
    """A seat that was widened at this time."""

    seat: Who
    to: Who
    at: int


@dataclass(frozen=True, slots=True)
class Glass:
    """Seats that one person stood in for. `person` is who the account was then."""

    responder: str
    person: str
    reason: str
    until: int
    reviewed: bool = False


class Run(NamedTuple):
    """The one execution: the executor's nonce, its lease, and which attempt at the effect it is."""

    nonce: str
    lease_until: int
    attempt: int
    outcome: How | None = None


class Request(NamedTuple):
    """An action that waits, or waited. `excluded` are accounts and persons who have no say; it only grows.

    `since` is when the first of its line was asked, `deadline` until when it may be answered, `reopened` whether
    one of its line was superseded because its terms changed; `lapses_at` is the end of its grant.
    """

    id: str
    status: Status
    proposal: Proposal
    chain: Chain
    owners: frozenset[str]
    excluded: frozenset[str]
    terms: Approval | None
    policy: str
    asked_at: int
    since: int
    deadline: int
    card: str
    waiters: tuple[str, ...]
    accepts_changes: bool = False
    votes: tuple[Vote, ...] = ()
    reach: tuple[Reach, ...] = ()
    reopened: bool = False
    supersedes: str | None = None
    superseded_by: str | None = None
    glass: Glass | None = None
    seats: tuple[Filled, ...] = ()
    lapses_at: int = 0
    run: Run | None = None
    cool_until: int = 0
    reminders: int = 0
    unfillable: tuple[Who, ...] = ()

    @property
    def wanted(self) -> Approval:
        """The terms. Raises ValueError for an allow, which has none."""
        if self.terms is None:
            raise ValueError(f"request `{self.id}` was allowed without terms")
        return self.terms


def judged(request: Request, now: int) -> Status:
    """The status by the ledger's time, swept or not."""
    if request.status == "pending" and now >= request.deadline:
        return "expired"
    if request.status == "approved" and now >= request.lapses_at:
        return "lapsed"
    if request.status == "consumed" and request.run is not None and now >= request.run.lease_until:
        return "unknown"
    return request.status
