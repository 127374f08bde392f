"""Sets of small numbers as integers: bit i is set when i is in the set."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import compress, count

_WIDE = 1024
_DENSE = 8
_DIGITS = bytes.maketrans(b"01", b"\0\1")


def mask(bits: Iterable[int], width: int) -> int:
    """The integer in which these bits are set; `width` is a bound on them."""
    if width <= _WIDE:
        found = 0
        for bit in bits:
            found |= 1 << bit
        return found
    cells = bytearray(width // 8 + 1)  # a wide integer is copied as a whole for each bit that is added
    for bit in bits:
        cells[bit >> 3] |= 1 << (bit & 7)
    return int.from_bytes(cells, "little")


def bits(mask: int) -> list[int]:
    """The numbers of the bits that are set, ascending."""
    if mask.bit_count() * _DENSE > mask.bit_length():
        return list(compress(count(), f"{mask:b}"[::-1].encode().translate(_DIGITS)))
    found: list[int] = []
    while mask:  # few bits of many, each for the price of the whole
        lowest = mask & -mask
        found.append(lowest.bit_length() - 1)
        mask ^= lowest
    return found
