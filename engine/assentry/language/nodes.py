"""The syntax tree of an Assent file: frozen, every node with its span."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as Choice

from assentry.cel import nodes as cel
from assentry.source import Source, Span

Effect = Choice["allow", "deny", "require_approval", "risk"]
Selector = Choice["group", "role"]


@dataclass(frozen=True, slots=True)
class Name:
    """A name with its place."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Comment:
    """`# text`, to the end of its line; `own_line` when nothing stands before it on the line."""

    span: Span
    text: str
    own_line: bool


# ---- values of `with` ----


@dataclass(frozen=True, slots=True)
class Value:
    span: Span


@dataclass(frozen=True, slots=True)
class Text(Value):
    """A string literal, unescaped."""

    text: str


@dataclass(frozen=True, slots=True)
class Number(Value):
    number: int | float


@dataclass(frozen=True, slots=True)
class Flag(Value):
    """`true`, `false`, or null (as None)."""

    flag: bool | None


@dataclass(frozen=True, slots=True)
class Word(Value):
    """A bare word: `shadow`, `high`."""

    word: str


@dataclass(frozen=True, slots=True)
class Duration(Value):
    """`30m` as written, in seconds. Units s, m, h, d; compounds such as `1h30m`."""

    text: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Control(Value):
    """A control id as written: `A.8.12`, `soc2:CC6.1`, `nist:AC-2(1)`."""

    text: str


@dataclass(frozen=True, slots=True)
class Path(Value):
    """`action.destination.host`: a dotted path of two names or more."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seat(Value):
    """`2 of group("data-protection")`."""

    count: int
    selector: Selector
    name: str


@dataclass(frozen=True, slots=True)
class Seats(Value):
    """Seats joined by `and`."""

    seats: tuple[Seat, ...]


@dataclass(frozen=True, slots=True)
class Items(Value):
    """`[a, b]`."""

    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Mapping(Value):
    """`{"k": v}` below an `x_*` key."""

    entries: tuple[tuple[Text, Value], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """`key: value` of a `with`."""

    span: Span
    key: Name
    value: Value


@dataclass(frozen=True, slots=True)
class With:
    """`with { ... }`."""

    span: Span
    entries: tuple[Entry, ...]


# ---- statements ----


@dataclass(frozen=True, slots=True)
class Body:
    """The conditions after `if`, ANDed; `braced` when written as `if { ... }`."""

    span: Span
    conditions: tuple[cel.Node, ...]
    braced: bool


@dataclass(frozen=True, slots=True)
class Statement:
    span: Span


@dataclass(frozen=True, slots=True)
class Package(Statement):
    """`package exports`, with the defaults that its `with` gives to every rule of the package."""

    name: Name
    defaults: With | None


@dataclass(frozen=True, slots=True)
class Import(Statement):
    """`import data.accounts`: the data file's path under data/, bound to its last name."""

    path: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Default(Statement):
    """`default deny` or `default allow`."""

    decision: Choice["allow", "deny"]


@dataclass(frozen=True, slots=True)
class Const(Statement):
    """`const NAME := expression`."""

    name: Name
    value: cel.Node


@dataclass(frozen=True, slots=True)
class Head(Statement):
    """One head of a definition, `name if ...`, or of a function, `name(a, b) if ...` (`params` not None)."""

    name: Name
    params: tuple[Name, ...] | None
    body: Body


@dataclass(frozen=True, slots=True)
class Rule(Statement):
    """`allow|deny|require approval|risk N` `name if ... [with { ... }]`; `weight` for risk rules alone."""

    effect: Effect
    name: Name
    body: Body
    with_: With | None
    weight: int | None = None
    weight_span: Span | None = None


@dataclass(frozen=True, slots=True)
class File:
    """One rule file as read: its package, then its statements in the order of the text."""

    source: Source
    package: Package
    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...]
