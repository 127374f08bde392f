"""What verification reads: the same from an export as from a database. Nothing of it is trusted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from assentry.ledger.checkpoint import SignedCheckpoint
from assentry.ledger.merkle import Frontier
from assentry.ledger.note import Note
from assentry.ledger.verify.findings import Finding
from assentry.ledger.verify.structure import Structure


@dataclass(slots=True)
class Chunk:
    """The entries of one tile, and what is stored about them.

    `leaves` and `tile` are hashes behind each other, as stored beside the entries and in the tile, None where they are
    not stored; a hash of zeros stands for one that is missing. `parent` is the root of the tile as stored above it.
    """

    start: int
    bodies: Sequence[bytes | None]
    leaves: bytes | None
    tile: bytes | None
    parent: bytes | None
    documents: Sequence[tuple[int, bytes]] | None = None
    """Sealed documents beside these entries, as (index, SHA-256 of the ciphertext); None where they are left out."""
    pruned: bool = False
    """That bodies are missing is as it should be, if the log says so."""


class Source(Protocol):
    """A log to be verified."""

    tenant: str
    size: int
    """How many entries it says that it has."""
    documents: bool
    """Whether sealed documents are there."""

    def chunk(self, index: int) -> Chunk:
        """The entries of the tile at an index, as far as the size goes."""
        ...

    def newest(self) -> SignedCheckpoint | None: ...

    def checkpoints(self, above: int, upto: int, *, thin: bool) -> Iterator[SignedCheckpoint]:
        """Checkpoints of sizes in `(above, upto]`, smallest first; `thin` is about one a tile."""
        ...

    def cosigned(self) -> Iterator[SignedCheckpoint]:
        """Checkpoints that carry cosignatures."""
        ...

    def meanwhile(self) -> Iterator[tuple[int, bytes]]:
        """Entries that were appended since the reading began: they may say why something is gone by now."""
        ...

    def notes(self) -> list[tuple[Note, str]]:
        """Other notes of the log's key, with what they are."""
        ...

    def tile(self, level: int, index: int, width: int) -> bytes | None:
        """Hashes of a tile of level 1 or higher, as stored; None where it is not stored."""
        ...

    def has_document(self, index: int) -> bool: ...

    def findings(self, tree: Frontier | None, said: Structure) -> list[Finding]:
        """What the source itself found wrong, when everything is read.

        `tree` is the one that the checkpoint signs, `said` what the entries say of the log.
        """
        ...
