"""CEL as a library of its own: compile an expression once, evaluate it often.

    program = compile("request.size < 1024 && user in admins", {"request": "map(string, int)", ...})
    program.evaluate({"request": {"size": 10}, "user": "ann", "admins": ["ann"]})

A program is immutable and may be shared between threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Final

from assentry.cel import cost
from assentry.cel.bindings import WrongTypeError, adopt, taker
from assentry.cel.cost import BUDGET
from assentry.cel.environment import Environment
from assentry.cel.fold import fold
from assentry.cel.infer import infer
from assentry.cel.parse import parse
from assentry.cel.typenames import parse_type, type_text
from assentry.code import form
from assentry.code.program import emit_expression
from assentry.diagnostics import Diagnostic, sort_key
from assentry.errors import CompileError, EvaluationError, Kind, Misfit
from assentry.evaluator.exact import Exact, World
from assentry.evaluator.outcome import Failure
from assentry.source import Source
from assentry.values.declare import Function, Overload, linear
from assentry.values.registry import FUNCTIONS, OVERLOADS, dispatch
from assentry.values.runtime import type_name, type_of_value
from assentry.values.types import DYN, Type


class Program:
    """A compiled expression. `type` is the type of its value, as far as it is known."""

    __slots__ = ("_added", "_function", "_types", "_wanted", "_world", "expression", "source", "type")

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
        self._function: Callable[[Mapping[str, object]], object] | None = None
        named = sorted({node.name for node in _walk(expression) if isinstance(node, form.Var)})
        self._wanted = tuple((name, taker(variables.get(name, DYN))) for name in named)
        self._types = {name: type_text(variables[name]) for name in named if name in variables}

    def evaluate(self, bindings: Mapping[str, object] | None = None) -> object:
        """The value for some bindings: Python values by (possibly dotted) variable name.

        Taken and given are the CEL values of `assentry.values.runtime`: None, bool, int, `Uint`, float,
        str, bytes, list, dict, `Timestamp`, `Duration`, `Optional`, ... Also taken are tuples, aware
        datetimes, timedeltas and dicts with bool keys. Bindings that the expression does not name are
        not looked at. Raises EvaluationError when there is no value, of the kind Misfit when a binding is
        not of the type that `compile` was told.
        """
        values = {}
        for name, take in self._wanted:
            if bindings is not None and name in bindings:
                try:
                    values[name] = take(bindings[name])
                except WrongTypeError:
                    raise Misfit(name, self._types[name], type_name(adopt(bindings[name]))) from None
        try:
            return self._emitted()(values)
        except Exception:  # noqa: BLE001  # whatever it is, the exact tier says what it means
            outcome = _Run(self._world, values, self._added).value(self.expression)
        if isinstance(outcome, Failure):
            raise outcome.first
        return outcome

    def _emitted(self) -> Callable[[Mapping[str, object]], object]:
        """The expression as a Python function, made when it is first wanted; making it twice at once is harmless."""
        if self._function is None:
            self._function = _give_up
            if not any(isinstance(node, form.Call) and node.function in self._added for node in _walk(self.expression)):
                with suppress(RecursionError, MemoryError, ValueError):
                    self._function = emit_expression(self.expression, self.source)
        return self._function

    def __repr__(self) -> str:
        return f"Program({self.source.text!r})"


def _give_up(_: Mapping[str, object]) -> object:
    """Stands for code that cannot be emitted: the exact tier takes over."""
    raise EvaluationError(Kind.INVALID_ARGUMENT)


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


class _Run(Exact):
    """An evaluation that knows the added functions."""

    def __init__(self, world: World, bindings: Mapping[str, object], added: Mapping[str, Function]) -> None:
        super().__init__(world, bindings=bindings)
        self._added = added

    def evaluate(self, node: form.Expr) -> object:
        if isinstance(node, form.Call) and node.function in self._added and node.overload not in OVERLOADS:
            args = self.all(node.args)
            return self.apply(node.span, _call_added, self._added[node.function], node, args)
        return super().evaluate(node)


def _call_added(declared: Function, node: form.Call, args: list[object]) -> object:
    """The call of an added function, by its overload or by the values' types."""
    for overload in declared.overloads:
        if overload.id == node.overload or (not node.overload and _takes(overload, args, node.member)):
            return adopt(overload.impl(*args))
    if node.function in FUNCTIONS:
        return dispatch(node.function, args, node.member)
    raise EvaluationError(Kind.NO_SUCH_OVERLOAD, f"no such overload: `{node.function}`")


def _takes(overload: Overload, args: list[object], member: bool) -> bool:
    if overload.member is not member or len(overload.params) != len(args):
        return False
    kinds = [type_of_value(arg).name for arg in args]
    return all(
        param.is_param or param.name in {"dyn", kind} for param, kind in zip(overload.params, kinds, strict=True)
    )


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
