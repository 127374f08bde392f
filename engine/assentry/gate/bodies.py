"""The bodies of events, written in parts: byte for byte what `ledger.entry.draft` makes, in half the time.

An event is texts, whole numbers, booleans, null, arrays of these and objects with the fields of a class, so that its
canonical form needs no encoder that looks at everything first. Tests hold the two against each other.
"""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from json.encoder import encode_basestring
from typing import Any

from assentry.approvals.events import Event
from assentry.ledger import layout
from assentry.ledger.entry import Claim, Moment, Sealed


def write(event: Event, moment: Moment, claims: tuple[Claim, ...], sealed: Sealed | None) -> bytes:
    """The body of an event's entry. Raises UnicodeError or InputError for half a surrogate pair."""
    return layout.write(event.kind, _object(event).encode(), event.head.request, moment, claims, sealed)


def _object(value: Any) -> str:
    return "{" + ",".join([label + _text(getattr(value, name)) for label, name in _labelled(value.__class__)]) + "}"


def _text(value: object) -> str:
    kind = type(value)
    if kind is str:
        return encode_basestring(value)  # type: ignore[arg-type]
    if kind is tuple:
        return "[" + ",".join(map(_text, value)) + "]"  # type: ignore[call-overload]
    if kind is int:
        return str(value)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    return _object(value)


@cache
def _labelled(kind: type[Any]) -> tuple[tuple[str, str], ...]:
    """The fields of a class in the order of their names, each with what stands before it; the head is not of the body."""
    return tuple((f'"{each}":', each) for each in sorted(field.name for field in fields(kind)) if each != "head")
