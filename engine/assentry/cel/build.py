"""Builds the nodes of an expression while lark reduces, without a parse tree in between.

Every method takes the symbols of one production (see grammar.lark) and returns its value. Between
productions a chain is a flat list `[operand, operator, operand, ...]`, climbed when it is complete, and
a parenthesised expression keeps its outer extent, so that the span of `(a) + (b)` holds both pairs. The
span of a parenthesised expression itself is that of the expression inside.
"""

from __future__ import annotations

import math
from typing import Any, cast

from assentry.cel import nodes
from assentry.cel.lexer import Token
from assentry.cel.nodes import Node
from assentry.source import Span

INT_MAX = 2**63 - 1
UINT_MAX = 2**64 - 1

_TERNARY_HELP = "write it in parentheses"


class Refused(Exception):
    """A text that follows the grammar and yet cannot be accepted; becomes a diagnostic."""

    def __init__(self, code: str, message: str, span: Span, advice: str | None = None) -> None:
        self.code = code
        self.message = message
        self.span = span
        self.advice = advice
        super().__init__(message)


class Parens:
    """An expression in parentheses, while the enclosing node is being built."""

    __slots__ = ("node", "span")

    def __init__(self, node: Node, span: Span) -> None:
        self.node = node
        self.span = span


Operand = Node | Parens
Children = list[Any]


def bare(operand: Operand) -> Node:
    """The expression itself."""
    return operand.node if isinstance(operand, Parens) else operand


class ExpressionBuilder:
    """What lark calls on each reduction; has no state, so one instance serves all threads."""

    # ---- literals and names ----

    def ident(self, children: Children) -> Node:
        token: Token = children[0]
        return nodes.Ident(Span(token.start, token.end), token.value)

    def root_ident(self, children: Children) -> Node:
        return nodes.Ident(Span(children[0].start, children[1].end), children[1].value, True)

    def int_literal(self, children: Children) -> Node:
        return nodes.Literal(Span(children[0].start, children[0].end), "int", integer(children[0]))

    def uint_literal(self, children: Children) -> Node:
        token: Token = children[0]
        span = Span(token.start, token.end)
        digits = token.value[:-1]
        value = _digits(digits)
        if value is None or value > UINT_MAX:
            message = f"`{_short(token.value)}` does not fit a uint of 64 bits"
            raise Refused("number-out-of-range", message, span, f"the largest is `{UINT_MAX}u`")
        return nodes.Literal(span, "uint", value)

    def double_literal(self, children: Children) -> Node:
        return nodes.Literal(Span(children[0].start, children[0].end), "double", double(children[0]))

    def string_literal(self, children: Children) -> Node:
        token: Token = children[0]
        return nodes.Literal(Span(token.start, token.end), "string", token.value)

    def bytes_literal(self, children: Children) -> Node:
        token: Token = children[0]
        return nodes.Literal(Span(token.start, token.end), "bytes", token.value)

    def true_literal(self, children: Children) -> Node:
        return nodes.Literal(Span(children[0].start, children[0].end), "bool", True)

    def false_literal(self, children: Children) -> Node:
        return nodes.Literal(Span(children[0].start, children[0].end), "bool", False)

    def null_literal(self, children: Children) -> Node:
        return nodes.Literal(Span(children[0].start, children[0].end), "null", None)

    # ---- chains ----

    def expression(self, children: Children) -> Node:
        return bare(children[0])

    def whole(self, children: Children) -> Operand:
        chain = children[0]
        return climb(chain) if type(chain) is list else chain

    def more(self, children: Children) -> list[Any]:
        chain, operator, operand = children
        if type(chain) is not list:
            return [chain, operator, operand]
        chain += (operator, operand)
        return chain

    def sign(self, children: Children) -> Node:
        token, operand = children
        return nodes.Unary(Span(token.start, operand.span.end), token.value, bare(operand))

    def ternary(self, children: Children) -> Node:
        condition, then = self.whole(children[0:1]), self.whole(children[2:3])
        otherwise: Operand = children[4]
        span = Span(condition.span.start, otherwise.span.end)
        return nodes.Ternary(span, bare(condition), bare(then), bare(otherwise))

    def parens(self, children: Children) -> Parens:
        return Parens(bare(children[1]), Span(children[0].start, children[2].end))

    # ---- members ----

    def select(self, children: Children) -> Node:
        operand, _, name = children
        field_span = Span(name.start, name.end)
        return nodes.Select(Span(operand.span.start, name.end), bare(operand), _field(name), field_span)

    def optional_select(self, children: Children) -> Node:
        operand, _, _, name = children
        field_span = Span(name.start, name.end)
        return nodes.Select(Span(operand.span.start, name.end), bare(operand), _field(name), field_span, True)

    def index(self, children: Children) -> Node:
        operand, _, index, close = children
        return nodes.Index(Span(operand.span.start, close.end), bare(operand), bare(index))

    def optional_index(self, children: Children) -> Node:
        operand, _, _, index, close = children
        return nodes.Index(Span(operand.span.start, close.end), bare(operand), bare(index), True)

    def call(self, children: Children) -> Node:
        name: Token = children[0]
        args = tuple(children[2]) if len(children) == 4 else ()
        return nodes.Call(Span(name.start, children[-1].end), name.value, None, args, Span(name.start, name.end))

    def root_call(self, children: Children) -> Node:
        name: Token = children[1]
        args = tuple(children[3]) if len(children) == 5 else ()
        span = Span(children[0].start, children[-1].end)
        return nodes.Call(span, name.value, None, args, Span(name.start, name.end), True)

    def method(self, children: Children) -> Node:
        target, name = children[0], children[2]
        args = tuple(children[4]) if len(children) == 6 else ()
        span = Span(target.span.start, children[-1].end)
        return nodes.Call(span, name.value, bare(target), args, Span(name.start, name.end))

    def message(self, children: Children) -> Node:
        operand: Operand = children[0]
        name = _qualified(operand)
        if name is None:
            span = Span(children[1].start, children[1].end)
            raise Refused("syntax", "unexpected `{` after a value", span, "join two conditions with `&&`")
        fields = tuple(children[2]) if len(children) > 3 else ()
        return nodes.MessageLiteral(Span(operand.span.start, children[-1].end), name, fields)

    # ---- lists, maps, arguments ----

    def list_literal(self, children: Children) -> Node:
        elements = tuple(children[1]) if len(children) > 2 else ()
        return nodes.ListLiteral(Span(children[0].start, children[-1].end), elements)

    def empty_list(self, children: Children) -> Node:
        return nodes.ListLiteral(Span(children[0].start, children[-1].end), ())

    def empty_map(self, children: Children) -> Node:
        return nodes.MapLiteral(Span(children[0].start, children[-1].end), ())

    def map_literal(self, children: Children) -> Node:
        entries = tuple(children[1]) if len(children) > 2 else ()
        return nodes.MapLiteral(Span(children[0].start, children[-1].end), entries)

    def first(self, children: Children) -> list[Node]:
        return [bare(children[0])]

    def next(self, children: Children) -> list[Node]:
        collected: list[Node] = children[0]
        collected.append(bare(children[2]))
        return collected

    def start_list(self, children: Children) -> Children:
        return children

    def extend_list(self, children: Children) -> Children:
        collected: Children = children[0]
        collected.append(children[2])
        return collected

    def plain_element(self, children: Children) -> tuple[Node, bool]:
        return (bare(children[0]), False)

    def optional_element(self, children: Children) -> tuple[Node, bool]:
        return (bare(children[1]), True)

    def plain_entry(self, children: Children) -> tuple[Node, Node, bool]:
        return (bare(children[0]), bare(children[2]), False)

    def optional_entry(self, children: Children) -> tuple[Node, Node, bool]:
        return (bare(children[1]), bare(children[3]), True)

    def plain_field(self, children: Children) -> tuple[str, Node, bool]:
        return (_field(children[0]), bare(children[2]), False)

    def optional_field(self, children: Children) -> tuple[str, Node, bool]:
        return (_field(children[1]), bare(children[3]), True)


# ---- precedence ----

PRECEDENCE = {
    "||": 1,
    "&&": 2,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in"), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/", "%"), 5),
}


def climb(chain: list[Any]) -> Node:
    """The node of `[operand, operator, operand, ...]`: by precedence, leftmost first, `&&` and `||` flat.

    Works with two stacks, so that a long chain needs no recursion.
    """
    if len(chain) == 3 and PRECEDENCE[chain[1].value] > 2:
        return _binary(*chain)
    values: list[Any] = [chain[0]]
    operators: list[Token] = []
    for at in range(1, len(chain), 2):
        operator: Token = chain[at]
        level = PRECEDENCE[operator.value]
        while operators and PRECEDENCE[operators[-1].value] >= level:
            if level <= 2 and operators[-1].value == operator.value:
                break
            _reduce(values, operators)
        operators.append(operator)
        values.append(chain[at + 1])
    while operators:
        _reduce(values, operators)
    return cast(Node, values[0])


def _binary(left: Operand, operator: Token, right: Operand) -> Node:
    span = Span(left.span.start, right.span.end)
    return nodes.Binary(span, operator.value, bare(left), bare(right), Span(operator.start, operator.end))


def _reduce(values: list[Any], operators: list[Token]) -> None:
    """Replace the operands of the last operator by their node; all of a run of one logic operator at once."""
    operator = operators.pop()
    symbol = operator.value
    if PRECEDENCE[symbol] > 2:
        right, left = values.pop(), values.pop()
        values.append(_binary(left, operator, right))
        return
    count = 2
    while operators and operators[-1].value == symbol:
        operators.pop()
        count += 1
    operands = values[-count:]
    del values[-count:]
    span = Span(operands[0].span.start, operands[-1].span.end)
    node = nodes.And if symbol == "&&" else nodes.Or
    values.append(node(span, tuple([bare(operand) for operand in operands])))


# ---- tokens to values ----


def integer(token: Token) -> int:
    """The value of an INT token; raises `Refused` outside int64."""
    value = _digits(token.value)
    if value is None or not -INT_MAX - 1 <= value <= INT_MAX:
        span = Span(token.start, token.end)
        message = f"`{_short(token.value)}` does not fit an int of 64 bits"
        raise Refused("number-out-of-range", message, span, f"ints go from `{-INT_MAX - 1}` to `{INT_MAX}`")
    return value


def double(token: Token) -> float:
    """The value of a FLOAT token; raises `Refused` beyond double's range."""
    value = float(token.value)
    if math.isinf(value):
        span = Span(token.start, token.end)
        message = f"`{_short(token.value)}` does not fit a double"
        raise Refused("number-out-of-range", message, span, "the largest is about `1.8e308`")
    return value


def _digits(text: str) -> int | None:
    """None for what is too long to be worth converting (Python refuses thousands of digits)."""
    if len(text) > 400:
        return None
    return int(text, 16) if "x" in text else int(text)


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."


def _field(token: Token) -> str:
    name: str = token.value
    return name[1:-1] if token.type == "QUOTED" else name


def _qualified(operand: Operand) -> str | None:
    """`a.b.C` of a chain of plain selections, or None."""
    names: list[str] = []
    while isinstance(operand, nodes.Select) and not operand.optional:
        names.append(operand.field)
        operand = operand.operand
    if not isinstance(operand, nodes.Ident):
        return None
    names.append(operand.name)
    return ("." if operand.absolute else "") + ".".join(reversed(names))
