"""Conditions over one value, by the kind that the schema gives it: always legal, often in error."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from tests.oracle.schema import ANY, Spec
from tests.support.actions import KEYS, MOMENTS, NAMES, STRINGS

ZONES = ('"Europe/Berlin"', '"UTC"', '"America/New_York"', '"+05:30"', "")
PATTERNS = ("^data", "[a-z]+", "^(a|b)$", "secret|pii", ".{3,}", "Ü")
STEPS = 3


@dataclass(frozen=True)
class Ref:
    """An expression that names a value, the schema of it, and the fields that have to be there first."""

    text: str
    spec: Spec
    guards: tuple[str, ...] = ()


def refs(base: Ref, depth: int = STEPS) -> Iterator[Ref]:
    """The value itself and the declared fields below it."""
    yield base
    if depth and base.spec.kind == "object":
        for name, inner in base.spec.properties.items():
            path = f"{base.text}.{name}"
            guards = base.guards if name in base.spec.required else (*base.guards, path)
            yield from refs(Ref(path, inner, guards), depth - 1)


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


class Atoms:
    """Writes one condition about a value."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.used = 0
        self.open = 0  # loops around what is being written: the budget of a rule leaves room for two

    def usual(self, common: Sequence[str], rare: Sequence[str]) -> str:
        """Mostly a condition that has a value whatever fits; now and then one that may be in error."""
        return self.rng.choice(common if self.rng.random() < 0.85 else rare)

    def variable(self) -> str:
        self.used += 1
        return f"v{self.used}"

    def pick(self, *choices: str) -> str:
        return self.rng.choice(choices)

    def string(self) -> str:
        return quoted(self.rng.choice(STRINGS))

    def strings(self) -> str:
        return f"[{', '.join(self.string() for _ in range(self.rng.choice((1, 2, 3))))}]"

    def literal(self, spec: Spec) -> str:
        """A literal of the kind of a value; one of the allowed ones, since no rule may compare with another."""
        choices = spec.allowed
        if choices:
            return json.dumps(self.rng.choice([value for value in choices if value is not None]))
        match spec.kind:
            case "bool":
                return self.pick("true", "false")
            case "int":
                return self.pick("0", "1", "2", "3", "50", "100", "-1", "9223372036854775807")
            case "double":
                return self.pick("0.0", "0.5", "1.0", "50.0", "-1.5", "1e9")
            case "timestamp":
                return f"timestamp({quoted(self.rng.choice(MOMENTS))})"
            case "list":
                return f"[{', '.join(self.literal(spec.item or ANY) for _ in range(self.rng.choice((0, 1, 2))))}]"
            case "any":
                return f"dyn({self.pick('1', 'true', '0.5', self.string(), 'null', '[1]')})"
            case _:
                return self.string()

    def about(self, ref: Ref, depth: int = 2) -> str:
        """A condition about the value that `ref` names; its guards are the caller's business."""
        text, spec = ref.text, ref.spec
        if spec.nullable and spec.kind != "object" and self.rng.random() < 0.5:
            bare = Ref(text, Spec({**spec.node, "type": spec.types[0]}, spec.document))
            return self.pick(f"{text} == null", f"{text} != null", f"({text} != null && {self.about(bare, depth)})")
        match spec.kind:
            case "bool":
                return self.pick(text, f"!{text}", f"{text} == {self.pick('true', 'false')}", f"{text} != true")
            case "int":
                return self.integer(text, spec)
            case "double":
                return self.double(text, spec)
            case "string":
                return self.text(text, spec)
            case "timestamp":
                return self.moment(text)
            case "list":
                return self.listed(text, spec.item or ANY, depth)
            case "map":
                return self.mapped(text, spec.item or ANY, depth)
            case "object":
                return self.inside(ref, depth)
        return self.anything(text, depth)

    # ---- scalars ----

    def integer(self, t: str, spec: Spec) -> str:
        compare, n = self.pick("==", "!=", "<", "<=", ">", ">="), self.pick("0", "1", "2", "7", "50", "100")
        n = self.literal(spec) if spec.allowed else n
        common = (
            f"{t} {compare} {n}",
            f"{t} {compare} {n}",
            f"{n} {compare} {t}",
            f"{t} in [{n}]" if spec.allowed else f"{t} in [1, 2, {n}]",
            f"{t} {compare} {n if spec.allowed else '9007199254740992.0'}",
            f"{t} in [{n}]" if spec.allowed else f"{t} in [9007199254740992.0, 5.0]",
            f"{t} + {n} {compare} {n}",
            f"{t} % 3 == 1",
            f"-{t} {compare} {n}",
            f"({t} - {n}) * 2 {compare} {t}",
            f"double({t}) {compare} 0.5",
            f"dyn({t}) {compare} 1.5",
            f"string({t}) == {quoted(n)}",
            f"math.greatest({t}, {n}) {compare} 3",
            f"math.abs({t}) {compare} {n}",
            f"{t} == {t}",
        )
        rare = (
            f"{t} * 9223372036854775807 {compare} {n}",
            f"100 / ({t} - 1) {compare} {n}",
            f"uint({t}) {compare} 3u",
        )
        return self.usual(common, rare)

    def double(self, t: str, spec: Spec) -> str:
        compare, n = self.pick("==", "!=", "<", "<=", ">", ">="), self.pick("0.0", "0.5", "1.0", "50.0")
        n = self.literal(spec) if spec.allowed else n
        common = (
            f"{t} {compare} {n}",
            f"{t} {compare} {n}",
            f"{t} {compare} {n if spec.allowed else '9007199254740993'}",
            f"{t} * 2.0 {compare} {n}",
            f"1.0 / {t} {compare} {n}",
            f"dyn({t}) {compare} 1",
            f"math.ceil({t}) {compare} {n}",
            f"{t} in [{n}]" if spec.allowed else f"{t} in [0.5, 1.0, 2.0]",
            f"math.isNaN({t} - {t})",
        )
        return self.usual(common, (f"int({t}) {compare} 1", f"int({t} * 1e300) {compare} 1"))

    def text(self, t: str, spec: Spec) -> str:
        s = self.literal(spec) if spec.allowed or self.rng.random() < 0.7 else self.string()
        some = f"[{s}, {self.literal(spec)}]" if spec.allowed else self.strings()
        prefix, part = self.pick('"data"', '"a"', '""'), self.pick('"e"', '"."', s)
        common = (
            f"{t} in [{s}]" if spec.allowed else f"{t} in [{s}, null]",
            f"{t} == {s}",
            f"{t} == {s}",
            f"{s} != {t}",
            f"{t} in {some}",
            f"{t} in {some}",
            f"!({t} in {some})",
            f"{t}.startsWith({prefix})",
            f"{t}.endsWith({s})",
            f"{t}.contains({part})",
            f"{t}.matches({quoted(self.rng.choice(PATTERNS))})",
            f"size({t}) > {self.pick('0', '3', '8')}",
            f"{t}.size() <= 4",
            f"{t} {self.pick('<', '<=', '>', '>=')} {self.string()}",
            f"{t} + {self.string()} == {self.string()}",
            f"{t}.lowerAscii() == {s}",
            f'{t}.split(",").size() > 1',
            f'{t}.indexOf("a") >= 0',
            f'{t}.replace("a", "b") != {t}',
        )
        rare = (
            f"int({t}) > 3",
            f"timestamp({t}) > timestamp({quoted(MOMENTS[0])})",
            f'{t}.charAt(2) == "t"',
            f'{t}.substring(1, 3) == "at"',
        )
        return self.usual(common, rare)

    def moment(self, t: str) -> str:
        zone, other = self.rng.choice(ZONES), f"timestamp({quoted(self.rng.choice(MOMENTS))})"
        accessor = self.pick("getHours", "getDayOfWeek", "getMonth", "getDate", "getFullYear", "getMinutes")
        common = (
            f"{t}.{accessor}({zone}) {self.pick('<', '>=', '==')} {self.pick('0', '3', '6', '11', '2026')}",
            f"{t}.{accessor}({zone}) {self.pick('<', '>=', '==')} {self.pick('0', '3', '6', '11', '2026')}",
            f"{t} {self.pick('<', '>=', '==', '!=')} {other}",
            f'{t} - {other} < duration("{self.pick("1h", "30m", "24h", "-5s")}")',
            f'{t} + duration("1h30m") > {other}',
            f"({other} - {t}).getHours() > 3",
            f'string({t}).startsWith("2026")',
            f"int({t}) > 0",
        )
        return self.usual(common, (f'{t}.getHours("Nowhere") > 1', f"{t}.getMonth() > 100 / 0"))

    # ---- lists, maps, objects ----

    def elements(self, v: str, item: Spec, depth: int) -> str:
        """A condition about a loop's element, with its own guards."""
        return self.looped(lambda: self.guarded(self.below(Ref(v, item)), depth))

    def looped(self, body: Callable[[], str]) -> str:
        self.open += 1
        try:
            return body()
        finally:
            self.open -= 1

    def below(self, ref: Ref) -> Ref:
        choices = list(refs(ref, 2))
        return self.rng.choice(choices[1:] or choices)

    def guarded(self, ref: Ref, depth: int) -> str:
        condition = self.about(ref, depth)
        if not ref.guards:
            return condition
        guards = [f"has({path})" for path in ref.guards]
        if self.rng.random() < 0.25:
            return f"({' || '.join(f'!{guard}' for guard in guards)} || {condition})"
        if self.rng.random() < 0.2:
            return f"({' && '.join(guards)} ? {condition} : {self.pick('true', 'false')})"
        parts = [*guards, condition]
        self.rng.shuffle(parts)
        return f"({' && '.join(parts)})"

    def listed(self, t: str, item: Spec, depth: int) -> str:
        v, n = self.variable(), self.pick("0", "1", "2")
        plain = [f"size({t}) > {n}", f"{t}.size() == {n}"]
        if self.open >= 2:
            return self.rng.choice(plain)
        plain += [f"{t} == {t}", f"{t} == []"]
        if item.kind in ("int", "double", "string", "bool", "timestamp", "any"):
            lit = self.literal(item)
            plain += [f"{lit} in {t}", f"{lit} in {t}", f"!({lit} in {t})", f"{t} == [{lit}]", f"{t}[{n}] == {lit}"]
            plain += [f"{t}[?{n}].orValue({lit}) == {lit}", f"[{lit}] + {t} != []"]
            plain += [f"{t}[?{n}].or({t}[?0]).orValue({t}[1]) == {lit}"]
            plain += [f"{t}.filter({v}, {v} == {lit}).size() > 0", f"{t}.map({v}, {v} == {lit}).exists({v}b, {v}b)"]
            if item.kind != "any" and not item.nullable:
                plain += [f"{t}.sortBy({v}, {v}) == {t}"] if item.kind != "bool" else []
                plain += [f"sets.contains({t}, [{lit}])", f"sets.intersects({t}, [{lit}])"]
        if depth <= 0:
            return self.rng.choice(plain)
        body = self.elements(v, item, depth - 1)
        plain += [f"{t}.{self.pick('exists', 'all', 'exists_one')}({v}, {body})"] * 4
        plain += [f"{t}.{self.pick('exists', 'all')}({v}i, {v}, {v}i > 0 && {body})"] * 3
        plain += [f"size({t}.filter({v}, {body})) == {n}"]
        plain += [f"true in {t}.transformList({v}i, {v}, {v}i < 2, {body})"]
        if item.kind != "object":
            plain += [f"({t}[{n}] == {t}[0])"]
        return self.rng.choice(plain)

    def mapped(self, t: str, item: Spec, depth: int) -> str:
        key, v = quoted(self.rng.choice(KEYS)), self.variable()
        plain = [f"size({t}) > {self.pick('0', '1')}", f"has({t}.k)"]
        if self.open >= 2:
            return self.rng.choice(plain)
        plain += [f"{key} in {t}", f"!({key} in {t})"]
        plain += [f"{t}.exists({v}, {v} == {key})", f"{t} == {{}}", f"{t} == {t}"]
        value = Ref(f"{t}[{key}]", item)
        if item.kind in ("int", "double", "string", "bool"):
            lit = self.literal(item)
            plain += [f"{t}[?{key}].orValue({lit}) == {lit}", f"{t}[{key}] == {lit}"]
            plain += [f"{t} == {{{key}: {lit}}}", f"({key} in {t} && {self.about(value, 0)})"]
        if depth <= 0:
            return self.rng.choice(plain)
        body = self.elements(v, item, depth - 1)
        plain += [f"{t}.{self.pick('exists', 'all')}({v}k, {v}, {body})"] * 2
        entry = self.looped(lambda: self.about(Ref(f"{t}[{v}]", item), depth - 1))
        plain += [f"{t}.{self.pick('exists', 'all')}({v}, {entry})"]
        plain += [f"(has({t}.k) && {self.about(Ref(f'{t}.k', item), depth - 1)})", self.about(value, depth - 1)]
        plain += [f"{t}.transformMap({v}k, {v}, {body}) == {{{key}: true}}"]
        return self.rng.choice(plain)

    def inside(self, ref: Ref, depth: int) -> str:
        below = self.below(ref)
        return self.guarded(Ref(below.text, below.spec, below.guards[len(ref.guards) :]), depth - 1)

    def anything(self, t: str, depth: int) -> str:
        v = self.variable()
        plain = [
            f"{t} > 3",
            f"{t} + 1 == 2",
            f"{t}",
            f"!{t}",
            f"({t} ? {t} == true : 1 == 2)",
            f'{t}.startsWith("a")',
            f"type({t}) == {self.pick('string', 'int', 'double', 'list', 'map', 'bool', 'null_type')}",
            f"has({t}.a)",
            f"(has({t}.foo) && {t}.foo == 1)",
            f"{t}[0] == 1",
            f'{t}["a"] == "b"',
            f"{t}.?a.orValue(1) == 1",
            f'{t}[?"k"].hasValue()',
        ]
        if self.open < 2:
            plain += [f"{t} == {self.string()}", f"{t} == 1", f"{t} != null", f"{t} in [1, 2, {self.string()}]"]
            plain += [f"{self.string()} in {t}", f"size({t}) > 1"]
        if depth > 0 and self.open < 2:
            body = self.looped(lambda: self.anything(v, depth - 1))
            plain += [f"{t}.{self.pick('exists', 'all', 'exists_one')}({v}, {body})"] * 2
            below = f"{t}.{self.pick('a', 'b', 'k')}"
            plain += [f"(has({below}) && {self.anything(below, depth - 1)})"] * 2
            plain += [f"(!has({below}) || {self.anything(below, depth - 1)})"]
            plain += [self.anything(f'{t}["{self.pick("a", "b", "k")}"]', depth - 1)]
        return self.rng.choice(plain)

    def name(self) -> str:
        return quoted(self.rng.choice(NAMES))
