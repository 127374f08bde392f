"""Python values as the CEL values that a program's variables hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Final

from assentry.errors import EvaluationError, Kind
from assentry.values.limits import MAX_NESTING, exceeded
from assentry.values.runtime import (
    CIDR,
    INT_MAX,
    INT_MIN,
    IP,
    UINT_MAX,
    Duration,
    Optional,
    Timestamp,
    TypeValue,
    Uint,
    key_value,
    map_key,
)
from assentry.values.types import DYN, STRING, Type

_PLAIN: Final = frozenset({str, bool, type(None), float, bytes, Timestamp, Duration, TypeValue, IP, CIDR})
_CLASSES: Final[Mapping[str, type]] = {
    "bool": bool,
    "int": int,
    "uint": Uint,
    "double": float,
    "string": str,
    "bytes": bytes,
    "null_type": type(None),
    "timestamp": Timestamp,
    "duration": Duration,
    "type": TypeValue,
    "net.IP": IP,
    "net.CIDR": CIDR,
}
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND: Final = dt.timedelta(microseconds=1)


def adopt(value: object) -> object:
    """The CEL value of a Python value; the argument is not changed, what it holds is copied.

    Raises EvaluationError for what is no CEL value: OVERFLOW, LIMIT (nested too deep), INVALID_ARGUMENT.
    """
    return _adopt(value, MAX_NESTING)


def _adopt(value: object, levels: int) -> object:
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is int and isinstance(value, int):
        return _within(value, INT_MIN, INT_MAX)
    if isinstance(value, Uint):
        return _within(value, 0, UINT_MAX)
    if levels == 0:
        raise exceeded(f"more than {MAX_NESTING} levels")
    if isinstance(value, list | tuple):
        return [item if type(item) in _PLAIN else _adopt(item, levels - 1) for item in value]
    if isinstance(value, dict):
        return {_key(key): item if type(item) in _PLAIN else _adopt(item, levels - 1) for key, item in value.items()}
    if isinstance(value, Optional):
        return Optional.of(_adopt(value.value, levels - 1)) if value.present else value
    return _adopt_time(value)


def _key(key: object) -> object:
    return key if type(key) is str else map_key(_adopt(key, 1))


class WrongTypeError(Exception):
    """A binding is not of its declared type."""


Taker = Callable[[object], object]


def taker(declared: Type) -> Taker:
    """A function that gives the CEL value of a Python value of this type; types of the host's own hold anything.

    It raises WrongTypeError for a value of another type, else EvaluationError as `adopt` does.
    """
    match declared.name, declared.params:
        case ("list", (item,)) if item == DYN:
            return _open_list
        case ("map", (key, item)) if key == STRING and item == DYN:
            return _open_map
        case ("list", (item,)):
            return _list_taker(taker(item))
        case ("map", (key, item)):
            return _map_taker(taker(key), taker(item))
        case ("wrapper", (item,)):
            inner = taker(item)
            return lambda value: None if value is None else inner(value)
        case ("optional_type", (item,)):
            return _optional_taker(taker(item))
    wanted = _CLASSES.get(declared.name)
    return adopt if wanted is None else _scalar_taker(wanted)


def _scalar_taker(wanted: type) -> Taker:
    plain = wanted in _PLAIN

    def take(value: object) -> object:
        if plain and type(value) is wanted:
            return value
        adopted = adopt(value)
        if type(adopted) is not wanted:
            raise WrongTypeError
        return adopted

    return take


def _open_list(value: object) -> object:
    """A plain list; what it holds is looked at where it is read."""
    if isinstance(value, list):
        return value if type(value) is list else list(list.__iter__(value))
    if isinstance(value, tuple):
        return list(tuple.__iter__(value))
    raise WrongTypeError


def _open_map(value: object) -> object:
    """A plain dict, whatever a class of the host's own does when its entries are read."""
    if not isinstance(value, dict):
        raise WrongTypeError
    return value if type(value) is dict else dict(dict.items(value))


def _list_taker(item: Taker) -> Taker:
    def take(value: object) -> object:
        if not isinstance(value, list | tuple):
            raise WrongTypeError
        return [item(part) for part in value]

    return take


def _map_taker(key: Taker, item: Taker) -> Taker:
    def take(value: object) -> object:
        if not isinstance(value, dict):
            raise WrongTypeError
        return {map_key(key(key_value(name))): item(part) for name, part in value.items()}

    return take


def _optional_taker(item: Taker) -> Taker:
    def take(value: object) -> object:
        if not isinstance(value, Optional):
            raise WrongTypeError
        return Optional.of(item(value.value)) if value.present else value

    return take


def _within(value: int, low: int, high: int) -> int:
    if not low <= value <= high:
        raise EvaluationError(Kind.OVERFLOW, "an integer binding is out of range")
    return value


def _adopt_time(value: object) -> object:
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return Timestamp((value - _EPOCH) // _MICROSECOND * 1000)
    if isinstance(value, dt.timedelta):
        return Duration(value // _MICROSECOND * 1000)
    raise EvaluationError(Kind.INVALID_ARGUMENT, f"a binding of type `{type(value).__name__}` is no CEL value")
