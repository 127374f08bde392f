"""Legal rule sets and actions for them, from a seed or under hypothesis.

`ruleset(rng, schema)` writes one rule set as structure, `world(seed)` a rule set with its actions.
The generator draws from a `random.Random`: a plain one is fast, hypothesis's `randoms()` shrinks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from random import Random
from typing import Any

from tests.oracle.schema import Spec, spec
from tests.support.actions import Case, case
from tests.support.atoms import Atoms, Ref, quoted, refs
from tests.support.schemas import DATA, SCHEMAS
from tests.support.texts import RuleFile, RuleTexts, Statement

CONTROLS = (
    "A.5.1",
    "A.5.14",
    "A.5.15",
    "A.5.34",
    "A.8.2",
    "A.8.12",
    "A.8.15",
    "A.8.9",
    "soc2:CC6.1",
    "iso42001:A.6.2.8",
)
SCALARS = ("bool", "int", "double", "string", "timestamp")


@dataclass(frozen=True)
class Defined:
    """A definition that conditions may use; with `guards` all its heads guard these fields."""

    name: str
    guards: tuple[str, ...] = ()


@dataclass(frozen=True)
class Function:
    """A function that conditions may call, with what its arguments may be."""

    name: str
    params: tuple[Spec, ...]


@dataclass
class Names:
    """What the statements written so far offer to the next."""

    texts: list[str] = field(default_factory=list)  # lists of strings
    numbers: list[str] = field(default_factory=list)
    definitions: list[Defined] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    imports: tuple[str, ...] = ()


@cache
def pool(schema: str) -> tuple[tuple[Ref, ...], tuple[Ref, ...]]:
    """All declared fields of a schema, and those among them that hold scalars."""
    document = SCHEMAS[schema]
    top = spec(document, document)
    every = tuple(ref for name, inner in top.properties.items() for ref in refs(Ref(name, inner), 3))
    return every, tuple(ref for ref in every if ref.spec.kind in SCALARS)


class Writer(Atoms):
    """Writes the statements of one rule set."""

    def __init__(self, rng: Random, schema: str) -> None:
        super().__init__(rng)
        self.every, self.scalars = pool(schema)
        self.named = [ref for ref in self.scalars if ref.text in ("action.name", "request.verb")]
        self.names = Names()

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def ref(self) -> Ref:
        if self.named and self.chance(0.15):
            return self.named[0]
        return self.rng.choice(self.every if self.chance(0.5) else self.scalars)

    # ---- conditions ----

    def condition(self, depth: int = 2) -> str:
        """A condition that stands by itself, whatever is around it."""
        roll = self.rng.random()
        if depth <= 0 or roll < 0.5:
            return self.leaf(depth)
        if roll < 0.65:
            return f"({' && '.join(self.condition(depth - 1) for _ in range(self.rng.choice((2, 2, 3))))})"
        if roll < 0.82:
            return f"({' || '.join(self.condition(depth - 1) for _ in range(self.rng.choice((2, 2, 3))))})"
        if roll < 0.9:
            return f"!({self.condition(depth - 1)})"
        if roll < 0.96:
            return f"({self.condition(0)} ? {self.condition(depth - 1)} : {self.condition(0)})"
        name, body = self.variable(), self.condition(0)
        return f"cel.bind({name}, {self.condition(0)}, {self.pick(f'{name} || {body}', f'{body} && !{name}', name)})"

    def leaf(self, depth: int) -> str:
        roll = self.rng.random()
        names = self.names
        if roll < 0.12 and names.definitions:
            return self.rng.choice(names.definitions).name
        if roll < 0.22 and names.functions:
            return self.called(self.rng.choice(names.functions))
        if roll < 0.3:
            return self.named_value()
        if roll < 0.34:
            return self.optional_chain()
        if roll < 0.37:
            return self.rng.choice(("1 / 0 > 1", "true", "false", '"a" in ["a"]', "size([1, 2]) == 2", "1 + 1 == 3"))
        return self.guarded(self.ref(), depth)

    def named_value(self) -> str:
        """Something about a constant or a data file."""
        names, target = self.names, self.text_ref()
        choices = [f"{target.text} in {name}" for name in names.texts]
        choices += [f"{name} > {self.pick('0', '2', '60')}" for name in names.numbers]
        choices += [f"{name}.exists(v{self.used}n, v{self.used}n == {target.text})" for name in names.texts]
        if "accounts" in names.imports:
            choices += [f"{target.text} in accounts.owned", f"accounts.limits[{target.text}] > 2"]
            choices += ["accounts.threshold > 20", f'accounts.owned[?1].orValue("") == {target.text}']
        if "eu.regions" in names.imports:
            choices += [f"{target.text} in regions", f"regions.all(v{self.used}r, v{self.used}r != {target.text})"]
        self.used += 1
        return self.behind(target.guards, self.rng.choice(choices)) if choices else self.guarded(self.ref(), 1)

    def text_ref(self) -> Ref:
        return self.rng.choice([ref for ref in self.scalars if ref.spec.kind == "string" and not ref.spec.nullable])

    def optional_chain(self) -> str:
        """An optional field by optional selection, which needs no guard."""
        found = [ref for ref in self.scalars if ref.guards and ref.guards[-1] == ref.text and not ref.spec.nullable]
        if not found:
            return self.guarded(self.ref(), 0)
        ref = self.rng.choice(found)
        base, _, name = ref.text.rpartition(".")
        way, literal = f"{base}.?{name}", self.literal(ref.spec)
        text = self.pick(
            f"{way}.orValue({literal}) == {literal}",
            f"{way}.hasValue()",
            f"{way} == optional.of({literal})",
            f"{way} != optional.none()",
            f"{way}.optMap(o{self.used}, o{self.used} == {literal}).orValue(false)",
        )
        return self.behind(ref.guards[:-1], text)

    def called(self, function: Function) -> str:
        guards: list[str] = []
        args = []
        for param in function.params:
            fitting = [ref for ref in self.every if ref.spec.node == param.node]
            if param.kind == "string" and not param.nullable and self.chance(0.25):
                args.append(self.pick(self.string(), f'{self.string()} + "x"'))
                continue
            chosen = self.rng.choice(fitting)
            guards += chosen.guards
            args.append(chosen.text)
        return self.behind(tuple(dict.fromkeys(guards)), f"{function.name}({', '.join(args)})")

    def behind(self, guards: Sequence[str], condition: str) -> str:
        parts = [*(self.guard(path) for path in guards), condition]
        self.rng.shuffle(parts)
        return f"({' && '.join(parts)})" if len(parts) > 1 else condition

    def guard(self, path: str) -> str:
        base, _, name = path.rpartition(".")
        return f"{base}.?{name}.hasValue()" if self.chance(0.1) else f"has({path})"

    def body(self, most: int = 3) -> list[str]:
        """Lines: some stand alone, some are guarded by others of the same body."""
        lines: dict[str, None] = {}
        for _ in range(self.rng.choice(range(1, most + 1))):
            if self.chance(0.45):
                lines[self.condition()] = None
                continue
            ref = self.ref()
            for path in ref.guards:
                lines[self._line_guard(path)] = None
            lines[self.about(ref, 2)] = None
        mixed = list(lines)
        self.rng.shuffle(mixed)
        return mixed

    def _line_guard(self, path: str) -> str:
        known = [definition.name for definition in self.names.definitions if path in definition.guards]
        return self.rng.choice(known) if known and self.chance(0.7) else self.guard(path)

    # ---- statements ----

    def constant(self, name: str) -> Statement:
        if self.chance(0.7):
            before = self.names.texts
            value = f'{self.rng.choice(before)} + ["z"]' if before and self.chance(0.2) else self.strings()
            self.names.texts.append(name)
        else:
            value = self.pick("3", "2 * 50", "7 - 9", "size([1, 2])")
            self.names.numbers.append(name)
        return Statement(f"const {name} := {value}")

    def definition(self, name: str) -> list[Statement]:
        guards: tuple[str, ...] = ()
        if self.chance(0.3):
            guards = self.rng.choice(self.every).guards
        heads = []
        for _ in range(self.rng.choice((1, 1, 2, 3))):
            lines = [*(f"has({path})" for path in guards), *self.body(2)]
            heads.append(Statement(name, tuple(dict.fromkeys(lines))))
        self.names.definitions.append(Defined(name, guards))
        return heads

    def function(self, name: str) -> list[Statement]:
        params = tuple(self.rng.choice(self.every).spec for _ in range(self.rng.choice((1, 1, 2))))
        arguments = [Ref(self.variable(), param) for param in params]
        heads = []
        for _ in range(self.rng.choice((1, 1, 2))):
            lines = [self.guarded(self.below(argument), 1) for argument in arguments if self.chance(0.8)]
            head = f"{name}({', '.join(argument.text for argument in arguments)})"
            heads.append(Statement(head, tuple(dict.fromkeys(lines or [self.leaf(1)]))))
        self.names.functions.append(Function(name, params))
        return heads

    def rule(self, name: str, risky: str | None = None) -> Statement:
        """A rule of any effect; `risky` is a definition that reads risk upwards."""
        effect = self.pick("allow", "allow", "deny", "deny", "require approval", "require approval", "risk")
        lines = self.body()
        if effect != "risk" and self.chance(0.2):
            lines = [*(lines if self.chance(0.5) else []), self.risk(effect, risky)]
        head = f"risk {self.pick('10', '30', '50')} {name}" if effect == "risk" else f"{effect} {name}"
        return Statement(head, tuple(lines), tuple(self.options(effect)))

    def risk(self, effect: str, risky: str | None) -> str:
        bound = self.pick("10", "30", "40", "60", "80")
        if effect == "allow":
            test = f"risk {self.pick('<', '<=')} {bound}"
        elif risky is not None and self.chance(0.3):
            test = risky
        else:
            test = f"risk {self.pick('>', '>=')} {bound}"
        # Beside an alternative more risk could hide an error that denies: only for rules to which both are one.
        last = "&&" if effect == "require approval" else "||"
        return self.pick(test, f"({test} && {self.condition(1)})", f"({test} {last} {self.condition(1)})")

    def options(self, effect: str) -> list[str]:
        entries = []
        if effect == "require approval":
            seats = [
                f"{self.pick('1', '2', '3')} of {seat}" for seat in self.rng.sample(SEATS, self.rng.choice((1, 1, 2)))
            ]
            entries.append(f"approvers: {' and '.join(seats)}")
            if self.chance(0.5):
                entries.append(f"within: {self.pick('30m', '1h', '90m', '2d', '45s', '1h30m')}")
        if self.chance(0.5):
            entries.append(f"title: {quoted(self.pick('One', 'Zwei', 'a title with ünicode'))}")
        if self.chance(0.5):
            entries.append(f"controls: [{', '.join(self.rng.sample(CONTROLS, self.rng.choice((1, 2, 3))))}]")
        if self.chance(0.4):
            first, second = (f"{{{self.rng.choice(self.every).text}}}" for _ in range(2))
            entries.append(f"reason: {quoted(f'{first} did {{{{it}}}} to {second}')}")
        if self.chance(0.25):
            paths = [ref.text for ref in self.rng.sample(self.every, 2) if "." in ref.text]
            entries += [f"redact: [{', '.join(paths)}]"] if paths else []
        if self.chance(0.08):
            entries.append("mode: shadow")
        if self.chance(0.08):
            entries.append(self.pick('until: "2030-01-01"', "severity: high", 'owner: "x"', "x_note: [1, true]"))
        return entries


SEATS = ('group("g1")', 'group("g2")', 'role("r1")', 'role("owner")')


def ruleset(rng: Random, schema: str) -> RuleTexts:
    """One legal rule set over a schema: one or two packages in one to three files."""
    writer = Writer(rng, schema)
    packages = ["main", "shared"] if rng.random() < 0.3 else ["main"]
    imports = ("accounts", "eu.regions")[: rng.choice((0, 0, 1, 2))]
    files = []
    for package in packages[::-1]:
        if package == "main":
            writer.names = _seen_from_outside(writer.names)
        writer.names.imports = imports
        files += _package(writer, package, imports)
    if rng.random() < 0.25:
        default = Statement(f"default {rng.choice(('allow', 'allow', 'deny'))}")
        files[0] = RuleFile(
            files[0].name, files[0].package, (default, *files[0].statements), imports, files[0].defaults
        )
    return RuleTexts(tuple(files))


def _seen_from_outside(names: Names) -> Names:
    return Names(
        definitions=[Defined(f"shared.{each.name}", each.guards) for each in names.definitions],
        functions=[Function(f"shared.{each.name}", each.params) for each in names.functions],
    )


def _package(writer: Writer, package: str, imports: tuple[str, ...]) -> list[RuleFile]:
    rng = writer.rng
    statements = [writer.constant(f"C{at}") for at in range(rng.choice((0, 0, 1, 2)))]
    for at in range(rng.choice((0, 1, 1, 2))):
        statements += writer.definition(f"d{at}")
    for at in range(rng.choice((0, 0, 1))):
        statements += writer.function(f"f{at}")
    risky = "hot" if rng.random() < 0.15 else None
    if risky:
        statements.append(Statement("hot", (f"risk >= {rng.choice((10, 40))}", *writer.body(1))))
    last = 3 if package == "shared" else 7
    statements += [writer.rule(f"r{at}", risky) for at in range(rng.randint(1, last))]
    count = rng.choice((1, 1, 2))
    defaults = ('title: "by default"', "controls: [A.5.1]", "within: 15m", 'approvers: 1 of role("r1")')
    chosen = tuple(rng.sample(defaults, 2)) if rng.random() < 0.15 else ()
    return [
        RuleFile(f"{package}{at}.assent", package, tuple(statements[at::count]), imports, chosen if at == 0 else ())
        for at in range(count)
    ]


# ---- worlds ----


@dataclass(frozen=True, eq=False)
class World:
    """A rule set over one of the schemas, with actions to decide; `seed` makes it again."""

    seed: int
    schema_name: str
    texts: RuleTexts
    cases: tuple[Case, ...]
    data: Mapping[str, Any] = field(default_factory=lambda: DATA)

    def __repr__(self) -> str:
        return f"world({self.seed})"

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        """How hypothesis shows a failing example: by its seed, not by all its parts."""
        printer.text(repr(self))

    @property
    def schema(self) -> dict[str, Any]:
        return SCHEMAS[self.schema_name]

    @property
    def spec(self) -> Spec:
        return spec(self.schema, self.schema)

    @property
    def files(self) -> dict[str, str]:
        return self.texts.render()


@lru_cache(maxsize=256)
def world(seed: int, actions: int = 20) -> World:
    """The world of a seed: the same in every process."""
    rng = Random(seed)
    schema = rng.choice(list(SCHEMAS))
    top = spec(SCHEMAS[schema], SCHEMAS[schema])
    texts = ruleset(rng, schema)
    return World(seed, schema, texts, tuple(case(top, rng) for _ in range(actions)))
