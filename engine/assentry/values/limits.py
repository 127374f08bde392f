"""How large a value may be. Limits are properties of values, never work counted, so every way of
evaluating an expression meets them at the same place.

Strings: a function that builds text, or converts or matches it, takes and gives at most `MAX_STRING`
code points (bytes count likewise). Comparison, `size`, `startsWith`, `endsWith` and `contains` take
any length: they cost no more than reading the input did.
"""

from __future__ import annotations

from typing import TypeVar

from assentry.errors import EvaluationError, Kind

MAX_LIST = 4096
"""Elements of a list, or entries of a map, that a decision loops over, reads whole or builds."""

MAX_STRING = 65_536
"""Code points of a string, or bytes of bytes, that a function consumes or builds."""

MAX_DEPTH = 64
"""Levels of a value read whole from the input."""

MAX_NESTING = 256
"""Levels that comparison and formatting descend: input values wrapped in literals and macros."""

MAX_NODES = 262_144
"""Values inside one value, counted wherever they occur, that hashing or writing it visits."""

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


def items(value: list[object]) -> list[object]:
    """The list as given.

    Raises EvaluationError(LIMIT) when it is longer than `MAX_LIST`.
    """
    if len(value) > MAX_LIST:
        raise exceeded(f"more than {MAX_LIST} elements")
    return value
