"""Draws a typed expression and bindings for its variables, in microseconds.

What is drawn is well-typed as far as the checker is concerned: a value of type `dyn` may stand in any
place, so that evaluations meet every mixture of types. Now and then a part of a wrong type stands in a
place on purpose (`ill`); then only whether it is refused is compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.differential.draws import Below
from tests.differential.grammar import PRODUCTIONS, Declared, Hole, Production
from tests.differential.literals import LITERALS, VALUES, VARIABLES

RESULTS = [
    *["bool"] * 12,
    *["int"] * 4,
    *["string"] * 4,
    *["double", "uint", "bytes", "timestamp", "duration", "type", "dyn", "list(int)", "list(string)", "list(dyn)"],
    *["map(string, int)", "map(int, string)", "map(string, dyn)", "map(dyn, dyn)", "map(bool, int)"],
]
"""Types of whole expressions."""

DEPTHS = [1, 2, 2, 3, 3, 3, 4, 4]
CONTAINER = "pkg.sub"
NAMES = ["x", "e", "i", "s", "k"]
"""Names of loop variables; some shadow others."""

_BY_TYPE = {kind: [name for name, held in VARIABLES.items() if held == kind] for kind in set(VARIABLES.values())}
_BY_PLAIN_TYPE = {kind: [name for name in names if "." not in name] for kind, names in _BY_TYPE.items()}
_IN_CONTAINER = {"pkg.n": ["pkg.n", ".pkg.n"], "pkg.sub.n": ["n", "sub.n", "pkg.sub.n"]}
_KINDS = sorted(PRODUCTIONS)
_PLAIN = {kind: tuple(each for each in every if each.who == "all") for kind, every in PRODUCTIONS.items()}
_RANKS = {"ours": 0, "google": 1, "all": 2}


@dataclass(slots=True)
class Drawn:
    """An expression, its bindings by variable, and who else can be asked about it (see grammar.Who)."""

    text: str
    type: str
    bindings: dict[str, object]
    rank: int
    ill: bool

    @property
    def for_google(self) -> bool:
        return self.rank >= _RANKS["google"]

    @property
    def for_celpython(self) -> bool:
        return self.rank == _RANKS["all"] and not self.ill


@dataclass(slots=True)
class _Run:
    below: Below
    productions: Mapping[str, tuple[Production, ...]]
    scope: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    rank: int = _RANKS["all"]
    ill: bool = False
    ills: bool = False


def draw(below: Below, *, plain: bool = False) -> Drawn:
    """One expression. The choices 0, 0, 0, ... give one of the simplest. `plain`: of the part that everybody knows."""
    run = _Run(below, _PLAIN if plain else PRODUCTIONS)
    depth = DEPTHS[below(len(DEPTHS))]
    result = RESULTS[below(20 if plain else len(RESULTS))]
    run.ills = below(24) == 23 and not plain
    text = _expression(run, result, depth, 0)
    bindings = {name: _value(below, VARIABLES[name]) for name in sorted(run.used)}
    return Drawn(text, result, bindings, run.rank, run.ill)


def _value(below: Below, kind: str) -> object:
    values = VALUES[kind]
    return values[below(len(values))]


def _expression(run: _Run, kind: str, depth: int, level: int) -> str:
    """An expression of a type that binds at least as tightly as `level`."""
    below = run.below
    if run.ills and not run.ill and below(12) == 11:
        kind, run.ill = _KINDS[below(len(_KINDS))], True
    productions = run.productions.get(kind)
    if depth <= 0 or not productions:
        return _leaf(run, kind)
    production = productions[below(len(productions))]
    rank = _RANKS[production.who]
    run.rank = min(run.rank, rank)
    if production.alias:
        return _expression(run, production.alias, depth - 1, level)
    parts: list[str] = []
    hidden: list[tuple[str, str | None]] = []
    waiting: tuple[str, str] | None = None
    for part in production.parts:
        if type(part) is str:
            parts.append(part)
        elif type(part) is Hole:
            parts.append(_expression(run, part.type, depth - 1, part.level))
            if waiting is not None:
                hidden.append((waiting[0], run.scope.get(waiting[0])))
                run.scope[waiting[0]] = waiting[1]
                waiting = None
        elif type(part) is Declared:
            name = _fresh(run, [name for name, _ in hidden])
            if part.late:
                waiting = name, part.type
            else:
                hidden.append((name, run.scope.get(name)))
                run.scope[name] = part.type
            parts.append(name)
    for name, before in reversed(hidden):
        if before is None:
            del run.scope[name]
        else:
            run.scope[name] = before
    text = "".join(parts)
    return text if production.level >= level else f"({text})"


def _fresh(run: _Run, taken: list[str]) -> str:
    at = run.below(len(NAMES))
    while NAMES[at] in taken:
        at = (at + 1) % len(NAMES)
    return NAMES[at]


def _leaf(run: _Run, kind: str) -> str:
    """A literal or a variable; a loop's variable where there is one, most of the time."""
    below = run.below
    local = [name for name, held in run.scope.items() if held == kind]
    if local and below(3):
        return local[below(len(local))]
    names = (_BY_PLAIN_TYPE if run.productions is _PLAIN else _BY_TYPE).get(kind)
    if names and below(3):
        name = names[below(len(names))]
        run.used.add(name)
        return _spelled(run, name)
    literals = LITERALS[kind]
    return literals[below(len(literals))]


def _spelled(run: _Run, name: str) -> str:
    """A variable's name, as seen from the container and past loop variables of the same name."""
    if name in run.scope:
        text = f".{name}"
    elif (spelled := _IN_CONTAINER.get(name)) is None:
        return name
    else:
        text = spelled[run.below(len(spelled))]
        text = text if text.partition(".")[0] not in run.scope else f".{name}"
    run.rank = min(run.rank, _RANKS["google"])
    return text
