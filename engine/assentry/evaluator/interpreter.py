"""Value nodes: what each means, with errors absorbed as CEL absorbs them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import ge, gt, le, lt
from typing import NoReturn, TypeVar

from assentry.code import form, ops
from assentry.errors import EvaluationError, Kind
from assentry.evaluator.outcome import Cause, Failed, Failure, united
from assentry.evaluator.place import MISSING, Place
from assentry.evaluator.reading import Reading
from assentry.source import Source
from assentry.values.limits import Scale
from assentry.values.registry import OVERLOADS, dispatch
from assentry.values.runtime import Optional, map_key, type_name

_ALTERNATIVES = frozenset({"or", "orValue"})
T = TypeVar("T")

_COMPARE: Mapping[str, Callable[[int, int], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


class Interpreter(Reading):
    """The meaning of every value node. Every method gives a value or raises Failed with the causes."""

    @abstractmethod
    def definition(self, index: int) -> bool | Failure:
        """Whether a definition holds."""

    @property
    @abstractmethod
    def risk(self) -> int:
        """The summed risk."""

    def evaluate(self, node: form.Expr) -> object:
        return _MEANING[type(node)](self, node)

    def truth(self, node: form.Expr) -> bool:
        """The value of a condition; anything but a bool is an error."""
        match node:
            case form.Inlined(name=name) if name:
                # A function's conditions are conditions where they stand, not where it is called.
                return self._within(node, self.truth)
            case form.Let(body=body) if body.span.start < node.span.start:
                # An argument of a call, bound around the function's body.
                self._bind(node)
                return self.truth(body)
        value = self.evaluate(node)
        if isinstance(value, bool):
            return value
        cause = Cause("expression", self.source.excerpt(node.span), "bool", type_name(value))
        raise Failed(Failure(frozenset((cause,)), EvaluationError(Kind.NO_SUCH_OVERLOAD, span=node.span)))

    def connect(self, operands: Sequence[form.Expr], *, absorbing: bool) -> bool:
        """`&&` (absorbing false) and `||` (absorbing true): the absorbing value wins over errors on either side."""
        failures: list[Failure] = []
        for operand in operands:
            try:
                if self.truth(operand) is absorbing:
                    return absorbing
            except Failed as failed:
                failures.append(failed.failure)
        if failures:
            raise united(failures)
        return not absorbing

    def all(self, nodes: Sequence[form.Expr]) -> list[object]:
        """The values of all nodes; when some are in error, one error with the causes of all."""
        values: list[object] = []
        failures: list[Failure] = []
        for node in nodes:
            try:
                values.append(self.evaluate(node))
            except Failed as failed:
                failures.append(failed.failure)
        if failures:
            raise united(failures)
        return values

    # ---- names and logic ----

    def unreadable(self, node: form.Unreadable) -> NoReturn:
        raise self.failed(EvaluationError(Kind.DAMAGED), node.span)

    def literal(self, node: form.Lit) -> object:
        return node.value

    def variable(self, node: form.Var) -> object:
        value = self.names.get(node.name, MISSING)
        if isinstance(value, Later):
            return value.now(self)
        if isinstance(value, Place):
            return self.apply(node.span, value.whole, self.shapes)
        if value is MISSING:
            raise self.failed(EvaluationError(Kind.UNBOUND, f"undeclared reference to `{node.name}`"), node.span)
        return value

    def conjunction(self, node: form.And) -> bool:
        return self.connect(node.operands, absorbing=False)

    def disjunction(self, node: form.Or) -> bool:
        return self.connect(node.operands, absorbing=True)

    def negation(self, node: form.Not) -> bool:
        return not self.truth(node.operand)

    def choice(self, node: form.If) -> object:
        return self.evaluate(node.then if self.truth(node.condition) else node.otherwise)

    def let(self, node: form.Let) -> object:
        self._bind(node)
        return self.evaluate(node.body)

    def _bind(self, node: form.Let) -> None:
        self.names[node.name] = Later(node.value, self.source)

    def define(self, node: form.Define) -> bool:
        outcome = self.definition(node.index)
        if isinstance(outcome, Failure):
            raise Failed(outcome)
        return outcome

    def inlined(self, node: form.Inlined) -> object:
        return self._within(node, self.evaluate)

    def _within(self, node: form.Inlined, evaluate: Callable[[form.Expr], T]) -> T:
        before, self.source = self.source, self.source_of(node.file)
        try:
            return evaluate(node.body)
        finally:
            self.source = before

    @abstractmethod
    def source_of(self, file: int) -> Source:
        """A file of the rule set."""

    def compare_risk(self, node: form.Risk) -> bool:
        return _COMPARE[node.operator](self.risk, node.bound)

    # ---- calls, fields, literals ----

    def call(self, node: form.Call) -> object:
        if node.member and node.function in _ALTERNATIVES and len(node.args) == 2:
            return self._alternative(node)
        args = self.all(node.args)
        overload = OVERLOADS.get(node.overload)
        if overload is not None:
            return self.apply(node.span, overload.impl, *args)
        return self.apply(node.span, dispatch, node.function, args, node.member)

    def _alternative(self, node: form.Call) -> object:
        """`a.or(b)` and `a.orValue(b)`: b is evaluated only when a is none."""
        target = self.evaluate(node.args[0])
        if isinstance(target, Optional) and not target.present:
            return self.apply(node.span, dispatch, node.function, [target, self.evaluate(node.args[1])], node.member)
        if isinstance(target, Optional):
            return target if node.function == "or" else target.value
        raise self.failed(EvaluationError(Kind.NO_SUCH_OVERLOAD), node.span)

    def select(self, node: form.Select) -> object:
        return self.apply(node.span, ops.select, self.evaluate(node.operand), node.name)

    def has_key(self, node: form.HasKey) -> bool:
        return self.apply(node.span, ops.has_key, self.evaluate(node.operand), node.name)

    def list_of(self, node: form.ListOf) -> object:
        values = self.all([element for element, _ in node.elements])
        flags = [optional for _, optional in node.elements]
        return self.apply(node.span, ops.list_of, list(zip(values, flags, strict=True)))

    def map_of(self, node: form.MapOf) -> object:
        values = self.all([part for key, value, _ in node.entries for part in (key, value)])
        flags = [optional for _, _, optional in node.entries]
        return self.apply(node.span, ops.map_of, list(zip(values[::2], values[1::2], flags, strict=True)))

    # ---- loops ----

    def loop(self, node: form.Loop) -> object:
        match node.kind:
            case "all" | "exists":
                return self._quantified(node, absorbing=node.kind == "exists")
            case "exists_one":
                return sum(self.truth(node.body) for _ in self._turns(node)) == 1
            case "filter":
                return [self._read(node, one) for one in self._turns(node) if self.truth(node.body)]
            case "map" | "transform_list":
                return [value for _, value in self._built(node)]
            case "transform_map":
                return {map_key(self._read(node, key)): value for key, value in self._built(node)}
            case "transform_map_entry":
                result: dict[object, object] = {}
                for _, value in self._built(node):
                    self.apply(node.span, ops.merge, result, value)
                return result

    def _quantified(self, node: form.Loop, *, absorbing: bool) -> bool:
        first: Failed | None = None
        for _ in self._turns(node):
            try:
                if self.truth(node.body) is absorbing:
                    return absorbing
            except Failed as failed:
                first = first or failed
        if first is not None:
            raise first
        return not absorbing

    def _built(self, node: form.Loop) -> Iterator[tuple[object, object]]:
        """What each turn gives, with what its first variable stands for; together no more than a value may hold."""
        scale = Scale()
        for first in self._kept(node):
            value = self.evaluate(node.body)
            self.apply(node.span, scale.add, value)
            yield first, value

    def _kept(self, node: form.Loop) -> Iterator[object]:
        return (one for one in self._turns(node) if node.where is None or self.truth(node.where))

    def _turns(self, node: form.Loop) -> Iterator[object]:
        """Each turn with its variables bound; gives what the first variable stands for."""
        over: Place | object
        if isinstance(node.range, form.Raw):
            over = self.place(node.range)
            pairs: Sequence[tuple[object, object]] = self.apply(node.span, over.turns, self.shapes)
            keyed = isinstance(over.there, dict)
        else:
            keyed, pairs = self.visited(node)
        for key, element in pairs:
            first = key if keyed or node.second is not None else element
            self.names[node.first] = first
            if node.second is not None:
                self.names[node.second] = element
            yield first

    def visited(self, node: form.Loop) -> tuple[bool, Sequence[tuple[object, object]]]:
        """What a loop over a value visits, and whether by keys."""
        over = self.evaluate(node.range)
        return isinstance(over, dict), self.apply(node.span, ops.turns, over)

    def _read(self, node: form.Loop, bound: object) -> object:
        return self.apply(node.span, bound.whole, self.shapes) if isinstance(bound, Place) else bound


class Later:
    """The value of a `cel.bind`: evaluated when it is first used, an error only there."""

    def __init__(self, node: form.Expr, source: Source) -> None:
        self.node = node
        self.source = source
        self.outcome: object = MISSING

    def now(self, run: Interpreter) -> object:
        if self.outcome is MISSING:
            before, run.source = run.source, self.source
            try:
                self.outcome = run.evaluate(self.node)
            except Failed as failed:
                self.outcome = failed.failure
            finally:
                run.source = before
        if isinstance(self.outcome, Failure):
            raise Failed(self.outcome)
        return self.outcome


_MEANING: Mapping[type[form.Expr], Callable[..., object]] = {
    form.Fit: Interpreter.fit,
    form.Has: Interpreter.has,
    form.Maybe: Interpreter.maybe,
    form.Size: Interpreter.size,
    form.IsNull: Interpreter.is_null,
    form.Contains: Interpreter.contains,
    form.Lit: Interpreter.literal,
    form.Var: Interpreter.variable,
    form.And: Interpreter.conjunction,
    form.Or: Interpreter.disjunction,
    form.Not: Interpreter.negation,
    form.If: Interpreter.choice,
    form.Call: Interpreter.call,
    form.Select: Interpreter.select,
    form.HasKey: Interpreter.has_key,
    form.ListOf: Interpreter.list_of,
    form.MapOf: Interpreter.map_of,
    form.Let: Interpreter.let,
    form.Loop: Interpreter.loop,
    form.Define: Interpreter.define,
    form.Inlined: Interpreter.inlined,
    form.Risk: Interpreter.compare_risk,
    form.Unreadable: Interpreter.unreadable,
}
