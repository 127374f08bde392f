"""Reading untrusted data piece by piece: each function gives exactly what it says or raises FormatError."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from itertools import pairwise
from typing import NoReturn, TypeVar

from assentry.errors import FormatError

Word = TypeVar("Word", bound=str)

LARGEST = 2**53


def refuse(what: str) -> NoReturn:
    raise FormatError(what)


def parsed(line: bytes) -> object:
    """The data that a line of ASCII JSON holds; no key stands twice in a map, and every number is one.

    Raises RecursionError, too, for what is nested deeper than the host's stack.
    """
    try:
        return _DECODER.decode(line.decode("ascii"))
    except ValueError as error:
        raise FormatError("it is not JSON, or not all of it") from error


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else refuse("a key stands twice")


def _no_constant(name: str) -> NoReturn:
    refuse(f"`{name}` is no number")


_DECODER = json.JSONDecoder(object_pairs_hook=_without_repeats, parse_constant=_no_constant)


def text(data: object) -> str:
    return data if isinstance(data, str) else refuse("a text is expected")


def flag(data: object) -> bool:
    return data if isinstance(data, bool) else refuse("true or false is expected")


def whole(data: object, low: int = 0, high: int = LARGEST) -> int:
    """An integer from `low` to `high`, both included."""
    if isinstance(data, int) and not isinstance(data, bool) and low <= data <= high:
        return data
    refuse("an integer is expected, or one within its bounds")


def position(data: object, count: int) -> int:
    """An index into something of `count` parts."""
    return whole(data, 0, count - 1)


def number(data: object) -> int | float:
    if isinstance(data, int | float) and not isinstance(data, bool) and math.isfinite(data):
        return data
    refuse("a number is expected")


def scalar(data: object) -> str | int | float | bool | None:
    if data is None or isinstance(data, str | bool):
        return data
    return number(data)


def items(data: object, count: int | None = None) -> list[object]:
    """A list, of exactly `count` parts if that is given."""
    if isinstance(data, list) and (count is None or len(data) == count):
        return data
    refuse("a list is expected, or one of another length")


def ascending(data: object, count: int) -> tuple[int, ...]:
    """Strictly ascending indices into something of `count` parts."""
    found = tuple(position(each, count) for each in items(data))
    if any(one >= other for one, other in pairwise(found)):
        refuse("ascending indices are expected")
    return found


def record(data: object, required: Collection[str], optional: Collection[str] = ()) -> Mapping[str, object]:
    """A map with the required keys and no others but the optional ones."""
    if not isinstance(data, dict):
        refuse("a map is expected")
    for key in required:
        if key not in data:
            refuse(f"`{key}` is missing")
    for key in data:
        if key not in required and key not in optional:
            refuse("an unknown key")
    return data


def one_of(data: object, words: Collection[Word]) -> Word:
    for word in words:
        if data == word:
            return word
    refuse("an unknown word")


def plain(data: object, depth: int = 32) -> object:
    """Plain JSON data, not nested too deep."""
    if depth < 0:
        refuse("data is nested too deep")
    if isinstance(data, list):
        return [plain(each, depth - 1) for each in data]
    if isinstance(data, dict):
        return {text(key): plain(each, depth - 1) for key, each in data.items()}
    return scalar(data)
