"""What a gate knows held to what the whole log says."""

from __future__ import annotations

from assentry.approvals import State, evolve
from assentry.approvals.settled import is_settled
from assentry.approvals.state import HOUR_MS
from assentry.gate import Gate
from assentry.gate.recall import KINDS, event_of
from assentry.ledger.store import Ledger


def folded_whole(ledger: Ledger) -> State:
    """The fold of all entries, by nothing but the laws."""
    state = State(development=ledger.development)
    for entry in ledger.entries():
        if entry.type in KINDS:
            state = evolve(state, event_of(entry, development=state.development))
    return state


def check_unsettled(gate: Gate, ledger: Ledger) -> State:
    """What is not settled is what the whole log says; that is returned."""
    state, whole = gate._parts.clerk.mirror.catch_up(), folded_whole(ledger)
    unsettled = {name for name, each in whole.requests.items() if not is_settled(whole, each)}
    assert unsettled == {name for name, each in state.requests.items() if not is_settled(state, each)}
    assert (state.live, state.owing) == (whole.live, whole.owing)
    for same, names in whole.open.items():
        assert (state.open.get(same) or ()) == names
    for requester, asked in whole.asked.items():
        known = state.asked.get(requester)
        recent = [at for at in asked.recent if at > whole.time - HOUR_MS]
        assert [at for at in (known.recent if known else ()) if at > whole.time - HOUR_MS] == recent
    for sameness, until in whole.cooling.items():
        assert until <= whole.time or state.cooling_until(sameness) == until
    return whole
