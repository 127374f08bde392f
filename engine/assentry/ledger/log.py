"""One log on any backend: the promise of store.py, kept."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, cast

from assentry.errors import (
    LedgerDamaged,
    LedgerError,
    LedgerForked,
    LedgerKey,
    LedgerReadOnly,
    LedgerUnavailable,
    LedgerUnknown,
)
from assentry.ledger import holds, jobs
from assentry.ledger.backend import TILE, Again, Backend, LogRow, Plan, Transaction
from assentry.ledger.checkpoint import Checkpoint
from assentry.ledger.clock import Clock, Reading, SystemClock, ledger_time
from assentry.ledger.entry import Conflict, Entry, Item, Moment, Receipt, Sealed
from assentry.ledger.group import Group, Job, Ticket
from assentry.ledger.holds import Hold
from assentry.ledger.merkle import leaf_hashes
from assentry.ledger.note import Signer
from assentry.ledger.plan import Batch, asked, seal, tail_behind, unpack
from assentry.ledger.reader import Reader
from assentry.ledger.sealing import SealingKey

ATTEMPTS = 8
"""How often a transaction is begun anew when the database asks for it."""

POLL = 0.05
"""Seconds between looks for what other processes appended."""


class Acknowledged(NamedTuple):
    """The newest state that this process committed: the log can only be beyond it."""

    size: int = 0
    root: bytes = b""
    frontier: bytes = b""
    reading: Reading | None = None
    tail: Sequence[bytes] | None = None
    """The leaves of its unfinished tile."""


class Log(Reader):
    """A log that can be written. Safe for any number of threads; after a fork, open it again."""

    def __init__(
        self,
        backend: Backend,
        signer: Signer,
        *,
        sealing: SealingKey | None = None,
        clock: Clock | None = None,
        patience: float = 10.0,
    ) -> None:
        """`patience` is in seconds: how long an open outcome of a commit is followed up before LedgerUnknown.

        Raises LedgerKey when `signer` is not the key in force.
        """
        super().__init__(backend, sealing=sealing)
        self._signer = signer
        self._clock = clock or SystemClock()
        self._patience = patience
        self._acknowledged = Acknowledged()
        self._grown = threading.Condition()
        self._waiting = 0
        self._group = Group(self._commit)
        self._signed_by(backend.log())

    # ---- the promise ----

    def append(self, items: Sequence[Item], *, together: bool = False) -> list[Receipt | Conflict]:
        if not items:
            return []
        return self._group.run(Ticket(items, together)).outcome()

    def defer(self, items: Sequence[Item]) -> None:
        if items:
            self._group.defer(Ticket(items))

    def now(self) -> Moment:
        row = self._backend.log()
        return Moment(self._time(row, self._read(self._backend.wall())), row.size, row.tenant, row.policy, row.size)

    def wait(self, size: int, timeout: float) -> int:
        end = time.monotonic() + timeout
        self._waiting += 1  # read without a lock: who is missed looks again after POLL
        try:
            return self._waited(size, end)
        finally:
            self._waiting -= 1

    def _waited(self, size: int, end: float) -> int:
        while (found := self._backend.log().size) <= size and (left := end - time.monotonic()) > 0:
            with self._grown:
                if self._acknowledged.size <= size:
                    self._grown.wait(min(left, POLL))
        return found

    def seal(self, document: bytes, subjects: Sequence[str] = ()) -> Sealed:
        if self._sealing is None:
            raise LedgerKey("the ledger was opened without its sealing key")
        return self._sealing.seal(self._tenant, document, subjects, keep=self._documents)

    def erase(self, subject: str, reason: str) -> list[Receipt]:
        receipts = cast(list[Receipt], self._run(jobs.erase(subject, reason)))
        self._backend.scrub()
        return receipts

    def prune(self, below: int, reason: str) -> Receipt:
        row = self._backend.log()
        stop = min(below, row.size) // TILE * TILE
        if stop <= row.pruned:
            raise LedgerError(f"nothing to prune below {below:,}: bodies below {row.pruned:,} are gone already")
        last = self.last(holds.REQUEST)
        holds.refuse(self.holds(), row.pruned, stop)
        job = jobs.prune(row.pruned, stop, self._as_signed(row.pruned, stop), reason, last)
        receipt = cast(Receipt, self._run(job))
        self._backend.scrub()
        return receipt

    def _as_signed(self, start: int, stop: int) -> Iterator[Entry]:
        """The entries of whole tiles, held to the tree: once they are destroyed nobody sees that they were changed."""
        for index in range(start // TILE, stop // TILE):
            tile, rows = self._backend.tile(0, index), list(self._backend.entries(index * TILE, (index + 1) * TILE))
            if tile is None or b"".join(leaf_hashes(body or b"" for _, _, body, _ in rows)) != tile.hashes:
                raise LedgerDamaged(
                    f"entries {index * TILE:,} to {(index + 1) * TILE - 1:,} are not as they were signed: "
                    "verify the log before anything is destroyed"
                )
            yield from (Entry(idx, body) for idx, _, body, _ in rows)

    def hold(self, start: int, stop: int, reason: str) -> Receipt:
        row = self._backend.log()
        if not row.pruned <= start < stop <= row.size:
            raise LedgerError(f"what is held is there: from {row.pruned:,} to {row.size:,}")
        return self._note("held", {"below": stop, "from": start, "reason": reason})

    def unhold(self, hold: int, reason: str) -> Receipt:
        if hold not in {each.index for each in self.holds()}:
            raise LedgerError(f"no hold stands at entry {hold:,}")
        return self._note("unheld", {"hold": hold, "reason": reason})

    def holds(self) -> list[Hold]:
        return holds.active(self.request_entries(holds.REQUEST))

    def _note(self, kind: str, data: Mapping[str, object]) -> Receipt:
        (result,) = self.append([Item.of(kind, data, request=holds.REQUEST)])
        assert isinstance(result, Receipt)  # it has no conditions that anything could conflict with
        return result

    def rotate(self, signer: Signer, reason: str) -> Receipt:
        return cast(Receipt, self._run(jobs.rotate(self._signer, signer, reason), signer=signer))

    def confirm_clock(self, reason: str) -> Receipt:
        def wall() -> int:
            return self._read(self._backend.wall()).wall

        return cast(Receipt, self._run(jobs.confirm_clock(wall, reason), clock=False))

    def close(self) -> None:
        try:
            self._group.close()
        finally:
            self._backend.close()

    # ---- committing ----

    def _run(self, job: Job, *, signer: Signer | None = None, clock: bool = True) -> object:
        ticket = self._group.run(Ticket(job=job, signer=signer, trusts_clock=not clock))
        ticket.outcome()
        return ticket.value

    def _commit(self, tickets: Sequence[Ticket]) -> None:
        """Commit the tickets that ask for something; on a failure each gets the error."""
        asking = [ticket for ticket in tickets if ticket.items or ticket.job]
        if not asking:
            return
        try:
            self._attempts(asking)
        except LedgerError as error:
            for ticket in asking:
                ticket.results, ticket.error = [], type(error)(*error.args)
                ticket.error.__cause__ = error

    def _attempts(self, tickets: Sequence[Ticket]) -> None:
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(random.uniform(0, 0.002 * 2**attempt))  # noqa: S311 -- apart from others, not secret
            try:
                plan = self._attempt(tickets)
            except Again:
                continue
            if plan is not None:
                self._acknowledge(plan)
            return
        raise LedgerUnavailable(f"the database asked {ATTEMPTS} times to begin anew")

    def _attempt(self, tickets: Sequence[Ticket]) -> Plan | None:
        """One transaction; None when there was nothing to write."""
        transaction = self._backend.begin(asked([item for ticket in tickets for item in ticket.items]))
        try:
            plan = self._plan(transaction, tickets)
        except BaseException:
            transaction.rollback()
            raise
        if plan is None:
            transaction.rollback()
            return None
        try:
            transaction.commit(plan)
        except LedgerUnknown as error:
            self._settle(plan, error)
        return plan

    def _plan(self, transaction: Transaction, tickets: Sequence[Ticket]) -> Plan | None:
        log = transaction.log
        self._signed_by(log)
        self._beyond(log)
        if self._backend.durable:
            self._as_left(transaction)
        reading = self._read(transaction.wall)
        trusting = tickets[0].trusts_clock
        now = max(reading.wall, log.time) if trusting else self._time(log, reading)
        batch = Batch(transaction, now)
        for ticket in tickets:
            self._take(batch, ticket)
        if not batch.entries:
            return None
        known = self._acknowledged
        return seal(
            batch,
            reading,
            tickets[0].signer or self._signer,
            tail=known.tail if known.size == log.size else None,
            lazy=not self._backend.durable,
        )

    @staticmethod
    def _take(batch: Batch, ticket: Ticket) -> None:
        """One ticket; what its builders raise is its own."""
        ticket.results, ticket.error = [], None
        try:
            if ticket.job is not None:
                ticket.value = ticket.job(batch)
            else:
                ticket.results = batch.take(ticket.items, together=ticket.together)
        except Again:
            raise
        except Exception as error:  # noqa: BLE001 -- raised again where the ticket was made
            ticket.error = error

    def _settle(self, plan: Plan, error: LedgerUnknown) -> None:
        """Find out what became of a commit: the head's lock comes free when the server is done with it.

        Returns when it stands. Raises Again when it does not, LedgerUnknown when that cannot be learned in time.
        """
        end = time.monotonic() + self._patience
        while True:
            try:
                transaction = self._backend.begin()
            except LedgerReadOnly:
                raise error from None
            except LedgerUnavailable:
                if time.monotonic() > end:
                    raise error from None
                time.sleep(POLL)
                continue
            try:
                stands = transaction.batch_at(plan.checkpoint.size) == plan.checkpoint.batch
            finally:
                transaction.rollback()
            if stands:
                return
            raise Again

    def _acknowledge(self, plan: Plan) -> None:
        head, before = plan.log, self._acknowledged
        if head.key != str(self._signer.verifier):
            self._signer = plan.signer
        tail = tail_behind(plan, before.tail if before.size == head.size - len(plan.entries) else None)
        reading = Reading(head.clock, head.mono, head.boot)
        self._acknowledged = Acknowledged(head.size, head.root, head.frontier, reading, tail)
        if self._waiting:
            with self._grown:
                self._grown.notify_all()

    # ---- what must hold before anything is signed ----

    def _signed_by(self, log: LogRow) -> None:
        if log.key != str(self._signer.verifier):
            raise LedgerKey(f"the log of `{log.tenant}` is signed by `{log.key}`, not by `{self._signer.verifier}`")

    def _beyond(self, log: LogRow) -> None:
        known = self._acknowledged
        if known.size and (log.size < known.size or (log.size == known.size and log.root != known.root)):
            raise LedgerForked(
                f"the log has {log.size:,} entries, but {known.size:,} were acknowledged: "
                "a restored log goes on only under a new origin"
            )

    def _as_left(self, transaction: Transaction) -> None:
        """What is appended to gets signed along: it has to be what was signed, by this process or by another.

        Else whoever writes into the database, without a key, would have entries signed by the next one who appends.
        """
        log, known = transaction.log, self._acknowledged
        if (log.size, log.root, log.frontier) == (known.size, known.root, known.frontier):
            return
        row, text = transaction.checkpoint(log.size), Checkpoint(log.origin, log.size, log.root).text
        signed = row is not None and row.size == log.size and self._signer.has_signed(text.encode(), row.signature)
        if not signed or unpack(log).root() != log.root:
            raise LedgerDamaged(f"the head of `{log.tenant}` is not as it was signed: verify the log")

    def _read(self, wall: int | None) -> Reading:
        reading = self._clock.read()
        return reading if wall is None else reading._replace(wall=wall)

    def _time(self, log: LogRow, reading: Reading) -> int:
        return ledger_time(log, reading, self._acknowledged.reading, self._backend.clock_drift)
