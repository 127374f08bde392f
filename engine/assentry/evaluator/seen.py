"""What is kept of an action when it is decided: the values that reasons print and errors speak of, on their own.

What the caller does to the action afterwards does not show in a verdict. Keeping costs little: texts, numbers and
booleans are shared, lists and maps copied.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from operator import itemgetter
from typing import Any, NamedTuple

from assentry.values.fit import MISSING
from assentry.values.limits import MAX_DEPTH, MAX_LIST

Names = tuple[str, ...]
Document = dict[str, object]

_SHARED = frozenset({str, int, float, bool, type(None)})


class Seen(NamedTuple):
    """The values that stood at some paths; `MISSING` marks the path of an object of which no more was asked for."""

    routes: Sequence[Names]
    values: Sequence[object]

    @property
    def document(self) -> Document:
        """As much of the action as these paths show."""
        kept: Document = {}
        for route, value in zip(self.routes, self.values, strict=True):
            into: Any = kept
            for name in route if value is MISSING else route[:-1]:
                into = into.setdefault(name, {})
                if type(into) is not dict:
                    break  # what stands there is no object, and kept as it is
            else:
                if value is not MISSING:
                    into[route[-1]] = value
        return kept


NOTHING = Seen((), ())


class Keeper:
    """Keeps the values at some paths of an action."""

    def __init__(self, routes: Iterable[Names]) -> None:
        groups: defaultdict[Names, list[str]] = defaultdict(list)
        for route in sorted(set(routes), key=lambda route: (len(route), route)):
            groups[route[:-1]].append(route[-1])
        self._routes = tuple((*holder, name) for holder, names in groups.items() for name in names)
        self._groups = tuple((holder, _getter(names)) for holder, names in groups.items())

    def keep(self, action: Document) -> Seen:
        """What stands at the paths now."""
        values: list[object] = []
        try:
            for route, get in self._groups:
                holder: Any = action
                for name in route:
                    holder = holder[name]
                    if type(holder) is not dict:
                        return self._carefully(action)
                values += get(holder)
        except Exception:  # noqa: BLE001  # something is missing, or an object that no JSON holds
            return self._carefully(action)
        for value in values:
            if type(value) not in _SHARED:
                return Seen(self._routes, [_copied(each) for each in values])
        return Seen(self._routes, values)

    def _carefully(self, action: Document) -> Seen:
        """The same where something is missing, or no object stands on the way."""
        routes: list[Names] = []
        values: list[object] = []
        for route in self._routes:
            found, value = _reached(action, route)
            routes.append(found)
            values.append(value)
        return Seen(routes, values)


def _reached(action: Document, route: Names) -> tuple[Names, object]:
    """How far a path leads, and what stands there: `MISSING` where an object does that goes no further."""
    there: object = action
    for depth, name in enumerate(route):
        if type(there) is not dict:
            return route[:depth], _copied(there)
        try:
            if name not in there:
                return route[:depth], MISSING
            there = there[name]
        except Exception:  # noqa: BLE001  # a key that no JSON holds raises when it is compared
            return route[:depth], there
    return route, _copied(there)


def _getter(names: Sequence[str]) -> Callable[[Document], Iterable[object]]:
    """The values of some keys at once; raises KeyError when one is missing."""
    if len(names) == 1:
        [name] = names
        return lambda holder: (holder[name],)
    return itemgetter(*names)


def _copied(value: object, known: dict[int, object] | None = None, depth: int = 0) -> object:
    """A copy of JSON data, as deep and as long as a read goes, and a little further to tell that it went on.

    What is shared within the data is shared within the copy: else a few lists in each other would become millions.
    """
    if type(value) in _SHARED or depth > MAX_DEPTH:
        return value
    known = {} if known is None else known
    if id(value) in known:
        return known[id(value)]
    if type(value) is list:
        elements: list[object] = []
        known[id(value)] = elements
        elements += [_copied(below, known, depth + 1) for below in value[: MAX_LIST + 1]]
        return elements
    # Keys that are no text are none of JSON's; copying them would ask them for their hash.
    if type(value) is dict and all(type(key) is str for key in islice(value, MAX_LIST + 1)):
        entries: dict[str, object] = {}
        known[id(value)] = entries
        entries.update((key, _copied(below, known, depth + 1)) for key, below in islice(value.items(), MAX_LIST + 1))
        return entries
    return value
