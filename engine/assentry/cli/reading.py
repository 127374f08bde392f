"""Reading actions: strict JSON, one document or one a line, with memory that does not grow with the input.

A document that cannot be read is yielded as an InputError in its place, so that the others are still
decided. What JSON leaves open is refused here, before any decision: duplicate keys, NaN and Infinity,
bytes that are not UTF-8, half a surrogate pair, a document larger or nested deeper than the limits.
(A number beyond a double, such as 1e999, is JSON: it reaches the decision, which lists it as not finite.)
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO, NoReturn

from assentry.diagnostics import visible
from assentry.errors import InputError

MAX_BYTES = 4 * 1024 * 1024

_BLANK = b" \t\r\n"
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


@dataclass(frozen=True, slots=True)
class Read:
    """One document with its place: `actions.jsonl:3`, or the file's name when it is `alone` there."""

    place: str
    value: object
    alone: bool = False


def read_actions(path: str) -> Iterator[Read | InputError]:
    """The documents of a file, or of standard input for `-`: one JSON value over any number of lines, or JSON Lines.

    Raises InputError when the file cannot be opened or holds nothing.
    """
    name = "<stdin>" if path == "-" else visible(path)
    with _opened(path, name) as stream:
        found = False
        for item in _documents(_lines(stream), name):
            found = True
            yield item
        if not found:
            raise InputError(f"`{name}` is empty: expected an action as JSON")


@contextmanager
def _opened(path: str, name: str) -> Iterator[BinaryIO]:
    if path == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = Path(path).open("rb")  # noqa: SIM115 -- closed below; errors of the body are not about opening
    except OSError as error:
        raise InputError(f"cannot read `{name}`: {(error.strerror or str(error)).lower()}") from error
    except ValueError as error:  # a NUL in the path
        raise InputError(f"cannot read `{name}`: {error}") from error
    with stream:
        yield stream


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """All lines; one that is too long is cut just behind the limit, so that it is still seen to be."""
    while line := stream.readline(MAX_BYTES + 1):
        yield line
        while len(line) > MAX_BYTES and not line.endswith(b"\n"):
            line = stream.readline(MAX_BYTES + 1)


def _documents(lines: Iterator[bytes], name: str) -> Iterator[Read | InputError]:
    numbered = enumerate(lines, start=1)
    first = _next_filled(numbered)
    if first is None:
        return
    value = parse(first[1], name, first[0])
    if isinstance(value, Read):
        second = _next_filled(numbered)
        if second is None:
            yield Read(name, value.value, alone=True)
            return
        yield value
        yield from _each(chain((second,), numbered), name)
        return
    head, complete = _gather(first, numbered)
    whole = _whole(head, name) if complete else InputError(f"{name}: a document larger than {MAX_BYTES // 1024} KiB")
    if isinstance(whole, Read):
        yield whole
    elif _looks_like_lines(head):
        yield from _each(chain(head, numbered), name)
    else:
        yield value if len(head) == 1 else whole


def _next_filled(numbered: Iterator[tuple[int, bytes]]) -> tuple[int, bytes] | None:
    return next(((number, line) for number, line in numbered if line.strip(_BLANK)), None)


def _gather(first: tuple[int, bytes], numbered: Iterator[tuple[int, bytes]]) -> tuple[list[tuple[int, bytes]], bool]:
    """The lines from the first on, and whether they are all; at most a document's worth of them."""
    head, size = [first], len(first[1])
    for number, line in numbered:
        head.append((number, line))
        size += len(line)
        if size > MAX_BYTES:
            return head, False
    return head, size <= MAX_BYTES


def _whole(head: list[tuple[int, bytes]], name: str) -> Read | InputError:
    value = parse(b"".join(line for _, line in head), name, head[0][0])
    return Read(name, value.value, alone=True) if isinstance(value, Read) else value


def _looks_like_lines(head: list[tuple[int, bytes]]) -> bool:
    """Whether at least half of the lines are documents by themselves: then the others are broken lines."""
    filled = [line for _, line in head if line.strip(_BLANK)]
    alone = sum(line.lstrip(_BLANK)[:1] == b"{" and isinstance(parse(line, "", 1), Read) for line in filled)
    return 2 * alone >= len(filled)


def _each(numbered: Iterator[tuple[int, bytes]], name: str) -> Iterator[Read | InputError]:
    for number, line in numbered:
        if line.strip(_BLANK):
            yield parse(line, name, number)


# ---- one document ----


class _Refused(ValueError):
    """What Python's reader would let through, and JSON does not."""


def parse(raw: bytes, name: str, line: int) -> Read | InputError:
    """One JSON document that begins on a line of a file."""
    place = f"{name}:{line}"
    if len(raw) > MAX_BYTES:
        return InputError(f"{place}: a document larger than {MAX_BYTES // 1024} KiB")
    try:
        value = _decode(raw.rstrip(_BLANK))
        if _SURROGATE.search(raw):
            _refuse_half_pairs(value)
    except json.JSONDecodeError as error:
        message = error.msg[:1].lower() + error.msg[1:]
        return InputError(f"{name}:{line + error.lineno - 1}:{error.colno}: not JSON: {message.removesuffix(' at')}")
    except UnicodeDecodeError as error:
        before = raw[: error.start].split(b"\n")
        column = len(before[-1].decode("utf-8")) + 1
        return InputError(f"{name}:{line + len(before) - 1}:{column}: byte 0x{raw[error.start]:02x} is not UTF-8")
    except RecursionError:
        return InputError(f"{place}: nested too deeply")
    except _Refused as error:
        return InputError(f"{place}: not JSON: {error}")
    except ValueError:  # of int(): Python reads no integer beyond this many digits
        return InputError(f"{place}: an integer of more than {sys.get_int_max_str_digits()} digits")
    return Read(place, value)


def _decode(raw: bytes) -> object:
    text = raw.decode("utf-8")
    if text.startswith("\ufeff"):
        raise _Refused("it begins with a byte order mark")
    return json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Refused(f"the key `{visible(key)}` stands twice in one object")
            seen.add(key)
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise _Refused(f"`{name}` is not a JSON number")


def _refuse_half_pairs(value: object) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise _Refused("a text holds half a surrogate pair") from None
