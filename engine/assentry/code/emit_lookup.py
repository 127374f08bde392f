"""Emitting the lookup: the one function that answers the tests of all rules that a decision can meet.

    lookup(action, get, others, every) -> (owner, key), or None where tables have to be made first

`get` gives the tables for a value of the index's key, `others` are those for values that no rule names, and `every`
those for a value that does not fit; their last part, the owner, comes back. Each place is looked at once. Bit i of the key is set when no test excludes the i-th rule, those of `always` first; bit n + i, of n
rules in all, when one of its tests is in error besides. It does not raise for what JSON holds.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Callable
from typing import Literal

from assentry.code import form
from assentry.code.emit import Emitter
from assentry.code.load import load
from assentry.code.lookup import Holder, Lookup, Run, users_below
from assentry.code.tables import searched, unusual
from assentry.source import Source
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
    of a place and `u<n>`, the users below an object."""

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
        body.append(self.gives(self.tuple((self.name("owner"), self.name("named")))))
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
        users = [f"u{number}" for number in self._numbers.values()]
        names = [*tables, *users, "named", "named_unsure", "count", "owner"]
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
        """An object, when one of the rules asks for something in it."""
        if not any(place in self._always or place in self._by_key for place in holder.everything()):
            return []
        known, users = self._read.get((above, holder.name)), f"u{self._numbers[id(holder)]}"
        name = known or self.fresh()
        inside = self._inside(holder, name)
        there = [] if known else [self._there(name, above, holder.name)]
        is_object = self.is_type(self.name(name), dict)
        always = users_below(holder, dict(self._always))
        asked = self.compare(self.name(users), (ast.IsNot(), self.constant(None)))
        doubt = self.update("named_unsure", ast.BitOr(), self.name(users))
        if always is None:
            return [self.when(asked, *there, self.when(is_object, *inside, otherwise=[doubt]))]
        doubts = [self.update("always_unsure", ast.BitOr(), self.constant(always)), self.when(asked, doubt)]
        return [*there, self.when(is_object, *inside, otherwise=doubts)]

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
        place = self._index.places[number]
        if number not in self._always and number not in self._by_key:
            return []
        name = self.fresh()
        there = self._there(name, holder, self._name(number))
        usual = self._usual(place, name)
        odd = self._on(number, lambda side: self._looked(number, side, name))
        if usual is None:
            look = odd
        else:
            answer = self._on(number, lambda side: [self._keep(side, self._answer(number, side, name))])
            absent = self._on(number, lambda side: self._absent(number, side))
            missing = self.compare(self.name(name), (ast.Is(), self.missing()))
            look = [self.when(usual, *answer, otherwise=[self.when(missing, *absent, otherwise=odd)])]
        if shared:
            self._read[holder, self._name(number)] = name
        if number in self._always:
            return [there, *look]
        asked = self._is_asked(number)
        return [there, self.when(asked, *look)] if shared else [self.when(asked, there, *look)]

    def _on(self, number: int, made: Callable[[Side], list[ast.stmt]]) -> list[ast.stmt]:
        """What either side does with a place."""
        statements = made("always") if number in self._always else []
        if number in self._by_key:
            named = made("named")
            statements += [self.when(self._is_asked(number), *named)] if statements else named
        return statements

    def _is_asked(self, number: int) -> ast.expr:
        return self.compare(self.name(f"t{number}"), (ast.IsNot(), self.constant(None)))

    def _usual(self, place: form.PlaceForm, name: str) -> ast.expr | None:
        """A test that holds only of what fits as it is; None when there is no such inline test."""
        shape = self.shapes[place.raw.shape]
        if place.kind == "list":
            return None
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
