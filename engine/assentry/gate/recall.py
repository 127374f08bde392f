"""Requests folded from their own entries alone, which the log finds by index: for those that left memory.

What a request took the place of, what took its own, and the attempts at its effect before it, come with it: without
them its history would not be legal.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence

from assentry.approvals import State, evolve
from assentry.approvals.codec import from_body
from assentry.approvals.events import EVENTS, Allowed, Birth, Consumed, Event, Head, Requested, Superseded
from assentry.approvals.settled import without
from assentry.errors import IllegalEvent, InputError, LedgerError
from assentry.ledger.entry import Claim, Entry
from assentry.ledger.store import Ledger

KINDS = frozenset(event.kind for event in EVENTS)

_LOGGER = logging.getLogger(__name__)


def event_of(entry: Entry, *, development: bool) -> Event:
    """The event of an entry of one of the KINDS. Raises InputError when it says none."""
    assert entry.request is not None  # events are about one
    return from_body(entry.type, Head(entry.request, entry.time, development), entry.data)


def recall(ledger: Ledger, names: Iterable[str], below: int) -> tuple[State, dict[str, list[int]]]:
    """The state of these requests and of those that belong to them, and the indices of the entries of each.

    Only entries below an index are looked at. A request of which the log has no beginning is not in the state, nor is
    one whose history breaks a law. Raises LedgerError.
    """
    development = ledger.development
    ahead, histories, events = list(names), dict[str, list[int]](), list[tuple[int, Event]]()
    while ahead:
        name = ahead.pop()
        if name in histories:
            continue
        own = list(_history(ledger, name, below, development=development))
        histories[name] = [index for index, _ in own]
        events += own
        ahead += kin(ledger, [event for _, event in own])
    return _folded(events, development=development), histories


def _history(ledger: Ledger, name: str, below: int, *, development: bool) -> Iterator[tuple[int, Event]]:
    """The events of a request, from its birth on."""
    born = False
    for entry in ledger.request_entries(name):
        if entry.index >= below or entry.type not in KINDS:
            continue
        try:
            event = event_of(entry, development=development)
        except InputError as error:
            _LOGGER.error("entry %d is no event: %s", entry.index, error)
            return
        born = born or isinstance(event, Birth)
        if born:
            yield entry.index, event


def _folded(events: list[tuple[int, Event]], *, development: bool) -> State:
    state, lost = State(development=development), set[str]()
    for _, event in sorted(events, key=lambda each: each[0]):
        name = event.head.request
        if name in lost:
            continue
        try:
            state = evolve(state, event)
        except IllegalEvent:
            lost.add(name)
            state = without(state, [name])
    return state


def kin(ledger: Ledger, events: Sequence[Event], key: str | None = None) -> Iterator[str]:
    """The requests that the events of one request build on; `key` is that of its effect, where it was born before."""
    for event in events:
        if isinstance(event, Requested | Allowed):
            key = event.proposal.effect_key
        if isinstance(event, Requested) and event.supersedes is not None:
            yield event.supersedes
        if isinstance(event, Superseded):
            yield event.by
        if isinstance(event, Allowed | Consumed) and event.attempt > 1 and key is not None:
            yield from holder(ledger, Claim("effect", f"{key}#{event.attempt - 1}"))


def holder(ledger: Ledger, claim: Claim) -> Iterator[str]:
    """The request whose entry has a claim; none where nobody has it, or the entry was pruned."""
    index = ledger.claimed(claim)
    try:
        request = None if index is None else ledger.entry(index).request
    except LedgerError:
        return
    if request is not None:
        yield request
