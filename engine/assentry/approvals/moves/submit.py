"""An action is attempted: refused, allowed, joined to one that waits already, or asked."""

from __future__ import annotations

from collections import Counter

from assentry.approvals import exclusion, seating
from assentry.approvals import terms as terms_of
from assentry.approvals.commands import Submit
from assentry.approvals.desk import Desk, Events
from assentry.approvals.events import Allowed, Joined, Requested
from assentry.approvals.refusal import refuse
from assentry.approvals.request import OPEN, Request, judged
from assentry.approvals.state import HOUR_MS, Asked


def submit(desk: Desk, command: Submit) -> Events:
    """Sameness is asked after deciding; whoever is refused leaves nothing behind."""
    desk.fresh(command.request)
    desk.current(command.judgement, command.proposal)
    if not desk.state.development and not exclusion.is_answered_for(desk.people, command.chain.requester):
        refuse("owner", f"nobody is known to own `{command.chain.requester}`")
    _renewed(desk, command)
    if command.judgement.decision == "deny":
        refuse("denied", "the policy denies this")
    desk.not_cooling(command.proposal)
    if command.judgement.decision == "allow":
        return _allowed(desk, command)
    event = _requested(desk, command)
    request = event.born(desk.state)
    excluded = desk.excluded(request)
    desk.fillable(request, excluded)
    _within_budget(desk, command.chain.requester)
    if (twin := _twin(desk, request)) is not None:
        return (Joined(desk.head(twin), command.request, command.chain),)
    _bearable(desk, request, excluded)
    return (event,)


def _renewed(desk: Desk, command: Submit) -> None:
    """Asking again is one step, for the same that expired."""
    if command.renews is not None:
        before = desk.find(command.renews, "expired", "lapsed")
        if before.proposal.sameness != command.proposal.sameness:
            refuse("changes", f"request `{command.renews}` asked for something else")


def _of_chain(desk: Desk, command: Submit) -> tuple[str, ...]:
    return () if desk.state.development else tuple(sorted(exclusion.of_chain(desk.people, command.chain)))


def _allowed(desk: Desk, command: Submit) -> Events:
    return (
        Allowed(
            desk.head(command.request),
            proposal=command.proposal,
            chain=command.chain,
            owners=tuple(sorted(exclusion.owners(desk.people, command.chain.requester))),
            excluded=_of_chain(desk, command),
            policy=command.judgement.policy,
            nonce=command.nonce,
            lease_until=desk.now + desk.settings.lease_ms,
            attempt=desk.attempt(command.proposal),
            rules=command.judgement.rules,
            controls=command.judgement.controls,
        ),
    )


def _requested(desk: Desk, command: Submit) -> Requested:
    terms = command.judgement.terms
    if terms is None or not terms_of.sound(terms):
        return refuse("terms", "the policy asks for nobody's yes, or for too many")
    return Requested(
        desk.head(command.request),
        proposal=command.proposal,
        chain=command.chain,
        owners=tuple(sorted(exclusion.owners(desk.people, command.chain.requester))),
        excluded=_of_chain(desk, command),
        terms=terms,
        policy=command.judgement.policy,
        deadline=desk.now + 1000 * terms.within_seconds,
        card=command.card,
        accepts_changes=command.accepts_changes,
        renews=command.renews,
        rules=command.judgement.rules,
        controls=command.judgement.controls,
    )


def _twin(desk: Desk, new: Request) -> str | None:
    """The oldest open request that asks for the same, on equal terms, by an equal chain."""
    for name in desk.state.open.get(new.proposal.sameness) or ():
        request = desk.state.requests[name]
        if judged(request, desk.now) in OPEN and _alike(request, new):
            return name
    return None


def _alike(request: Request, new: Request) -> bool:
    """Whether two requests of one sameness differ in nothing that anybody is asked or told."""
    return (
        request.chain == new.chain
        and request.owners == new.owners
        and terms_of.same(request.wanted, new.wanted)
        and request.accepts_changes == new.accepts_changes
        and request.proposal.effect_key == new.proposal.effect_key
        and request.proposal.preconditions == new.proposal.preconditions
    )


def _within_budget(desk: Desk, requester: str) -> None:
    """One requester's questions, open ones and those of an hour."""
    if desk.state.waiting(requester, desk.now) >= desk.settings.actor_open:
        refuse("budget", f"`{requester}` has as many questions open as it may")
    if desk.state.lately(requester, desk.now) >= desk.settings.actor_hourly:
        asked = desk.state.asked.get(requester) or Asked()
        again = asked.recent[-desk.settings.actor_hourly] + HOUR_MS
        refuse("budget", f"`{requester}` asked as many questions within the hour as it may", again)


def _bearable(desk: Desk, new: Request, excluded: frozenset[str]) -> None:
    """Back-pressure: enough people are left who are not asked too much already."""
    asked: Counter[str] = Counter()
    for name in desk.state.live:
        request = desk.state.requests[name]
        if judged(request, desk.now) == "pending":
            asked.update(seating.may_answer(desk.people, request) - desk.excluded(request))
    busy = {person for person, number in asked.items() if number >= desk.settings.approver_open}
    if busy and seating.lacking(desk.people, new, excluded | busy):
        refuse("back_pressure", "those who could answer have as many questions before them as they may")
