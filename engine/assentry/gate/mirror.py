"""The log as the approvals machine sees it: the fold of its events, kept in step with what is committed.

Only committed entries are folded. What this process appended itself is folded from memory, once the log shows that
it stands there byte for byte. An event that the laws do not let happen is not applied, and its request is lost:
nothing more can be done with it.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from dataclasses import dataclass, replace

from assentry.approvals import State, evolve
from assentry.approvals.codec import from_body
from assentry.approvals.events import EVENTS, Birth, Event, Head
from assentry.approvals.state import Asked
from assentry.errors import IllegalEvent, InputError
from assentry.ledger.entry import NO_ENTRY, Claim, Entry, Moment
from assentry.ledger.store import Ledger

KINDS = frozenset(event.kind for event in EVENTS)
RECENT = 200
"""How many births are remembered in their order."""

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Built:
    """An entry that this process made: its body, what it says, and which commit it was made for."""

    body: bytes
    event: Event
    batch: int


class Mirror:
    """The fold of one log. Safe for threads."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._mutex = threading.RLock()
        self._built: dict[int, Built] = {}
        self._last: dict[str, int] = {}
        self._births: dict[str, int] = {}
        self._lost: set[str] = set()
        self._denials: tuple[int, frozenset[str]] = (0, frozenset())
        self.recent: deque[str] = deque(maxlen=RECENT)
        self.keys: list[Entry] = []
        """The entries that announce keys."""
        self.erasures = 0
        """How many entries say that documents were erased."""
        self.size = 0
        self.state = State(development=ledger.development)

    def catch_up(self, size: int | None = None) -> State:
        """Fold what is committed below `size`, by default all there is; the state then. Raises LedgerError."""
        if size is not None and size <= self.size:
            return self.state
        with self._mutex:
            for entry in self._ledger.entries(self.size, size):
                self._fold(entry)
            return self.state

    def last(self, request: str) -> int:
        """The index of a request's newest entry that was folded, or NO_ENTRY."""
        return self._last.get(request, NO_ENTRY)

    def birth(self, request: str) -> int | None:
        """The index of the entry that made a request."""
        return self._births.get(request)

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

    def skipped(self, claim: str) -> bool:
        """A name is taken though no entry that is left says so: whether it was a question's number, to be skipped.

        Pruning takes entries away, and leaves what they claimed.
        """
        space, _, name = claim.partition(":")
        requester, _, number = name.rpartition("#")
        if space != "question":
            return False
        taken = int(number)
        while self._ledger.claimed(Claim(space, f"{requester}#{taken}")) is not None:
            taken += 1
        with self._mutex:
            known = self.state.asked.get(requester) or Asked()
            asked = self.state.asked.with_entry(requester, replace(known, total=max(known.total, taken)))
            self.state = replace(self.state, asked=asked)
        return True

    # ---- folding ----

    def _fold(self, entry: Entry) -> None:
        index, built = entry.index, self._built.pop(entry.index, None)
        self.size = index + 1
        if built is not None and built.body == entry.body:
            self._apply(index, built.event)
            return
        request, kind = entry.request, entry.type
        if kind == "key":
            self.keys.append(entry)
        self.erasures += kind == "erased"
        if request is None:
            return
        if kind not in KINDS:
            self._last[request] = index
            return
        try:
            head = Head(request, entry.time, self.state.development)
            event = from_body(kind, head, entry.data)
        except InputError as error:
            self._lose(request, index, str(error))
        else:
            self._apply(index, event)

    def _apply(self, index: int, event: Event) -> None:
        request = event.head.request
        self._last[request] = index
        if request in self._lost:
            return
        try:
            self.state = evolve(self.state, event)
        except IllegalEvent as error:
            self._lose(request, index, str(error))
            return
        if isinstance(event, Birth):
            self._births[request] = index
            self.recent.append(request)

    def _lose(self, request: str, index: int, why: str) -> None:
        """Fail closed: a request whose history breaks a law is as good as none."""
        _LOGGER.error("entry %d breaks a law, its request is not followed any further: %s", index, why)
        self._lost.add(request)
        known = self.state.requests.get(request)
        self._last[request] = index
        if known is not None and known.status in {"pending", "approved"}:
            requests = self.state.requests.with_entry(request, replace(known, status="cancelled"))
            self.state = replace(self.state, requests=requests, live=self.state.live - {request})
