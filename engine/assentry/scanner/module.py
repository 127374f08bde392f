"""One Python file as the scan sees it: its functions, its calls with what they may be, and where a guard stands.

A guard is `@gate.guard(...)` over a function, `with gate.hold(...)` or `with gate.guard(...)` around statements, or
`gate.redeem(...)` before them: whatever is within, or follows in the same block, runs only when the gate let it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from assentry.scanner.names import FunctionNode, Scope, bind, resolve
from assentry.scanner.table import TOOL_MAKERS, TOOLS, kind_of
from assentry.source import Source, Span

_GATE = re.compile(r"assentry(\.gate)?(\.gate)?\.Gate(\.\w+)?\(\)|~?([\w.()~]+\.)?_?(\w+_)?gate(\(\))?")
_GUARDS = frozenset({"guard", "hold"})
_LOOKUPS = frozenset({"getattr", "builtins.getattr", "operator.attrgetter", "operator.methodcaller"})


@dataclass(slots=True)
class Function:
    """A function of the file. `tool` is the decorator that hands it to a model, `outside` one that a guard stands over."""

    name: str
    span: Span
    guarded: bool = False
    tool: Span | None = None
    outside: Span | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A call with the names that it may have, in which function (None: at import), and whether a guard is around it.

    `arguments` is what the rules about arguments look at; `is_lookup` marks a call whose function has a computed name.
    """

    names: tuple[str, ...]
    node: ast.Call
    scope: Scope
    function: str | None
    covered: bool
    span: Span
    is_lookup: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """A function's name that is used: called, or handed on (`escapes`), from where, and whether under a guard."""

    names: tuple[str, ...]
    function: str | None
    covered: bool
    escapes: bool
    span: Span


@dataclass(slots=True)
class Module:
    """A file that was read; `name` is its dotted name, as others would import it."""

    name: str
    source: Source
    functions: dict[str, Function] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    handed_over: list[tuple[str, ...]] = field(default_factory=list)
    """The names of functions that a call hands to a model."""


def read_module(name: str, source: Source) -> Module:
    """The module in a text. Raises SyntaxError, ValueError (a NUL) and RecursionError, as `ast.parse` does."""
    tree = ast.parse(source.text)
    module = Module(name, source)
    scopes: dict[ast.AST, Scope] = {}
    _bind_all(tree, Scope(None, ""), name, scopes)
    _Reader(module, scopes, _Places(source)).block(tree.body, scopes[tree])
    return module


def _bind_all(node: ast.AST, scope: Scope, module: str, scopes: dict[ast.AST, Scope]) -> None:
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        scopes[node] = scope
        bind(scope, node, module)
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            own = f"{scope.qualname}.{child.name}" if scope.qualname else child.name
            _bind_all(child, Scope(scope, own, isinstance(child, ast.ClassDef)), module, scopes)
        else:
            _bind_all(child, scope, module, scopes)


class _Places:
    """From the lines and UTF-8 columns of a syntax tree to spans of code points."""

    def __init__(self, source: Source) -> None:
        self._lines = source.text.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def offset(self, line: int, column: int) -> int:
        text = self._lines[line - 1] if line <= len(self._lines) else ""
        before = column if text.isascii() else len(text.encode()[:column].decode(errors="ignore"))
        return self._starts[min(line, len(self._lines)) - 1] + before

    def span(self, node: ast.expr) -> Span:
        """The first line of a node; a call's up to its opening bracket."""
        head = node.func if isinstance(node, ast.Call) else node
        end_line, end_column = head.end_lineno or head.lineno, head.end_col_offset or head.col_offset
        return Span(self.offset(node.lineno, node.col_offset), self.offset(end_line, end_column))


class _Reader(ast.NodeVisitor):
    def __init__(self, module: Module, scopes: dict[ast.AST, Scope], places: _Places) -> None:
        self.module = module
        self.scopes = scopes
        self.places = places
        self.scope: Scope
        self.function: str | None = None
        self.covered = False

    # ---- statements ----

    def block(self, statements: Sequence[ast.stmt], scope: Scope) -> None:
        """Statements one after the other; what follows a redeemed grant is covered."""
        with self._inside(scope, self.function, self.covered):
            for statement in statements:
                self.visit(statement)
                if self._redeems(statement):
                    self.covered = True

    def generic_visit(self, node: ast.AST) -> None:
        for _, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                self.block(value, self.scope)
            else:
                for each in value if isinstance(value, list) else [value]:
                    if isinstance(each, ast.AST):
                        self.visit(each)

    @contextmanager
    def _inside(self, scope: Scope, function: str | None, covered: bool) -> Iterator[None]:
        before = (getattr(self, "scope", scope), self.function, self.covered)
        self.scope, self.function, self.covered = scope, function, covered
        try:
            yield
        finally:
            self.scope, self.function, self.covered = before

    def _redeems(self, statement: ast.stmt) -> bool:
        match statement:
            case ast.Assign(value=value) | ast.AnnAssign(value=value) | ast.Expr(value=value) if value is not None:
                return self._is_gate(value, frozenset({"redeem"}))
        return False

    def _is_gate(self, node: ast.expr, methods: frozenset[str]) -> bool:
        """Whether this is `gate.guard(...)`, whatever the gate is called."""
        if isinstance(node, ast.Await):
            node = node.value
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in methods:
            return False
        return any(_GATE.fullmatch(name) for name in resolve(node.func.value, self.scope))

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self.visit(item)
        is_guard = any(self._is_gate(item.context_expr, _GUARDS) for item in node.items)
        with self._inside(self.scope, self.function, self.covered or is_guard):
            self.block(node.body, self.scope)

    def visit_AsyncWith(self, node: ast.AsyncWith) -> None:
        self.visit_With(node)

    # ---- functions and classes ----

    def visit_FunctionDef(self, node: FunctionNode) -> None:
        for each in (*node.decorator_list, node.args, *([node.returns] if node.returns else [])):
            self.visit(each)
        scope = self.scopes[node]
        found = self._function(node, scope.qualname)
        twin = self.module.functions.get(scope.qualname)
        found.guarded &= twin is None or twin.guarded  # defined twice, as under `if`: the weaker one counts
        self.module.functions[scope.qualname] = found
        with self._inside(scope, scope.qualname, covered=False):
            self.block(node.body, scope)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def _function(self, node: FunctionNode, name: str) -> Function:
        """Decorators apply from the last to the first: what a tool decorator over a guard registers is guarded."""
        start = self.places.offset(node.lineno, node.col_offset)
        found = Function(
            name, Span(start, start + len(node.name) + (10 if isinstance(node, ast.AsyncFunctionDef) else 4))
        )
        for decorator in reversed(node.decorator_list):
            if self._is_gate(decorator, _GUARDS):
                found.guarded = True
                found.outside = found.tool
            elif self._is_tool(decorator):
                found.tool = self.places.span(decorator)
        return found

    def _is_tool(self, decorator: ast.expr) -> bool:
        function = decorator.func if isinstance(decorator, ast.Call) else decorator
        return any(TOOLS.fullmatch(name) for name in resolve(function, self.scope))

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for each in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(each)
        with self._inside(self.scopes[node], self.function, self.covered):
            self.block(node.body, self.scopes[node])

    # ---- calls and mentions ----

    def visit_Call(self, node: ast.Call) -> None:
        names = resolve(node.func, self.scope)
        is_lookup = self._is_lookup(node.func)
        span = self.places.span(node)
        self.module.calls.append(Call(names, node, self.scope, self.function, self.covered, span, is_lookup))
        self._mention(node.func, escapes=False)
        wraps = isinstance(node.func, ast.Call) and self._is_gate(node.func, _GUARDS)
        makes_tool = any(TOOL_MAKERS.fullmatch(name) for name in names)
        for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
            if wraps and isinstance(argument, ast.Name | ast.Attribute):
                self._mention(argument, escapes=False, covered=True)
                continue
            if makes_tool and isinstance(argument, ast.Name | ast.Attribute):
                self.module.handed_over.append(resolve(argument, self.scope))
            self._hand_on(argument)
            self.visit(argument)
        if not isinstance(node.func, ast.Name | ast.Attribute):
            self.visit(node.func)
        elif isinstance(node.func, ast.Attribute):
            self.visit(node.func.value)

    def _hand_on(self, argument: ast.expr) -> None:
        """`map(os.remove, paths)`: what is handed on is called by somebody."""
        if isinstance(argument, ast.Name | ast.Attribute):
            names = resolve(argument, self.scope)
            if any(kind_of(name) for name in names):
                call = ast.copy_location(ast.Call(argument, [], []), argument)
                span = self.places.span(argument)
                self.module.calls.append(Call(names, call, self.scope, self.function, self.covered, span))

    def _is_lookup(self, function: ast.expr) -> bool:
        """`getattr(client, name)(...)`: a function whose name is worked out at run time."""
        if not isinstance(function, ast.Call) or not _LOOKUPS & set(resolve(function.func, self.scope)):
            return False
        return not (len(function.args) > 1 and isinstance(function.args[1], ast.Constant))

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._mention(node, escapes=True)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.ctx, ast.Load):
            self._mention(node, escapes=True)
        self.visit(node.value)

    def _mention(self, node: ast.expr, *, escapes: bool, covered: bool = False) -> None:
        if isinstance(node, ast.Name | ast.Attribute):
            names = tuple(name for name in resolve(node, self.scope) if not name.startswith("~"))
            if names:
                is_covered = covered or self.covered
                self.module.mentions.append(Mention(names, self.function, is_covered, escapes, self.places.span(node)))
