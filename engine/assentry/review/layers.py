"""What a text says underneath: the text itself, and what is in it in percent, backslash, base64 and hex encoding.

A layer is bytes in Latin-1 with a way back to the text. Letters that pass for ASCII ones are ASCII there, and what
does not show is left out, so that nothing hides a pattern. Decoding goes on inside what was decoded. Work is bounded:
a text that would take more than its share ends with a layer that says so.
"""

from __future__ import annotations

import binascii
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from assentry import diagnostics
from assentry.review.confusables import ascii_of

Way = Callable[[int, int], tuple[int, int]]
"""From a range of a layer's bytes to the range of the text's code points that holds it."""

MAX_NESTING = 5
"""Encodings within encodings that are followed."""

MAX_GROWTH = 12
MIN_WORK = 1 << 16
"""A text of n bytes is looked at in layers of at most `MAX_GROWTH` * n bytes in all, or `MIN_WORK` if that is more."""

_ESCAPE = re.compile(
    rb"%([0-9A-Fa-f]{2})|\\x([0-9A-Fa-f]{2})"  # bytes
    rb"|\\u([0-9A-Fa-f]{4})|\\u\{([0-9A-Fa-f]{1,6})\}|&#[xX]([0-9A-Fa-f]{1,6});|&#([0-9]{1,7});"  # characters
    rb"|\\([nrt\"\\/])|&(quot|amp|apos|lt|gt);"  # names of characters
)
_OF_BYTES, _DECIMAL, _NAMED = 2, 6, 7
"""Up to which group an escape stands for a byte, which one is of decimal digits, from which on they are names."""
_NAMES = {
    b"n": b"\n", b"r": b"\r", b"t": b"\t", b"quot": b'"', b"amp": b"&", b"apos": b"'", b"lt": b"<", b"gt": b">",
}  # fmt: skip
_TERMINAL = re.compile(r"\x1b(?:\[[0-9;:?]*[ -/]*[@-~]|[@-Z\\-_])")
"""What a terminal acts on and does not show (ECMA-48): colours, moves."""
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{8,}(?:\r?\n[ \t]*[A-Za-z0-9+/_-]+)*")
_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2}){8,}|[0-9A-Fa-f]{2}(?:([: -])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){6,}")
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
    unseen = (
        {at for found in _TERMINAL.finditer(text) for at in range(*found.span())} if "\x1b" in text else frozenset()
    )
    kept = [at for at, char in enumerate(text) if at not in unseen and _letter(char)]
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
    if unicodedata.category(char) in {"Mn", "Me"}:  # a mark over or around a letter hides no word either
        return b""
    return b" " if char.isspace() else b"\xa0" if diagnostics.visible(char) == char else b""


def _decoded(layer: Layer) -> list[Layer]:
    found = (_unescaped(layer), _joined(layer, _BASE64, _from_base64), _joined(layer, _HEX, _from_hex))
    return [below for below in found if below is not None]


def _unescaped(layer: Layer) -> Layer | None:
    """The layer with every escape in place of what it stands for."""
    data = layer.data
    if (b"%" not in data and b"\\" not in data and b"&" not in data) or _ESCAPE.search(data) is None:
        return None
    units = [unit for unit in _units(data) if unit[0]]
    places = [0, *accumulate(len(unit[0]) for unit in units)]

    def way(start: int, end: int) -> tuple[int, int]:
        first, last = bisect_right(places, start) - 1, bisect_right(places, end - 1) - 1
        return layer.way(
            _within(units[first], start - places[first])[0], _within(units[last], end - 1 - places[last])[1]
        )

    return Layer(b"".join(unit[0] for unit in units), way, layer.depth + 1)


Unit = tuple[bytes, int, int]
"""Bytes that are read, and the range of those that they stand for."""


def _within(unit: Unit, at: int) -> tuple[int, int]:
    """The range behind one byte of a unit: the same byte of what is plain, the whole of an escape."""
    read, start, end = unit
    return (start + at, start + at + 1) if len(read) == end - start else (start, end)


def _units(data: bytes) -> Iterator[Unit]:
    """Plain runs and escapes in order. Escapes of bytes that make up one character are one unit."""
    done = 0
    raw: list[tuple[int, int, int]] = []
    for escape in _ESCAPE.finditer(data):
        if escape.start() > done:
            yield from _characters(raw)
            raw = []
            yield data[done : escape.start()], done, escape.start()
        kind = escape.lastindex or 1
        if kind <= _OF_BYTES:
            raw.append((int(escape[kind], 16), *escape.span()))
        else:
            yield from _characters(raw)
            raw = []
            yield _character(kind, escape[kind]), *escape.span()
        done = escape.end()
    yield from _characters(raw)
    yield data[done:], done, len(data)


def _character(kind: int, text: bytes) -> bytes:
    """What an escape of a character stands for."""
    if kind >= _NAMED:
        return _NAMES.get(text, text)
    code = int(text, 10 if kind == _DECIMAL else 16)
    return _letter(chr(code)) if code < 0x110000 else b"\xff"


def _characters(raw: Sequence[tuple[int, int, int]]) -> Iterator[Unit]:
    """Escaped bytes as the UTF-8 that they are, or else each as it is."""
    at = 0
    while at < len(raw):
        lead = raw[at][0]
        count = 1 if lead < 0xC2 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
        read = bytes(byte for byte, _, _ in raw[at : at + count])
        if not read.isascii():
            read, count = (_letter(read.decode()), count) if _is_text(read) and len(read) == count else (read[:1], 1)
        yield read.replace(b"\x00", b""), raw[at][1], raw[at + count - 1][2]
        at += count


def _joined(layer: Layer, encoded: re.Pattern[bytes], decode: Callable[[bytes], Sequence[bytes]]) -> Layer | None:
    """What all runs of one encoding hold, as one layer; a range of it leads to the whole runs."""
    pieces: list[bytes] = []
    places: list[int] = []
    runs: list[tuple[int, int]] = []
    length = 0
    for run in encoded.finditer(layer.data):
        for decoded in decode(run[0]):
            piece = decoded if decoded.isascii() or not _is_text(decoded) else project(decoded.decode())
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
    return (bytes.fromhex(run.translate(None, b":-").decode()).replace(b"\x00", b""),)


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _speaks(layer: Layer) -> bool:
    """Whether a layer holds text, as what was not encoded does by chance only."""
    return any(len(run) >= 12 for run in re.split(rb"[^\x20-\x7e]+", layer.data))
