"""Nodes of a stored tree: tiles of 256 hashes as they fill, and what a proof reads of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from assentry.errors import LedgerDamaged
from assentry.ledger.backend import TILE, TileRow
from assentry.ledger.merkle import fold


class Hashes(Protocol):
    """Where hashes are read: leaves, and the roots of full tiles."""

    def leaves(self, start: int, stop: int) -> list[bytes]: ...

    def tile_roots(self, level: int, start: int, stop: int) -> list[bytes]: ...


class Tiles(Hashes, Protocol):
    def tile(self, level: int, index: int) -> TileRow | None: ...


def completed(stored: Hashes, size: int, leaves: Sequence[bytes], tail: Sequence[bytes] | None = None) -> list[TileRow]:
    """The tiles that a tree of `size` fills as it grows by `leaves`, lowest level first.

    `tail` are the leaves of its last, unfinished tile where they are known; else they are read.

    Raises LedgerDamaged when hashes that they need are not there.
    """
    rows: list[TileRow] = []
    level, start, fresh = 0, size, list(leaves)
    while fresh and start % TILE + len(fresh) >= TILE:
        first = start // TILE
        known = tail if level == 0 else None
        before = [*(_stored(stored, level, first * TILE, start) if known is None else known), *fresh]
        full = [before[place : place + TILE] for place in range(0, len(before) - TILE + 1, TILE)]
        tiles = [TileRow(level, first + n, fold(hashes), b"".join(hashes)) for n, hashes in enumerate(full)]
        rows += tiles
        level, start, fresh = level + 1, first, [tile.root for tile in tiles]
    return rows


def _stored(stored: Hashes, level: int, start: int, stop: int) -> list[bytes]:
    """The hashes that a tile of this level consists of."""
    if start == stop:
        return []
    found = stored.leaves(start, stop) if level == 0 else stored.tile_roots(level - 1, start, stop)
    if len(found) != stop - start:
        raise LedgerDamaged(f"hashes {start} to {stop - 1} of level {level * 8} are not all there")
    return found


def node_reader(stored: Tiles) -> Callable[[int, int], bytes]:
    """A function that gives the hash at a level and index, for a proof; it remembers the tiles it has read."""
    read: dict[tuple[int, int], list[bytes]] = {}

    def tile(level: int, index: int, need: int) -> list[bytes]:
        hashes = read.get((level, index), [])
        if len(hashes) < need:
            row = stored.tile(level, index)
            if row is not None:
                hashes = [row.hashes[place : place + 32] for place in range(0, len(row.hashes), 32)]
            else:
                hashes = _stored(stored, level, index * TILE, index * TILE + need)
            if len(hashes) < need:
                raise LedgerDamaged(f"tile {index} of level {level} is not whole")
            read[level, index] = hashes
        return hashes

    def node(level: int, index: int) -> bytes:
        high, low = divmod(level, 8)
        place, offset = divmod(index << low, TILE)
        hashes = tile(high, place, offset + (1 << low))
        return fold(hashes[offset : offset + (1 << low)])

    return node
