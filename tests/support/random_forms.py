"""Random conditions over the shapes of `tests.support.forms`, and random actions of which many do not fit."""

from __future__ import annotations

import math
from random import Random

from assentry.code import form
from assentry.values.runtime import NONE, BoolKey, Optional, Timestamp, Uint
from tests.support import forms
from tests.support.forms import HERE, call, lit, raw

STRINGS = ["subject.id", "subject.owner", "action.name", "action.kind", "action.destination.kind", "resource.secret"]
FIELDS = [*STRINGS, "action.rows", "action.ratio", "action.at", "action.destination", "action.sample", "resource.sizes"]
LISTS = {"resource.labels": forms.STRING, "resource.sizes": forms.INT, "resource.parts": forms.PART}
WORDS = ["", "pii", "data.export", "bucket", "a", "ab"]
NUMBERS = [0, 1, -1, 5, 100, 2**53, 2**53 + 1, 2**63 - 1]


class Conditions:
    """Draws conditions; `definitions` is how many definitions they may refer to."""

    def __init__(self, random: Random, definitions: int = 0) -> None:
        self.random = random
        self.definitions = definitions
        self.fresh = 0
        self.items: list[tuple[str, int]] = []  # loop variables over the input, with their shapes
        self.vars: list[str] = []

    # ---- bools ----

    def boolean(self, depth: int) -> form.Expr:
        if depth <= 0:
            return self.random.choice([self.leaf, self.has, self.comparison])()
        makers = [self.logic] * 4 + [self.comparison] * 4 + [self.membership] * 3
        makers += [self.quantified] * 2 + [self.has, self.leaf, self.choice, self.bound, self.optional, self.odd]
        return self.random.choice(makers)(depth - 1)

    def leaf(self, depth: int = 0) -> form.Expr:
        if self.definitions and self.random.random() < 0.4:
            return form.Define(HERE, self.random.randrange(self.definitions))
        return self.random.choice([lit(True), lit(False), self.read("action.destination.external")])

    def logic(self, depth: int) -> form.Expr:
        operands = tuple(self.boolean(depth) for _ in range(self.random.randint(2, 3)))
        node = self.random.choice([form.And, form.Or, form.Not, form.Inlined])
        if node is form.Not:
            return form.Not(HERE, operands[0])
        if node is form.Inlined:
            return form.Inlined(HERE, "f", 0, operands[0])
        return form.And(HERE, operands) if node is form.And else form.Or(HERE, operands)

    def choice(self, depth: int) -> form.Expr:
        return form.If(HERE, self.boolean(depth), self.boolean(depth), self.boolean(depth))

    def odd(self, depth: int) -> form.Expr:
        """What should be a bool and may be anything."""
        return self.anything(depth)

    def has(self, depth: int = 0) -> form.Expr:
        return forms.has(self.random.choice(FIELDS))

    def comparison(self, depth: int = 0) -> form.Expr:
        kind = self.random.choice(["string", "int", "double", "any", "time"])
        if kind == "string":
            one, other = self.string(depth), self.string(depth)
            return self.random.choice(
                [
                    call("_==_", one, other, overload="equals"),
                    call("_!=_", one, other, overload="not_equals"),
                    call("_<_", one, other, overload="less_string"),
                    call("startsWith", one, other, overload="starts_with_string", member=True),
                    call("endsWith", one, other, overload="ends_with_string", member=True),
                    call("contains", one, other, overload="contains_string", member=True),
                    call("matches", one, lit("a|p"), overload="matches_string", member=True),
                ]
            )
        if kind == "int":
            one, other = self.integer(depth), self.integer(depth)
            return call("_>=_", one, other, overload=self.random.choice(["greater_equals_int64", ""]))
        if kind == "double":
            return call(
                "_<_", self.read("action.ratio"), lit(self.random.choice([0.5, -0.0, math.inf])), overload="less_double"
            )
        if kind == "time":
            return call("_<_", self.read("action.at"), lit(Timestamp(10**18)), overload="less_timestamp")
        function, overload = self.random.choice([("_==_", "equals"), ("_!=_", "not_equals")])
        return call(function, self.anything(depth), self.anything(depth), overload=overload)

    def membership(self, depth: int) -> form.Expr:
        place = self.random.choice([*LISTS, "action.params", "action.sample", "action.destination"])
        match self.random.randrange(4):
            case 0:
                return form.Contains(HERE, self.string(depth), raw(place))
            case 1:
                return form.Contains(HERE, self.anything(depth), raw(place))
            case 2:
                members = self.random.choice([WORDS[:3], [], [1, 2], ["a", 1, None], [True, 1.0]])
                return call("@in", self.anything(depth), lit(members), overload="in_list")
            case _:
                held = self.random.choice([{"a": 1, "pii": 2}, {1: 2, BoolKey(True): 3}, {}])
                return call("@in", self.anything(depth), lit(held), overload="in_map")

    def quantified(self, depth: int) -> form.Expr:
        return self.loop(self.random.choice(["all", "exists", "exists_one"]), depth)

    def bound(self, depth: int) -> form.Expr:
        name = self.name()
        value = self.anything(depth)
        self.vars.append(name)
        body = self.boolean(depth)
        self.vars.remove(name)
        return form.Let(HERE, name, value, body)

    def optional(self, depth: int) -> form.Expr:
        place = raw(self.random.choice(["action.destination.account", "action.rows", "action.sample", "subject.id"]))
        assert isinstance(place, form.Field)
        maybe = form.Maybe(HERE, place)
        if self.random.random() < 0.5:
            maybe = form.Maybe(HERE, form.Element(HERE, forms.ANY, raw("action.params"), self.string(depth)))
        if self.random.random() < 0.5:
            return call("hasValue", maybe, overload="optional_hasValue", member=True)
        default = self.random.choice([lit("a"), lit(1), self.anything(0)])
        held = call("orValue", maybe, default, overload="optional_orValue_value", member=True)
        return call("_==_", held, self.anything(0), overload="equals")

    # ---- other values ----

    def read(self, path: str) -> form.Expr:
        return forms.read(path)

    def string(self, depth: int) -> form.Expr:
        strings = [name for name, shape in self.items if shape == forms.STRING]
        if strings and self.random.random() < 0.5:
            return forms.item(self.random.choice(strings), forms.STRING)
        parts = [name for name, shape in self.items if shape == forms.PART]
        if parts and self.random.random() < 0.7:
            place = form.Item(HERE, forms.PART, self.random.choice(parts))
            return form.Fit(HERE, form.Field(HERE, forms.STRING, place, "id", True))
        match self.random.randrange(5 if depth > 0 else 3):
            case 0:
                return lit(self.random.choice(WORDS))
            case 1 | 2:
                return self.read(self.random.choice(STRINGS))
            case 3:
                return call("_+_", self.string(depth - 1), self.string(depth - 1), overload="add_string")
            case _:
                return form.Fit(HERE, form.Element(HERE, forms.STRING, raw("resource.labels"), self.integer(0)))

    def integer(self, depth: int) -> form.Expr:
        numbers = [name for name, shape in self.items if shape == forms.INT]
        if numbers and self.random.random() < 0.5:
            return forms.item(self.random.choice(numbers), forms.INT)
        match self.random.randrange(6 if depth > 0 else 4):
            case 0 | 1:
                return lit(self.random.choice(NUMBERS))
            case 2:
                return self.read("action.rows")
            case 3:
                return form.Size(HERE, raw(self.random.choice([*LISTS, "action.params", "action.sample", "action"])))
            case 4:
                return call("size", self.string(depth - 1), overload="size_string")
            case _:
                return call("_+_", self.integer(depth - 1), self.integer(depth - 1), overload="add_int64")

    def anything(self, depth: int) -> form.Expr:
        if self.vars and self.random.random() < 0.4:
            return forms.var(self.random.choice(self.vars))
        if depth <= 0:
            value = self.random.choice(
                [1, True, None, "a", 1.0, Uint(1), math.nan, [1, "a"], {"a": 1}, Optional.of(1), NONE]
            )
            return self.random.choice([lit(value), self.read(self.random.choice(FIELDS))])
        makers = [self.string, self.integer, self.boolean, self.built, self.transformed, self.selected]
        return self.random.choice(makers)(depth - 1)

    def built(self, depth: int) -> form.Expr:
        if self.random.random() < 0.5:
            return form.ListOf(HERE, tuple((self.anything(depth), self.random.random() < 0.1) for _ in range(2)))
        return form.MapOf(
            HERE, tuple((self.anything(0), self.anything(depth), self.random.random() < 0.1) for _ in range(2))
        )

    def selected(self, depth: int) -> form.Expr:
        operand = self.random.choice([self.read("action.params"), self.read("action.sample"), self.anything(depth)])
        node = self.random.choice([form.Select, form.HasKey])
        return node(HERE, operand, self.random.choice(["a", "b"]))

    def transformed(self, depth: int) -> form.Expr:
        kinds = ["map", "filter", "transform_list", "transform_map", "transform_map_entry"]
        return self.loop(self.random.choice(kinds), depth)  # type: ignore[arg-type]

    # ---- loops ----

    def name(self) -> str:
        self.fresh += 1
        return f"n{self.fresh}"

    def loop(self, kind: form.LoopKind, depth: int) -> form.Expr:
        two = kind.startswith("transform") or (kind not in {"filter", "map"} and self.random.random() < 0.3)
        first, second = self.name(), self.name() if two else None
        if self.random.random() < 0.7:
            place, shape = self.random.choice([*LISTS.items(), ("action.params", forms.ANY)])
            keyed = place == "action.params"
            over: form.Expr = raw(place)
            if keyed:
                items, names = [(first, forms.STRING)] + ([(second, shape)] if second else []), []
            else:
                items, names = [(second or first, shape)], [first] if second else []
        else:
            over = self.random.choice([lit(["a", "pii"]), lit([1, 2]), lit({"b": 1, "a": 2}), self.anything(depth)])
            items, names = [], [first] + ([second] if second else [])
        self.items += items
        self.vars += names
        where = None
        if kind not in {"all", "exists", "exists_one", "filter"} and self.random.random() < 0.4:
            where = self.boolean(depth)
        if kind == "transform_map_entry":
            body: form.Expr = form.MapOf(HERE, ((self.anything(0), self.anything(0), False),))
        else:
            body = self.boolean(depth) if kind in {"all", "exists", "exists_one", "filter"} else self.anything(depth)
        self.items = [each for each in self.items if each not in items]
        self.vars = [each for each in self.vars if each not in names]
        return form.Loop(HERE, kind, first, second, over, where, body)


ODD = [
    None,
    True,
    0,
    -1,
    5,
    1.0,
    2.5,
    math.nan,
    10**30,
    "",
    "pii",
    "data.export",
    [],
    [1],
    ["pii"],
    {},
    {"a": 1},
    object(),
]


def random_action(random: Random) -> dict[str, object]:
    """An action of which each value is odd now and then."""

    def some(usual: object, odd: float = 0.12) -> object:
        return random.choice(ODD) if random.random() < odd else usual

    def put(holder: dict[str, object], name: str, usual: object, present: float = 0.6) -> None:
        if random.random() < present:
            holder[name] = some(usual)

    subject: dict[str, object] = {"id": some(random.choice(WORDS))}
    put(subject, "owner", random.choice(WORDS))
    action: dict[str, object] = {"name": some(random.choice(WORDS))}
    put(action, "rows", random.choice([0, 5, 100, 101.0, 2**63]))
    put(action, "ratio", random.choice([0, 0.25, 1, 10**400]))
    put(action, "kind", random.choice(["bucket", "table", None, "other"]))
    put(action, "at", random.choice(["2026-11-20T12:00:00Z", "1999-01-01T00:00:00+01:00", "no"]))
    put(action, "sample", random.choice(ODD))
    put(action, "params", {random.choice(WORDS): random.choice(ODD) for _ in range(random.randrange(3))})
    destination = {"kind": some("bucket"), "external": some(random.random() < 0.5)}
    put(destination, "account", random.choice(WORDS))
    put(action, "destination", destination)
    resource: dict[str, object] = {
        "labels": some([some(random.choice(WORDS), 0.05) for _ in range(random.randrange(4))])
    }
    put(resource, "sizes", [some(random.choice(NUMBERS), 0.05) for _ in range(random.randrange(4))])
    parts = [some({"id": some(random.choice(WORDS)), "secret": some(True)}) for _ in range(random.randrange(3))]
    put(resource, "parts", parts)
    put(resource, "secret", random.choice(WORDS))
    whole: dict[str, object] = {
        "subject": some(subject, 0.03),
        "action": some(action, 0.03),
        "resource": some(resource, 0.03),
    }
    if random.random() < 0.03:
        del whole[random.choice(list(whole))]
    return whole
