"""What is kept of an action when it is decided: the values that reasons print and errors speak of, on their own.

What the caller does to the action afterwards does not show in a verdict. Keeping costs little: texts, numbers and
booleans are shared, lists and maps copied.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from assentry.values.fit import MISSING
from assentry.values.limits import MAX_DEPTH, MAX_LIST

Names = tuple[str, ...]
Document = dict[str, object]

_SHARED = frozenset({str, int, float, bool, type(None), type(MISSING)})


Kept = Sequence[object] | Document
"""What a keeper kept: the values at its paths, in order, or as much of the action as they show."""


class Keeper:
    """Keeps the values at some paths of an action."""

    __slots__ = ("_pairs", "_routes", "_short")

    def __init__(self, routes: Iterable[Names] = ()) -> None:
        self._routes = tuple(sorted(set(routes), key=lambda route: (len(route), route)))
        # Most paths have two names, and are read without a loop.
        self._pairs = tuple((route[0], route[1]) for route in self._routes if len(route) == 2)
        self._short = len(self._pairs) == len(self._routes)

    def keep(self, action: Document) -> Kept:
        """What stands at the paths now."""
        if not self._short:
            return self._carefully(action)
        values: list[object] = []
        try:
            for part, name in self._pairs:
                holder: Any = action[part]
                if type(holder) is not dict or type(value := holder.get(name, MISSING)) not in _SHARED:
                    return self._carefully(action)
                values.append(value)
        except Exception:  # noqa: BLE001  # something is missing, or an object that no JSON holds
            return self._carefully(action)
        return values

    def document(self, kept: Kept) -> Document:
        """As much of the action as was kept."""
        return kept if isinstance(kept, dict) else _document(self._routes, kept)

    def _carefully(self, action: Document) -> Document:
        """The same for any path, where something is missing, or where no object stands on the way."""
        try:
            found = [_reached(action, route) for route in self._routes]
            return _document([route for route, _ in found], [value for _, value in found])
        except Exception:  # noqa: BLE001  # an object that no JSON holds: nothing can be told of it
            return {}


@lru_cache(1024)
def keeper_of(routes: tuple[Names, ...]) -> Keeper:
    """The keeper of some paths: reasons of one wording share it."""
    return Keeper(routes)


def _document(routes: Sequence[Names], values: Sequence[object]) -> Document:
    """The objects that some values stood in; `MISSING` where an object holds nothing of that name."""
    document: Document = {}
    for route, value in zip(routes, values, strict=True):
        into: Any = document
        for name in route[:-1]:
            into = into.setdefault(name, {})
            if type(into) is not dict:
                break  # what stands there is no object, and kept as it is
        else:
            if value is not MISSING:
                into[route[-1]] = value
    return document


def _reached(action: Document, route: Names) -> tuple[Names, object]:
    """How far a path leads, and what stands there: `MISSING` where an object holds nothing of that name."""
    there: object = action
    for depth, name in enumerate(route):
        if type(there) is not dict:
            return route[:depth], _copied(there)
        try:
            if name not in there:
                return route[: depth + 1], MISSING
            there = there[name]
        except Exception:  # noqa: BLE001  # a key that no JSON holds raises when it is compared
            return route[:depth], there
    return route, _copied(there)


def _copied(value: object, known: dict[int, object] | None = None, depth: int = 0) -> object:
    """A copy of JSON data, as deep as a read goes, whose parts are copied as far as a read of the whole goes.

    What is shared within the data is shared within the copy: else a few lists in each other would become millions.
    """
    if type(value) in _SHARED or depth > MAX_DEPTH:
        return value
    known = {} if known is None else known
    if id(value) in known:
        return known[id(value)]
    if type(value) is list:
        elements: list[object] = value.copy()
        known[id(value)] = elements
        first = elements[: MAX_LIST + 1]
        if not _SHARED.issuperset(map(type, first)):
            elements[: MAX_LIST + 1] = [_copied(below, known, depth + 1) for below in first]
        return elements
    if type(value) is dict:
        entries: dict[object, object] = value.copy()
        known[id(value)] = entries
        for key, below in islice(value.items(), MAX_LIST + 1):
            if type(key) is str:  # other keys are none of JSON's, and may raise when they are looked for
                entries[key] = _copied(below, known, depth + 1)
        return entries
    return value
