"""Events as plain JSON data and back: objects, arrays, texts, whole numbers, booleans and null; never a float.

    {"type": "voted", "request": "r1", "at": 1795176000000, "development": false, "data": {"actor": "a", ...}}

Every field of an event stands in `data` under its own name, also when it has its default.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from assentry.approvals.events import EVENTS, Event, Head
from assentry.approvals.readers import Misfit, fields_reader
from assentry.errors import InputError

_KINDS: dict[str, Any] = {event.kind: event for event in EVENTS}


def to_data(event: Event) -> dict[str, object]:
    """An event as JSON data."""
    head = event.head
    return {
        "type": event.kind,
        "request": head.request,
        "at": head.at,
        "development": head.development,
        "data": body(event),
    }


def body(event: Event) -> dict[str, object]:
    """The fields of an event alone, for a log that keeps type, request and time by itself."""
    kind: Any = type(event)
    return {name: _plain(getattr(event, name)) for name in _names(kind) if name != "head"}


def from_data(data: object) -> Event:
    """The event that some JSON data says. Raises InputError when it says none."""
    try:
        document = _Document(*_DOCUMENT(data))
    except Misfit as misfit:
        raise InputError(f"`{misfit.where[1:] or 'event'}` {misfit.what}") from misfit
    head = Head(request=document.request, at=document.at, development=document.development)
    return from_body(document.type, head, document.data)


@dataclass(frozen=True, slots=True)
class _Document:
    """What stands around an event's own fields."""

    type: str
    request: str
    at: int
    development: bool
    data: Any


_DOCUMENT = fields_reader(_Document)


def from_body(kind: str, head: Head, data: object) -> Event:
    """The event of a type with these fields. Raises InputError when there is no such type, or they do not fit."""
    event = _KINDS.get(kind)
    if event is None:
        raise InputError(f"there is no event of type `{kind}`")
    try:
        made: Event = event(head, *_fields_of(event)(data))
    except Misfit as misfit:
        raise InputError(f"`{kind}{misfit.where}` {misfit.what}") from misfit
    return made


@cache
def _fields_of(event: Any) -> Callable[[object], list[Any]]:
    return fields_reader(event, without="head")


def _plain(value: object) -> object:
    kind: Any = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return {name: _plain(getattr(value, name)) for name in _names(kind)}


@cache
def _names(kind: Any) -> tuple[str, ...]:
    """The names of a dataclass's fields."""
    return tuple(each.name for each in fields(kind))
