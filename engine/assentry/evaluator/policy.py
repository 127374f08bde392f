"""A policy: decides actions and says why. No parser, schema validator or disk is needed to decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

from assentry.code.emit_lookup import emit_lookup
from assentry.code.form import Form, RuleForm
from assentry.code.lookup import Lookup, Tables
from assentry.code.pause import collector_paused
from assentry.code.program import Program
from assentry.code.save import load_form, save_form
from assentry.evaluator.candidates import Candidates
from assentry.evaluator.exact import Exact, World
from assentry.evaluator.explain import Explanation, explain, rules_met
from assentry.evaluator.outcome import Cause, Failure
from assentry.evaluator.reasons import reason
from assentry.evaluator.ruling import Decision, Ruling, place_of
from assentry.evaluator.rulings import Rulings
from assentry.evaluator.seen import Document, Keeper
from assentry.evaluator.unindexed import unindexed
from assentry.evaluator.verdict import FiredRule, RuleError, Shared, Verdict
from assentry.values.fit import json_type

MAX_VERDICTS: Final = 16_384
"""Verdicts kept for one policy; when there are more, all are forgotten and made anew."""


class Policy:
    """A compiled rule set that decides.

    Immutable and safe to share between threads. `decide` never raises: an action that is no map, or a
    value in it that does not fit, is what the verdict then speaks of.
    """

    def __init__(self, form: Form) -> None:
        self._form = form
        self._world = World.of(form)
        self._program = Program(form, self._world.sources)
        self._lookup = Lookup(form.index)
        self._run = emit_lookup(form.index, form.shapes, self._lookup)
        # By the value of the index's key, made when a value is first met.
        self._tables: dict[object, Tables | None] = dict.fromkeys(self._lookup.named)
        self._tables_of = self._tables.get
        self._by_rules: dict[tuple[int, ...], tuple[Candidates, Tables]] = {}
        self._others = self._made_for(self._lookup.others)
        self._every: Tables | None = None
        self._kept = 0

    # ---- what it is ----

    @property
    def form(self) -> Form:
        """The compiled form: all that a saved policy holds."""
        return self._form

    @property
    def world(self) -> World:
        """The form as evaluations see it."""
        return self._world

    @property
    def program(self) -> Program:
        """The emitted code."""
        return self._program

    @property
    def digest(self) -> str:
        """`sha256:...` over everything that a decision can depend on."""
        return self._form.digest

    @property
    def rules(self) -> tuple[RuleForm, ...]:
        """The rules by id, for tools that list them."""
        return self._form.rules

    def at(self, rule: RuleForm) -> str:
        """`file:line` of a rule."""
        return place_of(rule, self._world.sources)

    @staticmethod
    def load(path: str | Path) -> Policy:
        """The policy in a file that `save` wrote: the same as `load_saved`."""
        return load_saved(path)

    def save(self, path: str | Path) -> None:
        """Writes the policy to a file for `load_saved`. Raises FormatError when it cannot be saved, OSError."""
        save_form(self._form, path)

    def __repr__(self) -> str:
        return f"<Policy of {len(self.rules)} rules, {self.digest[:19]}>"

    # ---- deciding ----

    def decide(self, action: object) -> Verdict:
        """The verdict on one action: a dict as `json.loads` gives it. Never raises."""
        if type(action) is not dict:
            return self._no_map(action)
        try:
            return self._run(action, self._tables_of, self._others, self._every) or self._first_met(action)
        except Exception:  # noqa: BLE001  # an object that no JSON holds
            return self._all_rules.exactly(action)

    def prepare(self) -> Policy:
        """This policy, with all that decisions make when they first need it made now: a service's start."""
        for value, rules in self._lookup.named.items():
            self._tables[value] = self._made_for(rules)
        self._every = self._every or self._lookup.tables_by_key(self._all_rules)
        self._all_rules.prepare()
        return self

    def decide_many(self, actions: Iterable[object]) -> Iterator[Verdict]:
        """The verdicts on a stream of actions, each as it is asked for."""
        return map(self.decide, actions)

    def decide_unindexed(self, action: object) -> Verdict:
        """The same verdict without the index: every rule's emitted code runs. For tests."""
        if type(action) is not dict:
            return self._no_map(action)
        return self._ruled(action, unindexed(self._program, self._world, action))

    def decide_interpreted(self, action: object) -> Verdict:
        """The same verdict by the exact tier alone, for every rule. For tests."""
        if type(action) is not dict:
            return self._no_map(action)
        exact = Exact(self._world, action)
        return self._ruled(action, [exact.rule(index) for index in range(len(self.rules))])

    def _ruled(self, action: dict[str, object], outcomes: Sequence[bool | Failure]) -> Verdict:
        fired = [index for index, outcome in enumerate(outcomes) if outcome is True]
        failures = {index: outcome for index, outcome in enumerate(outcomes) if isinstance(outcome, Failure)}
        ruling = Rulings(self._form, self._world.sources, range(len(self.rules))).on_rules(fired, failures)
        return Verdict(Shared(ruling, self, self.keeper), self.keeper.keep(action), self.errors_of(ruling, failures))

    def explain(self, action: object, toward: Decision | None = None) -> Explanation:
        """Why the verdict on an action is what it is. Never raises.

        The nearest change is one that leads to the decision `toward`; to any other than the verdict's when it is None.
        """
        verdict = self.decide(action)
        if not isinstance(action, dict) or type(action) is not dict:
            return Explanation(verdict, (), 0, None)
        return explain(
            self._form, self._world, action, verdict, rules_met(self._form, Exact(self._world, action)), toward
        )

    def _first_met(self, action: dict[str, object]) -> Verdict:
        """The verdict on the first action with a value of its key, or with none that fits."""
        value = self._lookup.key_of(action)
        if value in self._lookup.named:
            self._tables[value] = self._made_for(self._lookup.named[value])
        found: Verdict | None = self._run(action, self._tables_of, self._others, self._every)
        if found is None:
            self._every = self._lookup.tables_by_key(self._all_rules)
            found = self._run(action, self._tables_of, self._others, self._every)
        assert found is not None
        return found

    def _made_for(self, named: tuple[int, ...]) -> Tables:
        """The tables of all rules that no name tells apart and some that it does; names with the same rules share them."""
        found = self._by_rules.get(named)
        if found is None:
            candidates = Candidates(self, (*self._lookup.always, *named))
            found = self._by_rules.setdefault(named, (candidates, self._lookup.tables(named, candidates)))
        return found[1]

    @cached_property
    def _all_rules(self) -> Candidates:
        return Candidates(self, (*self._lookup.always, *self._lookup.by_key))

    @cached_property
    def keeper(self) -> Keeper:
        """Keeps all that any rule reads."""
        return Keeper(self._form.index.reads)

    def keep_one(self) -> None:
        """Called before a verdict is kept; when there are too many, all are forgotten."""
        self._kept += 1
        if self._kept > MAX_VERDICTS:
            self._kept = 1
            for candidates, _ in list(self._by_rules.values()):
                candidates.forget()
            self._all_rules.forget()

    def _no_map(self, action: object) -> Verdict:
        cause = Cause("path", "", "map", json_type(action))
        error = RuleError("(action)", "deny", "", (), (cause,))
        ruling = Ruling("deny", (), (), (), None, (), 0, ())
        return Verdict(Shared(ruling, self, Keeper()), (), errors=(error,))

    # ---- what a verdict leaves open ----

    def fired_rules(self, ruling: Ruling, seen: Document) -> tuple[FiredRule, ...]:
        """The rules of a ruling with their reasons, from what was kept of the action."""
        found = []
        for index in ruling.rules:
            rule = self.rules[index]
            text = reason(rule.reason, seen, self._form.shapes, ruling.redact)
            found.append(FiredRule(rule.id, rule.effect, rule.title, text, rule.controls, self.at(rule)))
        return tuple(found)

    def rule_errors(self, ruling: Ruling, seen: Document) -> tuple[RuleError, ...]:
        """The rules in error of a ruling, from what was kept of the action."""
        exact = Exact(self._world, seen)
        outcomes = {index: exact.rule(index) for index in ruling.errors}
        return self.errors_of(ruling, {index: each for index, each in outcomes.items() if isinstance(each, Failure)})

    def errors_of(self, ruling: Ruling, failures: Mapping[int, Failure]) -> tuple[RuleError, ...]:
        """The rules in error of a ruling with what they failed by."""
        found = []
        for index in ruling.errors:
            rule, causes = self.rules[index], failures[index].ordered if index in failures else ()
            found.append(RuleError(rule.id, rule.effect, self.at(rule), rule.controls, causes))
        return tuple(found)


def load_saved(path: str | Path, *, deep: bool = False) -> Policy:
    """The policy in a file that `Policy.save` wrote: same verdicts, same digest, no parser needed.

    Trees of conditions are read when something first asks for them; `deep` reads and checks all of them now.
    Raises FormatError for anything else: another version, a damaged or a hostile file.
    """
    with collector_paused():
        return Policy(load_form(path, deep=deep))
