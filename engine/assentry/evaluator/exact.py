"""The exact tier: what an expression of the compiled form means, with every error and its causes.

Emitted code is fast and gives up at the first surprise; this interpreter decides then. It is the truth
of a decision: `&&`, `||`, lines, heads and macros absorb errors in any order, and an error that
remains is the union of the causes that nothing absorbed. Nothing here raises to the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from assentry.code.form import DefinitionForm, Expr, Form, HeadForm, RuleForm
from assentry.code.references import conditions_of, references
from assentry.evaluator.interpreter import Interpreter
from assentry.evaluator.outcome import Failed, Failure, united
from assentry.source import Source, Span
from assentry.values.shapes import Shapes

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class World:
    """What expressions refer to: the same for all decisions of a policy."""

    sources: tuple[Source, ...]
    shapes: Shapes = ()
    definitions: tuple[DefinitionForm, ...] = ()
    rules: tuple[RuleForm, ...] = ()
    _named: dict[int, tuple[int, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @staticmethod
    def of(form: Form) -> World:
        sources = tuple(Source(file.name, file.text) for file in form.files)
        return World(sources, form.shapes, form.definitions, form.rules)

    def named(self, index: int) -> tuple[int, ...]:
        """The definitions that a definition refers to: all stand before it."""
        if index not in self._named:
            found = references(conditions_of(self.definitions[index]))
            self._named[index] = tuple(sorted(each for each in found if each < index))
        return self._named[index]


class Exact(Interpreter):
    """The evaluation of expressions on one action (a dict), or on the bindings of a plain CEL program.

    Definitions and rules are remembered, so that each is evaluated at most once. `risk` may be given
    when it is known already. Not to be shared between threads.
    """

    def __init__(
        self,
        world: World,
        action: object = None,
        bindings: Mapping[str, object] | None = None,
        risk: int | None = None,
    ) -> None:
        super().__init__(world.shapes, action, world.sources[0] if world.sources else Source("", ""))
        self.world = world
        self._bindings = dict(bindings or {})
        self._definitions: dict[int, bool | Failure] = {}
        self._rules: dict[int, bool | Failure] = {}
        self._risk = risk

    def value(self, expr: Expr, file: int = 0) -> object:
        """The value of an expression that stands in this file, or a Failure."""
        return self._guarded(lambda: self.evaluate(expr), expr.span, file)

    def condition(self, expr: Expr, file: int = 0) -> bool | Failure:
        """Whether a condition that stands in this file holds."""
        return self._guarded(lambda: self.truth(expr), expr.span, file)

    def conditions(self, conditions: Sequence[Expr], span: Span, file: int) -> bool | Failure:
        """Whether all conditions hold: false as soon as one is false, else in error if one is."""
        return self._guarded(lambda: self.connect(conditions, absorbing=False), span, file)

    def rule(self, index: int) -> bool | Failure:
        """Whether a rule fires."""
        if index not in self._rules:
            rule = self.world.rules[index]
            self._rules[index] = self.conditions(rule.conditions, rule.span, rule.file)
        return self._rules[index]

    @property
    def risk(self) -> int:
        """The weights of the risk rules that fire or are in error."""
        if self._risk is None:
            self._risk = 0  # what a risk rule would read, if one could
            self._risk = sum(
                rule.weight
                for index, rule in enumerate(self.world.rules)
                if rule.effect == "risk" and not rule.shadow and self.rule(index) is not False
            )
        return self._risk

    def definition(self, index: int) -> bool | Failure:
        """Whether a definition holds: one of its heads does.

        What it refers to is evaluated before it, so that a long chain of definitions needs no deep stack.
        """
        waiting = [] if index in self._definitions else [index]
        while waiting:
            current = waiting[-1]
            unknown = [each for each in self.world.named(current) if each not in self._definitions]
            waiting += unknown
            if not unknown:
                waiting.pop()
                if current not in self._definitions:
                    self._definitions[current] = self._any_head(self.world.definitions[current].heads)
        return self._definitions[index]

    def source_of(self, file: int) -> Source:
        return self.world.sources[file]

    def _any_head(self, heads: Sequence[HeadForm]) -> bool | Failure:
        failures: list[Failure] = []
        for head in heads:
            outcome = self.conditions(head.conditions, head.span, head.file)
            if outcome is True:
                return True
            if isinstance(outcome, Failure):
                failures.append(outcome)
        return united(failures).failure if failures else False

    def _guarded(self, evaluate: Callable[[], T], span: Span, file: int) -> T | Failure:
        """The outcome of an expression, with variables and a file of its own."""
        names, source = self.names, self.source
        self.names, self.source = self._bindings.copy(), self.world.sources[file]
        try:
            return evaluate()
        except Failed as failed:
            return failed.failure
        except Exception as error:  # noqa: BLE001  # objects of the host may raise anything when touched
            return self.crashed(error, span).failure
        finally:
            self.names, self.source = names, source
