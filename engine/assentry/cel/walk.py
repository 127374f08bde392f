"""Walking an expression without recursion."""

from __future__ import annotations

from collections.abc import Iterator

from assentry.cel import nodes
from assentry.cel.nodes import Node

MAX_DEPTH = 64
"""The deepest expression that is accepted, in levels of nodes, and the deepest nesting of brackets."""


def children(node: Node) -> tuple[Node, ...]:
    """The expressions directly below a node, in the order of the text."""
    match node:
        case nodes.Select():
            return (node.operand,)
        case nodes.Index():
            return (node.operand, node.index)
        case nodes.Call():
            return node.args if node.target is None else (node.target, *node.args)
        case nodes.ListLiteral():
            return tuple(element for element, _ in node.elements)
        case nodes.MapLiteral():
            return tuple(part for key, value, _ in node.entries for part in (key, value))
        case nodes.MessageLiteral():
            return tuple(value for _, value, _ in node.fields)
        case nodes.And() | nodes.Or():
            return node.operands
        case nodes.Ternary():
            return (node.condition, node.then, node.otherwise)
        case nodes.Unary():
            return (node.operand,)
        case nodes.Binary():
            return (node.left, node.right)
        case _:
            return ()


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
