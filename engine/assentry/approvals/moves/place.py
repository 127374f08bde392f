"""What takes a request's place (laws 1 and 7): on the terms of both, until the same deadline, with no vote yet."""

from __future__ import annotations

from assentry.approvals import terms as terms_of
from assentry.approvals.commands import Judgement
from assentry.approvals.desk import Desk
from assentry.approvals.events import Requested
from assentry.approvals.events.asked import Cause
from assentry.approvals.refusal import refuse
from assentry.approvals.request import Proposal, Request
from assentry.evaluator.ruling import Approval


def united(request: Request, judgement: Judgement) -> Approval:
    """A request's terms with those of a decision; an allow asks for nothing more. Raises Refused."""
    asked = judgement.terms if judgement.decision == "require_approval" else None
    terms = terms_of.union(request.wanted, asked)
    if (judgement.decision == "require_approval" and asked is None) or not terms_of.sound(terms):
        return refuse("terms", "the policy asks for nobody's yes, or for too many")
    return terms


def successor(  # noqa: PLR0913 -- all that two requests of one line can differ in
    desk: Desk,
    request: Request,
    name: str,
    cause: Cause,
    *,
    proposal: Proposal,
    judgement: Judgement,
    terms: Approval,
    excluded: frozenset[str],
) -> Requested:
    """The request `name` in the place of another; its card is drawn later."""
    return Requested(
        desk.head(name),
        proposal=proposal,
        chain=request.chain,
        owners=tuple(sorted(request.owners)),
        excluded=tuple(sorted(excluded)),
        terms=terms,
        policy=judgement.policy,
        deadline=request.deadline,
        card="",
        accepts_changes=request.accepts_changes,
        supersedes=request.id,
        cause=cause,
        rules=judgement.rules,
        controls=judgement.controls,
    )
