"""What the names in a module stand for, as far as its text says: imports, simple assignments, annotations.

Nothing is run. A name may stand for several things; what is unknown is `~` and its name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

MAX_VALUES = 8
MAX_DEPTH = 16

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Scoped = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Scope:
    """The names bound in a module, class or function: to expressions, to dotted names, or to something unknown."""

    parent: Scope | None
    qualname: str
    is_class: bool = False
    dotted: dict[str, set[str]] = field(default_factory=dict)
    expressions: dict[str, list[tuple[ast.expr, Scope]]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    resolved: dict[str, frozenset[str]] = field(default_factory=dict)
    """What names were found to stand for; a name that is being looked up stands for nothing known."""

    def assign(self, name: str, value: ast.expr) -> None:
        """`name` may be what this expression is; `self.name` belongs to the class around."""
        holder = (self.class_around() or self) if name.startswith("self.") else self
        holder.expressions.setdefault(name, []).append((value, self))

    def class_around(self) -> Scope | None:
        """The class whose method this is in."""
        at: Scope | None = self
        while at is not None and not at.is_class:
            at = at.parent
        return at

    def binds(self, name: str) -> bool:
        return name in self.dotted or name in self.expressions or name in self.unknown


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes within, those of nested functions and classes left out (they themselves are given)."""
    ahead = list(ast.iter_child_nodes(node))
    while ahead:
        each = ahead.pop()
        yield each
        if not isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            ahead += ast.iter_child_nodes(each)


def bind(scope: Scope, node: Scoped, module: str) -> None:
    """Enter what the text of a module, class or function binds; `module` is the module's dotted name."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        _bind_parameters(scope, node)
    for each in own_nodes(node):
        match each:
            case ast.Import():
                for alias in each.names:
                    top = alias.name.split(".")[0]
                    scope.dotted.setdefault(alias.asname or top, set()).add(alias.name if alias.asname else top)
            case ast.ImportFrom():
                base = _base(each, module)
                for alias in each.names:
                    name = alias.asname or alias.name
                    scope.dotted.setdefault(name, set()).add(f"{base}.{alias.name}".strip("."))
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                own = f"{scope.qualname}.{each.name}" if scope.qualname else each.name
                scope.dotted.setdefault(each.name, set()).add(f"{module}.{own}".strip("."))
            case ast.Assign():
                for target in each.targets:
                    _bind_target(scope, target, each.value)
            case ast.AnnAssign():
                _bind_target(scope, each.target, each.value)
                _bind_annotation(scope, each.target, each.annotation)
            case ast.NamedExpr():
                _bind_target(scope, each.target, each.value)
            case ast.withitem() if each.optional_vars is not None:
                _bind_target(scope, each.optional_vars, each.context_expr)
            case ast.For() | ast.AsyncFor():
                _bind_target(scope, each.target, None)
            case ast.ExceptHandler() if each.name:
                scope.unknown.add(each.name)


def _base(node: ast.ImportFrom, module: str) -> str:
    """The module that a `from` names; dots lead up from the module itself."""
    if not node.level:
        return node.module or ""
    upward = module.split(".")[: -node.level] if module else []
    return ".".join([*upward, *([node.module] if node.module else [])])


def _bind_target(scope: Scope, target: ast.expr, value: ast.expr | None) -> None:
    match target:
        case ast.Name(id=name):
            if value is None:
                scope.unknown.add(name)
            else:
                scope.assign(name, value)
        case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=attribute) if value is not None:
            scope.assign(f"self.{attribute}", value)
        case ast.Tuple(elts=targets) | ast.List(elts=targets):
            values = value.elts if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(targets) else None
            for number, each in enumerate(targets):
                _bind_target(scope, each, values[number] if values is not None else None)
        case ast.Starred(value=inner):
            _bind_target(scope, inner, None)


def _bind_annotation(scope: Scope, target: ast.expr, annotation: ast.expr) -> None:
    """`client: httpx.Client` stands for what `httpx.Client()` gives."""
    name = target.id if isinstance(target, ast.Name) else None
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self":
        name = f"self.{target.attr}"
    if name is not None:
        for each in _classes(annotation):
            made = ast.copy_location(ast.Call(each, [], []), annotation)
            scope.assign(name, made)


def _classes(annotation: ast.expr) -> Iterator[ast.expr]:
    match annotation:
        case ast.Name() | ast.Attribute():
            yield annotation
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            yield from _classes(left)
            yield from _classes(right)
        case ast.Subscript(value=ast.Name(id="Optional" | "Annotated"), slice=inner):
            yield from _classes(inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else inner)
        case ast.Constant(value=str(text)):
            try:
                yield from _classes(ast.parse(text, mode="eval").body)
            except (SyntaxError, ValueError, RecursionError):
                return


def _bind_parameters(scope: Scope, node: FunctionNode) -> None:
    arguments = node.args
    for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg):
        if each is not None:
            scope.unknown.add(each.arg)
            if each.annotation is not None and each not in (arguments.vararg, arguments.kwarg):
                _bind_annotation(scope, ast.Name(each.arg), each.annotation)


def resolve(node: ast.expr, scope: Scope, depth: int = 0) -> tuple[str, ...]:
    """The dotted names that an expression may stand for, sorted."""
    return tuple(sorted(_values(node, scope, depth))[:MAX_VALUES])


def _values(node: ast.expr, scope: Scope, depth: int) -> set[str]:
    if depth > MAX_DEPTH:
        return {"~"}
    match node:
        case ast.Name(id=name):
            return _named(name, scope, depth)
        case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=attribute):
            return _own(attribute, scope, depth)
        case ast.Attribute(value=value, attr=attribute):
            return {f"{each}.{attribute}" for each in resolve(value, scope, depth + 1)}
        case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr=attribute)):
            return {f"~super.{attribute}()"}
        case ast.Call(func=function):
            return {f"{each}()" for each in resolve(function, scope, depth + 1)}
        case ast.Await(value=value) | ast.NamedExpr(value=value):
            return _values(value, scope, depth + 1)
        case ast.IfExp(body=first, orelse=second):
            return _values(first, scope, depth + 1) | _values(second, scope, depth + 1)
        case ast.BoolOp(values=values):
            return set().union(*(_values(each, scope, depth + 1) for each in values))
        case ast.BinOp(left=left, op=ast.Div()):  # a path and what lies below it
            return _values(left, scope, depth + 1)
    return {"~"}


def _named(name: str, scope: Scope, depth: int) -> set[str]:
    at: Scope | None = scope
    while at is not None:
        if at.binds(name) and (not at.is_class or at is scope):
            return _bound(name, at, [name], depth)
        at = at.parent
    return {name}  # a builtin, or what a star brought in


def _own(attribute: str, scope: Scope, depth: int) -> set[str]:
    """`self.x`: a method of the class, or what some method of it assigned."""
    around = scope.class_around()
    if around is None:
        return {f"~self.{attribute}"}
    return _bound(f"self.{attribute}", around, [f"self.{attribute}", attribute], depth)


def _bound(name: str, scope: Scope, keys: Sequence[str], depth: int) -> set[str]:
    """What a name of a scope stands for, looked up once; `keys` are the names that it may be bound under."""
    if name not in scope.resolved:
        scope.resolved[name] = frozenset({f"~{name}"})
        found = set().union(*(scope.dotted.get(key, ()) for key in keys))
        assigned = next((scope.expressions[key] for key in keys if key in scope.expressions), [])
        for expression, where in assigned[:MAX_VALUES]:
            found |= _values(expression, where, depth + 1)
        scope.resolved[name] = frozenset(sorted(found)[:MAX_VALUES] or {f"~{name}"})
    return set(scope.resolved[name])
