"""How large a value may be. Limits are properties of values, never work counted, so every way of
evaluating an expression meets them at the same place.

Strings: a function that builds text, or converts or matches it, takes and gives at most `MAX_STRING`
code points (bytes count likewise). Comparison, `size`, `startsWith`, `endsWith` and `contains` take
any length: they cost no more than reading the input did.
"""

from __future__ import annotations

from typing import TypeVar

from assentry.errors import EvaluationError, Kind
from assentry.values.runtime import Optional

MAX_LIST = 4096
"""Elements of a list, or entries of a map, that a decision loops over, reads whole or builds."""

MAX_STRING = 65_536
"""Code points of a string, or bytes of bytes, that a function consumes or builds."""

MAX_DEPTH = 64
"""Levels of a value read whole from the input."""

MAX_NESTING = 256
"""Levels that comparison and formatting descend: input values wrapped in literals and macros."""

MAX_NODES = 262_144
"""Values inside one value, counted wherever they occur, that hashing or writing it visits, or a loop builds."""

MAX_TEXT = 4_194_304
"""Code points and bytes inside one value, counted wherever they occur, that a loop builds."""

Text = TypeVar("Text", str, bytes)


def exceeded(what: str) -> EvaluationError:
    """The error to raise when a limit is passed; `what` names it and never quotes a value."""
    return EvaluationError(Kind.LIMIT, f"limit exceeded: {what}")


def text(value: Text) -> Text:
    """The string or bytes as given.

    Raises EvaluationError(LIMIT) when it is longer than `MAX_STRING`.
    """
    if len(value) > MAX_STRING:
        raise exceeded(f"more than {MAX_STRING} code points or bytes")
    return value


class Scale:
    """Weighs the elements of a list or map that a loop builds, one by one, before they are too many."""

    __slots__ = ("_nodes", "_text")

    def __init__(self) -> None:
        self._nodes = MAX_NODES
        self._text = MAX_TEXT

    def add(self, value: object) -> None:
        """Take one element more, with all that is in it.

        Raises EvaluationError(LIMIT) when all of them together hold more than `MAX_NODES` values or `MAX_TEXT`
        code points and bytes.
        """
        waiting = [value]
        while waiting:
            value = waiting.pop()
            self._nodes -= 1
            if isinstance(value, str | bytes):
                self._text -= len(value)
            elif isinstance(value, list):
                waiting += value if len(value) <= self._nodes else value[: self._nodes + 1]
            elif isinstance(value, dict):
                waiting += list(value.values())[: self._nodes + 1]
            elif isinstance(value, Optional) and value.present:
                waiting.append(value.value)
            if self._nodes < 0 or self._text < 0:
                raise exceeded(f"a list or map that holds more than {MAX_NODES} values or {MAX_TEXT} code points")


def items(value: list[object]) -> list[object]:
    """The list as given.

    Raises EvaluationError(LIMIT) when it is longer than `MAX_LIST`.
    """
    if len(value) > MAX_LIST:
        raise exceeded(f"more than {MAX_LIST} elements")
    return value
