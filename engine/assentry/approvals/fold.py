"""The fold: a state and an event give the next state, or the event cannot have happened there.

What one request tells is folded by its events; what reaches across requests is kept in step here. Every event is
checked against all that the log can know, so folding a log from its first entry replays the laws over it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from assentry.approvals.events import Birth, BrokeGlass, Event, Joined, Requested
from assentry.approvals.events.event import illegal
from assentry.approvals.names import Names
from assentry.approvals.request import OPEN, STEPS, Request, judged
from assentry.approvals.state import HOUR_MS, Asked, State
from assentry.approvals.table import Table
from assentry.errors import IllegalEvent

_S = TypeVar("_S", Names, frozenset[str])

_WAITING = (Birth, Joined)
"""After these somebody waits under a name of its own."""


def evolve(state: State, event: Event) -> State:
    """The state after one more event. Raises IllegalEvent when the laws do not let it happen there."""
    head = event.head
    if head.at < state.time:
        illegal("time", "an event stands before one that happened earlier")
    if head.development != state.development:
        illegal("development", "development mode is fixed when a log begins")
    before = state.requests.get(head.request)
    after = _born(state, event) if isinstance(event, Birth) else _moved(state, event, before)
    return _kept_in_step(state, event, before, after)


def replay(events: Iterable[Event], *, development: bool = False) -> State:
    """The state after a whole history. Raises IllegalEvent, its message beginning with the number of the event."""
    state = State(development=development)
    for number, event in enumerate(events):
        try:
            state = evolve(state, event)
        except IllegalEvent as error:
            raise IllegalEvent(error.code, f"event {number}, `{event.kind}`: {error}") from error
    return state


def _born(state: State, event: Birth) -> Request:
    if event.head.request in state.waiters:
        illegal("taken", f"`{event.head.request}` is taken")
    event.check_birth(state)
    return event.born(state)


def _moved(state: State, event: Event, before: Request | None) -> Request:
    if before is None:
        illegal("request", f"there is no request `{event.head.request}`")
    status = judged(before, event.head.at)
    if status not in event.after:
        illegal("status", f"request `{before.id}` is {status}")
    event.check(before, state)
    after = event.applied(before)
    if after.status != before.status and after.status not in STEPS.get(before.status, ()):
        illegal("status", f"request `{before.id}` is {before.status} and cannot become {after.status}")
    return after


def _kept_in_step(state: State, event: Event, before: Request | None, after: Request) -> State:
    name, at, proposal = after.id, event.head.at, after.proposal
    effects, cooling, waiters, asked = state.effects, state.cooling, state.waiters, state.asked
    if after.run is not None and (before is None or before.run is None) and proposal.effect_key is not None:
        effects = effects.with_entry(proposal.effect_key, name)
    if after.cool_until and after.cool_until > state.cooling_until(proposal.sameness):
        cooling = cooling.with_entry(proposal.sameness, after.cool_until)
    if isinstance(event, _WAITING):
        waiters = waiters.with_entry(event.waiter if isinstance(event, Joined) else name, name)
    if isinstance(event, Joined) or (isinstance(event, Requested) and event.supersedes is None):
        asked = asked.with_entry(after.chain.requester, _asked(state, after, at))
    return State(
        development=state.development,
        time=at,
        requests=state.requests.with_entry(name, after),
        effects=effects,
        cooling=cooling,
        open=_still_open(state, before, after),
        waiters=waiters,
        asked=asked,
        glasses=_glasses(state, event),
        live=_kept(state.live, name, kept=after.status in OPEN or after.status == "consumed"),
        owing=_kept(state.owing, name, kept=after.glass is not None and not after.glass.reviewed),
    )


def _still_open(state: State, before: Request | None, after: Request) -> Table[str, tuple[str, ...]]:
    """Which requests of each sameness may be joined, oldest first."""
    is_open = after.status in OPEN
    if is_open == (before is not None and before.status in OPEN):
        return state.open
    sameness = after.proposal.sameness
    names = tuple(each for each in state.open.get(sameness) or () if each != after.id)
    return state.open.with_entry(sameness, (*names, after.id) if is_open else names)


def _glasses(state: State, event: Event) -> Table[str, int]:
    if not isinstance(event, BrokeGlass):
        return state.glasses
    return state.glasses.with_entry(event.person, (state.glasses.get(event.person) or 0) + 1)


def _kept(names: _S, name: str, *, kept: bool) -> _S:
    if kept == (name in names):
        return names
    return names | {name} if kept else names - {name}


def _asked(state: State, request: Request, at: int) -> Asked:
    before = state.asked.get(request.chain.requester) or Asked()
    return Asked(before.total + 1, (*(each for each in before.recent if each > at - HOUR_MS), at))
