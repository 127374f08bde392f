"""The tree: fast ways beside the definition of RFC 6962, word for word."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assentry.ledger import merkle
from assentry.ledger.backend import TILE, TileRow
from assentry.ledger.merkle import Frontier
from assentry.ledger.tree import completed, node_reader

LEAVES = [merkle.leaf_hash(number.to_bytes(3, "big")) for number in range(1200)]


def mth(leaves: list[bytes]) -> bytes:
    """Section 2.1: the Merkle tree hash of a list."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\1" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """Section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = merkle.split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    """Section 2.1.2."""
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = merkle.split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def node(level: int, index: int) -> bytes:
    return mth(LEAVES[index << level : (index + 1) << level])


sizes = st.integers(0, 300)


def test_the_empty_tree_and_one_leaf() -> None:
    assert Frontier().root() == merkle.EMPTY_ROOT == sha256(b"").digest()
    assert merkle.root_of(LEAVES[:1]) == LEAVES[0] == sha256(b"\0" + bytes(3)).digest()
    assert merkle.leaf_hashes([b"a", b""]) == [merkle.leaf_hash(b"a"), merkle.leaf_hash(b"")]


@given(st.lists(st.integers(0, 70), max_size=8))
def test_a_frontier_grows_in_any_portions(portions: list[int]) -> None:
    tree, done = Frontier(), 0
    for portion in portions:
        tree.extend(LEAVES[done : done + portion])
        done += portion
        again = Frontier(tree.size, tree.hashes)
        assert (tree.size, tree.root(), again.root()) == (done, mth(LEAVES[:done]), mth(LEAVES[:done]))
    one_by_one = Frontier()
    for leaf in LEAVES[:done]:
        one_by_one.append(leaf)
    assert one_by_one.hashes == tree.hashes
    assert tree.copy().hashes == tree.hashes


@pytest.mark.parametrize(("size", "hashes"), [(3, [bytes(32)]), (1, [bytes(31)]), (-1, []), (0, [bytes(32)])])
def test_a_frontier_that_does_not_fit(size: int, hashes: list[bytes]) -> None:
    with pytest.raises(ValueError, match="does not make up"):
        Frontier(size, hashes)
    with pytest.raises(ValueError, match="cannot follow"):
        Frontier(1, [bytes(32)]).push(bytes(32), 1)


@given(sizes.filter(bool), st.data())
def test_inclusion(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.prove_inclusion(index, size, node)
    root = mth(LEAVES[:size])
    assert proof == path(index, LEAVES[:size])
    assert merkle.verify_inclusion(index, size, LEAVES[index], proof, root)
    other = data.draw(st.integers(0, size + 3))
    if other != index:
        assert not merkle.verify_inclusion(other, size, LEAVES[index], proof, root)
    assert not merkle.verify_inclusion(index, size, LEAVES[index + 1], proof, root)
    assert not merkle.verify_inclusion(index, size, LEAVES[index], [*proof, bytes(32)], root)
    assert not proof or not merkle.verify_inclusion(index, size, LEAVES[index], proof[:-1], root)


@given(sizes, sizes)
def test_consistency(one: int, two: int) -> None:
    old, new = sorted((one, two))
    proof = merkle.prove_consistency(old, new, node)
    roots = mth(LEAVES[:old]), mth(LEAVES[:new])
    assert proof == ([] if old in (0, new) else subproof(old, LEAVES[:new], True))
    assert merkle.verify_consistency(old, new, proof, *roots) is (old > 0)
    assert not merkle.verify_consistency(old, new, [*proof, bytes(32)], *roots)
    assert not proof or not merkle.verify_consistency(old, new, proof[:-1], *roots)
    if old != new:
        assert not merkle.verify_consistency(new, old, proof, *roots)
        assert old == 0 or not merkle.verify_consistency(old, new, proof, bytes(32), roots[1])
        assert old == 0 or not merkle.verify_consistency(old, new, proof, roots[0], bytes(32))


def test_proofs_of_what_is_not_there() -> None:
    calls: list[Callable[[], object]] = [
        lambda: merkle.prove_inclusion(3, 3, node),
        lambda: merkle.prove_inclusion(-1, 3, node),
        lambda: merkle.prove_consistency(4, 3, node),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=r"there is no leaf|does not continue"):
            call()


class Stored:
    """Tiles as a database has them, filled in portions."""

    def __init__(self, portions: Callable[[int], int]) -> None:
        self.count = 0
        self.tiles: dict[tuple[int, int], TileRow] = {}
        while self.count < len(LEAVES):
            fresh = LEAVES[self.count : self.count + portions(self.count)]
            for row in completed(self, self.count, fresh):
                assert (row.level, row.idx) not in self.tiles
                self.tiles[row.level, row.idx] = row
            self.count += len(fresh)

    def leaves(self, start: int, stop: int) -> list[bytes]:
        return LEAVES[start : min(stop, self.count)]

    def tile(self, level: int, index: int) -> TileRow | None:
        return self.tiles.get((level, index))

    def tile_roots(self, level: int, start: int, stop: int) -> list[bytes]:
        return [self.tiles[level, index].root for index in range(start, stop) if (level, index) in self.tiles]


@pytest.mark.parametrize("portion", [1, 100, 255, 256, 257, 700, 1200])
def test_tiles_fill_as_the_tree_grows(portion: int) -> None:
    stored = Stored(lambda _: portion)
    assert sorted(stored.tiles) == [(0, index) for index in range(len(LEAVES) // TILE)]
    for (_, index), row in stored.tiles.items():
        leaves = LEAVES[index * TILE : (index + 1) * TILE]
        assert (row.hashes, row.root) == (b"".join(leaves), mth(leaves))
    read = node_reader(stored)
    for size in (1, 255, 256, 300, 513, 1024, 1200):
        for index in {0, size // 2, size - 1}:
            assert merkle.prove_inclusion(index, size, read) == path(index, LEAVES[:size])


def test_tiles_of_tiles() -> None:
    """65,536 leaves fill a tile of level 1; one leaf repeated stands for them."""
    leaf, count = LEAVES[0], TILE * TILE
    filled: dict[tuple[int, int], TileRow] = {}

    class Repeated:
        def leaves(self, start: int, stop: int) -> list[bytes]:
            return [leaf] * (stop - start)

        def tile_roots(self, level: int, start: int, stop: int) -> list[bytes]:
            return [filled[level, index].root for index in range(start, stop)]

        def tile(self, level: int, index: int) -> TileRow | None:
            return filled.get((level, index))

    for size in range(0, count, 4096):
        filled.update(((row.level, row.idx), row) for row in completed(Repeated(), size, [leaf] * 4096))
    whole = Frontier()
    whole.extend([leaf] * count)
    assert filled[1, 0].root == whole.root()
    assert len(filled) == TILE + 1
    proof = merkle.prove_inclusion(12_345, count, node_reader(Repeated()))
    assert merkle.verify_inclusion(12_345, count, leaf, proof, whole.root())
