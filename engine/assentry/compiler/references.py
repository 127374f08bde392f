"""What a condition refers to, read off its syntax alone (before types are known)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from assentry.cel import nodes as cel
from assentry.cel.walk import children, walk
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
    stack: list[tuple[cel.Node, frozenset[str]]] = [(node, frozenset())] if _has_method(node) else []
    while stack:
        current, outer = stack.pop()
        inner = outer
        for variable in _introduced(current):
            yield variable.name, variable.span, inner
            inner = inner | {variable.name}
        # The range of a loop stands outside its variables: `a.filter(x, ...).exists(x, ...)` shadows nothing.
        outside = current.target if isinstance(current, cel.Call) else None
        stack += [(child, outer if child is outside else inner) for child in children(current)]


def _has_method(node: cel.Node) -> bool:
    """Whether some call has a target, as every macro with variables has: most conditions have none."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, cel.Call) and current.target is not None:
            return True
        waiting += children(current)
    return False


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
