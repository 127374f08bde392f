"""Builds the statements of a rule file while lark reduces; see grammar.lark for the productions."""

from __future__ import annotations

import re
from typing import Any

from assentry.cel.build import Children, ExpressionBuilder, Refused, bare, double, integer
from assentry.cel.lexer import RESERVED, Token
from assentry.diagnostics import did_you_mean
from assentry.language import nodes
from assentry.language.lexer import OWN_WORDS
from assentry.source import Span

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_PART = re.compile(r"([0-9]+)([smhd])")
_RESERVED = OWN_WORDS | RESERVED
_FLAGS = {"true": True, "false": False, "null": None}


class StatementBuilder(ExpressionBuilder):
    """What lark calls on each reduction; has no state, so one instance serves all threads."""

    # ---- statements ----

    def package(self, children: Children) -> nodes.Statement:
        defaults: nodes.With | None = children[2] if len(children) == 3 else None
        span = Span(children[0].start, defaults.span.end if defaults else children[1].end)
        return nodes.Package(span, _own_name(children[1]), defaults)

    def import_data(self, children: Children) -> nodes.Statement:
        path = _dotted(children[1])
        if path[0].value != "data":
            message = f"`{path[0].value}` cannot be imported"
            raise Refused(
                "bad-import", message, _span(path[0]), "data files are imported by name: `import data.accounts`"
            )
        names = (*map(_name, path[:-1]), _own_name(path[-1]))
        return nodes.Import(Span(children[0].start, path[-1].end), names)

    def default(self, children: Children) -> nodes.Statement:
        return nodes.Default(Span(children[0].start, children[1].end), children[1].value)

    def const(self, children: Children) -> nodes.Statement:
        return nodes.Const(Span(children[0].start, children[3].span.end), _own_name(children[1]), bare(children[3]))

    def definition(self, children: Children) -> nodes.Statement:
        name, body = children
        return nodes.Head(Span(name.start, body.span.end), _own_name(name), None, body)

    def function(self, children: Children) -> nodes.Statement:
        name, params, body = children[0], children[2], children[4]
        return nodes.Head(Span(name.start, body.span.end), _own_name(name), tuple(map(_own_name, params)), body)

    def rule(self, children: Children) -> nodes.Statement:
        return _rule(children[0].value, children[0], children[1:])

    def approval_rule(self, children: Children) -> nodes.Statement:
        return _rule("require_approval", children[0], children[2:])

    def risk_rule(self, children: Children) -> nodes.Statement:
        return _rule("risk", children[0], children[2:], children[1])

    # ---- bodies ----

    def line_body(self, children: Children) -> nodes.Body:
        condition = children[1]
        return nodes.Body(condition.span, (bare(condition),), False)

    def braced_body(self, children: Children) -> nodes.Body:
        return nodes.Body(Span(children[1].start, children[-1].end), tuple(children[2]), True)

    def start_params(self, children: Children) -> Children:
        return children

    def extend_list(self, children: Children) -> Children:
        collected: Children = children[0]
        collected.append(children[2])
        return collected

    # ---- with ----

    def pair(self, children: Children) -> nodes.Entry:
        key, _, value = children
        return nodes.Entry(Span(key.start, value.span.end), _name(key), value)

    def text(self, children: Children) -> nodes.Value:
        return _text(children[0])

    def number(self, children: Children) -> nodes.Value:
        token: Token = children[0]
        return nodes.Number(_span(token), integer(token) if token.type == "INT" else double(token))

    def flag(self, children: Children) -> nodes.Value:
        return nodes.Flag(_span(children[0]), _FLAGS[children[0].value])

    def duration(self, children: Children) -> nodes.Value:
        token: Token = children[0]
        return nodes.Duration(_span(token), token.value, _seconds(token))

    def control(self, children: Children) -> nodes.Value:
        return nodes.Control(_span(children[0]), children[0].value)

    def word(self, children: Children) -> nodes.Value:
        return nodes.Word(_span(children[0]), children[0].value)

    def start_path(self, children: Children) -> Children:
        return children

    def path_value(self, children: Children) -> nodes.Value:
        names = _dotted(children[0])
        return nodes.Path(Span(names[0].start, names[-1].end), tuple(token.value for token in names))

    def seats_value(self, children: Children) -> nodes.Value:
        seats: list[nodes.Seat] = children[0]
        return nodes.Seats(Span(seats[0].span.start, seats[-1].span.end), tuple(seats))

    def extend_seats(self, children: Children) -> Children:
        _expect_word(children[1], ("and",))
        return self.extend_list(children)

    def seat(self, children: Children) -> nodes.Value:
        count, of, selector, _, name, close = children
        _expect_word(of, ("of",))
        _expect_word(selector, ("group", "role"))
        number = integer(count)
        if number < 1:
            raise Refused("bad-seat", "a seat needs at least one person", _span(count))
        return nodes.Seat(Span(count.start, close.end), number, selector.value, name.value)

    def items(self, children: Children) -> nodes.Value:
        values = tuple(children[1]) if len(children) > 2 else ()
        return nodes.Items(Span(children[0].start, children[-1].end), values)

    def key_value(self, children: Children) -> tuple[nodes.Text, nodes.Value]:
        return (_text(children[0]), children[2])

    def mapping(self, children: Children) -> nodes.Value:
        entries = tuple(children[1]) if len(children) > 2 else ()
        return nodes.Mapping(Span(children[0].start, children[-1].end), entries)


def _with(self: StatementBuilder, children: Children) -> nodes.With:
    return nodes.With(Span(children[0].start, children[-1].end), tuple(children[2]))


setattr(StatementBuilder, "with", _with)  # lark looks for the rule's own name, a word of Python


def _rule(effect: nodes.Effect, head: Token, rest: Children, weight: Token | None = None) -> nodes.Statement:
    """A rule from its head, its weight and `[name, body]` or `[name, body, with]`."""
    with_: nodes.With | None = rest[2] if len(rest) == 3 else None
    last: Any = with_ or rest[1]
    span = Span(head.start, last.span.end)
    if weight is None:
        return nodes.Rule(span, effect, _own_name(rest[0]), rest[1], with_)
    number = integer(weight)
    if number < 1:
        raise Refused(
            "bad-weight", f"`{weight.value}` is no weight", _span(weight), "a weight is a positive whole number"
        )
    return nodes.Rule(span, effect, _own_name(rest[0]), rest[1], with_, number, _span(weight))


def _seconds(token: Token) -> int:
    parts: list[tuple[str, str]] = _PART.findall(token.value)
    sizes = [_UNITS[unit] for _, unit in parts]
    if sizes != sorted(set(sizes), reverse=True):
        message = f"`{token.value}` repeats or disorders its units"
        raise Refused("bad-duration", message, _span(token), "largest unit first, each once: `1d12h`, `1h30m`")
    if len(token.value) > 18:
        raise Refused("bad-duration", f"`{token.value[:15]}...` is too long a time", _span(token))
    return sum(int(count) * size for (count, _), size in zip(parts, sizes, strict=True))


def _expect_word(token: Token, words: tuple[str, ...]) -> None:
    if token.value not in words:
        wanted = " or ".join(f"`{word}`" for word in words)
        advice = did_you_mean(token.value, words) or 'write seats as `2 of group("security") and 1 of role("owner")`'
        raise Refused("bad-seat", f"expected {wanted}, found `{token.value}`", _span(token), advice)


def _dotted(path: Children) -> list[Token]:
    """The words of a path."""
    return [token for token in path if token.type != "DOT"]


def _span(token: Token) -> Span:
    return Span(token.start, token.end)


def _name(token: Token) -> nodes.Name:
    return nodes.Name(Span(token.start, token.end), token.value)


def _own_name(token: Token) -> nodes.Name:
    """A name that the file gives to something of its own."""
    if token.value in _RESERVED:
        message = f"`{token.value}` is a reserved word and cannot be a name of your own"
        raise Refused("reserved-name", message, _span(token), "choose another name")
    return nodes.Name(Span(token.start, token.end), token.value)


def _text(token: Token) -> nodes.Text:
    return nodes.Text(Span(token.start, token.end), token.value)
