"""The card: what one review is about, in a form that every channel can show and none can bend.

All strings are single lines in which everything shows (`visible.py`), without markup; texts of several lines are
tuples of them. A channel that knows markup escapes it as it would for any plain text.
"""

from __future__ import annotations

import hashlib
import types
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache, cached_property
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import rfc8785

from assentry.errors import InputError

VERSION = 1

Lines = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Who:
    """Who asks, as the transport proved it: the requester and its kind, who owns it, for whom, with whose credential."""

    requester: str
    kind: str | None
    owner: str | None
    on_behalf_of: tuple[str, ...]
    holder: str | None


@dataclass(frozen=True, slots=True)
class Resource:
    """What the action is done to."""

    type: str | None
    id: str | None


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of the agent; `cut` says how many characters more there were."""

    lines: Lines
    cut: int = 0


@dataclass(frozen=True, slots=True)
class Control:
    """A control that a rule serves; the title is empty where no free source gives one."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that made the decision: what it is called, why it fired now, which controls it serves, `file:line`."""

    id: str
    title: str
    reason: str
    controls: tuple[Control, ...]
    at: str


@dataclass(frozen=True, slots=True)
class Risk:
    """What added to the risk, and how much."""

    rule: str
    title: str
    weight: int


@dataclass(frozen=True, slots=True)
class Seat:
    """`count` different people of the group or with the role `name`."""

    count: int
    selector: Literal["group", "role"]
    name: str


@dataclass(frozen=True, slots=True)
class Field:
    """One value of the document. `read` when a deciding rule looks at it, `hidden` when a mark stands in it."""

    path: str
    lines: Lines
    read: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What differs from the earlier action: `before` is None for what is new, `after` for what is gone."""

    path: str
    before: Lines | None
    after: Lines | None


@dataclass(frozen=True, slots=True)
class Earlier:
    """The last similar action: when it was asked, what became of it, and what differs now.

    `hidden` are places that could not be compared, `left_out` counts what is beyond those listed.
    """

    at: str | None
    status: str | None
    changes: tuple[Change, ...]
    hidden: tuple[str, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Flip:
    """A condition of a rule that would have to hold, or to fail."""

    rule: str
    condition: str
    to: Literal["held", "failed"]


@dataclass(frozen=True, slots=True)
class Hidden:
    """One place at which something is hidden; `material` when a rule looks at it or the tool acts on it."""

    path: str
    mark: str
    why: str
    material: bool


@dataclass(frozen=True, slots=True)
class Flag:
    """Something that whoever answers should know first; `code` is stable."""

    code: str
    text: str


@dataclass(frozen=True)
class Card:
    """What an approver is asked. Equal cards have equal digests; a card of other content, or other salt, has another.

    `shows` are the classes of values that its viewers may see. `instead` is the nearest change with which the action
    would have been allowed, empty when there is none. Times are RFC 3339 in UTC.
    """

    request: str
    salt: str
    asked_at: str
    deadline: str
    policy: str
    shows: tuple[str, ...]
    who: Who
    action: str
    resource: Resource
    words: Quote | None
    rules: tuple[Rule, ...]
    errors: tuple[str, ...]
    risk: int
    risks: tuple[Risk, ...]
    seats: tuple[Seat, ...]
    fields: tuple[Field, ...]
    earlier: Earlier | None
    instead: tuple[Flip, ...]
    hidden: tuple[Hidden, ...]
    flags: tuple[Flag, ...]
    version: int = VERSION

    @property
    def complete(self) -> bool:
        """Whether all that would run is on the card, hidden or not. Nobody can approve one that is not."""
        return all(flag.code != "incomplete" for flag in self.flags)

    @cached_property
    def canonical(self) -> bytes:
        """The card's one form in bytes (RFC 8785)."""
        return rfc8785.dumps(self.to_dict())

    @cached_property
    def digest(self) -> str:
        """`sha256:...` of the canonical bytes: what an answer names."""
        return "sha256:" + hashlib.sha256(self.canonical).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """The card as plain data, as `schemas/card.schema.json` describes it."""
        plain: dict[str, Any] = _plain(self)
        return plain

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Card:
        """The card that `to_dict` gave. Raises InputError for anything that is not one."""
        try:
            if data.get("version") != VERSION:
                raise TypeError
            return _made(Card, data)
        except (TypeError, KeyError, AttributeError):
            raise InputError(f"no card of version {VERSION}") from None


Made = TypeVar("Made")


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def _made(kind: type[Made], data: Any) -> Made:
    """A dataclass from plain data with exactly its fields."""
    hints = _hints(kind)  # type: ignore[arg-type]  # mypy takes a class for unhashable
    if not isinstance(data, Mapping) or data.keys() != hints.keys():
        raise TypeError
    return kind(**{name: _value(hint, data[name]) for name, hint in hints.items()})


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _value(hint: Any, data: Any) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return None if data is None else _value(next(each for each in arguments if each is not types.NoneType), data)
    if origin is tuple:
        if not isinstance(data, list):
            raise TypeError
        return tuple(_value(arguments[0], each) for each in data)
    if origin is Literal:
        if data not in arguments:
            raise TypeError
        return data
    if is_dataclass(hint):
        assert isinstance(hint, type)
        return _made(hint, data)
    if type(data) is not hint:
        raise TypeError
    return data
