"""All requests of one tenant, and what reaches from one to another: effects, cool-offs, debts, budgets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from assentry.approvals.names import Names
from assentry.approvals.request import OPEN, Request, judged
from assentry.approvals.table import Table

HOUR_MS = 3_600_000
"""How far back a requester's questions are counted."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How often one requester asked in all, and when within the hour before its newest question."""

    total: int = 0
    recent: tuple[int, ...] = ()


class State(NamedTuple):
    """The fold of all events so far, made by `evolve` alone. `development` is fixed by the log's entry 0.

    `effects` maps an effect key to the request that holds it, `cooling` a sameness to the end of its cool-off,
    `open` a sameness to the requests that may be joined, `waiters` every name ever asked under to its request,
    `asked` a requester to its questions, `glasses` a person to the number of glasses broken; `live` are requests on which time still works, `owing` those with a
    break-glass that nobody reviewed.
    """

    development: bool = False
    time: int = 0
    requests: Table[str, Request] = Table()
    effects: Table[str, str] = Table()
    cooling: Table[str, int] = Table()
    open: Table[str, tuple[str, ...]] = Table()
    waiters: Table[str, str] = Table()
    asked: Table[str, Asked] = Table()
    glasses: Table[str, int] = Table()
    live: Names = Names()
    owing: frozenset[str] = frozenset()

    def current(self, name: str) -> Request | None:
        """The request that stands for a name now: the one it joined, or the last that superseded it.

        None also where one on the way there has left the state (see `settled`).
        """
        at = self.waiters.get(name)
        request = None if at is None else self.requests.get(at)
        while request is not None and request.superseded_by is not None:
            request = self.requests.get(request.superseded_by)
        return request

    def attempt(self, effect_key: str | None) -> int | None:
        """Which attempt at an effect would be the next; None while another holds it. Only `failed` frees it."""
        holder = None if effect_key is None else self.effects.get(effect_key)
        if holder is None:
            return 1
        request = self.requests[holder]
        if request.run is None or request.status != "failed":
            return None
        return request.run.attempt + 1

    def cooling_until(self, sameness: str) -> int:
        """Until when a person's deny binds this sameness; 0 when none does."""
        return self.cooling.get(sameness) or 0

    def waiting(self, requester: str, now: int) -> int:
        """How many of a requester's questions are open."""
        asked = (self.requests[name] for name in self.live)
        return sum(
            len(each.waiters) for each in asked if each.chain.requester == requester and judged(each, now) in OPEN
        )

    def lately(self, requester: str, now: int) -> int:
        """How many questions a requester asked within the last hour."""
        asked = self.asked.get(requester) or Asked()
        return sum(at > now - HOUR_MS for at in asked.recent)
