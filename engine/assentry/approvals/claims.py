"""What events claim across requests, so that of processes that race for it only one gets it.

A request's own events are ordered by its last entry. Three things reach further: an effect (attempt by attempt),
a requester's questions (counted, so that two alike cannot both miss the other, nor slip through a budget
together), and a person's broken glasses. The ledger gives each name once and for ever; who is late decides again.
Who joins a request claims its own name besides: by that the request is found again when it has left memory.
"""

from __future__ import annotations

from collections.abc import Iterable

from assentry.approvals.events import Allowed, BrokeGlass, Consumed, Event, Joined, Requested
from assentry.approvals.state import Asked, State

Claims = tuple[tuple[str, str], ...]
"""Pairs of a space and a key within it."""


def claims(state: State, event: Event) -> Claims:
    """What one of the events that were decided in this state has to claim."""
    if isinstance(event, Allowed):
        return _effect(event.proposal.effect_key, event.attempt)
    if isinstance(event, Consumed):
        return _effect(state.requests[event.head.request].proposal.effect_key, event.attempt)
    if isinstance(event, Joined):
        return (*_question(state, event.chain.requester), ("waiter", event.waiter))
    if isinstance(event, Requested) and event.supersedes is None:
        return _question(state, event.chain.requester)
    if isinstance(event, BrokeGlass):
        return (("glass", f"{event.person}#{state.glasses.get(event.person) or 0}"),)
    return ()


def all_claims(state: State, events: Iterable[Event]) -> Claims:
    """What all events of one decision claim."""
    return tuple(claim for event in events for claim in claims(state, event))


def _effect(key: str | None, attempt: int) -> Claims:
    return () if key is None else (("effect", f"{key}#{attempt}"),)


def _question(state: State, requester: str) -> Claims:
    total = (state.asked.get(requester) or Asked()).total
    return (("question", f"{requester}#{total}"),)
