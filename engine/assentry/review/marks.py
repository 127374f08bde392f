"""What stands in place of a hidden value: equal marks for equal values, within one request and never beyond."""

from __future__ import annotations

import json

from assentry.review.visible import MARK_CLOSE, MARK_OPEN

MAX_BITS = 1024
"""Longer whole numbers cannot be written in digits without limits."""


class Marks:
    """The marks of one request, numbered as their values come: `⟦e-mail address 2⟧`.

    A number says nothing of the value and is given anew in each request, so that nothing relates two requests. Marks
    that are not numbered say only that something is hidden.
    """

    def __init__(self, *, numbered: bool = True) -> None:
        self._numbered = numbered
        self._given: dict[str, str] = {}

    def of(self, value: object, label: str) -> str:
        """The mark of a JSON value. The first label that a value gets stays with it."""
        key = _key(value)
        if key not in self._given:
            number = f" {len(self._given) + 1}" if self._numbered else ""
            self._given[key] = f"{MARK_OPEN}{label}{number}{MARK_CLOSE}"
        return self._given[key]


def _key(value: object) -> str:
    """Equal for equal JSON values: 1 and 1.0 are, 1 and "1" and true are not."""
    return json.dumps(_plain(value), sort_keys=True, default=repr)


def _plain(value: object, depth: int = 0) -> object:
    match value:
        case float() if value.is_integer():
            return int(value)
        case int() if value.bit_length() > MAX_BITS:
            return hex(value)
        case dict() if depth < 100:
            return {str(key): _plain(below, depth + 1) for key, below in value.items()}
        case list() if depth < 100:
            return [_plain(below, depth + 1) for below in value]
        case dict() | list():
            return "too deep"
        case _:
            return value
