"""Which mistakes the tests would let through: every mutant that all cases still accept has survived.

A mutant can only matter in a case where its rule or definition comes to something else than before, and
only through the rules that read it; the outcomes of all other rules are kept from one evaluation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from assentry.code.form import Define, Expr, Form, children
from assentry.evaluator.exact import Exact, World
from assentry.evaluator.outcome import Failure
from assentry.evaluator.policy import Policy
from assentry.evaluator.rulings import Rulings
from assentry.evaluator.verdict import Shared, Verdict
from assentry.tester.expect import compare
from assentry.tester.mutants import Mutant, mutants
from assentry.tester.suite import Case, Suite

Outcomes = Sequence[bool | Failure]


@dataclass(frozen=True, slots=True)
class Tried:
    """One mutant, by whose rule or definition it is, where, what was changed, and the case that notices."""

    owner: str
    at: str
    what: str
    text: str
    killed_by: str | None


@dataclass(frozen=True, slots=True)
class _Before:
    """A case as the policy itself decides it."""

    case: Case
    action: dict[str, object]
    exact: Exact
    outcomes: Outcomes


def mutate(policy: Policy, suites: Sequence[Suite]) -> Iterator[Tried]:
    """Tries all mutants of a policy whose tests pass."""
    form, world = policy.form, policy.world
    known = [
        _Before(case, case.action, exact, [exact.rule(index) for index in range(len(form.rules))])
        for suite in suites
        for case in suite.cases
        if isinstance(case.action, dict)
        for exact in (Exact(world, case.action),)
    ]
    readers = _Readers(form)
    for mutant in mutants(form):
        source = world.sources[mutant.file]
        owner = form.rules[mutant.index].id if mutant.kind == "rule" else form.definitions[mutant.index].id
        at = f"{source.name}:{source.position(mutant.span.start).line}"
        trial = _Trial(mutant, world, readers.of(mutant))
        killer = next((before.case.at for before in known if trial.noticed(before)), None)
        yield Tried(owner, at, mutant.what, source.excerpt(mutant.span), killer)


class _Readers:
    """Which rules can come to something else when a rule or a definition does."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._risk = {index for index, rule in enumerate(form.rules) if rule.reads_risk}
        reads = [_definitions(head.conditions for head in definition.heads) for definition in form.definitions]
        # Definitions refer only to earlier ones, so one pass in order sees through chains of them.
        for index, direct in enumerate(reads):
            reads[index] = direct.union(*(reads[other] for other in direct))
        self._rules = [
            (direct := _definitions([rule.conditions])).union(*(reads[other] for other in direct))
            for rule in form.rules
        ]

    def of(self, mutant: Mutant) -> list[int]:
        """The indices of the rules that a mutant can change, ascending."""
        if mutant.kind == "rule":
            found = {mutant.index}
        else:
            found = {index for index, reads in enumerate(self._rules) if mutant.index in reads}
        if any(self._form.rules[index].effect == "risk" for index in found):
            found |= self._risk
        return sorted(found)


def _definitions(bodies: Iterable[Sequence[Expr]]) -> set[int]:
    """The definitions that some conditions refer to directly."""
    stack = [expr for conditions in bodies for expr in conditions]
    found: set[int] = set()
    while stack:
        node = stack.pop()
        if isinstance(node, Define):
            found.add(node.index)
        stack.extend(children(node))
    return found


class _Trial:
    """One mutant at work."""

    def __init__(self, mutant: Mutant, world: World, affected: Sequence[int]) -> None:
        self._mutant = mutant
        self._world = replace(world, definitions=mutant.form.definitions, rules=mutant.form.rules)
        self._policy = Policy(mutant.form)
        self._rulings = Rulings(mutant.form, world.sources, range(len(mutant.form.rules)))
        self._affected = affected
        self._ids = [rule.id for rule in mutant.form.rules]
        old, new = world.rules, mutant.form.rules
        self._changed_effect = [
            index
            for index in affected
            if (old[index].effect, old[index].shadow) != (new[index].effect, new[index].shadow)
        ]

    def noticed(self, before: _Before) -> bool:
        """Whether a case fails on the mutant."""
        after = Exact(self._world, before.action)
        if self._mutant.kind == "definition":
            index = self._mutant.index
            if _told(after.definition(index)) == _told(before.exact.definition(index)):
                return False
        outcomes = list(before.outcomes)
        for index in self._affected:
            outcomes[index] = after.rule(index)
        same = all(_told(outcomes[index]) == _told(before.outcomes[index]) for index in self._affected)
        if same and all(outcomes[index] is False for index in self._changed_effect):
            return False
        return next(compare(before.case.expect, self._verdict(outcomes, before), self._ids), None) is not None

    def _verdict(self, outcomes: Outcomes, before: _Before) -> dict[str, object]:
        fired = [index for index, outcome in enumerate(outcomes) if outcome is True]
        failures = {index: outcome for index, outcome in enumerate(outcomes) if isinstance(outcome, Failure)}
        ruling = self._rulings.on_rules(fired, failures)
        shared = Shared(ruling, self._policy, self._policy.keeper)
        errors = self._policy.errors_of(ruling, failures)
        return Verdict(shared, shared.keeper.keep(before.action), errors).to_dict()


def _told(outcome: bool | Failure) -> object:
    return outcome if isinstance(outcome, bool) else outcome.causes
