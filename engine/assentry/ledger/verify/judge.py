"""What the hashes say: which of bodies, leaves and tiles is not as signed, and where."""

from __future__ import annotations

from collections.abc import Mapping

from assentry.ledger.backend import TILE
from assentry.ledger.merkle import Frontier, fold
from assentry.ledger.tiles import widths
from assentry.ledger.verify.findings import Cause, Finding, merged
from assentry.ledger.verify.source import Source
from assentry.ledger.verify.sweep import NO_HASH, Sweep, split

Version = Mapping[int, list[bytes]]


def authentic(sweep: Sweep, size: int, root: bytes) -> tuple[Version, Frontier] | None:
    """The reading of the tiles in doubt under which the tree has the signed root, if there is one."""
    for version in sweep.versions():
        tree = sweep.frontier(size, version)
        if tree is not None and tree.root() == root:
            return version, tree
    return None


def differences(sweep: Sweep, version: Version) -> list[Finding]:
    """What differs from the signed leaves."""
    bodies: list[int] = []
    leaves: list[int] = []
    tiles: list[int] = []
    for index, doubt in sweep.doubts.items():
        signed = version.get(index, doubt.made)
        for place, right in enumerate(signed):
            entry = index * TILE + place
            if doubt.made[place] not in (right, NO_HASH):
                bodies.append(entry)
            leaf = doubt.leaves[place] if doubt.leaves is not None and place < len(doubt.leaves) else right
            if leaf != right and (leaf, doubt.made[place]) != (NO_HASH, NO_HASH):
                leaves.append(entry)
            if doubt.tile is not None and doubt.tile[place : place + 1] != [right]:
                tiles.append(entry)
    return [
        *merged(Cause.BODY, bodies, "the body is not the one that was signed"),
        *merged(Cause.LEAF, leaves, "the stored leaf hash is not the one that was signed"),
        *merged(Cause.TILE, tiles, "the hash in the tile is not the one that was signed"),
        *_parents(sweep, version),
    ]


def unsigned_differences(sweep: Sweep) -> list[Finding]:
    """What differs among bodies and stored hashes, when it is not known which of them was signed."""
    odd = [
        index * TILE + place
        for index, doubt in sweep.doubts.items()
        for place, made in enumerate(doubt.made)
        for stored in (doubt.leaves, doubt.tile)
        if made != NO_HASH and stored is not None and stored[place : place + 1] != [made]
    ]
    return merged(Cause.BODY, odd, "the body and its stored hashes differ, and neither fits the signed root")


def _parents(sweep: Sweep, version: Version) -> list[Finding]:
    wrong = []
    for index, parent in sweep.parents.items():
        right = fold(version[index]) if index in version else sweep.roots[index]
        if parent != right:
            wrong.append(index)
    return [
        Finding(
            Cause.TILE, "the stored root of this tile is not the one that was signed", index * TILE, (index + 1) * TILE
        )
        for index in wrong
    ]


def upper_tiles(source: Source, sweep: Sweep, version: Version) -> list[Finding]:
    """Tiles above the leaves that are not what the leaves make."""
    hashes = [fold(version[index]) if index in version else root for index, root in enumerate(sweep.roots)]
    found = []
    for level, full, partial in widths(sweep.size)[1:]:
        above = []
        for index in range(full + bool(partial)):
            right = hashes[index * TILE : (index + 1) * TILE]
            stored = source.tile(level, index, len(right))
            if stored is not None and stored != b"".join(right):
                odd = [place for place, one in enumerate(right) if split(stored)[place : place + 1] != [one]]
                span = TILE**level
                first = (index * TILE + (odd[0] if odd else 0)) * span
                last = (index * TILE + (odd[-1] if odd else len(right) - 1) + 1) * span
                detail = f"a hash in the tile of level {level} is not what the entries make"
                found.append(Finding(Cause.TILE, detail, first, min(last, sweep.size)))
            if len(right) == TILE:
                above.append(fold(right))
        hashes = above
    return found
