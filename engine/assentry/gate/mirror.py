"""The log as the approvals machine sees it: the fold of its events, kept in step with what is committed.

Only committed entries are folded. What this process appended itself is folded from memory, once the log shows that
it stands there byte for byte. An event that the laws do not let happen is not applied, and its request is lost:
nothing more can be done with it.

Memory holds what is not settled, and the newest of what is; the rest is folded again from its own entries when it is
asked for. The fold begins where the newest `folded` entry says what was not settled then. Of a log that was pruned,
requests whose beginning is gone are as good as none: nothing of them can be answered or used.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from assentry.approvals import Request, State, evolve
from assentry.approvals.events import Birth, Event, Joined
from assentry.approvals.settled import builds_on_what_is_gone, is_settled, joined, tidied, without
from assentry.approvals.state import Asked
from assentry.errors import IllegalEvent, InputError
from assentry.gate import folded
from assentry.gate.metrics import Meter
from assentry.gate.recall import KINDS, event_of, holder, kin, recall
from assentry.ledger.entry import NO_ENTRY, Claim, Entry, Moment
from assentry.ledger.plan import storable
from assentry.ledger.store import Ledger

RECENT = 50
"""How many births are remembered in their order."""

KEPT = 512
"""Settled requests that stay in memory."""

_LOGGER = logging.getLogger(__name__)


class Built(NamedTuple):
    """An entry that this process made: its body, what it says, and which commit it was made for."""

    body: bytes
    event: Event
    batch: int


class Mirror:
    """The fold of one log. Safe for threads."""

    def __init__(self, ledger: Ledger, meter: Meter) -> None:
        self._ledger = ledger
        self._meter = meter
        self._mutex = threading.RLock()
        self._built: dict[int, Built] = {}
        self._denials: tuple[int, frozenset[str]] = (0, frozenset())
        self.erasures = 0
        """How many entries say that documents were erased."""
        self._clear()

    def _clear(self) -> None:
        self._last: dict[str, int] = {}
        self._births: dict[str, int] = {}
        self._waiters: dict[str, list[str]] = {}
        self._settled: OrderedDict[str, None] = OrderedDict()
        self._lost: set[str] = set()
        self.recent: deque[str] = deque(maxlen=RECENT)
        self.keys: list[Entry] = []
        """The entries that announce keys."""
        self.size = 0
        self.folded = 0
        """The index behind the newest entry that says what was not settled."""
        self._pruned = False
        self.state = State(development=self._ledger.development)

    def catch_up(self, size: int | None = None) -> State:
        """Fold what is committed below `size`, by default all there is; the state then. Raises LedgerError."""
        if size is not None and size <= self.size:
            return self.state
        with self._mutex:
            if not self.size:
                self._begin()
            for entry in self._ledger.entries(self.size, size):
                if entry.index > self.size:  # what stood between was pruned before it was read
                    self._begin()
                    return self.catch_up(size)
                self._fold(entry)
            return self.state

    def _begin(self) -> None:
        """Begin where the log says what was not settled, or else with the first entry that is left."""
        self._clear()
        found = folded.newest(self._ledger)
        self._pruned = (pruned := self._ledger.head().pruned) > 0
        self._lost.update(found.lost)
        self._join(*recall(self._ledger, [*found.requests, *found.recent], found.below))
        self.state = folded.begun(found, self.state)
        self.recent.extend(name for name in found.recent if name in self.state.requests)
        self.keys = [self._ledger.entry(index) for index in found.keys if index >= pruned]
        self.size = self.folded = max(found.below, pruned)  # at the end: what fails before it is begun again

    def last(self, request: str) -> int:
        """The index of a request's newest entry that was folded, or NO_ENTRY."""
        return self._last.get(request, NO_ENTRY)

    def birth(self, request: str) -> int | None:
        """The index of the entry that made a request."""
        return self._births.get(request)

    # ---- what left memory ----

    def recalled(self, *names: str) -> State:
        """The state with requests, by their ids or by those of who waits for them, as far as the log has them."""
        if all(self.state.current(name) is not None for name in names):
            return self.state
        with self._mutex:
            for name in filter(storable, names):
                if self.state.current(name) is None:
                    others = [*holder(self._ledger, Claim("waiter", name)), *self._line(name)]
                    self._join(*recall(self._ledger, [name, *others], self.size))
            return self.state

    def _line(self, name: str) -> list[str]:
        """What took the place of a request, as far as that is in memory."""
        known = self.state.requests.get(self.state.waiters.get(name) or name)
        line = []
        while known is not None and known.superseded_by is not None:
            line.append(known.superseded_by)
            known = self.state.requests.get(known.superseded_by)
        return line

    def _join(self, found: State, histories: dict[str, list[int]]) -> None:
        self.state = joined(self.state, without(found, self._lost))
        if found.time > self.state.time:
            self.state = self.state._replace(time=found.time)
        requests = [request for _, request in found.requests.items()]
        for name in (request.id for request in requests if request.id not in self._births):
            self._births[name], self._last[name] = histories[name][0], histories[name][-1]
            self._waiters[name] = [each for each, at in found.waiters.items() if at == name]
        self._settle(*requests)

    def _settle(self, *requests: Request) -> None:
        """Let the oldest of what is settled go, when there is more: many at once, which costs little more than one."""
        for request in requests:
            if is_settled(self.state, request):
                self._settled[request.id] = None
                self._settled.move_to_end(request.id)
        if (more := len(self._settled) - KEPT) > 0:
            self._forget([self._settled.popitem(last=False)[0] for _ in range(more + KEPT // 16)])

    def _forget(self, names: Sequence[str]) -> None:
        self.state = without(self.state, names, [each for name in names for each in self._waiters.pop(name, ())])
        for name in names:
            self._last.pop(name, None)
            self._births.pop(name, None)

    # ---- where a start begins ----

    def facts(self, size: int) -> list[folded.Fact]:
        """What has to be known of the log below `size` to go on from there. Raises LedgerError."""
        with self._mutex:
            return list(folded.facts(self.catch_up(size), self.recent, self.keys, self._lost))

    # ---- what this process appends ----

    def built(self, moment: Moment, body: bytes, event: Event) -> None:
        """An entry is being appended; it may yet be rolled back."""
        self._built[moment.index] = Built(body, event, moment.batch)

    def committed(self, index: int, batch: int) -> State:
        """A commit of this process stands, up to an entry at least: the state then. Raises LedgerError.

        Nothing is read where all that was not folded yet is of this very commit.
        """
        with self._mutex:
            while self.size <= index:
                built = self._built.get(self.size)
                if built is None or built.batch != batch:
                    return self.catch_up(index + 1)
                del self._built[self.size]
                self.size += 1
                self._meter.wrote(built.event.kind)
                self._apply(self.size - 1, built.event)
            return self.state

    def deny(self, moment: Moment, sameness: str) -> None:
        """A person's deny is being appended: what follows in the same commit has to know."""
        batch, denied = self._denials
        self._denials = (moment.batch, (denied if batch == moment.batch else frozenset()) | {sameness})

    def denied(self, moment: Moment, sameness: str) -> bool:
        """Whether a person's deny of the same stands earlier in this very commit."""
        batch, denied = self._denials
        return batch == moment.batch and sameness in denied

    def taken(self, claim: str) -> bool:
        """A name is taken, of which the state does not know why: whether the state knows more now.

        Raises LedgerError.
        """
        space, _, name = claim.partition(":")
        counted, _, number = name.rpartition("#")
        if space == "effect":
            names = list(holder(self._ledger, Claim(space, name)))
            with self._mutex:
                self._join(*recall(self._ledger, names, self.size))
                return any(each in self.state.requests for each in names)
        if space not in {"question", "glass"}:
            return False
        count = self._next(space, counted, int(number))
        with self._mutex:
            if space == "glass":
                self.state = self.state._replace(glasses=self.state.glasses.with_entry(counted, count))
                return True
            known = self.state.asked.get(counted) or Asked()
            asked = self.state.asked.with_entry(counted, replace(known, total=max(known.total, count)))
            self.state = self.state._replace(asked=asked)
        return True

    def _next(self, space: str, counted: str, taken: int) -> int:
        """The first number that nobody has; those before it are taken without a gap."""

        def is_taken(number: int) -> bool:
            return self._ledger.claimed(Claim(space, f"{counted}#{number}")) is not None

        step = 1
        while is_taken(taken + step):
            taken, step = taken + step, 2 * step
        free = taken + step
        while free - taken > 1:
            middle = (free + taken) // 2
            taken, free = (middle, free) if is_taken(middle) else (taken, middle)
        return free

    # ---- folding ----

    def _fold(self, entry: Entry) -> None:
        index, built = entry.index, self._built.pop(entry.index, None)
        self.size = index + 1
        if built is not None and built.body == entry.body:
            self._meter.wrote(built.event.kind)
            self._apply(index, built.event)
            return
        kind = entry.type
        if kind not in KINDS:
            self._note(kind, entry)
            return
        request = entry.request
        if request is None:
            return
        try:
            event = event_of(entry, development=self.state.development)
        except InputError as error:
            self._lose(request, index, str(error))
        else:
            self._apply(index, event)

    def _note(self, kind: str, entry: Entry) -> None:
        """An entry that is no event of a request."""
        if kind == "key":
            self.keys.append(entry)
        elif kind == "erased":
            self.erasures += 1
        elif kind == folded.KIND:
            self.folded = entry.index + 1
            self.state = tidied(self.state)
        elif kind == "pruned" and isinstance(below := entry.data.get("below"), int):
            self._prune(below)

    def _prune(self, below: int) -> None:
        """What began below an index can no longer be read: nothing can be done with it."""
        self._pruned = True
        self._forget([name for name, birth in self._births.items() if birth < below])

    def _apply(self, index: int, event: Event) -> None:
        request = event.head.request
        if request in self._lost:
            self._last[request] = index
            return
        try:
            self.state = evolve(self.state, event)
        except IllegalEvent as error:
            try:
                self.state = evolve(self._with_kin(index, event), event)
            except IllegalEvent:
                self._lose(request, index, str(error), cut=self._is_cut(event))
                return
        self._last[request] = index
        if isinstance(event, Birth):
            self._births[request] = index
            self.recent.append(request)
        elif isinstance(event, Joined):
            self._waiters.setdefault(request, []).append(event.waiter)
        self._settle(self.state.requests[request])

    def _with_kin(self, index: int, event: Event) -> State:
        """The state with the request of an event, and with those that it builds on, as far as they had left memory."""
        known = self.state.requests.get(event.head.request)
        key = None if known is None else known.proposal.effect_key
        names = [event.head.request, *kin(self._ledger, [event], key)]
        self._join(*recall(self._ledger, [name for name in names if name not in self.state.requests], index))
        return self.state

    def _is_cut(self, event: Event) -> bool:
        return self._pruned and builds_on_what_is_gone(self.state, event)

    def _lose(self, request: str, index: int, why: str, *, cut: bool = False) -> None:
        """Fail closed: a request whose history breaks a law, or was cut off, is as good as none."""
        if cut:
            _LOGGER.debug("entry %d is of a request whose beginning was pruned", index)
            self._forget([request])
            return
        _LOGGER.error("entry %d breaks a law, its request is not followed any further: %s", index, why)
        self._lost.add(request)
        known = self.state.requests.get(request)
        self._last[request] = index
        if known is not None and known.status in {"pending", "approved"}:
            requests = self.state.requests.with_entry(request, known._replace(status="cancelled"))
            self.state = self.state._replace(requests=requests, live=self.state.live - {request})
