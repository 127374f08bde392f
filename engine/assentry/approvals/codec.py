"""Events as plain JSON data and back: objects, arrays, texts, whole numbers, booleans and null; never a float.

    {"type": "voted", "request": "r1", "at": 1795176000000, "development": false, "data": {"actor": "a", ...}}

Every field of an event stands in `data` under its own name, also when it has its default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from assentry.approvals.events import EVENTS, Event, Head
from assentry.errors import InputError

MAX_INTEGER = 2**53
"""JSON numbers are exact up to here for every reader."""

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
    document = _object(data, {"type", "request", "at", "development", "data"}, "event")
    head = Head(
        request=_read(str, document["request"], "request"),
        at=_read(int, document["at"], "at"),
        development=_read(bool, document["development"], "development"),
    )
    return from_body(_read(str, document["type"], "type"), head, document["data"])


def from_body(kind: str, head: Head, data: object) -> Event:
    """The event of a type with these fields. Raises InputError when there is no such type, or they do not fit."""
    if kind not in _KINDS:
        raise InputError(f"there is no event of type `{kind}`")
    event = _KINDS[kind]
    hints = {name: hint for name, hint in _hints(event).items() if name != "head"}
    document = _object(data, set(hints), kind)
    made: Event = event(head, **{name: _read(hint, document[name], f"{kind}.{name}") for name, hint in hints.items()})
    return made


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


@cache
def _hints(kind: Any) -> dict[str, Any]:
    """The types of a dataclass's fields."""
    hints = get_type_hints(kind)
    return {each.name: hints[each.name] for each in fields(kind)}


def _object(data: object, names: set[str], where: str) -> Mapping[str, object]:
    if not isinstance(data, Mapping) or set(data) != names:
        raise InputError(f"`{where}` is no object with the fields {', '.join(f'`{name}`' for name in sorted(names))}")
    return data


def _read(hint: Any, data: object, where: str) -> Any:
    """A value of this type; `where` names the place in messages."""
    origin = get_origin(hint)
    if origin is Literal:
        return _one_of(get_args(hint), data, where)
    if origin in (Union, UnionType):
        return _either(get_args(hint), data, where)
    if origin is tuple:
        return _tuple(get_args(hint), data, where)
    if is_dataclass(hint) and isinstance(hint, type):
        hints = _hints(hint)
        document = _object(data, set(hints), where)
        return hint(**{name: _read(each, document[name], f"{where}.{name}") for name, each in hints.items()})
    if type(data) is not hint or (type(data) is int and abs(data) > MAX_INTEGER):
        raise InputError(f"`{where}` is no {hint.__name__} that can stand there")
    return data


def _one_of(values: tuple[object, ...], data: object, where: str) -> object:
    if not isinstance(data, str) or data not in values:
        raise InputError(f"`{where}` is none of {', '.join(f'`{value}`' for value in values)}")
    return data


def _either(hints: tuple[Any, ...], data: object, where: str) -> object:
    """One of several types: null, texts of several lists, or one other."""
    if data is None and NoneType in hints:
        return None
    texts = tuple(value for hint in hints if get_origin(hint) is Literal for value in get_args(hint))
    if texts:
        return _one_of(texts, data, where)
    return _read(next(hint for hint in hints if hint is not NoneType), data, where)


def _tuple(hints: tuple[Any, ...], data: object, where: str) -> tuple[object, ...]:
    if not isinstance(data, list | tuple) or (hints[-1] is not Ellipsis and len(data) != len(hints)):
        raise InputError(f"`{where}` is no array that can stand there")
    wanted = (hints[0],) * len(data) if hints[-1] is Ellipsis else hints
    return tuple(
        _read(hint, each, f"{where}[{number}]") for number, (hint, each) in enumerate(zip(wanted, data, strict=True))
    )
