"""One pass over all entries: hashes made anew from the bodies, held against what is stored beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from assentry.ledger.backend import TILE
from assentry.ledger.merkle import Frontier, fold, leaf_hashes
from assentry.ledger.verify.source import Chunk

NO_HASH = bytes(32)


def split(hashes: bytes) -> list[bytes]:
    """Hashes that stand behind each other."""
    return [hashes[place : place + 32] for place in range(0, len(hashes), 32)]


@dataclass(slots=True)
class Doubt:
    """A tile whose bodies and stored hashes do not say the same."""

    made: list[bytes]
    """From the bodies; NO_HASH where there is none."""
    leaves: list[bytes] | None
    tile: list[bytes] | None
    parent: bytes | None

    def versions(self) -> list[list[bytes]]:
        """What the leaves may have been, each hash known: as the bodies say, as the tile, as stored beside the bodies.

        A missing body is filled from what is stored.
        """
        stored = [hashes for hashes in (self.tile, self.leaves) if hashes is not None and len(hashes) == len(self.made)]
        found = []
        for version in (self.made, *stored):
            filled = [
                next((hashes[place] for hashes in (version, *stored) if hashes[place] != NO_HASH), NO_HASH)
                for place in range(len(version))
            ]
            if NO_HASH not in filled and filled not in found:
                found.append(filled)
        return found

    def preferred(self) -> list[bytes] | None:
        """The version that the tile above speaks for, else the first."""
        versions = self.versions()
        if self.parent is not None:
            versions.sort(key=lambda version: fold(version) != self.parent)
        return versions[0] if versions else None


@dataclass
class Sweep:
    """The tree as the bodies make it."""

    size: int = 0
    roots: list[bytes] = field(default_factory=list)
    """Of full tiles; NO_HASH where a leaf is unknown."""
    tail: list[bytes] = field(default_factory=list)
    """Leaves of the last tile, when it is not full."""
    doubts: dict[int, Doubt] = field(default_factory=dict)
    missing: list[int] = field(default_factory=list)
    """Entries without a body."""
    parents: dict[int, bytes] = field(default_factory=dict)
    """What is stored as the root of a tile, where that differs from the leaves below it."""

    def read(self, chunk: Chunk) -> None:
        """Take the next tile."""
        bodies = chunk.bodies
        if None in bodies:
            self._incomplete(chunk)
            return
        made = leaf_hashes(bodies)  # type: ignore[arg-type]
        joined = b"".join(made)
        agree = chunk.leaves in (None, joined) and chunk.tile in (None, joined)
        self._enter(chunk, made, agree=agree)

    def _incomplete(self, chunk: Chunk) -> None:
        """Bodies are missing: pruned ones are stood for by the tile."""
        made = [hashed for body in chunk.bodies for hashed in (leaf_hashes([body]) if body is not None else [NO_HASH])]
        self.missing += [chunk.start + place for place, body in enumerate(chunk.bodies) if body is None]
        if chunk.pruned and chunk.tile is not None:
            tile = split(chunk.tile)
            if len(tile) == len(made) and NO_HASH not in tile:
                self._enter(chunk, tile, agree=chunk.leaves is None)
                return
        self._enter(chunk, made, agree=False)

    def _enter(self, chunk: Chunk, made: list[bytes], *, agree: bool) -> None:
        index = chunk.start // TILE
        if not agree:
            leaves = split(chunk.leaves) if chunk.leaves is not None else None
            tile = split(chunk.tile) if chunk.tile is not None else None
            self.doubts[index] = Doubt(made, leaves, tile, chunk.parent)
        self.size = chunk.start + len(made)
        if len(made) < TILE:
            self.tail = made
            return
        root = fold(made) if NO_HASH not in made else NO_HASH
        self.roots.append(root)
        if chunk.parent is not None and chunk.parent != root:
            self.parents[index] = chunk.parent

    def frontier(self, size: int, instead: Mapping[int, list[bytes]] | None = None) -> Frontier | None:
        """The tree over the first `size` entries, with other leaves for some tiles; None when a hash is unknown.

        `size` is the end of a tile or in the last one, unless `instead` has the leaves of the tile that it cuts.
        """
        other = instead or {}
        tree = Frontier()
        for index in range(size // TILE):
            root = fold(other[index]) if index in other else self.roots[index]
            if root == NO_HASH:
                return None
            tree.push(root, 8)
        if size % TILE:
            tail = other.get(size // TILE, self.tail)
            if NO_HASH in tail[: size % TILE] or len(tail) < size % TILE:
                return None
            tree.extend(tail[: size % TILE])
        return tree

    def versions(self) -> Iterator[dict[int, list[bytes]]]:
        """Ways to read the tiles in doubt: as the bodies say, as what is stored says, and the last tile either way."""
        yield {}
        chosen = {index: best for index, doubt in self.doubts.items() if (best := doubt.preferred()) is not None}
        last = self.doubts.get(self.size // TILE) if self.size % TILE else None
        if last is None:
            yield chosen
            return
        for version in last.versions():
            yield {**chosen, self.size // TILE: version}
