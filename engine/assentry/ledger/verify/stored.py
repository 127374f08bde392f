"""A database as a source: also its head and the tables by which entries are found are held to what the bodies say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

from assentry.errors import LedgerDamaged
from assentry.ledger.backend import TILE, Backend, LogRow, ReadRow, TileRow
from assentry.ledger.checkpoint import SignedCheckpoint
from assentry.ledger.entry import to_at
from assentry.ledger.export import thinned
from assentry.ledger.merkle import Frontier
from assentry.ledger.note import Note
from assentry.ledger.plan import unpack
from assentry.ledger.reader import Reader, signed_checkpoint
from assentry.ledger.verify.findings import Cause, Finding, merged
from assentry.ledger.verify.projections import Projections, whole
from assentry.ledger.verify.source import Chunk
from assentry.ledger.verify.structure import Structure
from assentry.ledger.verify.sweep import NO_HASH


class Stored:
    """A log in its database; see source.py. What is appended meanwhile is left for the next time."""

    def __init__(self, log: Reader) -> None:
        self._log = log
        self._backend: Backend = log.backend
        end = self._backend.extent()  # before the checkpoint, which then covers it
        newest = self._backend.checkpoint(None)
        self._newest = None if newest is None else log.checkpoint(newest.size)
        row = self._backend.log()
        self.tenant = row.tenant
        self.documents = row.documents
        self.size = min(end if newest is None else newest.size, self._backend.most())
        self._end = end
        self._pruned = row.pruned
        self._last: Chunk | None = None
        self._upper: tuple[int, TileRow | None] | None = None
        self._read: set[int] = set()
        self._tiles: list[int] = []
        self._keyless: list[int] = []
        self._strange: list[object] = []
        self._uncovered: list[int] = []
        self._projections = Projections(self._backend, row.pruned, self.size, end)
        beside = ThreadPoolExecutor(1, "assentry-ledger-sound")
        self._unsound = beside.submit(self._backend.unsound)
        beside.shutdown(wait=False)

    # ---- entries ----

    def chunk(self, index: int) -> Chunk:
        if self._last is not None and self._last.start == index * TILE:
            return self._last
        start, stop = index * TILE, min((index + 1) * TILE, self.size)
        rows = list(self._backend.entries(start, stop))
        pruned = start < self._pruned
        bodies, leaves = _columns(rows, start, stop)
        documents = self._documents(start, stop) if self.documents else None
        hashes, parent = self._tile(index) if stop - start == TILE else (None, None)
        self._last = Chunk(
            start=start,
            bodies=bodies,
            leaves=None if pruned else leaves,
            tile=hashes,
            parent=parent,
            documents=documents,
            pruned=pruned,
        )
        if index not in self._read:
            self._read.add(index)
            self._strange += [row[0] for row in rows if type(row[0]) is not int]
            self._projections.read(rows if None not in bodies else whole(rows), [idx for idx, _ in documents or ()])
        return self._last

    def _tile(self, index: int) -> tuple[bytes | None, bytes | None]:
        """The tile's hashes, and its root as stored above it or beside it."""
        row = self._backend.tile(0, index)
        if row is None:
            self._tiles.append(index)
            return None, None
        upper = index // TILE
        if self._upper is None or self._upper[0] != upper:
            self._upper = upper, self._backend.tile(1, upper)
        above = self._upper[1]
        if above is None:
            return row.hashes, row.root
        place = index % TILE * 32
        return row.hashes, above.hashes[place : place + 32]

    def _documents(self, start: int, stop: int) -> list[tuple[int, bytes]]:
        found = []
        for row in self._backend.documents(start, stop):
            found.append((row.idx, sha256(row.ciphertext or b"").digest()))
            if row.wrapped_key is None:
                self._keyless.append(row.idx)
        return found

    def has_document(self, index: int) -> bool:
        return self._backend.document(index) is not None

    # ---- what is above the entries ----

    def newest(self) -> SignedCheckpoint | None:
        return self._newest

    def checkpoints(self, above: int, upto: int, *, thin: bool) -> Iterator[SignedCheckpoint]:
        rows = self._backend.checkpoints(above)
        if thin:
            rows = thinned(rows, upto)
        for row in rows:
            if row.size > upto:
                return
            yield signed_checkpoint(row)

    def cosigned(self) -> Iterator[SignedCheckpoint]:
        for size in self._backend.cosigned():
            row = self._backend.checkpoint(size)
            if row is not None and row.size == size:
                yield self._log.checkpoint(size)
            else:
                self._uncovered.append(size)

    def meanwhile(self) -> Iterator[tuple[int, bytes]]:
        return ((idx, body) for idx, _, body, _ in self._backend.entries(self._end, self._backend.extent()))

    def notes(self) -> list[tuple[Note, str]]:
        return []

    def tile(self, level: int, index: int, width: int) -> bytes | None:
        if width < TILE:
            return b"".join(self._backend.tile_roots(level - 1, index * TILE, index * TILE + width))
        row = self._backend.tile(level, index)
        return bytes(32 * width) if row is None else row.hashes

    # ---- at the end ----

    def findings(self, tree: Frontier | None, said: Structure) -> list[Finding]:
        tiles = [Finding(Cause.TILE, "the tile is missing", place * TILE, (place + 1) * TILE) for place in self._tiles]
        keyless = [index for index in self._keyless if index not in said.erased]
        return [
            *(Finding(Cause.COLUMN, f"the index of a row is none: `{idx}`") for idx in self._strange),
            *(Finding(Cause.FILE, f"the database: {detail}") for detail in self._unsound.result()),
            *merged(
                Cause.DOCUMENT, keyless, "the key of the sealed document is missing, and none says that it was erased"
            ),
            *tiles,
            *(
                Finding(Cause.WITNESS, f"a cosignature is of size {size}, which no checkpoint has")
                for size in self._uncovered
            ),
            *self._projections.findings(),
            *self._head(tree, said),
        ]

    def _head(self, tree: Frontier | None, said: Structure) -> list[Finding]:
        """The head's row, which the next append builds on."""
        row = self._backend.log()
        wrong: list[str] = []
        checkpoint = self._backend.checkpoint(row.size)
        if checkpoint is None or checkpoint.size != row.size:
            wrong.append(f"its size is {row.size}, which no checkpoint has")
        elif row.root and checkpoint.root != row.root:
            wrong.append("its root is not that of its checkpoint")
        try:
            frontier = unpack(row)
            if row.root and frontier.root() != row.root:
                wrong.append("its frontier does not make its root")
            if tree is not None and tree.size == row.size and tree.hashes != frontier.hashes:
                wrong.append("its frontier is not that of the entries")
        except LedgerDamaged as error:
            wrong.append(str(error))
        if row.size == self.size:
            wrong += _head_against(row, said)
        return [Finding(Cause.HEAD, detail) for detail in wrong]


def _columns(rows: Sequence[ReadRow], start: int, stop: int) -> tuple[Sequence[bytes | None], bytes]:
    """Bodies and leaves of `[start, stop)`, by the gaps that there are."""
    if rows and len(rows) == stop - start:
        indices, _, bodies, leaves = zip(*rows, strict=True)
        if indices == tuple(range(start, stop)) and None not in leaves:
            return bodies, b"".join(leaves)
    found = {idx: (body, leaf) for idx, _, body, leaf in rows}
    there = [found.get(idx) for idx in range(start, stop)]
    return [row and row[0] for row in there], b"".join((row and row[1]) or NO_HASH for row in there)


def _head_against(row: LogRow, said: Structure) -> list[str]:
    """What a head says that the entries do not."""
    wrong = []
    if said.newest and to_at(row.time) < said.newest:
        wrong.append("its time lies before that of the newest entry")
    if row.pruned != said.pruned:
        wrong.append(f"bodies below {row.pruned} count as pruned; the entries say {said.pruned}")
    if row.policy != said.policy and said.policy_known:
        wrong.append("the policy in force is not the one that the entries put in force")
    if row.development != said.development:
        wrong.append("its mode is not the one that entry 0 says")
    newest = max(said.announcements, key=lambda one: one.epoch, default=None)
    if newest is not None and (row.epoch, row.key, row.origin) != (newest.epoch, str(newest.key), newest.key.name):
        wrong.append("its key, epoch or origin is not the newest that the entries announce")
    if row.documents != said.documents:
        wrong.append("whether sealed documents are kept is not as entry 0 says")
    return wrong
