"""Emitting the lookup: the one function that answers the tests of all rules that a decision can meet.

    lookup(action, get, others, every) -> verdict, or None where tables have to be made first

`get` gives the tables for a value of the index's key, `others` are those for values that no rule names, and `every`
those for a value that does not fit; their last parts make a verdict of the key that all comes to. Bit i of the key is set when no test
excludes the i-th rule, those of `always` first; bit n + i, of n rules in all, when one of its tests is in error besides.
It does not raise for what JSON holds.

Each place is looked at once at most: no longer when the rules with a test there have all been excluded by others, since
a rule that does not fire cannot be in error either. So the places that cost most come last.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from assentry.code import form
from assentry.code.emit import Emitter
from assentry.code.load import load
from assentry.code.lookup import Holder, Lookup, Run, users_of
from assentry.code.tables import searched, unusual
from assentry.source import Source
from assentry.values.fit import item_shape
from assentry.values.limits import MAX_LIST
from assentry.values.shapes import Shapes

Side = Literal["always", "named"]
"""The rules that every action meets, whose masks stand in the code, and those of one value of the key."""

_NOWHERE = Source("<index>", "")
_CONTAINERS = {"object": dict, "map": dict, "list": list}


def emit_lookup(index: form.IndexForm, shapes: Shapes, lookup: Lookup) -> Run:
    """The function for one form."""
    emitter = _LookupEmitter(index, shapes, lookup)
    return load(emitter.module(), _NOWHERE.name, emitter.names)


class _LookupEmitter(Emitter):
    """Variables: `always`, `named` (the two parts of the key), `always_unsure`, `named_unsure`, and of the tables `t<n>`
    of a place, `p<n>`, the rules with a test there, and `u<n>`, those with one below an object."""

    def __init__(self, index: form.IndexForm, shapes: Shapes, lookup: Lookup) -> None:
        super().__init__(_NOWHERE, -1, shapes)
        self._index = index
        self._lookup = lookup
        self._always = lookup.always_tables()
        self._by_key = lookup.places_by_key()
        # Objects that are read already, by the variable of the object around them and their name in it.
        self._read: dict[tuple[str, str], str] = {}
        self._numbers = {id(holder): number for number, holder in enumerate(lookup.root.walk())}

    def module(self) -> ast.Module:
        body = [*self._tables(), *self._inside(self._lookup.root, "action"), *self._joined()]
        known = self.call(self.name("known"), self.name("named"))
        body.append(
            self.gives(self.either(known, self.call(self.name("verdict"), self.name("action"), self.name("named"))))
        )
        return self.function("lookup", ("action", "get", "others", "every"), body)

    def _tables(self) -> list[ast.stmt]:
        """The tables by the value of the key, unpacked."""
        if self._index.key is None:
            statements = [self.assign("tables", self.name("others"))]
        else:
            raw = self._index.places[self._index.key].raw
            assert isinstance(raw, form.Field)
            assert isinstance(raw.base, form.Root)
            holder, value = self.fresh(), self.fresh()
            self._read["action", raw.base.name] = holder
            there = self.method(self.name(holder), "get", self.constant(raw.name), self.missing())
            fits = self.settled(raw.shape, self.walrus(value, there), value)
            assert fits is not None
            chosen = self.assign("tables", self.call(self.name("get"), self.name(value), self.name("others")))
            statements = [
                self.assign(holder, self.there(raw.base)),
                self.assign("tables", self.name("every")),
                self.when(self.both(self.is_type(self.name(holder), dict), fits), chosen),
            ]
        missing = self.compare(self.name("tables"), (ast.Is(), self.constant(None)))
        statements.append(self.when(missing, self.gives(self.constant(None))))
        tables = [f"t{number}" for number in range(len(self._index.places))]
        users = [f"p{number}" for number in range(len(tables))]
        below = [f"u{number}" for number in self._numbers.values()]
        names = [*tables, *users, *below, "named", "named_unsure", "count", "known", "verdict"]
        statements.append(self.unpack(names, self.name("tables")))
        if self._lookup.always:
            statements.append(self.assign("always", self.constant((1 << len(self._lookup.always)) - 1)))
            statements.append(self.assign("always_unsure", self.constant(0)))
        return statements

    def _joined(self) -> list[ast.stmt]:
        """Both parts of the key as one: the rules that every action meets have the lower bits."""
        width = len(self._lookup.always)
        shift, count = self.constant(width), self.name("count")
        doubt = [
            self.update("named_unsure", ast.BitAnd(), self.name("named")),
            self.update("named_unsure", ast.LShift(), count),
            self.update("named", ast.BitOr(), self.name("named_unsure")),
        ]
        if not width:
            return [self.when(self.name("named_unsure"), *doubt)]
        shifted = self.update("named_unsure", ast.LShift(), shift)
        both = self.update("named_unsure", ast.BitOr(), self.name("always_unsure"))
        unsure = self.either(self.name("named_unsure"), self.name("always_unsure"))
        return [
            self.update("named", ast.LShift(), shift),
            self.update("named", ast.BitOr(), self.name("always")),
            self.when(unsure, shifted, both, *doubt),
        ]

    # ---- objects ----

    def _inside(self, holder: Holder, name: str) -> list[ast.stmt]:
        """What to do with an object that is one, by the name of its variable."""
        statements: list[ast.stmt] = []
        for place in holder.places:
            statements += self._look(place, name, shared=self._name(place) in holder.below)
        for below in holder.below.values():
            statements += self._holder(below, name)
        return statements

    def _holder(self, holder: Holder, above: str) -> list[ast.stmt]:
        """An object, when a rule that is not excluded asks for something in it."""
        places = list(holder.everything())
        sides = self._sides(places)
        if not sides:
            return []
        known, users = self._read.get((above, holder.name)), f"u{self._numbers[id(holder)]}"
        name = known or self.fresh()
        inside = self._inside(holder, name)
        there = [] if known else [self._there(name, above, holder.name)]
        asked = {side: self._users(side, places, users) for side in sides}
        doubts = [self._doubt(side, users) for side, users in asked.items()]
        look = self.when(self.is_type(self.name(name), dict), *inside, otherwise=doubts)
        return [self.when(self._is_asked(asked), *there, look)]

    def _there(self, variable: str, holder: str, name: str) -> ast.stmt:
        """What stands in an object under a name; `MISSING` when nothing does."""
        return self.assign(variable, self.method(self.name(holder), "get", self.constant(name), self.missing()))

    def _name(self, place: int) -> str:
        raw = self._index.places[place].raw
        assert isinstance(raw, form.Root | form.Field)
        return raw.name

    # ---- places ----

    def _look(self, number: int, holder: str, *, shared: bool) -> list[ast.stmt]:
        """A place in an object: its value, once, and what it means to either side. `shared` when more is below it."""
        sides = self._sides([number])
        if not sides:
            return []
        name = self.fresh()
        there = self._there(name, holder, self._name(number))
        asked = self._is_asked({side: self._users(side, [number], f"p{number}") for side in sides})
        look = self._listed(number, name) if self._index.places[number].kind == "list" else self._scalar(number, name)
        if shared:
            self._read[holder, self._name(number)] = name
            return [there, self.when(asked, *look)]
        return [self.when(asked, there, *look)]

    def _scalar(self, number: int, name: str) -> list[ast.stmt]:
        """One value or a presence, by the name of its variable."""
        usual = self._usual(self._index.places[number], name)
        odd = self._on(number, lambda side: self._looked(number, side, name))
        if usual is None:
            return odd
        answer = self._on(number, lambda side: [self._keep(side, self._answer(number, side, name))])
        absent = self._on(number, lambda side: self._absent(number, side))
        missing = self.compare(self.name(name), (ast.Is(), self.missing()))
        return [self.when(usual, *answer, otherwise=[self.when(missing, *absent, otherwise=odd)])]

    def _listed(self, number: int, name: str) -> list[ast.stmt]:
        """A list: the rules that an element satisfies, as long as all of them fit."""
        item = item_shape(self.shapes[self._index.places[number].raw.shape], self.shapes)
        fits = self.fresh()

        def searched(side: Side) -> list[ast.stmt]:
            found, element = self.fresh(), self.fresh()
            get = self.call(self._part(side, number, 0), self.name(element), self.constant(0))
            fitting = self.both(self.is_type(self.name(element), str), *self._among(item.allowed, element))
            gather = self.update(found, ast.BitOr(), get)
            misfit = self.assign(fits, self.constant(False))
            search = self.each(element, self.name(name), self.when(fitting, gather, otherwise=[misfit]))
            odd = self._looked(number, side, name)
            return [
                self.assign(found, self._part(side, number, 1)),
                self.when(self.name(fits), search),
                self.when(self.name(fits), self._keep(side, self.name(found)), otherwise=odd),
            ]

        length = self.call(self.given("len", len), self.name(name))
        short = self.compare(length, (ast.LtE(), self.constant(MAX_LIST)))
        is_list = self.both(self.is_type(self.name(name), list), short)
        return [self.assign(fits, is_list), *self._on(number, searched)]

    def _on(self, number: int, made: Callable[[Side], list[ast.stmt]]) -> list[ast.stmt]:
        """What either side does with a place, when both may have a test there."""
        sides = self._sides([number])
        if len(sides) == 1:
            return made(sides[0])
        named = self._is_asked({"named": self.name(f"p{number}")})
        return [*made("always"), self.when(named, *made("named"))]

    # ---- who asks ----

    def _sides(self, places: Sequence[int]) -> list[Side]:
        """The sides that may have a test at some places."""
        sides: list[Side] = ["always"] if any(place in self._always for place in places) else []
        return [*sides, "named"] if any(place in self._by_key for place in places) else sides

    def _users(self, side: Side, places: Sequence[int], named: str) -> ast.expr:
        """The rules of a side with a test at some places; `named` is the variable for those of the key's value."""
        return self.name(named) if side == "named" else self.constant(users_of(places, self._always))

    def _is_asked(self, users: Mapping[Side, ast.expr]) -> ast.expr:
        """Whether one of these rules is not excluded."""
        return self.either(*(self.common(self.name(side), mask) for side, mask in users.items()))

    def _usual(self, place: form.PlaceForm, name: str) -> ast.expr | None:
        """A test that holds only of what fits as it is; None when there is no such inline test."""
        shape = self.shapes[place.raw.shape]
        if place.kind == "presence" and shape.kind in _CONTAINERS and shape.allowed is None:
            return self.is_type(self.name(name), _CONTAINERS[shape.kind])
        return self.settled(place.raw.shape, self.name(name), name)

    def _answer(self, number: int, side: Side, name: str) -> ast.expr:
        """The mask for a value that fits."""
        first, second = self._part(side, number, 0), self._part(side, number, 1)
        match self._index.places[number].kind:
            case "text":
                return self.call(first, self.name(name), second)
            case "bool":
                return self.choose(self.name(name), first, second)
            case "number":
                at = self.call(self.given("bisect_right", bisect_right), first, self.name(name))
                return self.subscript(second, at)
            case _:
                return first

    def _absent(self, number: int, side: Side) -> list[ast.stmt]:
        """Where nothing stands."""
        return [self._keep(side, self._part(side, number, 2)), self._doubt(side, self._part(side, number, 3))]

    def _looked(self, number: int, side: Side, name: str) -> list[ast.stmt]:
        """Where a closer look is needed."""
        place = self._index.places[number]
        made = searched if place.kind == "list" else unusual(place.kind)
        table = self.name(f"t{number}") if side == "named" else self.given(f"a{number}", self._always[number])
        mask, unsure = self.fresh(), self.fresh()
        look = self.call(self.reader(f"look_{place.kind}", place.raw.shape, made), self.name(name), table)
        found = self.unpack([mask, unsure], look)
        return [found, self._keep(side, self.name(mask)), self._doubt(side, self.name(unsure))]

    # ---- the parts of the key ----

    def _part(self, side: Side, place: int, part: int) -> ast.expr:
        """A part of a place's table."""
        if side == "named":
            return self.subscript(self.name(f"t{place}"), self.constant(part))
        value = self._always[place][part]
        return self.constant(value) if isinstance(value, int) else self.given(f"a{place}_{part}", value)

    def _keep(self, side: Side, value: ast.expr) -> ast.stmt:
        return self.update(side, ast.BitAnd(), value)

    def _doubt(self, side: Side, value: ast.expr) -> ast.stmt:
        return self.update(f"{side}_unsure", ast.BitOr(), value)
