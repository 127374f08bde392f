"""A set that is never changed: a name more or less makes a new one, and costs about the same whatever the size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from assentry.approvals.table import Table

_FEW = 64
"""So many are copied faster than looked after."""


class Names(Set[str]):
    """For all that a frozenset does. A few names are one; many are the keys of a table."""

    __slots__ = ("_names",)

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names: frozenset[str] | Table[str, None] = frozenset(names)

    @classmethod
    def _of(cls, names: frozenset[str] | Table[str, None]) -> Names:
        made = cls.__new__(cls)
        made._names = names
        return made

    def __contains__(self, name: object) -> bool:
        return name in self._names  # type: ignore[operator]

    def __iter__(self) -> Iterator[str]:
        names = self._names
        return iter(names) if isinstance(names, frozenset) else (name for name, _ in names.items())

    def __len__(self) -> int:
        return len(self._names)

    def __or__(self, others: Iterable[str]) -> Names:  # type: ignore[override]
        names = self._names
        if isinstance(names, frozenset):
            made = names.union(others)
            return self._of(made if len(made) <= _FEW else _table(Table(), made))
        return self._of(_table(names, others))

    def __sub__(self, others: Iterable[str]) -> Names:
        names = self._names
        return self._of(names.difference(others) if isinstance(names, frozenset) else names.without(*others))

    def __hash__(self) -> int:
        return self._hash()

    def __repr__(self) -> str:
        return f"Names({set(self)!r})"


def _table(table: Table[str, None], names: Iterable[str]) -> Table[str, None]:
    for name in names:
        table = table.with_entry(name, None)
    return table
