"""The index of a form, ready to be asked: which rules an action can meet, and what each place says of them.

The rules that a decision meets are those that the policy asks of every action, `always`, and those of one value of
the index's key (`action.name`). The masks of the former are part of the one function that is emitted; those of the
latter come to it as `Tables`, made when a value is first met.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from assentry.code import form
from assentry.code.masks import mask
from assentry.code.reads import Route, route
from assentry.code.tables import Asked, Table, table

Tables = tuple[Any, ...]
"""For each place its table, None without a test there; for each place and for each object on the way the rules with a
test there or below; then the mask of all the rules, of those in error from the start, the count of all rules with those
of `always`, and what their owner knows and does."""

Run = Callable[[dict[str, object], Callable[..., Any], Tables | None, Tables | None], Any]


class Owner(Protocol):
    """Who makes verdicts of keys."""

    @property
    def known(self) -> Callable[[int], object | None]:
        """The verdict that all actions with a key share, when there is one and it has been made."""

    def verdict(self, action: dict[str, object], key: int) -> object:
        """The verdict on an action with that key."""


_COSTS: tuple[form.PlaceKind, ...] = ("text", "bool", "number", "presence", "list")
"""Cheap looks that tell much come first, dear ones and those that tell little last."""


FEW = 128
"""So many rules that the key does not tell apart count as rules of each value: one look then serves both, and the
tables of a value, made when it is first met, take no longer than a fraction of a millisecond."""


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

    `always` are the rules that the key does not tell apart, unless they are few; `by_key` the others, `named` those of
    each value, and `others` those of any other.
    """

    def __init__(self, index: form.IndexForm) -> None:
        self._index = index
        self._key = -1 if index.key is None else index.key
        self.root = _root(index.places)
        tests = [self._key_test(rule) for rule in index.rules]
        wanted = [rule for rule, test in enumerate(tests) if test and not test.negated]
        others = [rule for rule, test in enumerate(tests) if not test or test.negated]
        few = others if wanted and len(others) <= FEW else []
        self.always = () if few else tuple(others)
        self.others = tuple(few)
        self.by_key = (*few, *wanted)
        named: defaultdict[object, list[int]] = defaultdict(list)
        unwanted: defaultdict[object, list[int]] = defaultdict(list)
        for rule in wanted:
            for value in _texts(tests[rule]):
                named[value].append(rule)
        for rule in few:
            for value in _texts(tests[rule]):
                unwanted[value].append(rule)
        self.named = {
            value: (*(rule for rule in few if rule not in unwanted[value]), *named[value])
            for value in {**named, **unwanted}
        }

    def key_of(self, action: dict[str, object]) -> str | None:
        """The text that stands at the key, whether it fits or not."""
        there: object = action
        for name in () if self._key < 0 else _names(self._index.places[self._key].raw):
            there = there.get(name) if type(there) is dict else None
        return there if type(there) is str else None

    def tables(self, rules: Sequence[int], owner: Owner) -> Tables:
        """What the function needs for the rules of one value of the key."""
        asked = self._asked(rules)
        asked.pop(self._key, None)  # true of all of them
        return self._tables(asked, len(rules), 0, owner)

    def tables_by_key(self, owner: Owner) -> Tables:
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

    def _tables(self, asked: dict[int, Asked], width: int, unsure: int, owner: Owner) -> Tables:
        made: list[Table | None] = []
        for number, place in enumerate(self._index.places):
            made.append(table(place.kind, asked[number], width) if number in asked else None)
        known = {number: each for number, each in enumerate(made) if each is not None}
        users = [users_of((number,), known) for number in range(len(made))]
        below = [users_of(holder.everything(), known) for holder in self.root.walk()]
        return (*made, *users, *below, (1 << width) - 1, unsure, len(self.always) + width, owner.known, owner.verdict)

    def _asked(self, rules: Sequence[int]) -> dict[int, Asked]:
        """The tests of some rules by place; a rule's bit is its position among them."""
        found: defaultdict[int, list[tuple[int, form.TestForm]]] = defaultdict(list)
        tests = self._index.tests
        for bit, rule in enumerate(rules):
            for number in self._index.rules[rule].tests:
                test = tests[number]
                found[test.place].append((bit, test))
        return dict(found)

    def _key_test(self, rule: form.RuleIndex) -> form.TestForm | None:
        """What a rule asks of the key."""
        tests = (self._index.tests[number] for number in rule.tests)
        return next((test for test in tests if test.place == self._key), None)


def _texts(test: form.TestForm | None) -> list[str]:
    """The values of the key that a test names; the key is never null."""
    return [value for value in test.values if isinstance(value, str)] if test else []


def users_of(places: Iterable[int], tables: Mapping[int, Table]) -> int:
    """The rules with a test at one of some places."""
    users = 0
    for place in places:
        if place in tables:
            users |= tables[place][4]
    return users


def _root(places: Sequence[form.PlaceForm]) -> Holder:
    """The objects that lead to some places: the action itself, which holds the others."""
    root = Holder("")
    for number, place in enumerate(places):
        holder = root
        for name in _names(place.raw)[:-1]:
            holder = holder.below.setdefault(name, Holder(name))
        holder.places.append(number)
    for holder in (root, *root.walk()):
        holder.places.sort(key=lambda number: _COSTS.index(places[number].kind))
    return root


def _names(raw: form.Raw) -> Route:
    names = route(raw)
    assert names is not None
    return names
