"""What can be asked of the machine. Ids, times, digests and what the policy says now are all arguments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from assentry.approvals.request import Chain, How, Proof, Proposal
from assentry.evaluator.ruling import Approval, Decision

Answer = Literal["approve", "deny"]
Outcome = Literal["committed", "failed"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a policy decided on the action with this digest, with `at` as its time; `terms` go with an approval.

    `rules` and `controls` are those of the verdict: the log keeps them beside what came of it.
    """

    digest: str
    decision: Decision
    terms: Approval | None
    policy: str
    at: int
    rules: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Submit:
    """An action is attempted. `nonce` is the executor's, should it be allowed; `renews` an expired request."""

    request: str
    proposal: Proposal
    chain: Chain
    judgement: Judgement
    card: str
    nonce: str
    accepts_changes: bool = False
    renews: str | None = None


@dataclass(frozen=True, slots=True)
class Draw:
    """The engine drew the card anew."""

    request: str
    card: str


@dataclass(frozen=True, slots=True)
class Show:
    """A viewer is shown the card."""

    request: str
    viewer: str
    card: str


@dataclass(frozen=True, slots=True)
class CastVote:
    """An account approves or denies, for itself or as deputy of `principal`."""

    request: str
    actor: str
    choice: Answer
    card: str
    proof: Proof
    principal: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Counter:
    """An account proposes another action instead; `judgement` is of that action, `proposed` the id it gets."""

    request: str
    proposed: str
    actor: str
    card: str
    proof: Proof
    proposal: Proposal
    judgement: Judgement
    principal: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BreakGlass:
    """One person stands in for all seats, for at most `for_ms` milliseconds."""

    request: str
    actor: str
    card: str
    proof: Proof
    reason: str
    for_ms: int


@dataclass(frozen=True, slots=True)
class Review:
    """A person looked at what was done under a broken glass, and found this."""

    request: str
    actor: str
    proof: Proof
    finding: str


@dataclass(frozen=True, slots=True)
class Consume:
    """The grant is used. `preconditions` are read now, `judgement` is made now; `successor` is an id in reserve.

    What comes of it may be `Consumed`, nothing (the same permit again), or a request that takes its place.
    """

    request: str
    nonce: str
    preconditions: tuple[tuple[str, str], ...]
    judgement: Judgement
    successor: str


@dataclass(frozen=True, slots=True)
class Report:
    """The executor with this nonce says how it ended; `without_effect` is what the tool declares of the error."""

    request: str
    nonce: str
    how: How
    without_effect: bool = False


@dataclass(frozen=True, slots=True)
class Resolve:
    """A person says what became of an execution whose outcome is unknown."""

    request: str
    actor: str
    outcome: Outcome
    reason: str
    proof: Proof


@dataclass(frozen=True, slots=True)
class Cancel:
    """One who waits does so no more; `waiter` is the id it asked under."""

    request: str
    waiter: str


@dataclass(frozen=True, slots=True)
class Revoke:
    """A person takes back what was approved and has not run."""

    request: str
    actor: str
    reason: str
    proof: Proof


@dataclass(frozen=True, slots=True)
class Tick:
    """Time went on, or the directory changed."""

    request: str


Command = (
    Submit
    | Draw
    | Show
    | CastVote
    | Counter
    | BreakGlass
    | Review
    | Consume
    | Report
    | Resolve
    | Cancel
    | Revoke
    | Tick
)
