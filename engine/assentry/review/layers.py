"""What a text says underneath: the text itself, and what is in it in percent, backslash, base64 and hex encoding.

A layer is bytes in Latin-1 with a way back to the text. Letters that pass for ASCII ones are ASCII there, and what
does not show is left out, so that nothing hides a pattern. Decoding goes on inside what was decoded. Work is bounded:
a text that would take more than its share ends with a layer that says so.
"""

from __future__ import annotations

import binascii
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from assentry import diagnostics
from assentry.review.confusables import ascii_of

Way = Callable[[int, int], tuple[int, int]]
"""From a range of a layer's bytes to the range of the text's code points that holds it."""

MAX_NESTING = 5
"""Encodings within encodings that are followed."""

MAX_GROWTH = 12
MIN_WORK = 1 << 16
"""A text of n bytes is looked at in layers of at most `MAX_GROWTH` * n bytes in all, or `MIN_WORK` if that is more."""

_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})|\\x([0-9A-Fa-f]{2})|\\u00([0-9A-Fa-f]{2})|&#x([0-9A-Fa-f]{2});")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{8,}(?:\r?\n[ \t]*[A-Za-z0-9+/_-]+)*")
_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2}){8,}")
_LINE_ENDS = b"\r\n\t "
_FROM_URL = bytes.maketrans(b"-_", b"+/")
_LONG = 24  # from here on an encoded run may begin with letters that are not of it
_BETWEEN = b"\x00"


@dataclass(frozen=True, slots=True)
class Layer:
    """One reading of a text. `unread` layers have no bytes: their range was not looked through."""

    data: bytes
    way: Way
    depth: int = 0
    unread: bool = False


def layers(text: str) -> Iterator[Layer]:
    """All readings of a text, itself first."""
    first = _projected(text)
    left = max(MIN_WORK, MAX_GROWTH * len(first.data))
    waiting = [first]
    while waiting:
        layer = waiting.pop()
        left -= len(layer.data)
        if left < 0:
            yield Layer(b"", lambda _start, _end: (0, len(text)), layer.depth, unread=True)
            return
        yield layer
        if layer.depth < MAX_NESTING:
            waiting += _decoded(layer)
        else:
            yield from (Layer(b"", below.way, below.depth, unread=True) for below in _decoded(layer) if _speaks(below))


def project(text: str) -> bytes:
    """The text as its first layer reads it."""
    return _projected(text).data


def _projected(text: str) -> Layer:
    if text.isascii() and text.isprintable():
        return Layer(text.encode("ascii"), lambda start, end: (start, end))
    kept = [at for at, char in enumerate(text) if _letter(char)]
    data = b"".join([_letter(text[at]) for at in kept])
    return Layer(data, lambda start, end: (kept[start], kept[end - 1] + 1))


@lru_cache(maxsize=1 << 16)
def _letter(char: str) -> bytes:
    """One byte for a character, none for one that does not show."""
    if char.isascii():
        return char.encode() if char.isprintable() or char in "\t\n\r" else b""
    like = ascii_of(char)
    if like is not None:
        return like.encode()
    if char.isalnum():
        return b"\xff"
    return b" " if char.isspace() else b"\xa0" if diagnostics.visible(char) == char else b""


def _decoded(layer: Layer) -> list[Layer]:
    found = (_unescaped(layer), _joined(layer, _BASE64, _from_base64), _joined(layer, _HEX, _from_hex))
    return [below for below in found if below is not None]


def _unescaped(layer: Layer) -> Layer | None:
    """The layer with every escape in place of what it stands for."""
    data = layer.data
    if b"%" not in data and b"\\" not in data and b"&#" not in data:
        return None
    pieces: list[bytes] = []
    places, origins = [0], [0]  # where a run of the decoded bytes begins, there and here
    done = length = 0
    for escape in _ESCAPE.finditer(data):
        pieces += (data[done : escape.start()], bytes.fromhex(escape[escape.lastindex or 1].decode()))
        length += escape.start() - done
        places += (length, length + 1)
        origins += (escape.start(), escape.end())
        length += 1
        done = escape.end()
    if not done:
        return None
    pieces.append(data[done:])

    def way(start: int, end: int) -> tuple[int, int]:
        return layer.way(_origin(places, origins, start), _end(places, origins, end))

    return Layer(b"".join(pieces), way, layer.depth + 1)


def _origin(places: Sequence[int], origins: Sequence[int], at: int) -> int:
    run = bisect_right(places, at) - 1
    return origins[run] + at - places[run]


def _end(places: Sequence[int], origins: Sequence[int], end: int) -> int:
    """Where the last byte before `end` ends: an escape is taken whole."""
    run = bisect_right(places, end - 1) - 1
    after = origins[run + 1] if run + 1 < len(origins) and places[run + 1] == end else None
    return after if after is not None else origins[run] + end - places[run]


def _joined(layer: Layer, encoded: re.Pattern[bytes], decode: Callable[[bytes], Sequence[bytes]]) -> Layer | None:
    """What all runs of one encoding hold, as one layer; a range of it leads to the whole runs."""
    pieces: list[bytes] = []
    places: list[int] = []
    runs: list[tuple[int, int]] = []
    length = 0
    for run in encoded.finditer(layer.data):
        for piece in decode(run[0]):
            places.append(length)
            runs.append(run.span())
            pieces.append(piece)
            length += len(piece) + len(_BETWEEN)
    if not pieces:
        return None

    def way(start: int, end: int) -> tuple[int, int]:
        first, last = bisect_right(places, start) - 1, bisect_right(places, max(start, end - 1)) - 1
        return layer.way(runs[first][0], runs[last][1])

    return Layer(_BETWEEN.join(pieces), way, layer.depth + 1)


def _from_base64(run: bytes) -> Sequence[bytes]:
    """The run decoded from each letter with which the encoding may begin; padding may be missing."""
    letters = run.translate(_FROM_URL, _LINE_ENDS)
    found = []
    for skipped in range(4 if len(letters) >= _LONG else 1):
        rest = letters[skipped:]
        rest = rest[: len(rest) - (len(rest) % 4 == 1)]
        plain = binascii.a2b_base64(rest + b"=" * (-len(rest) % 4))
        # Two bytes a letter (UTF-16), of which one is empty.
        found.append(plain.replace(b"\x00", b"") if b"\x00" in plain else plain)
    # A short run is mostly a word that nobody encoded.
    return found if len(letters) >= _LONG or _is_text(found[0]) else ()


def _from_hex(run: bytes) -> Sequence[bytes]:
    return (bytes.fromhex(run.decode()),)


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _speaks(layer: Layer) -> bool:
    """Whether a layer holds text, as what was not encoded does by chance only."""
    return any(len(run) >= 12 for run in re.split(rb"[^\x20-\x7e]+", layer.data))
