"""What a log asks of the database below it: rows, one transaction at a time, and reads.

A transaction holds the lock of the log's head from its beginning, so that what it reads is what stands until its
commit. Everything that a commit writes is one Plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from assentry.ledger.note import Signer

TILE = 256
"""Hashes of a full tile: eight levels of the tree."""


class LogRow(NamedTuple):
    """The head of a log. `id` finds the log's other rows; `key` is the verifier key in force, with its epoch."""

    id: int
    tenant: str
    origin: str
    key: str
    epoch: int
    development: bool
    documents: bool
    """Whether sealed documents are kept, or only their digests."""
    size: int
    root: bytes
    frontier: bytes
    time: int
    policy: str | None
    pruned: int
    slack: int
    """Milliseconds by which the clock may stand behind `time`, as a person confirmed."""
    boot: str
    """What `mono`, in milliseconds, counts from: with `clock`, it shows a clock that jumps."""
    mono: int
    clock: int
    """What the clock said at the newest commit, in milliseconds since 1970."""


class EntryRow(NamedTuple):
    idx: int
    request: str | None
    body: bytes
    leaf: bytes
    idempotency: str | None
    payload: bytes | None


ReadRow = tuple[int, str | None, bytes, bytes]
"""An entry as it is read: index, request, body, leaf. A plain tuple, since to make another costs as much as reading it."""


class SeenRow(NamedTuple):
    """What an idempotency key was used for."""

    idx: int
    payload: bytes
    leaf: bytes
    body: bytes


class Asked(NamedTuple):
    """What the items of a batch ask about."""

    requests: Sequence[str] = ()
    """Those whose newest entry matters."""
    claims: Sequence[str] = ()
    keys: Sequence[str] = ()
    """Idempotency keys."""


NOTHING = Asked()


@dataclass(slots=True)
class Known:
    """What stands in the log of what the items of a batch ask about, kept up to date as the batch grows."""

    last: dict[str, int]
    """The newest index of those requests that have one."""
    claims: dict[str, int]
    seen: dict[str, SeenRow]
    """By idempotency key."""


class DocumentRow(NamedTuple):
    """A sealed document; either part is None where it is not kept."""

    idx: int
    ciphertext: bytes | None
    wrapped_key: bytes | None
    subjects: tuple[str, ...]


class TileRow(NamedTuple):
    """A full tile: the tile of level 0 holds leaf hashes, one above holds the roots of full tiles below."""

    level: int
    idx: int
    root: bytes
    hashes: bytes


class CheckpointRow(NamedTuple):
    """A checkpoint, one for each commit; `batch` is random, and tells whose commit it was."""

    size: int
    root: bytes
    epoch: int
    key: str
    """The verifier key of that epoch."""
    signature: bytes
    batch: bytes


class CosignatureRow(NamedTuple):
    size: int
    name: str
    key_id: bytes
    signature: bytes


@dataclass(slots=True)
class Plan:
    """What one commit writes."""

    log: LogRow
    """The head as it will be."""
    checkpoint: CheckpointRow
    signer: Signer
    """Who signed it, and signs from now on."""
    entries: list[EntryRow] = field(default_factory=list)
    claims: list[tuple[str, int]] = field(default_factory=list)
    documents: list[DocumentRow] = field(default_factory=list)
    tiles: list[TileRow] = field(default_factory=list)
    erased: list[int] = field(default_factory=list)
    """Entries whose documents and keys are destroyed."""
    prune: tuple[int, int] | None = None
    """Entries whose bodies and documents are destroyed: from, to."""


class Transaction(Protocol):
    """A transaction that holds the head's lock."""

    @property
    def log(self) -> LogRow: ...

    @property
    def wall(self) -> int | None:
        """The database's own clock, in milliseconds since 1970, where it has one."""
        ...

    @property
    def known(self) -> Known:
        """What there is of what was asked about when it began."""
        ...

    def look_up(self, asked: Asked) -> Known:
        """What there is of something else."""
        ...

    def leaves(self, start: int, stop: int) -> list[bytes]: ...

    def tile_roots(self, level: int, start: int, stop: int) -> list[bytes]: ...

    def documents_about(self, subject: str) -> list[int]:
        """The entries whose documents are about a subject and still have their keys, in order."""
        ...

    def batch_at(self, size: int) -> bytes | None:
        """The random mark of the commit that ended at a size, where there is one."""
        ...

    def checkpoint(self, size: int) -> CheckpointRow | None:
        """The smallest that covers `size` entries."""
        ...

    def commit(self, plan: Plan) -> None:
        """Write it and commit. Raises LedgerUnknown when the outcome is open, Again to begin anew."""
        ...

    def rollback(self) -> None:
        """Write nothing. Does not raise."""
        ...


class Again(Exception):
    """The database asks to repeat the transaction (SQLSTATE 40001)."""


class Backend(Protocol):
    """One log in one database."""

    clock_drift: float
    """How much the database's clock may run apart from this machine's, as a fraction."""
    durable: bool

    def begin(self, asked: Asked = NOTHING) -> Transaction: ...

    def wall(self) -> int | None:
        """The database's own clock, in milliseconds since 1970, where it has one."""
        ...

    def log(self) -> LogRow: ...

    def entries(self, start: int, stop: int) -> Iterator[ReadRow]:
        """The entries that are there, in order, read in portions."""
        ...

    def extent(self) -> int:
        """The index behind the last entry that is there."""
        ...

    def most(self) -> int:
        """More entries than so many cannot be there, whatever the head and the checkpoints say."""
        ...

    def strays(self, size: int) -> list[tuple[str, int]]:
        """Rows of a log of `size` whose index lies outside it, with their table; not all where they are many."""
        ...

    def request_entries(self, request: str) -> list[ReadRow]: ...

    def last_of(self, request: str) -> int: ...

    def claim(self, name: str) -> int | None: ...

    def claims_of(self, names: Sequence[str]) -> dict[str, int]:
        """The index of the entry that has each of these claims, for those that are had."""
        ...

    def count_claims(self, start: int, stop: int) -> int:
        """How many claims the entries of `[start, stop)` have."""
        ...

    def claims(self) -> Iterator[tuple[str, int]]:
        """All claims, in order of their index."""
        ...

    def leaves(self, start: int, stop: int) -> list[bytes]: ...

    def tile(self, level: int, index: int) -> TileRow | None: ...

    def tile_roots(self, level: int, start: int, stop: int) -> list[bytes]: ...

    def tiles(self) -> list[tuple[int, int, int]]:
        """Each level of which there are full tiles, with the first and the last of their indices."""
        ...

    def checkpoint(self, size: int | None) -> CheckpointRow | None:
        """The newest, or the smallest that covers `size` entries."""
        ...

    def checkpoints(self, above: int = 0) -> Iterator[CheckpointRow]:
        """Those of sizes above a size, smallest first."""
        ...

    def cosignatures(self, size: int) -> list[CosignatureRow]: ...

    def cosigned(self) -> list[int]:
        """The sizes of the checkpoints that have cosignatures, in order."""
        ...

    def add_cosignatures(self, rows: Sequence[CosignatureRow]) -> None: ...

    def document(self, index: int) -> DocumentRow | None:
        """A document's ciphertext and wrapped key, without its subjects; None when there is neither."""
        ...

    def documents(self, start: int, stop: int) -> Iterator[DocumentRow]:
        """Those beside the entries of `[start, stop)`, without their subjects."""
        ...

    def filed(self, pairs: Sequence[tuple[str, int]]) -> set[tuple[str, int]]:
        """Those of these pairs of a subject and an index under which a document is found."""
        ...

    def count_subjects(self, start: int, stop: int) -> int:
        """How many pairs of a subject and an index there are for the entries of `[start, stop)`."""
        ...

    def subjects(self, start: int, stop: int) -> list[tuple[str, int]]:
        """These pairs."""
        ...

    def unsound(self) -> list[str]:
        """What the database finds wrong with its own pages and indexes, where it can look: by these, entries are found."""
        ...

    def scrub(self) -> None:
        """After keys were destroyed: leave no copy of them in the database's own files, as far as it can."""
        ...

    def close(self) -> None: ...
