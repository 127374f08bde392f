"""A map that is never changed: adding or removing an entry gives a new map and costs about the same whatever the size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_WIDTH = 64
"""Two levels of 64: one entry more copies two short lists and one 4096th of the entries."""


class Table(Generic[K, V]):
    """An immutable map by hash. `get`, `[]`, `in`, `len` and iteration over `items()` work as for a dict."""

    __slots__ = ("_rows", "_size")

    def __init__(self) -> None:
        self._rows: list[list[dict[K, V]] | None] = [None] * _WIDTH
        """Never changed once a table has them; a list is copied five times as fast as a tuple with one item replaced."""
        self._size = 0

    def get(self, key: K) -> V | None:
        number = hash(key)
        row = self._rows[number % _WIDTH]
        return None if row is None else row[number // _WIDTH % _WIDTH].get(key)

    def __getitem__(self, key: K) -> V:
        number = hash(key)
        row = self._rows[number % _WIDTH]
        if row is None:
            raise KeyError(key)
        return row[number // _WIDTH % _WIDTH][key]

    def __contains__(self, key: K) -> bool:
        number = hash(key)
        row = self._rows[number % _WIDTH]
        return row is not None and key in row[number // _WIDTH % _WIDTH]

    def __len__(self) -> int:
        return self._size

    def items(self) -> Iterator[tuple[K, V]]:
        """All entries, in no particular order."""
        return (entry for row in self._rows if row is not None for cell in row for entry in cell.items())

    def with_entry(self, key: K, value: V) -> Table[K, V]:
        """The same map with this entry added or replaced."""
        number = hash(key)
        high, low = number % _WIDTH, number // _WIDTH % _WIDTH
        rows, row = self._rows.copy(), self._rows[high]
        rows[high] = row = [{}] * _WIDTH if row is None else row.copy()
        cell = row[low]
        row[low] = {**cell, key: value}
        made: Table[K, V] = Table.__new__(Table)
        made._rows = rows
        made._size = self._size + (key not in cell)
        return made

    def without(self, key: K) -> Table[K, V]:
        """The same map without this entry, if it is there."""
        if key not in self:
            return self
        number = hash(key)
        high, low = number % _WIDTH, number // _WIDTH % _WIDTH
        rows, row = self._rows.copy(), self._rows[high]
        assert row is not None  # it is there
        rows[high] = row = row.copy()
        row[low] = {each: value for each, value in row[low].items() if each != key}
        made: Table[K, V] = Table.__new__(Table)
        made._rows = rows
        made._size = self._size - 1
        return made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and len(self) == len(other) and dict(self.items()) == dict(other.items())

    def __hash__(self) -> int:
        return hash(frozenset(key for key, _ in self.items()))

    def __repr__(self) -> str:
        return f"Table({dict(self.items())!r})"
