"""CEL as a library of its own: compile an expression once, evaluate it often.

    program = compile("request.size < 1024 && user in admins", {"request": "map(string, int)", ...})
    program.evaluate({"request": {"size": 10}, "user": "ann", "admins": ["ann"]})

A program is immutable and may be shared between threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from assentry.cel import cost
from assentry.cel.bindings import Taker, WrongTypeError, adopt, taker
from assentry.cel.cost import BUDGET
from assentry.cel.emitted import ProgramEmitter, is_lazy
from assentry.cel.environment import Environment
from assentry.cel.fold import fold
from assentry.cel.infer import infer
from assentry.cel.meter import EXACT, WORK, Exhausted, Meter, each_turn, outside_loops
from assentry.cel.parse import parse
from assentry.cel.run import Run
from assentry.cel.typenames import parse_type, type_text
from assentry.code import form
from assentry.diagnostics import Diagnostic, sort_key
from assentry.errors import CompileError, EvaluationError, Kind, Misfit
from assentry.evaluator.exact import World
from assentry.evaluator.outcome import Failure
from assentry.source import Source
from assentry.values.declare import Function, Overload, linear
from assentry.values.registry import FUNCTIONS
from assentry.values.runtime import type_name
from assentry.values.types import DYN, Type


class Evaluate(Protocol):
    """What `Program.evaluate` is."""

    def __call__(self, bindings: Mapping[str, object] | None = None, budget: int | None = None) -> object:
        """See Program."""


class Program:
    """A compiled expression. `type` is the type of its value, as far as it is known.

    `evaluate(bindings=None, budget=None)` gives the value for some bindings: Python values by (possibly
    dotted) variable name. It is made when it is first asked for, and is a plain function.

    Taken and given are the CEL values of `assentry.values.runtime`: None, bool, int, `Uint`, float, str,
    bytes, list, dict, `Timestamp`, `Duration`, `Optional`, ... Also taken are tuples, aware datetimes,
    timedeltas and dicts with bool keys. Bindings that the expression does not name are not looked at, and
    what a binding of any type (`dyn`, `list(dyn)`, `map(string, dyn)`) holds is looked at where it is read.

    `budget` is the work that one evaluation may take, in the steps of `assentry.cel.cost`; without it, it
    is `assentry.cel.meter.WORK`. A step of an evaluation that meets errors counts eight times.

    Raises EvaluationError when there is no value: of the kind MISFIT when a binding is not of the type that
    `compile` was told, BUDGET when the work is too much.
    """

    __slots__ = (
        "_added",
        "_counted",
        "_takers",
        "_types",
        "_unread",
        "_world",
        "evaluate",
        "expression",
        "source",
        "type",
    )

    evaluate: Evaluate

    def __init__(
        self,
        source: Source,
        expression: form.Expr,
        item: Type,
        variables: Mapping[str, Type],
        added: Mapping[str, Function],
    ) -> None:
        self.source: Final = source
        self.expression: Final = expression
        self.type: Final = item
        self._added = added
        self._world = World((source,))
        named = sorted(_variables(expression))
        self._types = {name: variables.get(name, DYN) for name in named}
        self._takers = {name: taker(declared) for name, declared in self._types.items()}
        self._unread = frozenset(name for name, declared in self._types.items() if is_lazy(declared))
        self._counted: Callable[..., object] | None = None

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            if name != "evaluate":
                raise AttributeError(f"a program has no attribute `{name}`")
            self.evaluate = self._made()
            return self.evaluate

    def __repr__(self) -> str:
        return f"Program({self.source.text!r})"

    # ---- ways of evaluating ----

    @property
    def variables(self) -> list[tuple[str, Type, Taker]]:
        """The variables that the expression names: their types, and what takes a binding of them."""
        return [(name, declared, self._takers[name]) for name, declared in self._types.items()]

    def _made(self) -> Evaluate:
        """The function of the whole program: emitted code that counts nothing where it is sure to end soon."""
        if cost.cost(self.expression) > WORK:
            return self._evaluate_counting
        with suppress(RecursionError, MemoryError, ValueError):
            emitter = ProgramEmitter(self.source, self._added)
            return emitter.whole(self.expression, self.variables, self._evaluate_counting, self._evaluate_slowly)
        return self._evaluate_counting

    def _evaluate_counting(self, bindings: Mapping[str, object] | None = None, budget: int | None = None) -> object:
        """With a meter that every loop tells what it is about to do."""
        left = WORK if budget is None else budget
        if self._counted is None:
            self._counted = _give_up
            with suppress(RecursionError, MemoryError, ValueError):
                self._counted = ProgramEmitter(self.source, self._added, each_turn).counted(
                    self.expression, self.variables
                )
        try:
            return self._counted(bindings, self._meter(left))
        except Exhausted:
            raise _too_much() from None
        except Exception:  # noqa: BLE001  # whatever it is, the exact tier says what it means
            return self._evaluate_slowly(bindings, left)

    def _evaluate_slowly(self, bindings: Mapping[str, object] | None, budget: int = WORK) -> object:
        """By the exact tier, which knows what every error means."""
        try:
            return self._exactly(bindings, self._meter(budget // EXACT))
        except Exhausted:
            raise _too_much() from None

    def _meter(self, budget: int) -> Meter:
        """What is left for loops. Raises Exhausted when nothing is."""
        left = budget - outside_loops(self.expression)
        if left < 0:
            raise Exhausted
        return Meter(left)

    def _exactly(self, bindings: Mapping[str, object] | None, meter: Meter) -> object:
        values = {}
        for name, take in self._takers.items():
            if bindings is not None and name in bindings:
                try:
                    values[name] = bindings[name] if self._types[name] == DYN else take(bindings[name])
                except WrongTypeError:
                    found = type_name(adopt(bindings[name]))
                    raise Misfit(name, type_text(self._types[name]), found) from None
        outcome = Run(self._world, values, self._unread, self._added, meter).value(self.expression)
        if isinstance(outcome, Failure):
            raise outcome.first
        return outcome


def _too_much() -> EvaluationError:
    return EvaluationError(Kind.BUDGET, "the evaluation takes more work than its budget")


def _give_up(*_: object) -> object:
    """Stands for code that cannot be emitted: the exact tier takes over."""
    raise EvaluationError(Kind.INVALID_ARGUMENT)


def _variables(expr: form.Expr) -> set[str]:
    """The names that an expression takes from outside."""
    named: set[str] = set()
    own: set[str | None] = set()
    for node in _walk(expr):
        match node:
            case form.Var(name=name):
                named.add(name)
            case form.Let(name=name):
                own.add(name)
            case form.Loop(first=first, second=second):
                own |= {first, second}
    return {name for name in named if name not in own}


def _walk(expr: form.Expr) -> Iterator[form.Expr]:
    waiting = [expr]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(form.children(node))


def compile(
    expression: str,
    types: Mapping[str, Type | str] | None = None,
    container: str = "",
    functions: Iterable[Function] = (),
    *,
    check: bool = True,
    budget: int = BUDGET,
) -> Program:
    """The program of a CEL expression. Raises CompileError with every finding.

    `types` declares the variables, by type or its text (`"list(string)"`); without it every name is a
    variable of any type. `container` is the namespace in which names are looked up first. `functions`
    adds functions (see `function`). Without `check`, types are left to the evaluation. `budget` bounds the
    static worst-case cost, in the steps of `assentry.cel.cost`.
    """
    source = Source("expression", expression)
    findings: list[Diagnostic] = []
    node = parse(source, findings)
    variables = {name: parse_type(item) if isinstance(item, str) else item for name, item in (types or {}).items()}
    added = _merged(functions)
    environment = Environment(
        variables=variables,
        overloads=added,
        container=container,
        open_world=types is None,
        checked=check,
    )
    found = infer(node, environment, source, findings) if node is not None else None
    if found is not None:
        findings += cost.check([found[0]], source, found[0].span, budget=budget)
    if found is None or findings:
        raise CompileError(sorted(findings, key=sort_key))
    return Program(source, fold(found[0], added), found[1], variables, added)


def _merged(functions: Iterable[Function]) -> dict[str, Function]:
    """The added functions by name, each with the overloads that the language has under that name."""
    added: dict[str, Function] = {}
    for declared in functions:
        before = added.get(declared.name, FUNCTIONS.get(declared.name))
        if before is not None:
            taken = {overload.id for overload in (*before.overloads, *before.dynamic)}
            if twice := next((overload.id for overload in declared.overloads if overload.id in taken), None):
                raise ValueError(f"there is an overload `{twice}` already")
            declared = replace(before, overloads=(*before.overloads, *declared.overloads))
        added[declared.name] = declared
    return added


def function(
    name: str,
    params: Iterable[Type | str],
    result: Type | str,
    implementation: Callable[..., object],
    *,
    member: bool = False,
    doc: str = "",
) -> Function:
    """A function to add to an expression: `member` for `x.f(y)`, whose first parameter is then the target.

    The implementation takes CEL values, returns one, and may raise EvaluationError. It must be pure.
    """
    types = tuple(parse_type(item) if isinstance(item, str) else item for item in params)
    given = parse_type(result) if isinstance(result, str) else result
    id = "_".join((name, *(type_text(item) for item in types)))
    overload = Overload(id, name, types, given, member, implementation, linear(*range(len(types))))
    return Function(name, doc, (), (overload,))
