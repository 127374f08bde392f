"""Group commit without linger.

An idle caller commits at once, in its own thread. Who comes meanwhile queues; when the commit is done, the first
of the queue leads the next one and takes all company along. Deferred work rides with the next commit, or with one
of its own soon after when nobody else comes.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assentry.errors import LedgerError, LedgerUnavailable, LedgerUnknown
from assentry.ledger.entry import Conflict, Item, Receipt
from assentry.ledger.note import Signer
from assentry.ledger.plan import Batch

Job = Callable[[Batch], object]
"""Work on a batch of its own, such as erasing: what it returns is the ticket's result."""

_LOGGER = logging.getLogger(__name__)


def _locked() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass(slots=True, eq=False)
class Ticket:
    """One call's place in the queue. `results` or `error` is set when it is `done`."""

    items: Sequence[Item] = ()
    together: bool = False
    job: Job | None = None
    signer: Signer | None = None
    """Who signs this commit and from then on, where it is another."""
    trusts_clock: bool = False
    """The clock is taken as it is: this commit says that a person confirmed it."""
    results: Sequence[Receipt | Conflict] = ()
    value: object = None
    error: BaseException | None = None
    done: bool = False
    leads: bool = False
    rides: bool = False
    """Deferred: nobody waits for it, and while the database cannot be reached it stays."""
    wake: threading.Lock | None = None
    """Released when it is done, or leads; only one that queues has it."""

    def outcome(self) -> list[Receipt | Conflict]:
        """The results, or the error raised."""
        if self.error is not None:
            raise self.error
        return list(self.results)

    def waits(self) -> None:
        """Wait until it is done, or leads."""
        if self.wake is not None:
            self.wake.acquire()

    def wakes(self) -> None:
        """Let its thread go on."""
        if self.wake is not None:
            self.wake.release()


class Group:
    """The queue in front of one log."""

    def __init__(
        self, commit: Callable[[Sequence[Ticket]], None], *, limit: int = 1024, patience: float = 0.02
    ) -> None:
        """`commit` sets results or errors on all tickets; `limit` is in items a commit.

        `patience` is in seconds: how long deferred work waits for a commit to ride with, at most twice.
        """
        self._commit = commit
        self._limit = limit
        self._patience = patience
        self._mutex = threading.Lock()
        self._queue: deque[Ticket] = deque()
        self._riders: deque[Ticket] = deque()
        self._leading = False
        self._closed = False
        self._closing = threading.Event()
        self._trouble: BaseException | None = None
        """Why deferred work could not be committed when it was last tried."""
        self._flusher: threading.Thread | None = None
        self._rider_came = threading.Event()
        self._pid = os.getpid()

    def run(self, ticket: Ticket) -> Ticket:
        """Have a ticket committed, by this thread or another, and return it when it is done."""
        self._open()
        try:
            with self._mutex:
                if self._leading:
                    ticket.wake = _locked()
                    self._queue.append(ticket)
                else:
                    self._leading = ticket.leads = True
            ticket.waits()
            if ticket.leads:
                self._lead(ticket)
        except BaseException:
            self._leave(ticket)
            raise
        return ticket

    def defer(self, ticket: Ticket) -> None:
        """Have a ticket committed with the next commit, or soon."""
        self._open()
        with self._mutex:
            ticket.rides = True
            self._riders.append(ticket)
            if self._flusher is None:
                self._flusher = threading.Thread(target=self._flush, name="assentry-ledger-deferred", daemon=True)
                self._flusher.start()
        if not self._rider_came.is_set():
            self._rider_came.set()

    def close(self) -> None:
        """Commit what was deferred, and refuse what comes after. Raises what that commit raises."""
        if self._closed or os.getpid() != self._pid:
            return
        while self._riders and self._flushed():
            continue
        stranded = list(self._riders)
        self._closed = True
        self._closing.set()
        self._rider_came.set()
        if self._flusher is not None:
            self._flusher.join()
        if stranded:
            raise self._trouble or LedgerUnavailable("deferred entries could not be appended")

    def _open(self) -> None:
        if self._closed:
            raise LedgerUnavailable("the ledger is closed")
        if os.getpid() != self._pid:
            raise LedgerError("the ledger was opened by another process: open it again behind the fork")

    # ---- leading ----

    def _lead(self, own: Ticket) -> None:
        batch = [own]
        try:
            batch = self._company(own)
            self._commit(batch)
        except BaseException as error:
            for ticket in batch:
                if not ticket.done and ticket is not own:
                    ticket.error = LedgerUnknown("the commit was interrupted: its entries may stand")
                    ticket.error.__cause__ = error
            raise
        finally:
            self._settle(batch, own)
            self._hand_over(own)

    def _settle(self, batch: list[Ticket], own: Ticket) -> None:
        """Let go of all tickets of a commit; what is deferred and found no database stays aboard."""
        waiting = [ticket for ticket in batch if ticket.rides and isinstance(ticket.error, LedgerUnavailable)]
        for ticket in batch:
            if ticket in waiting:
                self._trouble, ticket.error = ticket.error, None
                continue
            ticket.done = True
            if ticket.rides and ticket.error is not None:
                _LOGGER.error("deferred entries were not appended: %s", type(ticket.error).__name__)
            elif ticket is not own:
                ticket.wakes()
        if waiting:
            with self._mutex:
                self._riders.extendleft(reversed(waiting))
            self._rider_came.set()

    def _company(self, own: Ticket) -> list[Ticket]:
        """What was deferred before, the leader's own, and those that queue behind it; a job goes alone."""
        if own.job is not None:
            return [own]
        with self._mutex:
            riders = self._take(self._riders, self._limit)
            room = self._limit - len(own.items) - sum(len(ticket.items) for ticket in riders)
            return [*riders, own, *self._take(self._queue, room)]

    @staticmethod
    def _take(line: deque[Ticket], room: int) -> list[Ticket]:
        taken: list[Ticket] = []
        while line and line[0].job is None and room > 0:
            taken.append(line.popleft())
            room -= len(taken[-1].items)
        return taken

    def _hand_over(self, own: Ticket) -> None:
        with self._mutex:
            own.leads = False
            if self._queue:
                following = self._queue.popleft()
                following.leads = True
                following.wakes()
            else:
                self._leading = False

    def _leave(self, ticket: Ticket) -> None:
        """A caller goes away in the middle, by an interrupt: its ticket must hold up nobody."""
        with self._mutex:
            if ticket in self._queue:
                self._queue.remove(ticket)
                return
        if ticket.leads and not ticket.done:
            self._hand_over(ticket)

    # ---- riders ----

    def _flush(self) -> None:
        patience = self._patience
        while not self._closed:
            self._rider_came.wait()
            self._rider_came.clear()
            while (oldest := self._oldest()) is not None and not self._closing.wait(patience):
                if oldest is self._oldest():  # else commits come by so often that nothing waits for long
                    patience = self._patience if self._flushed() else min(patience * 2, 1.0)

    def _oldest(self) -> Ticket | None:
        with self._mutex:
            return self._riders[0] if self._riders else None

    def _flushed(self) -> bool:
        """Commit what is deferred; whether that went well."""
        before = len(self._riders)
        try:
            self.run(Ticket())
        except LedgerError as error:
            _LOGGER.warning("deferred entries wait: %s", error)
            return False
        return not self._riders or len(self._riders) < before
