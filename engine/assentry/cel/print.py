"""From a CEL tree to text: as few parentheses as the tree needs, and a few more where readers want them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from assentry.cel import escape, nodes
from assentry.cel.build import PRECEDENCE
from assentry.cel.doc import Concat, Doc, IfBroken, Line, concat, group, indent, render
from assentry.cel.lexer import HARD_WORDS
from assentry.cel.nodes import Node
from assentry.source import Span

_TERNARY, _OR, _AND, _RELATION, _UNARY, _MEMBER = 0, 1, 2, 3, 6, 7
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BRACKETED = (nodes.ListLiteral, nodes.MapLiteral)
_UNLIMITED = 2**31


class Margin(Protocol):
    """What stands beside the code: comments, and how the author spelled a literal."""

    def line(self, next_start: int, flat: str = " ") -> Line:
        """A place to break before the token at `next_start`, with the comments up to there."""

    def spelling(self, span: Span) -> str | None:
        """The author's text of a literal, or None when there is none."""


class NoMargin:
    """For a tree without a text."""

    def line(self, next_start: int, flat: str = " ") -> Line:
        return Line(flat)

    def spelling(self, span: Span) -> str | None:
        return None


def unparse(node: Node) -> str:
    """One line that parses to the same tree, spans apart."""
    return render(Printer(NoMargin()).document(node), _UNLIMITED)


def level(node: Node) -> int:
    """How tightly a node binds: 0 for `?:` up to 7 for what needs no parentheses anywhere."""
    match node:
        case nodes.Ternary():
            return _TERNARY
        case nodes.Or():
            return _OR
        case nodes.And():
            return _AND
        case nodes.Binary():
            return PRECEDENCE[node.operator]
        case nodes.Unary():
            return _UNARY
        case _:
            return _MEMBER


class Printer:
    """Builds the document of an expression, in the order of the text, so that comments find their line."""

    def __init__(self, margin: Margin) -> None:
        self.margin = margin

    def document(self, node: Node) -> Doc:
        """The document of an expression that stands alone: what breaks off is indented."""
        return self._node(node, nested=True)

    def _at_least(self, node: Node, wanted: int) -> Doc:
        """The node, in parentheses when it binds less tightly than its place wants."""
        return self._parens(node) if level(node) < wanted else self._node(node, nested=True)

    def _parens(self, node: Node) -> Doc:
        opening = self.margin.line(node.span.start, "")
        return group("(", indent(opening, self._node(node, nested=False)), Line(""), ")")

    def _node(self, node: Node, *, nested: bool) -> Doc:
        match node:
            case nodes.Literal():
                return self.literal(node)
            case nodes.Ident():
                return f".{node.name}" if node.absolute else node.name
            case nodes.Select():
                mark = "?" if node.optional else ""
                return concat(self._operand(node.operand), f".{mark}{_field(node.field)}")
            case nodes.Index():
                return self._index(node)
            case nodes.Call():
                return self._call(node)
            case nodes.ListLiteral() | nodes.MapLiteral() | nodes.MessageLiteral():
                return self._collection(node)
            case nodes.And():
                return self._chain("&&", node.operands, _AND + 1, nested=nested)
            case nodes.Or():
                return self._chain("||", node.operands, _AND + 1, nested=nested)
            case nodes.Ternary():
                return self._ternary(node, nested=nested)
            case nodes.Unary():
                return self._unary(node)
            case nodes.Binary():
                return self._binary(node, nested=nested)
            case _:
                raise TypeError(f"no such node: {type(node).__name__}")

    # ---- leaves and members ----

    def literal(self, node: nodes.Literal) -> str:
        """A literal as its author spelled it, normalised, or else by its value."""
        value = node.value
        if (spelled := self.margin.spelling(node.span)) is not None:
            return respell(spelled) if node.kind in {"string", "bytes"} else spelled.replace("U", "u")
        match value:
            case None:
                return "null"
            case bool():
                return "true" if value else "false"
            case str():
                return escape.spell_string(value)
            case bytes():
                return escape.spell_bytes(value)
            case float():
                return repr(value)
            case _:
                return f"{value}u" if node.kind == "uint" else str(value)

    def _operand(self, node: Node) -> Doc:
        """What stands before `.`, `[`: a number is parenthesised, since `1.abs()` reads badly."""
        if isinstance(node, nodes.Literal) and node.kind in {"int", "uint", "double"}:
            return self._parens(node)
        return self._at_least(node, _MEMBER)

    def _index(self, node: nodes.Index) -> Doc:
        mark = "[?" if node.optional else "["
        operand = self._operand(node.operand)
        opening = self.margin.line(node.index.span.start, "")
        inner = self._node(node.index, nested=False)
        return concat(operand, group(mark, indent(opening, inner), self.margin.line(node.span.end - 1, ""), "]"))

    def _call(self, node: nodes.Call) -> Doc:
        head: Doc = "." if node.absolute else ""
        if node.target is not None:
            head = concat(self._operand(node.target), ".")
        if not node.args:
            return concat(head, f"{node.function}()")
        return concat(head, self._enclosed(f"{node.function}(", ")", node.args, node.span, trailing=False))

    def _enclosed(self, opening: str, closing: str, items: Sequence[Node], span: Span, *, trailing: bool) -> Doc:
        parts: list[Doc] = []
        for at, item in enumerate(items):
            parts += [self.margin.line(item.span.start, " " if at else ""), self._node(item, nested=True)]
            parts.append("," if at + 1 < len(items) else IfBroken("," if trailing else ""))
        return group(opening, indent(*parts), self.margin.line(span.end - 1, ""), closing)

    def _collection(self, node: nodes.ListLiteral | nodes.MapLiteral | nodes.MessageLiteral) -> Doc:
        opening, closing = "{", "}"
        entries: list[tuple[Node, Node | str | None, bool]]
        match node:
            case nodes.ListLiteral():
                opening, closing = "[", "]"
                entries = [(element, None, optional) for element, optional in node.elements]
            case nodes.MapLiteral():
                entries = [(value, key, optional) for key, value, optional in node.entries]
            case nodes.MessageLiteral():
                opening = f"{node.name}{{"
                entries = [(value, field, optional) for field, value, optional in node.fields]
        if not entries:
            return opening + closing
        parts: list[Doc] = []
        for at, (value, key, optional) in enumerate(entries):
            first = key if isinstance(key, Node) else value
            parts.append(self.margin.line(first.span.start, " " if at else ""))
            parts.append("?" if optional else "")
            if key is not None:
                parts.append(_field(key) if isinstance(key, str) else self._node(key, nested=True))
                parts.append(": ")
            parts.append(self._node(value, nested=True))
            parts.append("," if at + 1 < len(entries) else IfBroken(","))
        return group(opening, indent(*parts), self.margin.line(node.span.end - 1, ""), closing)

    # ---- operators ----

    def _unary(self, node: nodes.Unary) -> Doc:
        operand = node.operand
        number = isinstance(operand, nodes.Literal) and operand.kind in {"int", "double"}
        if node.operator == "-" and number:
            inner = self._node(operand, nested=True)
            return concat("-", inner) if isinstance(inner, str) and inner[0] == "-" else concat("-(", inner, ")")
        return concat(node.operator, self._at_least(operand, _UNARY))

    def _chain(self, symbol: str, operands: Sequence[Node], wanted: int, *, nested: bool) -> Doc:
        first = self._at_least(operands[0], wanted)
        rest: list[Doc] = []
        for operand in operands[1:]:
            rest += [self.margin.line(operand.span.start), f"{symbol} ", self._at_least(operand, wanted)]
        return group(first, indent(*rest) if nested else concat(*rest))

    def _ternary(self, node: nodes.Ternary, *, nested: bool) -> Doc:
        condition = self._at_least(node.condition, _OR)
        rest = concat(
            self.margin.line(node.then.span.start),
            "? ",
            self._at_least(node.then, _OR),
            self.margin.line(node.otherwise.span.start),
            ": ",
            self._at_least(node.otherwise, _TERNARY),
        )
        return group(condition, indent(rest) if nested else rest)

    def _binary(self, node: nodes.Binary, *, nested: bool) -> Doc:
        """A run of one precedence is one group; a relation inside a relation is parenthesised for readers."""
        own = PRECEDENCE[node.operator]
        spine: list[nodes.Binary] = []
        left: Node = node
        while isinstance(left, nodes.Binary) and PRECEDENCE[left.operator] == own and (not spine or own > _RELATION):
            spine.append(left)
            left = left.left
        first = self._at_least(left, own + 1)
        if isinstance(node.right, _BRACKETED) and len(spine) == 1:
            return concat(first, self._operation(node, own + 1))
        rest = [self._operation(binary, own + 1) for binary in reversed(spine)]
        return group(first, indent(*rest) if nested else concat(*rest))

    def _operation(self, node: nodes.Binary, wanted: int) -> Concat:
        """The operator and its right side. A line never begins with `-`, which would begin a new condition."""
        right = node.right
        if isinstance(right, _BRACKETED):
            return concat(f" {node.operator} ", self._at_least(right, wanted))
        if node.operator == "-":
            return concat(" -", self.margin.line(right.span.start), self._at_least(right, wanted))
        return concat(self.margin.line(right.span.start), f"{node.operator} ", self._at_least(right, wanted))


def _field(name: str) -> str:
    return name if _NAME.fullmatch(name) and name not in HARD_WORDS else f"`{name}`"


def respell(literal: str) -> str:
    """A string or bytes literal in double quotes where it can be, with small prefixes."""
    prefix_end = next(at for at, char in enumerate(literal) if char in "\"'")
    prefix = literal[:prefix_end].lower()
    _, raw, offset, body = escape.split(literal)
    quotes = literal[prefix_end:offset]
    body = body.replace("\r\n", "\n")
    if quotes[0] == '"':
        return f"{prefix}{quotes}{body}{quotes}"
    plain = body if raw else body.replace("\\'", "")
    if '"' in body or (not raw and "\\" in plain):
        return f"{prefix}{quotes}{body}{quotes}"
    doubled = '"' * len(quotes)
    return f"{prefix}{doubled}{body if raw else body.replace(chr(92) + chr(39), chr(39))}{doubled}"
