"""The names and bytes of tlog-tiles (C2SP): how a log lies in files that other tools read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assentry.ledger.backend import TILE


def tile_path(level: int, index: int, width: int = TILE) -> str:
    """The path of a tile of hashes; a `width` below 256 is a partial one."""
    return f"tile/{level}/{_number(index)}{_partial(width)}"


def bundle_path(index: int, width: int = TILE) -> str:
    """The path of a bundle of entries."""
    return f"tile/entries/{_number(index)}{_partial(width)}"


def documents_path(index: int) -> str:
    """The path of the sealed documents beside a bundle; not part of tlog-tiles."""
    return f"sealed/{_number(index)}"


def _number(index: int) -> str:
    """An index in groups of three digits: 1234067 is `x001/x234/067`."""
    digits = f"{index:03d}"
    digits = digits.zfill((len(digits) + 2) // 3 * 3)
    groups = [digits[place : place + 3] for place in range(0, len(digits), 3)]
    return "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])


def _partial(width: int) -> str:
    return "" if width == TILE else f".p/{width}"


def widths(size: int) -> list[tuple[int, int, int]]:
    """How a tree of `size` lies in tiles: for each level its number of full tiles and the width of the partial one."""
    found = []
    level, hashes = 0, size
    while hashes:
        found.append((level, hashes // TILE, hashes % TILE))
        level, hashes = level + 1, hashes // TILE
    return found


def to_bundle(bodies: Iterable[bytes]) -> bytes:
    """A bundle of entries: each behind its length in two bytes."""
    return b"".join(len(body).to_bytes(2, "big") + body for body in bodies)


def from_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle. Raises ValueError when it ends within one."""
    bodies = []
    place, end = 0, len(data)
    while place + 2 <= end:
        start = place + 2
        place = start + (data[place] << 8 | data[place + 1])
        bodies.append(data[start:place])
    if place != end:
        raise ValueError("the bundle ends in the middle of an entry")
    return bodies


def to_documents(documents: Sequence[tuple[int, bytes]]) -> bytes:
    """Sealed documents: each behind its entry's index in eight bytes and its length in four."""
    return b"".join(
        index.to_bytes(8, "big") + len(ciphertext).to_bytes(4, "big") + ciphertext for index, ciphertext in documents
    )


def from_documents(data: bytes) -> list[tuple[int, bytes]]:
    """The documents of a file. Raises ValueError when it ends within one."""
    documents = []
    place, end = 0, len(data)
    while place + 12 <= end:
        index = int.from_bytes(data[place : place + 8], "big")
        start = place + 12
        place = start + int.from_bytes(data[place + 8 : start], "big")
        documents.append((index, data[start:place]))
    if place != end:
        raise ValueError("the file ends in the middle of a document")
    return documents
