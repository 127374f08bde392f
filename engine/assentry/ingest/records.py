"""JSON records out of a file of any length, one at a time.

Reads a document `{"Records": [...]}`, a bare array, JSON Lines and values one after the other, plain
or gzipped. Only the record at hand is in memory. A record with broken JSON is reported and reading goes
on behind it, for its end can be found by counting brackets; what is cut off at the end is reported too.
"""

from __future__ import annotations

import codecs
import gzip
import json
import re
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, NoReturn

from assentry.diagnostics import visible
from assentry.errors import InputError
from assentry.ingest.source import Progress

CHUNK = 64 * 1024
"""Bytes read at a time."""

MAX_RECORD = 4 * 1024 * 1024
"""Code points of one record; a longer one ends the reading, for memory stays flat."""

_BLANK = re.compile(r"[ \t\r\n]*")
_ENVELOPE = re.compile(r'\{[ \t\r\n]*"Records"[ \t\r\n]*:[ \t\r\n]*\[')
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_PLAIN = re.compile(r"[^\s,\]}]+")
_LINE = re.compile(r"\n(?=[\[{])")

_LONGEST_TOKEN = 16
"""How far before the end the decoder may stop at a token that is only held in part (`fals`, `\\u00`)."""


class Found(NamedTuple):
    """The `number`th record (from one), or why it cannot be read."""

    number: int
    value: object
    problem: str | None = None


def read_records(path: Path, on_progress: Progress) -> Iterator[Found]:
    """The records of a file (`-` for standard input). Raises InputError when it cannot be opened."""
    if str(path) == "-":
        yield from _decode(sys.stdin.buffer, on_progress, lambda: 0)
        return
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputError(f"cannot read `{path}`: {(error.strerror or 'unreadable').lower()}") from None
    except ValueError as error:  # a NUL in the path
        raise InputError(f"cannot read `{visible(str(path))}`: {error}") from None
    with file:
        zipped = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if zipped:
            with gzip.GzipFile(fileobj=file) as stream:
                yield from _decode(stream, on_progress, file.tell)
        else:
            yield from _decode(file, on_progress, file.tell)


def _decode(stream: BinaryIO | gzip.GzipFile, on_progress: Progress, tell: Callable[[], int]) -> Iterator[Found]:
    window = _Window(stream, on_progress, tell)
    number = 0
    for value, problem in _values(window):
        if problem is not None and window.failure:
            break
        number += 1
        yield Found(number, value, problem)
    if window.failure:
        yield Found(number + 1, None, window.failure)


def _values(window: _Window) -> Iterator[tuple[object, str | None]]:
    """Top-level values one after the other; those of an envelope or array element by element."""
    while window.skip_blank():
        if opened := window.opens_list():
            yield from _elements(window, opened)
            continue
        value, problem = _value(window, _next_line)
        inner = value.get("Records") if isinstance(value, dict) else None
        if isinstance(inner, list):
            yield from ((element, None) for element in inner)
        else:
            yield value, problem


def _elements(window: _Window, opened: str) -> Iterator[tuple[object, str | None]]:
    while window.skip_blank():
        char = window.peek()
        if char == "]":
            window.at += 1
            if opened == "{":
                yield from _rest_of_envelope(window)
            return
        if char == ",":
            window.at += 1
        else:
            yield _value(window, _closing_bracket)
    if window.failure is None:
        yield None, "the list of records is cut off"


def _rest_of_envelope(window: _Window) -> Iterator[tuple[object, str | None]]:
    """Past what follows the records in their envelope: members of no interest, then the bracket."""
    while window.skip_blank():
        char = window.peek()
        if char in "},:":
            window.at += 1
            if char == "}":
                return
            continue
        value, problem = _value(window, _closing_bracket)
        if problem is not None or value == "Records":
            yield None, problem or "a second list of records in one document"
    if window.failure is None:
        yield None, "the document is cut off after its records"


def _value(window: _Window, end_of: Callable[[_Window], int | None]) -> tuple[object, str | None]:
    """The next value, or None and what is wrong with it; either way the window stands behind it."""
    while True:
        try:
            value, end = _DECODER.raw_decode(window.text, window.at)
        except RecursionError:
            return _skip(window, "nested too deeply", end_of)
        except ValueError as error:
            if _may_go_on(error, window.text) and window.more():
                continue
            return _skip(window, _reason(error), end_of)
        # A number or word that ends where the text ends so far may go on.
        if end == len(window.text) and window.peek() not in '{["' and window.more():
            continue
        text, window.at = window.text[window.at : end], end
        if not text.isascii() and any("\udc80" <= char <= "\udcff" for char in text):
            return None, "not UTF-8"
        return value, None


def _may_go_on(error: ValueError, text: str) -> bool:
    """Whether the decoder only ran into the end of what is held so far."""
    if not isinstance(error, json.JSONDecodeError):
        return False
    return error.pos >= len(text) - _LONGEST_TOKEN or error.msg.startswith("Unterminated string")


def _skip(window: _Window, problem: str, end_of: Callable[[_Window], int | None]) -> tuple[None, str]:
    """Past a value that cannot be read, to where `end_of` sees the next one begin."""
    while (end := end_of(window)) is None:
        if not window.more():
            window.at = len(window.text)
            return None, problem
    window.at = end
    return None, problem


def _closing_bracket(window: _Window) -> int | None:
    """Where a broken element ends, by counting its brackets; None when that is not held yet."""
    if window.peek() not in '{["':
        plain = _PLAIN.match(window.text, window.at)
        return plain.end() if plain else window.at + 1
    depth = 0
    for token in _TOKEN.finditer(window.text, window.at):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(token[0], 0)
        if depth == 0:
            return token.end()
    return None


def _next_line(window: _Window) -> int | None:
    """Where the line begins on which the next top-level value can stand."""
    line = _LINE.search(window.text, window.at)
    return line.end() if line else None


def _reason(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {error.msg.lower()}"
    return f"not JSON: {error}" if str(error).startswith("`") else "not JSON: a number with too many digits"


def _constant(name: str) -> NoReturn:
    raise ValueError(f"`{name}` is no number of JSON")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object that says two things under one key is refused: two readers could see two different records."""
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise ValueError(f"`{visible(key)}` stands twice in one object")
            seen.add(key)
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)


class _Window:
    """The part of the text that is in memory: `text` from `at` on is yet to be read."""

    def __init__(self, stream: BinaryIO | gzip.GzipFile, on_progress: Progress, tell: Callable[[], int]) -> None:
        self._stream = stream
        self._on_progress = on_progress
        self._tell = tell
        # Broken bytes become lone surrogates, so that only the record that holds them is refused.
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._ended = False
        self._started = False
        self.text = ""
        self.at = 0
        self.failure: str | None = None
        """Why nothing more can be read though the file goes on."""

    def more(self) -> bool:
        """Reads on, doubling what is held, so that a long record costs linear time; False at the end."""
        if self._ended:
            return False
        self.text = self.text[self.at :]
        self.at = 0
        if len(self.text) > MAX_RECORD:
            return self._end(f"longer than {MAX_RECORD} characters; the rest of the file was not read")
        try:
            chunk = self._stream.read(max(CHUNK, len(self.text)))
        except (OSError, EOFError, zlib.error):
            return self._end("the file is damaged; its rest cannot be read")
        self._ended = not chunk
        self.text += self._decoder.decode(chunk, final=not chunk)
        if not self._started and self.text:
            self._started = True
            if self.text.startswith("\ufeff"):
                self.text = ""
                return self._end("the file begins with a byte order mark")
        self._on_progress(self._tell())
        return not self._ended

    def _end(self, failure: str) -> bool:
        self._ended, self.failure = True, failure
        return False

    def skip_blank(self) -> bool:
        """Past white space; False when nothing but that is left."""
        while True:
            blank = _BLANK.match(self.text, self.at)
            self.at = blank.end() if blank else self.at
            if self.at < len(self.text):
                return True
            if not self.more():
                return False

    def peek(self) -> str:
        return self.text[self.at]

    def opens_list(self) -> str | None:
        """Past the opening of an envelope or array of records, naming its first bracket; None for other values."""
        if self.peek() == "[":
            self.at += 1
            return "["
        if self.peek() != "{":
            return None
        # The opening may straddle the end of what is held so far.
        while (
            (match := _ENVELOPE.match(self.text, self.at)) is None and len(self.text) - self.at < CHUNK and self.more()
        ):
            pass
        if match is None:
            return None
        self.at = match.end()
        return "{"
