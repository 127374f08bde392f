"""What the cases make of every rule and condition, both ways, as the exact tier sees it.

A rule is covered when one case makes it fire and another does not; a condition when one case makes it
true and another false, whether or not anything hangs on it in that case. Lines are conditions, and so
are the operands of `&&`, since both are ANDed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assentry.code.form import And, Expr, Form, Lit
from assentry.evaluator.exact import Exact, World
from assentry.evaluator.outcome import Failure
from assentry.source import Span


@dataclass(slots=True)
class Seen:
    """One rule, or one condition of a rule or definition, and which ways it has gone.

    `owner` is the id of the rule or definition, `text` the condition's own text (empty for a rule),
    `at` its place as `file:line`.
    """

    owner: str
    text: str
    at: str
    true: bool = False
    false: bool = False
    error: bool = False

    @property
    def both(self) -> bool:
        return self.true and self.false

    def note(self, outcome: bool | Failure) -> None:
        if isinstance(outcome, Failure):
            self.error = True
        elif outcome:
            self.true = True
        else:
            self.false = True


class Coverage:
    """The ways that all rules and conditions of a policy went."""

    def __init__(self, form: Form) -> None:
        self._world = World.of(form)
        self._places = list(_conditions(form))
        self.rules = [Seen(rule.id, "", self._at(rule.file, rule.span)) for rule in form.rules]
        self.conditions = [
            Seen(owner, self._world.sources[file].excerpt(expr.span), self._at(file, expr.span))
            for owner, file, expr in self._places
        ]

    def add(self, action: object) -> None:
        """Evaluates everything that is not yet covered on one more action."""
        if not isinstance(action, dict):
            return
        exact = Exact(self._world, action)
        for index, seen in enumerate(self.rules):
            if not seen.both:
                seen.note(exact.rule(index))
        for (_, file, expr), seen in zip(self._places, self.conditions, strict=True):
            if not seen.both:
                seen.note(exact.condition(expr, file))

    @property
    def rule_percentage(self) -> float:
        """How many rules of a hundred are covered; 100 when there is none."""
        return _percentage(sum(seen.both for seen in self.rules), len(self.rules))

    @property
    def condition_percentage(self) -> float:
        """How many of a hundred ways that conditions can go were gone; 100 when there is none."""
        return _percentage(sum(seen.true + seen.false for seen in self.conditions), 2 * len(self.conditions))

    def _at(self, file: int, span: Span) -> str:
        source = self._world.sources[file]
        return f"{source.name}:{source.position(span.start).line}"


def _percentage(part: int, whole: int) -> float:
    return 100.0 if whole == 0 else 100.0 * part / whole


def _conditions(form: Form) -> Iterator[tuple[str, int, Expr]]:
    """Every condition with its owner and file; constants can only go one way and are left out."""
    for definition in form.definitions:
        for head in definition.heads:
            for expr in _operands(head.conditions):
                yield definition.id, head.file, expr
    for rule in form.rules:
        for expr in _operands(rule.conditions):
            yield rule.id, rule.file, expr


def _operands(conditions: Sequence[Expr]) -> Iterator[Expr]:
    for expr in conditions:
        if isinstance(expr, And):
            yield from _operands(expr.operands)
        elif not isinstance(expr, Lit):
            yield expr
