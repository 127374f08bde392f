"""A map that is never changed: adding or removing an entry gives a new map and costs about the same whatever the size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_WIDTH = 64
"""Two levels of 64: one entry more copies two short lists and one 4096th of the entries."""

_EMPTY: list[dict[Any, Any]] = [{}] * _WIDTH
"""A row without entries."""


class Table(Generic[K, V]):
    """An immutable map by hash. `get`, `[]`, `in`, `len` and iteration over `items()` work as for a dict."""

    __slots__ = ("_rows", "_size")

    def __init__(self) -> None:
        self._rows: list[list[dict[K, V]]] = [_EMPTY] * _WIDTH
        """Neither lists nor dicts are ever changed once a table has them."""
        self._size = 0

    def get(self, key: K) -> V | None:
        number = hash(key)
        return self._rows[number % _WIDTH][number // _WIDTH % _WIDTH].get(key)

    def __getitem__(self, key: K) -> V:
        number = hash(key)
        return self._rows[number % _WIDTH][number // _WIDTH % _WIDTH][key]

    def __contains__(self, key: K) -> bool:
        number = hash(key)
        return key in self._rows[number % _WIDTH][number // _WIDTH % _WIDTH]

    def __len__(self) -> int:
        return self._size

    def items(self) -> Iterator[tuple[K, V]]:
        """All entries, in no particular order."""
        return (entry for row in self._rows if row is not _EMPTY for cell in row for entry in cell.items())

    def with_entry(self, key: K, value: V) -> Table[K, V]:
        """The same map with this entry added or replaced."""
        number = hash(key)
        high, low = number % _WIDTH, number // _WIDTH % _WIDTH
        made: Table[K, V] = Table.__new__(Table)
        made._rows = rows = self._rows.copy()
        rows[high] = row = rows[high].copy()
        cell = row[low]
        row[low] = {**cell, key: value}
        made._size = self._size + (key not in cell)
        return made

    def without(self, *keys: K) -> Table[K, V]:
        """The same map without these entries, as far as they are there."""
        made: Table[K, V] = Table()
        made._rows = rows = self._rows.copy()
        made._size = self._size
        for key in keys:
            if key not in made:
                continue
            number = hash(key)
            high, low = number % _WIDTH, number // _WIDTH % _WIDTH
            if rows[high] is self._rows[high]:
                rows[high] = rows[high].copy()
            cell = rows[high][low].copy()
            del cell[key]
            rows[high][low] = cell
            made._size -= 1
        return made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and len(self) == len(other) and dict(self.items()) == dict(other.items())

    def __hash__(self) -> int:
        return hash(frozenset(key for key, _ in self.items()))

    def __repr__(self) -> str:
        return f"Table({dict(self.items())!r})"
