"""The syntax tree of a CEL expression: frozen, every node with its span.

Macros are not expanded here: `has(a.b)` and `xs.exists(x, ...)` are calls, as written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as Choice

from assentry.source import Span

LiteralKind = Choice["int", "uint", "double", "string", "bytes", "bool", "null"]


@dataclass(frozen=True, slots=True)
class Node:
    """The root of all expression nodes."""

    span: Span


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A literal; `value` is a Python int, float, str, bytes, bool or None, and `kind` tells int from uint."""

    kind: LiteralKind
    value: int | float | str | bytes | bool | None


@dataclass(frozen=True, slots=True)
class Ident(Node):
    """A name; `absolute` when written with a leading dot."""

    name: str
    absolute: bool = False


@dataclass(frozen=True, slots=True)
class Select(Node):
    """`operand.field`, or `operand.?field` when optional; `field_span` covers the field's name alone."""

    operand: Node
    field: str
    field_span: Span
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Index(Node):
    """`operand[index]`, or `operand[?index]` when optional."""

    operand: Node
    index: Node
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`function(args)` or `target.function(args)`; `name_span` covers the function's name alone."""

    function: str
    target: Node | None
    args: tuple[Node, ...]
    name_span: Span
    absolute: bool = False


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    """`[a, ?b]`; each element with whether it is optional."""

    elements: tuple[tuple[Node, bool], ...]


@dataclass(frozen=True, slots=True)
class MapLiteral(Node):
    """`{k: v, ?k: v}`; each entry as key, value, whether it is optional."""

    entries: tuple[tuple[Node, Node, bool], ...]


@dataclass(frozen=True, slots=True)
class MessageLiteral(Node):
    """`pkg.Type{field: value}`: read so that it can be refused (or resolved) with a good message."""

    name: str
    fields: tuple[tuple[str, Node, bool], ...]


@dataclass(frozen=True, slots=True)
class And(Node):
    """`a && b && c`, flat; two operands or more."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    """`a || b || c`, flat; two operands or more."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Ternary(Node):
    """`condition ? then : otherwise`."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """`!operand` or `-operand`, one sign a node."""

    operator: Choice["!", "-"]
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """`left operator right` for comparison, membership and arithmetic."""

    operator: Choice["==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%"]
    left: Node
    right: Node
    operator_span: Span
