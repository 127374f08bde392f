"""CEL as a library of its own: compile an expression once, evaluate it often.

    program = compile("request.size < 1024 && user in admins", {"request": "map(string, int)", ...})
    program.evaluate({"request": {"size": 10}, "user": "ann", "admins": ["ann"]})

A program is immutable and may be shared between threads.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from assentry.cel import cost
from assentry.cel.cost import BUDGET
from assentry.cel.environment import Environment
from assentry.cel.fold import fold
from assentry.cel.infer import infer
from assentry.cel.parse import parse
from assentry.cel.typenames import parse_type, type_text
from assentry.code import form
from assentry.diagnostics import Diagnostic, sort_key
from assentry.errors import CompileError, EvaluationError, Kind, Misfit
from assentry.evaluator.exact import Exact, World
from assentry.evaluator.outcome import Failure
from assentry.source import Source
from assentry.values.declare import Function, Overload, linear
from assentry.values.registry import FUNCTIONS, OVERLOADS, dispatch
from assentry.values.runtime import (
    CIDR,
    INT_MAX,
    INT_MIN,
    IP,
    UINT_MAX,
    Duration,
    Optional,
    Timestamp,
    TypeValue,
    Uint,
    key_value,
    map_key,
    type_name,
    type_of_value,
)
from assentry.values.types import DYN, Type

__all__ = ["Program", "adopt", "compile", "function"]


class Program:
    """A compiled expression. `type` is the type of its value, as far as it is known."""

    __slots__ = ("_added", "_variables", "_world", "expression", "source", "type")

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
        self._variables = variables
        self._added = added
        self._world = World((source,))

    def evaluate(self, bindings: Mapping[str, object] | None = None) -> object:
        """The value for some bindings: Python values by (possibly dotted) variable name.

        Taken and given are the CEL values of `assentry.values.runtime`: None, bool, int, `Uint`, float,
        str, bytes, list, dict, `Timestamp`, `Duration`, `Optional`, ... Also taken are tuples, aware
        datetimes, timedeltas and dicts with bool keys. Raises EvaluationError when there is no value, of the
        kind Misfit when a binding is not of the type that `compile` was told.
        """
        values = {name: self._bound(name, value) for name, value in (bindings or {}).items()}
        outcome = _Run(self._world, values, self._added).value(self.expression)
        if isinstance(outcome, Failure):
            raise outcome.first
        return outcome

    def _bound(self, name: str, value: object) -> object:
        """A binding as a CEL value. Raises Misfit when it is not of its declared type."""
        adopted = adopt(value)
        declared = self._variables.get(name, DYN)
        if not conforms(adopted, declared):
            raise Misfit(name, type_text(declared), type_name(adopted))
        return adopted

    def __repr__(self) -> str:
        return f"Program({self.source.text!r})"


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


# ---- bindings ----

_PLAIN: Final = frozenset({str, bool, type(None), float, bytes, Timestamp, Duration, TypeValue, IP, CIDR})
_CLASSES: Final[Mapping[str, type]] = {
    "bool": bool,
    "int": int,
    "uint": Uint,
    "double": float,
    "string": str,
    "bytes": bytes,
    "null_type": type(None),
    "timestamp": Timestamp,
    "duration": Duration,
    "type": TypeValue,
    "net.IP": IP,
    "net.CIDR": CIDR,
}
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND: Final = dt.timedelta(microseconds=1)


def adopt(value: object) -> object:
    """The CEL value of a Python value. Raises EvaluationError for what is none."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, Uint):
        return _within(value, 0, UINT_MAX)
    if kind is int and isinstance(value, int):
        return _within(value, INT_MIN, INT_MAX)
    if isinstance(value, list | tuple):
        return [adopt(item) for item in value]
    if isinstance(value, dict):
        return {key if type(key) is str else map_key(adopt(key)): adopt(item) for key, item in value.items()}
    if isinstance(value, Optional):
        return Optional.of(adopt(value.value)) if value.present else value
    return _adopt_time(value)


def conforms(value: object, declared: Type) -> bool:
    """Whether a CEL value is of a type, with all that it holds. Types of the host's own hold anything."""
    match declared.name, declared.params:
        case ("list", (item,)):
            return isinstance(value, list) and (item == DYN or all(conforms(part, item) for part in value))
        case ("map", (key, item)):
            if not isinstance(value, dict):
                return False
            keys = key == DYN or all(conforms(key_value(name), key) for name in value)
            return keys and (item == DYN or all(conforms(part, item) for part in value.values()))
        case ("wrapper", (item,)):
            return value is None or conforms(value, item)
        case ("optional_type", (item,)):
            return isinstance(value, Optional) and (not value.present or conforms(value.value, item))
    wanted = _CLASSES.get(declared.name)
    return wanted is None or type(value) is wanted


def _within(value: int, low: int, high: int) -> int:
    if not low <= value <= high:
        raise EvaluationError(Kind.OVERFLOW, "an integer binding is out of range")
    return value


def _adopt_time(value: object) -> object:
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return Timestamp((value - _EPOCH) // _MICROSECOND * 1000)
    if isinstance(value, dt.timedelta):
        return Duration(value // _MICROSECOND * 1000)
    raise EvaluationError(Kind.INVALID_ARGUMENT, f"a binding of type `{type(value).__name__}` is no CEL value")
