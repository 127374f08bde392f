"""What leaves a state and comes back: requests on which neither time nor a person has to do anything any more.

A request that has left can still be asked for. It is folded again from its own events then, and joins the state.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from assentry.approvals.events import Birth, Event
from assentry.approvals.request import OPEN, Request
from assentry.approvals.state import HOUR_MS, State
from assentry.approvals.table import Table

UNSETTLED = OPEN | {"consumed", "unknown"}


def is_settled(state: State, request: Request) -> bool:
    """Whether nothing has to happen to a request any more: it is over, and nobody owes a review of it."""
    return request.status not in UNSETTLED and request.id not in state.owing


def without(state: State, names: Iterable[str], waiters: Iterable[str] = ()) -> State:
    """The state without requests, the effects that they hold, and who waited for them; `waiters` are more of these."""
    gone = {request.id: request for name in names if (request := state.requests.get(name)) is not None}
    keys = [key for each in gone.values() if (key := each.proposal.effect_key) is not None]
    waiting = [waiter for each in gone.values() for waiter in (each.id, *each.waiters)]
    open_ = state.open
    for sameness in {each.proposal.sameness for each in gone.values()}:
        if sameness in open_:
            others = tuple(name for name in open_[sameness] if name not in gone)
            open_ = open_.with_entry(sameness, others) if others else open_.without(sameness)
    return state._replace(
        requests=state.requests.without(*gone),
        effects=state.effects.without(*[key for key in keys if state.effects.get(key) in gone]),
        waiters=state.waiters.without(*[each for each in (*waiting, *waiters) if state.waiters.get(each) in gone]),
        open=open_,
        live=state.live - gone.keys(),
        owing=state.owing - gone.keys(),
    )


def joined(state: State, other: State) -> State:
    """The state with all requests of another that it does not have; of one effect the newest attempt holds it."""
    new = [request for _, request in other.requests.items() if request.id not in state.requests]
    requests, effects, waiters, open_ = state.requests, state.effects, state.waiters, state.open
    for request in sorted(new, key=_age):
        requests = requests.with_entry(request.id, request)
        if request.status in OPEN:
            sameness = request.proposal.sameness
            open_ = open_.with_entry(sameness, (*(open_.get(sameness) or ()), request.id))
    for key, holder in other.effects.items():
        if _attempt(requests, holder) > _attempt(requests, effects.get(key)):
            effects = effects.with_entry(key, holder)
    for waiter, name in other.waiters.items():
        waiters = waiters.with_entry(waiter, name)
    names = {request.id for request in new}
    return state._replace(
        requests=requests,
        effects=effects,
        waiters=waiters,
        open=open_,
        live=state.live | (other.live & names),
        owing=state.owing | (other.owing & names),
    )


def _attempt(requests: Table[str, Request], name: str | None) -> int:
    request = None if name is None else requests.get(name)
    return 0 if request is None or request.run is None else request.run.attempt


def tidied(state: State) -> State:
    """The state without cool-offs that are over, and without requesters who asked nothing within the hour."""
    cooling, asked = state.cooling, state.asked
    for sameness, until in list(cooling.items()):
        cooling = cooling if until > state.time else cooling.without(sameness)
    for requester, each in list(asked.items()):
        asked = asked if each.recent and each.recent[-1] > state.time - HOUR_MS else asked.without(requester)
    return state._replace(cooling=cooling, asked=asked)


def builds_on_what_is_gone(state: State, event: Event) -> bool:
    """Whether an event follows from a request that is not in the state: of a log whose beginning was pruned."""
    known = state.requests
    before = (getattr(event, name, None) for name in ("supersedes", "renews"))
    if any(isinstance(name, str) and name not in known for name in before):
        return True
    request = known.get(event.head.request)
    if request is None and not isinstance(event, Birth):
        return True
    proposal = getattr(event, "proposal", None) if request is None else request.proposal
    is_first = proposal is not None and state.effects.get(proposal.effect_key or "") is None
    return is_first and getattr(event, "attempt", 1) > 1


def unsettled(state: State) -> Iterator[str]:
    """The requests that are not settled, oldest first."""
    found = [each for _, each in state.requests.items() if not is_settled(state, each)]
    return (each.id for each in sorted(found, key=_age))


def _age(request: Request) -> tuple[int, str]:
    return request.asked_at, request.id
