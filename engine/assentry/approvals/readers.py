"""Readers of JSON data: what a type made of dataclasses, tuples and scalars asks of it, worked out once for each type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

MAX_INTEGER = 2**53
"""JSON numbers are exact up to here for every reader."""

Reader = Callable[[object], Any]
"""Gives the value that some JSON data says. Raises Misfit when it says none of that type."""


class Misfit(Exception):
    """Data that does not fit; `where` is its place, told from the inside out on the way to whoever reads the whole."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what
        self.where = ""

    def within(self, place: str) -> Misfit:
        self.where = place + self.where
        return self


@cache
def reader(hint: Any) -> Reader:
    """The reader of a type."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return _one_of(arguments)
    if origin in (Union, UnionType):
        return _either(arguments)
    if origin is tuple:
        return _array(reader(arguments[0])) if arguments[-1] is Ellipsis else _row([reader(each) for each in arguments])
    if is_dataclass(hint) and isinstance(hint, type):
        return _object(hint)
    if hint is Any:
        return lambda data: data
    return _integer if hint is int else _scalar(hint)


def fields_reader(kind: Any, *, without: str = "") -> Callable[[object], list[Any]]:
    """A reader of objects with exactly a dataclass's fields; it gives their values in order, one of them left out."""
    hints = get_type_hints(kind)
    names = [each.name for each in fields(kind) if each.name != without]
    readers = [(name, reader(hints[name])) for name in names]
    expected = frozenset(names)

    def read(data: object) -> list[Any]:
        if not isinstance(data, dict) or data.keys() != expected:
            listed = ", ".join(f"`{name}`" for name in sorted(expected))
            raise Misfit(f"is no object with the fields {listed}")
        values = []
        for name, read_one in readers:
            try:
                values.append(read_one(data[name]))
            except Misfit as misfit:
                raise misfit.within(f".{name}") from None
        return values

    return read


def _object(kind: Any) -> Reader:
    read = fields_reader(kind)
    return lambda data: kind(*read(data))


def _scalar(kind: type) -> Reader:
    def read(data: object) -> object:
        if type(data) is kind:
            return data
        raise Misfit(f"is no {kind.__name__} that can stand there")

    return read


def _integer(data: object) -> object:
    if type(data) is int and -MAX_INTEGER <= data <= MAX_INTEGER:
        return data
    raise Misfit("is no int that can stand there")


def _one_of(values: Sequence[object]) -> Reader:
    allowed = frozenset(values)

    def read(data: object) -> object:
        if isinstance(data, str) and data in allowed:
            return data
        raise Misfit(f"is none of {', '.join(f'`{value}`' for value in values)}")

    return read


def _either(hints: Sequence[Any]) -> Reader:
    """One of several types: null, texts of several lists, or one other."""
    texts = [value for hint in hints if get_origin(hint) is Literal for value in get_args(hint)]
    read = _one_of(texts) if texts else reader(next(hint for hint in hints if hint is not NoneType))
    if NoneType not in hints:
        return read
    return lambda data: None if data is None else read(data)


def _array(read_one: Reader) -> Reader:
    """An array of any length, as a tuple."""

    def read(data: object) -> tuple[Any, ...]:
        values = []
        for place, each in enumerate(_listed(data)):
            try:
                values.append(read_one(each))
            except Misfit as misfit:
                raise misfit.within(f"[{place}]") from None
        return tuple(values)

    return read


def _row(readers: Sequence[Reader]) -> Reader:
    """An array of as many values as there are readers."""

    def read(data: object) -> tuple[Any, ...]:
        values = _listed(data)
        if len(values) != len(readers):
            raise Misfit(_NO_ARRAY)
        return tuple(read_one(each) for read_one, each in zip(readers, values, strict=True))

    return read


_NO_ARRAY = "is no array that can stand there"
_ARRAYS = (list, tuple)


def _listed(data: object) -> Sequence[object]:
    if isinstance(data, _ARRAYS):
        return data
    raise Misfit(_NO_ARRAY)
