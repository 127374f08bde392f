"""Some rules of a policy, ready to decide: which of them fire, and the ruling for each such set.

What the rules come to is one integer, the key: bit i is set when the i-th rule fired, bit n + i when it
is in error. Emitted code gives the key of a chunk of rules, with the upper bits for rules where it met
something unusual; the exact tier settles those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from assentry.code.form import Form
from assentry.code.program import Memo, Program, Rules
from assentry.evaluator.exact import Exact, World
from assentry.evaluator.outcome import Failure
from assentry.evaluator.reasons import routes_of, seen
from assentry.evaluator.ruling import Ruling, rule_on
from assentry.evaluator.verdict import Details, Failures, Verdict

MAX_RULINGS = 1024
"""Rulings kept for one set of candidates; when there are more, they are forgotten and made anew."""

MAX_CHUNK = 64
"""Rules in one emitted function."""


class Home(Details, Protocol):
    """The policy that the rules belong to, as far as deciding needs it."""

    @property
    def form(self) -> Form: ...

    @property
    def world(self) -> World: ...

    @property
    def program(self) -> Program: ...


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rules of one file in one function; `offset` is where their bits begin in the key of all."""

    rules: tuple[int, ...]
    offset: int
    run: Rules


@dataclass(frozen=True, slots=True)
class Varying:
    """A ruling whose verdicts differ: by errors, or by what stands at the paths that reasons print."""

    ruling: Ruling
    routes: tuple[tuple[str, ...], ...]


class Candidates:
    """The rules that actions of one kind can meet. `decide` is safe to call from many threads at once."""

    def __init__(self, home: Home, rules: Iterable[int]) -> None:
        self._home = home
        self._order, self._weights = _ordered(home.form, tuple(rules))
        self._count = len(self._order)
        self._chunks: tuple[Chunk, ...] | None = None
        self._only: Callable[[dict[str, object], object, Memo], int] | None = None
        self._rulings: dict[int, Verdict | Varying] = {}

    @property
    def rules(self) -> tuple[int, ...]:
        """The rules, by id."""
        return tuple(sorted(self._order))

    def decide(self, action: dict[str, object]) -> Verdict:
        """The verdict on an action for which no other rule can fire or err."""
        failures: Failures = {}
        only = self._only
        if only is None:
            key = self._key(action, failures)
        elif (key := only(action, 0, {})) >> self._count:
            key = self._settled(action, key, failures)
        found = self._rulings.get(key)
        if found is None:
            found = self._rule(key)
        if isinstance(found, Verdict):
            return found
        return Verdict(found.ruling, self._home, seen(action, found.routes), failures)

    # ---- the key ----

    def _settled(self, action: dict[str, object], key: int, failures: Failures) -> int:
        """The key of a single chunk, with what the exact tier says of the rules that the upper bits name."""
        fired, erred = _settle(Exact(self._home.world, action), self._order, key, failures)
        return fired | erred << self._count

    def _key(self, action: dict[str, object], failures: Failures) -> int:
        """The key of all chunks. Risk rules come first, since rules in later chunks may read their sum."""
        fired = erred = risk = 0
        memo: Memo = {}
        exact: Exact | None = None
        for chunk in self._plan():
            key, count = chunk.run(action, risk, memo), len(chunk.rules)
            if key >> count:
                exact = exact or Exact(self._home.world, action)
                chunk_fired, chunk_erred = _settle(exact, chunk.rules, key, failures)
            else:
                chunk_fired, chunk_erred = key, 0
            fired |= chunk_fired << chunk.offset
            erred |= chunk_erred << chunk.offset
            if self._weights and chunk.offset < len(self._weights):
                weights = self._weights[chunk.offset : chunk.offset + count]
                hits = chunk_fired | chunk_erred
                risk += sum(weight for position, weight in enumerate(weights) if hits >> position & 1)
        return fired | erred << self._count

    def _plan(self) -> tuple[Chunk, ...]:
        """The chunks, emitted when they are first needed."""
        if self._chunks is None:
            chunks: list[Chunk] = []
            offset = 0
            for rules in _chunked(self._home.form, self._order, len(self._weights)):
                chunks.append(Chunk(rules, offset, self._home.program.rules(rules)))
                offset += len(rules)
            if len(chunks) == 1:
                self._only = chunks[0].run
            self._chunks = tuple(chunks)
        return self._chunks

    # ---- the ruling ----

    def _rule(self, key: int) -> Verdict | Varying:
        fired = [index for position, index in enumerate(self._order) if key >> position & 1]
        erred = [index for position, index in enumerate(self._order) if key >> (self._count + position) & 1]
        ruling = rule_on(self._home.form, self._home.world.sources, fired, erred)
        rules = self._home.form.rules
        routes = tuple(dict.fromkeys(route for index in ruling.rules for route in routes_of(rules[index].reason)))
        # Without reasons to fill in and errors to explain, one verdict serves every such action.
        varies = routes or ruling.errors
        found = Varying(ruling, routes) if varies else Verdict(ruling, self._home, {})
        if len(self._rulings) >= MAX_RULINGS:
            self._rulings.clear()
        self._rulings[key] = found
        return found


def _settle(exact: Exact, rules: Sequence[int], key: int, failures: Failures) -> tuple[int, int]:
    """The bits of the rules that fired and of those in error, after asking the exact tier where the code gave up.

    `failures` gets what the rules in error failed by.
    """
    count = len(rules)
    unknown = key >> count
    fired, erred = key & ((1 << count) - 1) & ~unknown, 0
    for position, index in enumerate(rules):
        if unknown >> position & 1:
            outcome = exact.rule(index)
            if isinstance(outcome, Failure):
                erred |= 1 << position
                failures[index] = Failure(outcome.causes)  # without the traceback, which holds all it went through
            elif outcome:
                fired |= 1 << position
    return fired, erred


def _ordered(form: Form, rules: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The rules file by file, those that make up the risk first when another one reads it; and their weights."""
    by_file = sorted(rules, key=lambda index: (form.rules[index].file, index))
    if not any(form.rules[index].reads_risk for index in rules):
        return tuple(by_file), ()
    risky = [index for index in by_file if form.rules[index].effect == "risk"]
    weights = [0 if form.rules[index].shadow else form.rules[index].weight for index in risky]
    return (*risky, *(index for index in by_file if form.rules[index].effect != "risk")), tuple(weights)


def _chunked(form: Form, order: Sequence[int], risky: int) -> Iterable[tuple[int, ...]]:
    """Runs of rules of one file, none too long; risk rules that others read share a chunk with them only if all do."""
    if len({form.rules[index].file for index in order}) == 1 and len(order) <= MAX_CHUNK:
        return [tuple(order)]
    chunks: list[list[int]] = []
    for position, index in enumerate(order):
        same_file = chunks and form.rules[chunks[-1][0]].file == form.rules[index].file
        if not same_file or len(chunks[-1]) >= MAX_CHUNK or position == risky:
            chunks.append([])
        chunks[-1].append(index)
    return map(tuple, chunks)
