"""A log in memory: for tests and development. Nothing outlives the process, so it counts as development.

Roots and signatures are made when they are asked for: nothing here could be acknowledged too early. What is kept of
an entry are plain tuples of texts, bytes and numbers, which Python's collector lets go of: it would otherwise walk
through the whole log again and again.
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from assentry.errors import LedgerUnavailable
from assentry.ledger.backend import (
    NOTHING,
    Asked,
    CheckpointRow,
    CosignatureRow,
    DocumentRow,
    EntryRow,
    Known,
    LogRow,
    Plan,
    ReadRow,
    SeenRow,
    TileRow,
)
from assentry.ledger.checkpoint import Checkpoint
from assentry.ledger.entry import NO_ENTRY
from assentry.ledger.merkle import range_root
from assentry.ledger.note import Signer
from assentry.ledger.tree import node_reader

_Plain = tuple[Any, ...]
"""A row, without the class that names its columns."""


class _Commit(NamedTuple):
    size: int
    epoch: int
    batch: bytes


class Memory:
    """The rows of one log, in lists and dictionaries; see backend.py."""

    clock_drift = 0.0
    durable = False

    def __init__(self, log: LogRow) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._rows: list[_Plain | None] = []
        self._leaves: list[bytes] = []
        self._last: dict[str, int] = {}
        """The index of each request's newest entry."""
        self._before = array("q")
        """For each entry that of its request's entry before it, or NO_ENTRY."""
        self._claims: dict[str, int] = {}
        self._keys: dict[str, int] = {}
        self._tiles: dict[tuple[int, int], TileRow] = {}
        self._commits: list[_Plain] = []
        self._signers: dict[int, Signer] = {}
        """By epoch."""
        self._cosignatures: dict[int, list[CosignatureRow]] = {}
        self._documents: dict[int, _Plain] = {}

    # ---- writing ----

    def begin(self, asked: Asked = NOTHING) -> MemoryTransaction:
        if not self._lock.acquire(timeout=30):
            raise LedgerUnavailable("another thread does not let go of the log")
        return MemoryTransaction(self, self._log, asked)

    def known(self, asked: Asked) -> Known:
        return Known(
            {request: self._last[request] for request in asked.requests if request in self._last},
            self.claims_of(asked.claims),
            self._seen(asked.keys),
        )

    def _seen(self, keys: Sequence[str]) -> dict[str, SeenRow]:
        found = {}
        for key in keys:
            row = self._row(self._keys[key]) if key in self._keys else None
            if row is not None and row.payload is not None:
                found[key] = SeenRow(row.idx, row.payload, row.leaf, row.body)
        return found

    def documents_about(self, subject: str) -> list[int]:
        return [idx for idx in sorted(self._documents) if subject in self._document(idx).subjects]

    def apply(self, plan: Plan) -> None:
        """Write a plan; the lock is held."""
        for row in plan.entries:
            self._rows.append(tuple(row))
            self._leaves.append(row.leaf)
            self._before.append(self.last_of(row.request) if row.request is not None else NO_ENTRY)
            if row.request is not None:
                self._last[row.request] = row.idx
            if row.idempotency is not None:
                self._keys[row.idempotency] = row.idx
        self._claims.update(plan.claims)
        for document in plan.documents:
            self._documents[document.idx] = tuple(document)
        for tile in plan.tiles:
            self._tiles[tile.level, tile.idx] = tile
        for idx in plan.erased:
            self._documents.pop(idx, None)
        if plan.prune is not None:
            for idx in range(*plan.prune):
                self._rows[idx] = None
                self._documents.pop(idx, None)
        self._commits.append((plan.log.size, plan.log.epoch, plan.checkpoint.batch))
        self._signers[plan.log.epoch] = plan.signer
        self._log = plan.log

    def release(self) -> None:
        self._lock.release()

    # ---- reading ----

    def wall(self) -> None:
        return None

    def log(self) -> LogRow:
        return self._log

    def entries(self, start: int, stop: int) -> Iterator[ReadRow]:
        return (row[:4] for row in self._rows[max(start, 0) : max(stop, 0)] if row is not None)

    def _row(self, idx: int) -> EntryRow | None:
        row = self._rows[idx]
        return None if row is None else EntryRow._make(row)

    def request_entries(self, request: str) -> list[ReadRow]:
        found = []
        idx = self.last_of(request)
        while idx != NO_ENTRY:
            row = self._row(idx)
            found += [] if row is None else [row[:4]]
            idx = self._before[idx]
        return found[::-1]

    def last_of(self, request: str) -> int:
        return self._last.get(request, NO_ENTRY)

    def claims_of(self, names: Sequence[str]) -> dict[str, int]:
        return {name: self._claims[name] for name in names if name in self._claims}

    def claim(self, name: str) -> int | None:
        return self._claims.get(name)

    def extent(self) -> int:
        return len(self._rows)

    def unsound(self) -> list[str]:
        return []

    def most(self) -> int:
        return len(self._rows)

    def strays(self, size: int) -> list[tuple[str, int]]:
        return [("claim", idx) for idx in self._claims.values() if not 0 <= idx < size]

    def tiles(self) -> list[tuple[int, int, int]]:
        levels = sorted({level for level, _ in self._tiles})
        return [(level, 0, max(idx for above, idx in self._tiles if above == level)) for level in levels]

    def filed(self, pairs: Sequence[tuple[str, int]]) -> set[tuple[str, int]]:
        return {(name, idx) for name, idx in pairs if idx in self._documents and name in self._document(idx).subjects}

    def count_subjects(self, start: int, stop: int) -> int:
        return len(self.subjects(start, stop))

    def subjects(self, start: int, stop: int) -> list[tuple[str, int]]:
        return [(name, row.idx) for row in self.documents(start, stop) for name in set(row.subjects)]

    def count_claims(self, start: int, stop: int) -> int:
        return sum(start <= idx < stop for idx in self._claims.values())

    def claims(self) -> Iterator[tuple[str, int]]:
        return iter(sorted(self._claims.items(), key=lambda claim: (claim[1], claim[0])))

    def leaves(self, start: int, stop: int) -> list[bytes]:
        return self._leaves[start:stop]

    def tile(self, level: int, index: int) -> TileRow | None:
        return self._tiles.get((level, index))

    def tile_roots(self, level: int, start: int, stop: int) -> list[bytes]:
        return [self._tiles[level, index].root for index in range(start, stop) if (level, index) in self._tiles]

    def checkpoint(self, size: int | None) -> CheckpointRow | None:
        place = len(self._commits) - 1 if size is None else bisect_left(self._commits, size, key=lambda row: row[0])
        return self._signed(self._commits[place]) if 0 <= place < len(self._commits) else None

    def checkpoints(self, above: int = 0) -> Iterator[CheckpointRow]:
        return (self._signed(commit) for commit in list(self._commits) if commit[0] > above)

    def _signed(self, commit: _Plain) -> CheckpointRow:
        size, epoch, batch = _Commit._make(commit)
        root, signer = range_root(0, size, node_reader(self)), self._signers[epoch]
        signature = signer.sign(Checkpoint(signer.verifier.name, size, root).text.encode())
        return CheckpointRow(size, root, epoch, str(signer.verifier), signature, batch)

    def batch_at(self, size: int) -> bytes | None:
        commits = map(_Commit._make, reversed(self._commits))
        return next((commit.batch for commit in commits if commit.size == size), None)

    def cosignatures(self, size: int) -> list[CosignatureRow]:
        return list(self._cosignatures.get(size, ()))

    def cosigned(self) -> list[int]:
        return sorted(self._cosignatures)

    def add_cosignatures(self, rows: Sequence[CosignatureRow]) -> None:
        for row in rows:
            kept = self._cosignatures.setdefault(row.size, [])
            kept[:] = [line for line in kept if (line.name, line.key_id) != (row.name, row.key_id)] + [row]

    def document(self, index: int) -> DocumentRow | None:
        return self._document(index) if index in self._documents else None

    def _document(self, index: int) -> DocumentRow:
        return DocumentRow._make(self._documents[index])

    def documents(self, start: int, stop: int) -> Iterator[DocumentRow]:
        return (self._document(idx) for idx in sorted(self._documents) if start <= idx < stop)

    def scrub(self) -> None:
        """There is nothing but memory."""

    def close(self) -> None:
        """There is nothing to let go of."""


class MemoryTransaction:
    """A transaction on a log in memory: it holds the lock, and nothing is visible before its commit."""

    def __init__(self, memory: Memory, log: LogRow, asked: Asked = NOTHING) -> None:
        self._memory = memory
        self.log = log
        self.wall = None
        self.known = memory.known(asked)
        self.look_up = memory.known
        self.leaves = memory.leaves
        self.tile_roots = memory.tile_roots
        self.documents_about = memory.documents_about
        self.batch_at = memory.batch_at
        self.checkpoint = memory.checkpoint

    def commit(self, plan: Plan) -> None:
        try:
            self._memory.apply(plan)
        finally:
            self._memory.release()

    def rollback(self) -> None:
        self._memory.release()
