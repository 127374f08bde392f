"""A policy: decides actions and says why. No parser, schema validator or disk is needed to decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from assentry.code.form import Form, RuleForm
from assentry.code.program import Program
from assentry.code.save import load_form, save_form
from assentry.evaluator.candidates import Candidates
from assentry.evaluator.exact import Exact, World
from assentry.evaluator.explain import Explanation, explain
from assentry.evaluator.outcome import Cause, Failure
from assentry.evaluator.reasons import reason
from assentry.evaluator.ruling import Decision, Ruling, place_of, rule_on
from assentry.evaluator.verdict import Failures, FiredRule, RuleError, Verdict
from assentry.values.fit import json_type


class Policy:
    """A compiled rule set that decides.

    Immutable and safe to share between threads. `decide` never raises: an action that is no map, or a
    value in it that does not fit, is what the verdict then speaks of.
    """

    def __init__(self, form: Form) -> None:
        self._form = form
        self._world = World.of(form)
        self._program = Program(form, self._world.sources)
        self._name = self._program.name()
        self._buckets = dict(form.index.buckets)
        self._every = Candidates(self, range(len(form.rules)))
        self._others = Candidates(self, form.index.always)
        self._candidates: dict[object, Candidates] = {}

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
        return self.candidates(action).decide(action)

    def decide_many(self, actions: Iterable[object]) -> Iterator[Verdict]:
        """The verdicts on a stream of actions, each as it is asked for."""
        return map(self.decide, actions)

    def decide_unindexed(self, action: object) -> Verdict:
        """The same verdict without the index: every rule's emitted code runs. For tests."""
        return self._every.decide(action) if type(action) is dict else self._no_map(action)

    def decide_interpreted(self, action: object) -> Verdict:
        """The same verdict by the exact tier alone, for every rule. For tests."""
        if type(action) is not dict:
            return self._no_map(action)
        exact = Exact(self._world, action)
        outcomes = [exact.rule(index) for index in range(len(self.rules))]
        fired = [index for index, outcome in enumerate(outcomes) if outcome is True]
        failures = {index: outcome for index, outcome in enumerate(outcomes) if isinstance(outcome, Failure)}
        return Verdict(rule_on(self._form, self._world.sources, fired, failures), self, action, failures)

    def explain(self, action: object, toward: Decision | None = None) -> Explanation:
        """Why the verdict on an action is what it is. Never raises.

        The nearest change is one that leads to the decision `toward`; to any other than the verdict's when it is None.
        """
        verdict = self.decide(action)
        if not isinstance(action, dict) or type(action) is not dict:
            return Explanation(verdict, (), 0, None)
        return explain(self._form, self._world, action, verdict, self.candidates(action).rules, toward)

    def candidates(self, action: dict[str, object]) -> Candidates:
        """The rules that the action's name does not exclude; all when the name does not fit its schema."""
        if self._name is None:
            return self._every
        try:
            name = self._name(action)
            return self._candidates.get(name) or self._first_of(name)
        except Exception:  # noqa: BLE001  # what does not fit excludes nothing
            return self._every

    def _first_of(self, name: object) -> Candidates:
        """The candidates for a name met for the first time; names that no rule speaks of share one set."""
        named = self._buckets.get(name) if isinstance(name, str) else None
        if named is None:
            return self._others
        return self._candidates.setdefault(name, Candidates(self, (*self._form.index.always, *named)))

    def _no_map(self, action: object) -> Verdict:
        cause = Cause("path", "", "map", json_type(action))
        error = RuleError("(action)", "deny", "", (), (cause,))
        return Verdict(Ruling("deny", (), (), (), None, (), 0, ()), self, {}, errors=(error,))

    # ---- what a verdict leaves open ----

    def fired_rules(self, ruling: Ruling, seen: dict[str, object]) -> tuple[FiredRule, ...]:
        """The rules of a ruling with their reasons, from what was kept of the action."""
        found = []
        for index in ruling.rules:
            rule = self.rules[index]
            text = reason(rule.reason, seen, self._form.shapes, ruling.redact)
            found.append(FiredRule(rule.id, rule.effect, rule.title, text, rule.controls, self.at(rule)))
        return tuple(found)

    def rule_errors(self, ruling: Ruling, failures: Failures) -> tuple[RuleError, ...]:
        """The rules in error of a ruling with what they failed by."""
        found = []
        for index in ruling.errors:
            rule = self.rules[index]
            found.append(RuleError(rule.id, rule.effect, self.at(rule), rule.controls, failures[index].ordered))
        return tuple(found)


def load_saved(path: str | Path) -> Policy:
    """The policy in a file that `Policy.save` wrote: same verdicts, same digest, no parser needed.

    Raises FormatError for anything else: another version, a damaged or a hostile file.
    """
    return Policy(load_form(path))
