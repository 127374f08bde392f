"""Building Python `ast` nodes that stand where the rule's own text stands.

Every node gets the line and column of the expression that it comes from, so that a Python traceback,
a profiler or a debugger shows the rule's file and line.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from assentry.source import Source, Span

Node = TypeVar("Node", ast.expr, ast.stmt, ast.ExceptHandler, ast.arg)

_PLAIN = frozenset({str, int, float, bool, type(None)})
Place = tuple[int, int, int, int]
"""Line and column in UTF-8 bytes, from one and zero, of start and end: as Python counts them."""


class Builder:
    """Builds the nodes of one function; `names` collects what the function needs from outside."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._places: dict[Span, Place] = {}
        self._here: Place = (1, 0, 1, 0)
        self._fixed = False
        self._fresh = 0
        self.names: dict[str, object] = {}
        self._constants: dict[int, str] = {}

    # ---- where ----

    @contextmanager
    def at(self, span: Span, *, foreign: bool = False) -> Iterator[None]:
        """Nodes made within stand at this span; within a foreign span all stand there, whatever their own."""
        here, fixed = self._here, self._fixed
        if not fixed:
            self._here, self._fixed = self._place(span), foreign
        try:
            yield
        finally:
            self._here, self._fixed = here, fixed

    def _place(self, span: Span) -> Place:
        place = self._places.get(span)
        if place is None:
            place = self._places[span] = (*self._position(span.start), *self._position(span.end))
        return place

    def _position(self, offset: int) -> tuple[int, int]:
        line, column = self._source.position(offset)
        before = self._source.line(line)[: column - 1]
        return line, len(before.encode("utf-8", "surrogatepass"))

    def placed(self, node: Node) -> Node:
        node.lineno, node.col_offset, node.end_lineno, node.end_col_offset = self._here
        return node

    # ---- names and constants ----

    def fresh(self) -> str:
        """A new local name."""
        self._fresh += 1
        return f"v{self._fresh}"

    def given(self, name: str, value: object) -> ast.expr:
        """A name from outside by which the function knows a value."""
        self.names[name] = value
        return self.name(name)

    def constant(self, value: object) -> ast.expr:
        """Any value: plain ones stand in the code itself, others get a name."""
        if isinstance(value, str | int | float | None) and type(value) in _PLAIN:
            return self.placed(ast.Constant(value))
        name = self._constants.get(id(value))
        if name is None:
            name = self._constants[id(value)] = f"k{len(self._constants)}"
        return self.given(name, value)

    # ---- expressions ----

    def target(self, name: str) -> ast.Name:
        target = ast.Name(name, ast.Store())
        self.placed(target)
        return target

    def name(self, name: str) -> ast.expr:
        return self.placed(ast.Name(name, ast.Load()))

    def call(self, function: ast.expr, *args: ast.expr) -> ast.expr:
        return self.placed(ast.Call(function, list(args), []))

    def method(self, target: ast.expr, name: str, *args: ast.expr) -> ast.expr:
        return self.call(self.placed(ast.Attribute(target, name, ast.Load())), *args)

    def walrus(self, name: str, value: ast.expr) -> ast.expr:
        return self.placed(ast.NamedExpr(self.target(name), value))

    def compare(self, left: ast.expr, *rest: tuple[ast.cmpop, ast.expr]) -> ast.expr:
        return self.placed(ast.Compare(left, [each[0] for each in rest], [each[1] for each in rest]))

    def is_type(self, value: ast.expr, kind: type) -> ast.expr:
        """`type(value) is kind`: an exact type, since a subclass is no value of CEL."""
        got = self.call(self.given("type", type), value)
        return self.compare(got, (ast.Is(), self.given(kind.__name__, kind)))

    def both(self, *operands: ast.expr) -> ast.expr:
        return operands[0] if len(operands) == 1 else self.placed(ast.BoolOp(ast.And(), list(operands)))

    def either(self, *operands: ast.expr) -> ast.expr:
        return operands[0] if len(operands) == 1 else self.placed(ast.BoolOp(ast.Or(), list(operands)))

    def common(self, left: ast.expr, right: ast.expr) -> ast.expr:
        """The bits that both have set."""
        return self.placed(ast.BinOp(left, ast.BitAnd(), right))

    def choose(self, test: ast.expr, then: ast.expr, otherwise: ast.expr) -> ast.expr:
        return self.placed(ast.IfExp(test, then, otherwise))

    def subscript(self, value: ast.expr, key: ast.expr) -> ast.expr:
        return self.placed(ast.Subscript(value, key, ast.Load()))

    def list(self, items: Iterable[ast.expr]) -> ast.expr:
        return self.placed(ast.List(list(items), ast.Load()))

    def tuple(self, items: Iterable[ast.expr]) -> ast.expr:
        return self.placed(ast.Tuple(list(items), ast.Load()))

    def turns(self, variables: Sequence[str], over: ast.expr, *tests: ast.expr) -> ast.comprehension:
        """`for variables in over if tests`."""
        targets: list[ast.expr] = [self.target(name) for name in variables]
        target = targets[0] if len(targets) == 1 else self.placed(ast.Tuple(targets, ast.Store()))
        return ast.comprehension(target, over, list(tests), 0)

    # ---- statements and functions ----

    def assign(self, name: str, value: ast.expr) -> ast.stmt:
        return self.placed(ast.Assign([self.target(name)], value))

    def store(self, name: str, key: ast.expr, value: ast.expr) -> ast.stmt:
        """`name[key] = value`."""
        return self.placed(ast.Assign([self.placed(ast.Subscript(self.name(name), key, ast.Store()))], value))

    def attempt(self, *body: ast.stmt, otherwise: Iterable[ast.stmt]) -> ast.stmt:
        """The body, and `otherwise` after any exception."""
        handler = ast.ExceptHandler(self.given("Exception", Exception), None, list(otherwise))
        return self.placed(ast.Try(list(body), [self.placed(handler)], [], []))

    def unpack(self, names: Iterable[str], value: ast.expr) -> ast.stmt:
        """`names = value`, one each."""
        targets: list[ast.expr] = [self.target(name) for name in names]
        return self.placed(ast.Assign([self.placed(ast.Tuple(targets, ast.Store()))], value))

    def update(self, name: str, operator: ast.operator, value: ast.expr) -> ast.stmt:
        """`name operator= value`."""
        return self.placed(ast.AugAssign(self.target(name), operator, value))

    def when(self, test: ast.expr, *body: ast.stmt, otherwise: Iterable[ast.stmt] = ()) -> ast.stmt:
        return self.placed(ast.If(test, list(body), list(otherwise)))

    def each(self, variable: str, over: ast.expr, body: ast.stmt) -> ast.stmt:
        """`for variable in over: body`."""
        return self.placed(ast.For(self.target(variable), over, [body], []))

    def gives(self, value: ast.expr) -> ast.stmt:
        return self.placed(ast.Return(value))

    def function(self, name: str, params: Iterable[str], body: Iterable[ast.stmt]) -> ast.Module:
        """A module that holds one function."""
        args = [self.placed(ast.arg(param)) for param in params]
        arguments = ast.arguments([], args, None, [], [], None, [])
        defined = ast.FunctionDef(name, arguments, list(body), [])
        return ast.Module([self.placed(defined)], [])
