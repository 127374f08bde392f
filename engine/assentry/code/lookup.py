"""The index of a form, ready to be asked: which rules an action can meet, and what each place says of them.

The rules that a decision meets are those that the policy asks of every action, `always`, and those of one value of
the index's key (`action.name`). The masks of the former are part of the one function that is emitted; those of the
latter come to it as `Tables`, made when a value is first met.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from assentry.code import form
from assentry.code.reads import Route, route
from assentry.code.tables import Asked, Table, mask, table

Tables = tuple[Any, ...]
"""For each place its table and for each object on the way its users, None without a test there; then the mask of all
the rules, of those in error from the start, the count of all rules with those of `always`, and whose tables they are."""

Run = Callable[[dict[str, object], Callable[..., Any], Tables | None, Tables | None], tuple[Any, int] | None]


@dataclass(slots=True)
class Holder:
    """An object of the action: the places in it, by number, and the objects below it."""

    name: str
    places: list[int] = field(default_factory=list)
    below: dict[str, Holder] = field(default_factory=dict)

    def everything(self) -> Iterator[int]:
        """The places in it and below."""
        yield from self.places
        for holder in self.below.values():
            yield from holder.everything()

    def walk(self) -> Iterator[Holder]:
        """The objects below it, at any depth."""
        for holder in self.below.values():
            yield holder
            yield from holder.walk()


class Lookup:
    """The index of one form.

    `always` are the rules that the key does not tell apart; `by_key` the others, and `named` those of each value.
    """

    def __init__(self, index: form.IndexForm) -> None:
        self._index = index
        self._key = -1 if index.key is None else index.key
        self.root = _root(index.places)
        named: defaultdict[object, list[int]] = defaultdict(list)
        always: list[int] = []
        by_key: list[int] = []
        for rule, known in enumerate(index.rules):
            values = self._values(known)
            if values is None:
                always.append(rule)
            else:
                by_key.append(rule)
                for value in values:
                    named[value].append(rule)
        self.always = tuple(always)
        self.named = {value: tuple(rules) for value, rules in named.items()}
        self.by_key = tuple(by_key)

    def key_of(self, action: dict[str, object]) -> str | None:
        """The text that stands at the key, whether it fits or not."""
        there: object = action
        for name in () if self._key < 0 else _names(self._index.places[self._key].raw):
            there = there.get(name) if type(there) is dict else None
        return there if type(there) is str else None

    def tables(self, rules: Sequence[int], owner: object) -> Tables:
        """What the function needs for the rules of one value of the key, to give their owner back."""
        asked = self._asked(rules)
        asked.pop(self._key, None)  # true of all of them
        return self._tables(asked, len(rules), 0, owner)

    def tables_by_key(self, owner: object) -> Tables:
        """What the function needs for all rules that the key tells apart, where its value does not fit."""
        width = len(self.by_key)
        asked = self._asked(self.by_key)
        unsure = mask((bit for bit, _ in asked.pop(self._key, ())), width)
        return self._tables(asked, width, unsure, owner)

    def always_tables(self) -> dict[int, Table]:
        """By place, the tables of the rules that every action meets."""
        asked = self._asked(self.always)
        places = self._index.places
        return {number: table(places[number].kind, asked[number], len(self.always)) for number in sorted(asked)}

    def places_by_key(self) -> frozenset[int]:
        """The places that the rules of any value of the key ask for besides the key."""
        tests = self._index.tests
        numbers = {number for rule in self.by_key for number in self._index.rules[rule].tests}
        return frozenset(tests[number].place for number in numbers) - {self._key}

    def _tables(self, asked: dict[int, Asked], width: int, unsure: int, owner: object) -> Tables:
        made: list[Table | None] = []
        for number, place in enumerate(self._index.places):
            made.append(table(place.kind, asked[number], width) if number in asked else None)
        users = [users_below(holder, dict(enumerate(made))) for holder in self.root.walk()]
        return (*made, *users, (1 << width) - 1, unsure, len(self.always) + width, owner)

    def _asked(self, rules: Sequence[int]) -> dict[int, Asked]:
        """The tests of some rules by place; a rule's bit is its position among them."""
        found: defaultdict[int, list[tuple[int, form.TestForm]]] = defaultdict(list)
        tests = self._index.tests
        for bit, rule in enumerate(rules):
            for number in self._index.rules[rule].tests:
                test = tests[number]
                found[test.place].append((bit, test))
        return dict(found)

    def _values(self, rule: form.RuleIndex) -> tuple[object, ...] | None:
        """The values of the key for which a rule can fire; None when the key does not tell."""
        for number in rule.tests:
            test = self._index.tests[number]
            if test.place == self._key and not test.negated:
                return tuple([value for value in test.values if isinstance(value, str)])  # the key is never null
        return None


def users_below(holder: Holder, tables: dict[int, Table | None]) -> int | None:
    """The rules with a test in an object or below; None when there are none."""
    users = 0
    for place in holder.everything():
        found = tables.get(place)
        if found is not None:
            users |= found[4]
    return users or None


def _root(places: Sequence[form.PlaceForm]) -> Holder:
    """The objects that lead to some places: the action itself, which holds the others."""
    root = Holder("")
    for number, place in enumerate(places):
        holder = root
        for name in _names(place.raw)[:-1]:
            holder = holder.below.setdefault(name, Holder(name))
        holder.places.append(number)
    return root


def _names(raw: form.Raw) -> Route:
    names = route(raw)
    assert names is not None
    return names
