"""How a request stands, for those who look after requests: people by their names, as far as they are known here."""

from __future__ import annotations

from dataclasses import dataclass

from assentry.approvals import view
from assentry.approvals.request import Status
from assentry.errors import Denied, SealedError
from assentry.gate.parts import Parts
from assentry.gate.stamp import named


@dataclass(frozen=True)
class Summary:
    """`missing` and `unfillable` are seats as `group("x")`; times are in milliseconds since 1970.

    `answerers` are the persons who can answer it now, `filled` those whose votes fill seats. `content` is equal for two
    requests for the same thing, whoever asks: they are shown together, and answered apart; empty for what was erased.
    """

    id: str
    status: Status
    requester: str
    asked_at: int
    deadline: int
    card: str
    answerers: tuple[str, ...]
    filled: tuple[str, ...]
    missing: tuple[str, ...]
    unfillable: tuple[str, ...]
    supersedes: str | None
    owes_review: bool
    content: str = ""


def of(parts: Parts, name: str) -> Summary:
    """The summary of a request. Raises GateError when there is none, DirectoryUnavailable, LedgerError."""
    request = parts.request(name)
    parts.documents.learn(request.id)
    now, state = parts.clerk.now(request.id)
    seen = view.view(state, request.id, parts.clerk.people(), now)
    shown = parts.names.name
    return Summary(
        id=request.id,
        status=seen.status,
        requester=shown(request.chain.requester) or request.chain.requester,
        asked_at=request.asked_at,
        deadline=request.deadline,
        card=request.card,
        answerers=tuple(parts.names.names(seen.answerers)),
        filled=tuple(shown(each.principal) or each.principal for each in seen.filled),
        missing=tuple(str(seat) for seat in seen.missing),
        unfillable=tuple(str(seat) for seat in seen.unfillable),
        supersedes=request.supersedes,
        owes_review=request.id in state.owing,
        content=_content(parts, request.id),
    )


def _content(parts: Parts, request: str) -> str:
    try:
        document = parts.documents.file(request).action
        return parts.judge.content(document, parts.tools.find(*named(document)))
    except (SealedError, Denied):  # erased, or of a tool that is not declared here
        return ""
