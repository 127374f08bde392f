"""What a condition refers to, read off its syntax alone (before types are known)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from assentry.cel import nodes as cel
from assentry.source import Span


@dataclass(frozen=True, slots=True)
class Reference:
    """A use of an entity `package.name`, with its place."""

    package: str
    name: str
    file: int
    span: Span


class HasEntities(Protocol):
    @property
    def entities(self) -> Mapping[str, object]: ...


# Macros that introduce variables: how many leading arguments may be names, by function name.
_LOOPS = {
    "all": 2,
    "exists": 2,
    "exists_one": 2,
    "existsOne": 2,
    "map": 1,
    "filter": 1,
    "transformList": 2,
    "transformMap": 2,
    "transformMapEntry": 2,
    "optMap": 1,
    "optFlatMap": 1,
    "sortBy": 1,
}


def children(node: cel.Node) -> tuple[cel.Node, ...]:
    """The direct sub-expressions of a node, in the order of the text."""
    match node:
        case cel.Select(operand=operand) | cel.Unary(operand=operand):
            return (operand,)
        case cel.Index(operand=operand, index=index):
            return (operand, index)
        case cel.Call(target=target, args=args):
            return args if target is None else (target, *args)
        case cel.ListLiteral(elements=elements):
            return tuple(element for element, _ in elements)
        case cel.MapLiteral(entries=entries):
            return tuple(part for key, value, _ in entries for part in (key, value))
        case cel.MessageLiteral(fields=fields):
            return tuple(value for _, value, _ in fields)
        case cel.And(operands=operands) | cel.Or(operands=operands):
            return operands
        case cel.Ternary(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case cel.Binary(left=left, right=right):
            return (left, right)
        case _:
            return ()


def walk(node: cel.Node) -> Iterator[cel.Node]:
    """The node and all below it."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(children(current)))


def references(node: cel.Node, package: str, file: int, packages: Mapping[str, HasEntities]) -> list[Reference]:
    """Uses of entities, own (`sensitive`, `is_read(x)`) and of other packages (`common.external`)."""
    found: list[Reference] = []

    def use(owner: str, name: str, span: Span) -> None:
        if owner in packages and name in packages[owner].entities:
            found.append(Reference(owner, name, file, span))

    for current in walk(node):
        match current:
            case cel.Ident(name=name, span=span):
                use(package, name, span)
            case cel.Call(function=name, target=None, name_span=span):
                use(package, name, span)
            case cel.Call(function=name, target=cel.Ident(name=owner), name_span=span):
                use(owner, name, span)
            case cel.Select(operand=cel.Ident(name=owner), field=name, span=span):
                use(owner, name, span)
    return found


def loop_variables(node: cel.Node) -> Iterator[tuple[str, Span, frozenset[str]]]:
    """Each variable that a macro introduces, its place, and the variables already open around it."""
    stack: list[tuple[cel.Node, frozenset[str]]] = [(node, frozenset())]
    while stack:
        current, outer = stack.pop()
        inner = outer
        for variable in _introduced(current):
            yield variable.name, variable.span, inner
            inner = inner | {variable.name}
        # The range of a loop stands outside its variables: `a.filter(x, ...).exists(x, ...)` shadows nothing.
        outside = current.target if isinstance(current, cel.Call) else None
        stack.extend((child, outer if child is outside else inner) for child in children(current))


def _introduced(node: cel.Node) -> list[cel.Ident]:
    if not isinstance(node, cel.Call) or node.target is None:
        return []
    if node.function == "bind" and isinstance(node.target, cel.Ident) and node.target.name == "cel":
        count = 1
    else:
        count = _LOOPS.get(node.function, 0)
        # The last argument is always the body: `xs.all(x, p)` has one variable, `xs.all(i, x, p)` two.
        count = min(count, len(node.args) - 1)
        if node.function in {"all", "exists", "exists_one", "existsOne"} and len(node.args) == 2:
            count = 1
    return [arg for arg in node.args[: max(count, 0)] if isinstance(arg, cel.Ident)]
