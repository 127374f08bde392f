"""The one use of a grant (laws 1 and 2): everything that was true when it was given is asked again."""

from __future__ import annotations

from assentry.approvals.commands import Consume
from assentry.approvals.desk import Desk, Events
from assentry.approvals.events import Consumed, Expired, Superseded
from assentry.approvals.moves.place import successor, united
from assentry.approvals.moves.quorum import seated
from assentry.approvals.refusal import refuse
from assentry.approvals.request import Request
from assentry.evaluator.ruling import Approval


def consume(desk: Desk, command: Consume) -> Events:
    """Used; or already used by this executor (no events); or asked once more, because the terms grew."""
    request = desk.find(command.request, "approved", "consumed")
    if request.run is not None:
        return () if request.run.nonce == command.nonce else refuse("used", f"request `{request.id}` was used")
    desk.current(command.judgement, request.proposal)
    if command.preconditions != request.proposal.preconditions:
        refuse("preconditions", "what the tool read before is not as it was")
    if command.judgement.decision == "deny":
        refuse("denied", "the policy in force denies this")
    attempt = desk.attempt(request.proposal)
    excluded = desk.excluded(request)
    terms = united(request, command.judgement)
    filled = seated(desk, request, excluded, terms)
    if filled is None:
        return (*desk.grown(request, excluded), *_again(desk, command, request, excluded, terms))
    consumed = Consumed(
        desk.head(request.id),
        digest=request.proposal.digest,
        policy=command.judgement.policy,
        terms=terms,
        seats=filled,
        nonce=command.nonce,
        lease_until=desk.now + desk.settings.lease_ms,
        attempt=attempt,
        rules=command.judgement.rules,
        controls=command.judgement.controls,
    )
    return (*desk.grown(request, excluded), consumed)


def _again(desk: Desk, command: Consume, request: Request, excluded: frozenset[str], terms: Approval) -> Events:
    """The same action once more, on the terms of both, without votes and not a minute longer; but only once."""
    head = desk.head(request.id)
    if request.reopened:
        return (Expired(head, cause="terms"),)
    desk.fresh(command.successor)
    requested = successor(
        desk,
        request,
        command.successor,
        "terms",
        proposal=request.proposal,
        judgement=command.judgement,
        terms=terms,
        excluded=excluded,
    )
    return (Superseded(head, by=command.successor), requested)
