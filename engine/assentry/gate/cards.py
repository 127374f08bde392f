"""The card of a request: drawn by the review room, sealed beside the request, shown as it was kept (law 8)."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from typing import Any

from assentry.approvals import Refusal
from assentry.approvals.commands import Draw
from assentry.approvals.events import Drawn
from assentry.approvals.request import Chain, Request
from assentry.errors import LedgerError, Rejected
from assentry.evaluator.ruling import Approval
from assentry.evaluator.verdict import Verdict
from assentry.gate.clerk import Seals
from assentry.gate.parts import Parts
from assentry.gate.stamp import Caller, Document, named
from assentry.review import Card, Review, similar
from assentry.review import draw as drawn
from assentry.review.drawing import MAX_CHARACTERS, MAX_FIELDS

TOO_LARGE = (
    f"too large to be shown whole, and nobody can agree to what is not shown: a card holds {MAX_FIELDS:,} values and "
    f"{MAX_CHARACTERS:,} characters; name what is large by its place and digest"
)

_LOGGER = logging.getLogger(__name__)

LOOKED_BACK = 50
"""How many of the newest requests are looked through for one like this."""


@dataclass(frozen=True)
class _Before:
    """The last similar action, and what became of it."""

    document: Document
    at: int
    status: str


def first(parts: Parts, request: str, document: Document, verdict: Verdict, chain: Chain, now: int) -> Card:
    """The card of a request that is about to be made. `chain` is in names."""
    assert verdict.approval is not None  # it waits for one
    return _draw(parts, request, document, verdict, chain, (now, now + 1000 * verdict.approval.within_seconds))


def of_change(
    parts: Parts, request: Request, proposed: str, document: Document, verdict: Verdict, chain: Chain
) -> Card:
    """The card of what somebody proposes in place of a request. `chain` is in names."""
    times = (parts.clerk.now()[0], request.deadline)
    return _draw(parts, proposed, document, verdict, chain, times, request.wanted)


def draw(parts: Parts, name: str) -> Card:
    """Draw the card of a request that took another's place, under the policy in force. Raises LedgerError, Rejected."""
    request = parts.request(name)
    file = parts.documents.file(request.id)
    document = file.action
    now, _ = parts.clerk.now()
    verdict = parts.judge.decide(document, now)
    holder = None if request.chain.holder is None else parts.names.name(request.chain.holder)
    chain = in_names(Caller(document["subject"], holder))
    times = (request.asked_at, request.deadline)
    card = _draw(parts, request.id, document, verdict, chain, times, request.wanted)
    sealed: Seals = {Drawn: parts.documents.of_card(card.canonical, file.names)}
    found = parts.clerk.enter(lambda at: Draw(request.id, card.digest), sealed=sealed)
    if isinstance(found, Refusal):
        raise Rejected(found.code, parts.said(found))
    parts.tell(found)
    return card


def draw_ahead(parts: Parts, name: str) -> None:
    """Draw a card before anybody looks. Where that cannot be, or it is over already, `kept` has the last word."""
    try:
        draw(parts, name)
    except (Rejected, LedgerError) as error:
        _LOGGER.warning("the card of `%s` is not drawn yet: %s", name, type(error).__name__)


def kept(parts: Parts, name: str) -> tuple[Request, Card]:
    """A request with its card in force, as it was sealed. Raises SealedError, LedgerError, Rejected."""
    request = parts.request(name)
    if request.terms is None:
        raise Rejected("status", f"request `{name}` was allowed: nobody is asked")
    if not request.card:
        return parts.request(name), draw(parts, name)
    stored = parts.documents.file(request.id).card
    card = None if stored is None else Card.from_dict(dict(stored))
    if card is None or card.digest != request.card:
        raise LedgerError(f"the card of request `{request.id}` is not kept")
    return request, card


def in_names(caller: Caller) -> Chain:
    """The chain as people read it."""
    subject = caller.subject
    principals = tuple(each["id"] for each in subject.get("on_behalf_of", ()))
    return Chain(subject["id"], subject.get("owner"), principals, caller.holder)


def _draw(
    parts: Parts,
    request: str,
    document: Document,
    verdict: Verdict,
    chain: Chain,
    times: tuple[int, int],
    terms: Approval | None = None,
) -> Card:
    tool = parts.tools.find(*named(document))
    before = _previous(parts, request, document)
    more: dict[str, Any] = {}
    if before is not None:
        more = {"previous": before.document, "previous_at": before.at, "previous_status": before.status}
    return drawn(
        Review(
            request=request,
            action=document,
            verdict=verdict,
            policy=parts.judge.policy,
            chain=chain,
            asked_at=times[0],
            deadline=times[1],
            terms=terms,
            material=() if tool is None else tuple(("action", "parameters", *path) for path in tool.effect),
            classes=() if tool is None else tool.classes,
            salt=secrets.token_hex(16),
            marks=("development",) if parts.ledger.development else (),
            **more,
        )
    )


def _previous(parts: Parts, request: str, document: Document) -> _Before | None:
    """The newest request that was like this one, as far as it can still be read."""
    wanted = similar(document)
    _, state = parts.clerk.now()
    for name in list(reversed(parts.clerk.mirror.recent))[:LOOKED_BACK] if wanted is not None else ():
        found = state.requests.get(name)
        if found is None or name == request:
            continue
        try:
            action = parts.documents.file(name).action
        except LedgerError:
            continue
        if similar(action) == wanted:
            return _Before(action, found.asked_at, found.status)
    return None
