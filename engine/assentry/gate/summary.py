"""How a request stands, for those who look after requests: people by their names, as far as they are known here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assentry.approvals import State, view
from assentry.approvals.directory import Reading
from assentry.approvals.request import Status
from assentry.errors import Denied, GateError, SealedError
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
    for found in all_of(parts, [parts.request(name).id]):
        return found
    raise GateError(f"there is no request `{name}` any more")


def all_of(parts: Parts, names: Sequence[str]) -> list[Summary]:
    """The summaries of those requests that there are, by one look at log and directory.

    Raises DirectoryUnavailable, LedgerError.
    """
    for name in names:
        parts.documents.learn(name)
    now, state = parts.clerk.now(*names)
    people = parts.clerk.people()
    return [_summary(parts, state, name, people, now) for name in names if name in state.requests]


def _summary(parts: Parts, state: State, name: str, people: Reading, now: int) -> Summary:
    request, seen, shown = state.requests[name], view.view(state, name, people, now), parts.names.name
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
