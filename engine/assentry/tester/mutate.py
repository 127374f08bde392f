"""Which mistakes the tests would let through: every mutant that all cases still accept has survived.

A mutated rule can only matter where it comes to something else than before, so a case is decided again only
when the exact tier sees a difference there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assentry.evaluator.exact import Exact, World
from assentry.evaluator.outcome import Failure
from assentry.evaluator.policy import Policy
from assentry.tester.expect import compare
from assentry.tester.mutants import Mutant, mutants
from assentry.tester.suite import Case, Suite


@dataclass(frozen=True, slots=True)
class Tried:
    """One mutant, by whose rule or definition it is, where, what was changed, and the case that notices."""

    owner: str
    at: str
    what: str
    text: str
    killed_by: str | None


def mutate(policy: Policy, suites: Sequence[Suite]) -> Iterator[Tried]:
    """Tries all mutants of a policy whose tests pass."""
    form, sources = policy.form, World.of(policy.form).sources
    cases = [case for suite in suites for case in suite.cases]
    before = [Exact(World.of(form), case.action) for case in cases]
    rules = [rule.id for rule in form.rules]
    for mutant in mutants(form):
        source = sources[mutant.file]
        owner = form.rules[mutant.index].id if mutant.kind == "rule" else form.definitions[mutant.index].id
        at = f"{source.name}:{source.position(mutant.span.start).line}"
        yield Tried(owner, at, mutant.what, source.excerpt(mutant.span), _killer(mutant, cases, before, rules))


def _killer(mutant: Mutant, cases: Sequence[Case], before: Sequence[Exact], rules: Sequence[str]) -> str | None:
    """The first case that notices a mutant."""
    world = World.of(mutant.form)
    policy = Policy(mutant.form)
    for case, exact in zip(cases, before, strict=True):
        if not isinstance(case.action, dict) or not _differs(mutant, exact, Exact(world, case.action)):
            continue
        verdict = policy.decide_interpreted(case.action).to_dict()
        if next(compare(case.expect, verdict, rules), None) is not None:
            return case.at
    return None


def _differs(mutant: Mutant, before: Exact, after: Exact) -> bool:
    """Whether the mutated rule, or definition, comes to something else; a changed effect always matters."""
    if mutant.kind == "definition":
        return _told(before.definition(mutant.index)) != _told(after.definition(mutant.index))
    old, new = before.rule(mutant.index), after.rule(mutant.index)
    old_rule, new_rule = before.world.rules[mutant.index], after.world.rules[mutant.index]
    if old_rule.effect != new_rule.effect or old_rule.shadow != new_rule.shadow:
        return new is not False
    return _told(old) != _told(new)


def _told(outcome: bool | Failure) -> object:
    return outcome if isinstance(outcome, bool) else outcome.causes
