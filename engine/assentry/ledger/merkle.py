"""The Merkle tree of RFC 6962, section 2: hashing, roots, and the two proofs with their checks.

A *node* (level, index) is the hash of the complete subtree over the leaves
`[index * 2**level, (index + 1) * 2**level)`; level 0 are the leaf hashes. A *frontier* holds the nodes of the
largest complete subtrees of a tree, largest first: all that is needed to grow it and to know its root.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()
"""The root of the tree without leaves."""

Node = Callable[[int, int], bytes]
"""The hash of the node at a level and index."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of one leaf."""
    return sha256(b"\0" + data).digest()


def leaf_hashes(data: Iterable[bytes]) -> list[bytes]:
    """The hashes of many leaves; one comprehension, since this loop is what verifying costs."""
    sha = sha256
    return [sha(b"\0" + item).digest() for item in data]


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\1" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes of equal level."""
    sha = sha256
    while len(hashes) > 1:
        pairs = iter(hashes)
        hashes = [sha(b"\1" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
    return hashes[0]


class Frontier:
    """A tree that can grow, in memory proportional to the logarithm of its size."""

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        """`hashes` are the complete subtrees that make up `size` leaves, largest first.

        Raises ValueError when their number does not fit the size.
        """
        if size < 0 or len(hashes) != size.bit_count() or not {32}.issuperset(map(len, hashes)):
            raise ValueError(f"a frontier of {len(hashes)} hashes does not make up {size} leaves")
        self.size = size
        self.hashes = list(hashes)

    def copy(self) -> Frontier:
        return Frontier(self.size, self.hashes)

    def append(self, leaf: bytes) -> None:
        """Grow by one leaf hash."""
        self._carry(leaf, 0)

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Grow by leaf hashes, complete subtree by complete subtree."""
        done = 0
        while done < len(leaves):
            room = (len(leaves) - done).bit_length() - 1
            if self.size:
                room = min(room, (self.size & -self.size).bit_length() - 1)
            self._carry(fold(leaves[done : done + (1 << room)]), room)
            done += 1 << room

    def push(self, root: bytes, level: int) -> None:
        """Grow by the root of a complete subtree.

        Raises ValueError when the tree's size is not a multiple of that subtree's.
        """
        if self.size % (1 << level):
            raise ValueError(f"a subtree of level {level} cannot follow {self.size} leaves")
        self._carry(root, level)

    def _carry(self, root: bytes, level: int) -> None:
        trailing = self.size >> level
        while trailing & 1:
            root = node_hash(self.hashes.pop(), root)
            trailing >>= 1
        self.hashes.append(root)
        self.size += 1 << level

    def root(self) -> bytes:
        """The root of the tree as it stands."""
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes."""
    tree = Frontier()
    tree.extend(leaves)
    return tree.root()


# ---- proofs ----


def split(size: int) -> int:
    """The largest power of two smaller than `size` (at least 2): where a tree divides into left and right."""
    return 1 << ((size - 1).bit_length() - 1)


def range_root(start: int, stop: int, node: Node) -> bytes:
    """The root over leaves `[start, stop)`, where `start` is a multiple of the power of two not below their number."""
    count = stop - start
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return node(level, start >> level)
    middle = start + split(count)
    return node_hash(range_root(start, middle, node), range_root(middle, stop, node))


def prove_inclusion(index: int, size: int, node: Node) -> list[bytes]:
    """The audit path of the leaf at `index` in the tree of `size` leaves, from its sibling up.

    Raises ValueError when there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + split(stop - start)
        if index < middle:
            path.append(range_root(middle, stop, node))
            stop = middle
        else:
            path.append(range_root(start, middle, node))
            start = middle
    path.reverse()
    return path


def prove_consistency(old: int, new: int, node: Node) -> list[bytes]:
    """The proof that the tree of `new` leaves continues the one of `old`.

    Raises ValueError when `old` is beyond `new`.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves does not continue one of {old}")
    if old in (0, new):
        return []
    path: list[bytes] = []
    start, stop = 0, new
    while stop != old:
        middle = start + split(stop - start)
        if old <= middle:
            path.append(range_root(middle, stop, node))
            stop = middle
        else:
            path.append(range_root(start, middle, node))
            start = middle
    if start:
        path.append(range_root(start, stop, node))
    path.reverse()
    return path


def root_from_inclusion(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes | None:
    """The root that an audit path leads to, or None when it cannot be one of such a proof."""
    if not 0 <= index < size or len(leaf) != 32:
        return None
    last, place, root = size - 1, index, leaf
    for sibling in path:
        if last == 0:
            return None
        if place & 1 or place == last:
            root = node_hash(sibling, root)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            root = node_hash(root, sibling)
        place >>= 1
        last >>= 1
    return root if last == 0 else None


def verify_inclusion(index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `path` proves that `leaf` stands at `index` in the tree of `size` leaves with that root."""
    return root_from_inclusion(index, size, leaf, path) == root


def verify_consistency(old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether `path` proves that the tree (new, new_root) continues the tree (old, old_root).

    Of the empty tree every tree is a continuation, so that nothing proves it: `old` is at least 1.
    """
    if not 1 <= old <= new:
        return False
    if old == new:
        return not path and old_root == new_root
    hashes = list(path)
    if old & (old - 1) == 0:
        hashes.insert(0, old_root)
    if not hashes:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place >>= 1
        last >>= 1
    first = second = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            second = node_hash(second, sibling)
        place >>= 1
        last >>= 1
    return last == 0 and first == old_root and second == new_root
