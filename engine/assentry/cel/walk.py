"""Walking an expression without recursion."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from assentry.cel import nodes
from assentry.cel.nodes import Node

MAX_DEPTH = 64
"""The deepest expression that is accepted, in levels of nodes, and the deepest nesting of brackets."""


def children(node: Node) -> tuple[Node, ...]:
    """The expressions directly below a node, in the order of the text."""
    return _CHILDREN[type(node)](node)


def _none(_: Node) -> tuple[Node, ...]:
    return ()


def _of_call(node: nodes.Call) -> tuple[Node, ...]:
    return node.args if node.target is None else (node.target, *node.args)


_CHILDREN: Mapping[type[Node], Callable[[Any], tuple[Node, ...]]] = MappingProxyType(
    {
        nodes.Literal: _none,
        nodes.Ident: _none,
        nodes.Select: lambda node: (node.operand,),
        nodes.Index: lambda node: (node.operand, node.index),
        nodes.Call: _of_call,
        nodes.ListLiteral: lambda node: tuple([element for element, _ in node.elements]),
        nodes.MapLiteral: lambda node: tuple([part for key, value, _ in node.entries for part in (key, value)]),
        nodes.MessageLiteral: lambda node: tuple([value for _, value, _ in node.fields]),
        nodes.And: attrgetter("operands"),
        nodes.Or: attrgetter("operands"),
        nodes.Ternary: lambda node: (node.condition, node.then, node.otherwise),
        nodes.Unary: lambda node: (node.operand,),
        nodes.Binary: lambda node: (node.left, node.right),
    }
)


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, each parent before its children."""
    pending = [node]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(children(node)))


def too_deep(node: Node, limit: int = MAX_DEPTH) -> Node | None:
    """A node on the first level below `limit` levels, or None when the tree is no deeper."""
    level: tuple[Node, ...] = (node,)
    for _ in range(limit):
        level = tuple(child for parent in level for child in children(parent))
        if not level:
            return None
    return level[0]
