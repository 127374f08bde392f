"""The one use of a grant (laws 1 and 2): everything that was true when it was given is asked again."""

from __future__ import annotations

from assentry.approvals import terms as terms_of
from assentry.approvals.commands import Consume
from assentry.approvals.desk import Desk, Events
from assentry.approvals.events import Consumed, Expired, Requested, Superseded
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
    terms = _in_force(request, command)
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


def _in_force(request: Request, command: Consume) -> Approval:
    """The terms approved united with those in force; an allow asks for nothing more."""
    asked = command.judgement.terms if command.judgement.decision == "require_approval" else None
    terms = terms_of.union(request.wanted, asked)
    if (command.judgement.decision == "require_approval" and asked is None) or not terms_of.sound(terms):
        return refuse("terms", "the policy in force asks for nobody's yes, or for too many")
    return terms


def _again(desk: Desk, command: Consume, request: Request, excluded: frozenset[str], terms: Approval) -> Events:
    """The same action once more, on the terms of both, without votes and not a minute longer; but only once."""
    head = desk.head(request.id)
    if request.reopened:
        return (Expired(head, cause="terms"),)
    desk.fresh(command.successor)
    requested = Requested(
        desk.head(command.successor),
        proposal=request.proposal,
        chain=request.chain,
        owners=tuple(sorted(request.owners)),
        excluded=tuple(sorted(excluded)),
        terms=terms,
        policy=command.judgement.policy,
        deadline=request.deadline,
        card="",
        accepts_changes=request.accepts_changes,
        supersedes=request.id,
        cause="terms",
        rules=command.judgement.rules,
        controls=command.judgement.controls,
    )
    return (Superseded(head, by=command.successor), requested)
