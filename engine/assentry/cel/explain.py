"""Why a token cannot stand where it stands, in the words of the language.

A hint is a function that recognises one mistake; the first that does gives the finding. When none does, the
finding says what was unexpected and what could have stood there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lark import Lark
from lark.exceptions import UnexpectedToken

from assentry.cel.lexer import ENDS_OPERAND, HARD_WORDS, Token
from assentry.diagnostics import Diagnostic, Related, visible
from assentry.source import Source, Span

CLOSERS = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE", "BODY_OPEN": "BODY_CLOSE", "WITH_OPEN": "WITH_CLOSE"}
_END = "$END"


@dataclass(frozen=True)
class Finding:
    """What a hint says; `span` and `expected` default to the token's and to what the grammar accepts."""

    code: str
    message: str
    help: str | None = None
    span: Span | None = None
    expected: tuple[str, ...] | None = None
    related: tuple[tuple[str, Span], ...] = ()


@dataclass(frozen=True)
class Unexpected:
    """A token that the grammar refuses, with what stands around it."""

    source: Source
    tokens: Sequence[Token]
    at: int
    accepts: frozenset[str]

    def kind(self, offset: int = 0) -> str:
        """The type of the token so many places on; `$END` beyond either end."""
        at = self.at + offset
        return self.tokens[at].type if 0 <= at < len(self.tokens) else _END

    def text(self, offset: int = 0) -> str:
        """The token's text as written; empty beyond either end."""
        at = self.at + offset
        return self.source.slice(self.span(offset)) if 0 <= at < len(self.tokens) else ""

    def span(self, offset: int = 0) -> Span:
        """The token's place; the end of the last token beyond the end."""
        at = self.at + offset
        if at < len(self.tokens):
            return Span(self.tokens[at].start, self.tokens[at].end)
        end = self.tokens[-1].end if self.tokens else 0
        return Span(end, end)

    def touches(self, offset: int = 0) -> bool:
        """Whether no blank stands before the token."""
        return 0 < self.at + offset < len(self.tokens) and self.span(offset - 1).end == self.span(offset).start

    @cached_property
    def open(self) -> list[Token]:
        """The brackets that are open here, outermost first."""
        stack: list[Token] = []
        for token in self.tokens[: self.at]:
            if token.type in CLOSERS:
                stack.append(token)
            elif stack and token.type == CLOSERS[stack[-1].type]:
                stack.pop()
        return stack


Hint = Callable[[Unexpected], Finding | None]


@dataclass(frozen=True)
class Place:
    """What is being read: how messages call it, its hints, and what the terminals are called."""

    whole: str
    end: str
    hints: tuple[Hint, ...]
    begins: Callable[[Unexpected], str | None]
    """The name of what could begin here, when it is more than a value: "a condition"."""


def unexpected(
    parser: Lark, source: Source, tokens: Sequence[Token], error: UnexpectedToken, place: Place
) -> Diagnostic:
    """The finding for the token that lark refused."""
    refused: Any = error.token
    at = len(tokens) if refused.type == _END else next(at for at, token in enumerate(tokens) if token is refused)
    seen = Unexpected(source, tokens, at, _accepts(parser, tokens[:at]))
    finding = next((found for hint in place.hints if (found := hint(seen)) is not None), None)
    if finding is None:
        finding = Finding("syntax", _message(seen, place))
    expected = _expected(seen, place) if finding.expected is None else finding.expected
    return Diagnostic(
        finding.code,
        finding.message,
        source,
        finding.span or seen.span(),
        help=finding.help,
        expected=expected,
        related=tuple(Related(message, source, span) for message, span in finding.related),
    )


def _accepts(parser: Lark, tokens: Sequence[Token]) -> frozenset[str]:
    """What the grammar takes after these tokens.

    Read anew, since the state in which lark gives up has already been reduced for the token it refuses.
    """
    cursor: Any = parser.parse_interactive()  # lark leaves it untyped
    for token in tokens:
        cursor.feed_token(token)
    return frozenset(cursor.accepts())


def quote(text: str) -> str:
    """A piece of the user's text on one line, short enough for a message."""
    text = " ".join(text.split())
    return f"`{visible(text if len(text) <= 40 else text[:37] + '...')}`"


def _message(seen: Unexpected, place: Place) -> str:
    if seen.kind() != _END:
        return f"unexpected {quote(seen.text())}" if seen.kind() != "NEWLINE" else "the line ends too early"
    return f"{place.whole} ends too early" if seen.tokens else f"{place.whole} is empty"


# ---- what was expected ----

_WORDS = {
    "NAME": "a name",
    "RPAR": "`)`",
    "RSQB": "`]`",
    "RBRACE": "`}`",
    "COMMA": "`,`",
    "COLON": "`:`",
    "IF": "`if`",
    "WITH": "`with`",
    "WITH_OPEN": "`{`",
    "BODY_CLOSE": "`}`",
    "WITH_CLOSE": "`}`",
    "ASSIGN": "`:=`",
    "APPROVAL": "`approval`",
    "DECISION": "`allow` or `deny`",
    "INT": "a whole number",
    "STRING": "a string",
    "LPAR": "`(`",
    "DOT": "`.`",
    "NEWLINE": "a new line",
}
_AFTER_OPERAND = frozenset({"BINOP", "MINUS", "DOT", "LSQB", "LBRACE", "LPAR", "QMARK", "OPTMARK"})
_BEGINS_VALUE = frozenset(
    {"NAME", "LDOT", "INT", "UINT", "FLOAT", "STRING", "BYTES", "TRUE", "FALSE", "NULL", "LPAR", "LSQB", "LBRACE"}
    | {"NOT", "MINUS", "QMARK", "DURATION", "CONTROL", "RESERVED", "BODY_OPEN"}
)


def _expected(seen: Unexpected, place: Place) -> tuple[str, ...]:
    """What could stand here, most telling first."""
    accepts = seen.accepts
    words: list[str] = []
    if "BINOP" in accepts:
        words.append("an operator")
        accepts = accepts - _AFTER_OPERAND
    elif {"TRUE", "STRING"} <= accepts:
        words.append(place.begins(seen) or "a value")
        accepts = accepts - _BEGINS_VALUE
    elif "NAME" in accepts and (begins := place.begins(seen)):
        words.append(begins)
        accepts = accepts - {"NAME"}
    elif seen.kind(-1) in {"DOT", "OPTMARK"}:
        words.append("a field's name")
        accepts = accepts - {"NAME", "OPTMARK"}
    words += [word for terminal, word in _WORDS.items() if terminal in accepts]
    if _END in accepts:
        words.append(place.end)
    return tuple(dict.fromkeys(words))


# ---- hints ----

OPERATOR_WORDS = {"and": "&&", "or": "||", "not": "!", "is": "==", "equals": "==", "eq": "==", "ne": "!="}
_METHOD_WORDS = {"contains", "startswith", "endswith", "matches", "like"}
_METHODS = {"contains": "contains", "startswith": "startsWith", "endswith": "endsWith"}
_STRAY = {"=": "==", "&": "&&", "|": "||", "===": "==", "!==": "!="}
_SYMBOL_PAIRS = {"<>": "!=", "=>": ">=", "=<": "<=", "=!": "!="}


def _bracket(seen: Unexpected) -> Finding | None:
    """A bracket that is never closed, or closes nothing, or closes another kind."""
    kind = seen.kind()
    if kind == _END or (
        seen.text() == "with" and seen.text(1) == "{" and seen.open and seen.open[-1].type in {"LPAR", "LSQB", "LBRACE"}
    ):
        if not seen.open:
            return None
        opener = seen.open[-1]
        span = Span(opener.start, opener.end)
        expected = (_WORDS[CLOSERS[opener.type]],)
        return Finding("unclosed-bracket", f"`{opener.value}` is never closed", span=span, expected=expected)
    if kind not in {"RPAR", "RSQB", "RBRACE", "BODY_CLOSE", "WITH_CLOSE"}:
        return None
    if not seen.open:
        return Finding("unopened-bracket", f"`{seen.text()}` closes nothing", "remove it", expected=())
    opener = seen.open[-1]
    if CLOSERS[opener.type] == kind:
        return None
    related = ((f"`{opener.value}` is opened here", Span(opener.start, opener.end)),)
    expected = (_WORDS[CLOSERS[opener.type]],)
    message = f"`{seen.text()}` cannot close `{opener.value}`"
    return Finding("unclosed-bracket", message, expected=expected, related=related)


def _stray_operator(seen: Unexpected) -> Finding | None:
    text = seen.text()
    ahead = text + seen.text(1) if seen.touches(1) else text
    behind = seen.text(-1) + text if seen.touches() else text
    for pair, first in ((ahead, 0), (behind, -1)):
        if pair in _SYMBOL_PAIRS and len(pair) == 2:
            span = Span(seen.span(first).start, seen.span(first + 1).end)
            return _no_operator(pair, _SYMBOL_PAIRS[pair], span)
    if behind == "/*":
        span = Span(seen.span(-1).start, seen.span().end)
        return Finding("no-operator", "`/*` begins no comment", "comments go to the end of their line", span, ())
    if seen.kind() == "STRAY":
        return _no_operator(text, _STRAY[text], seen.span())
    if seen.kind() == "ASSIGN":
        return Finding("no-operator", "`:=` gives a constant its value and compares nothing", "write `==`", expected=())
    return None


def _no_operator(text: str, meant: str, span: Span) -> Finding:
    return Finding("no-operator", f"`{text}` is no operator", f"did you mean `{meant}`?", span, ())


def _operator_word(seen: Unexpected) -> Finding | None:
    """`and`, `or`, `not` and their kin, where CEL has symbols."""
    if seen.kind(-1) == "NAME" and seen.text(-1).lower() == "not" and seen.kind() != _END:
        return Finding("no-operator", f"`{seen.text(-1)}` is no operator", "write `!`", seen.span(-1), ())
    word = seen.text().lower()
    if seen.kind() not in {"NAME", "NOT"} or seen.kind(-1) not in ENDS_OPERAND | {"BODY_CLOSE"}:
        return None
    if word in {"not", "!"} and seen.text(1) == "in":
        span = Span(seen.span().start, seen.span(1).end)
        return Finding("no-operator", f"`{seen.source.excerpt(span)}` is no operator", "write `!(a in b)`", span, ())
    if word in OPERATOR_WORDS:
        return Finding("no-operator", f"`{seen.text()}` is no operator", f"write `{OPERATOR_WORDS[word]}`", expected=())
    if word in _METHOD_WORDS:
        advice = f'write `text.{_METHODS.get(word, "matches")}("...")`'
        return Finding("no-operator", f"`{seen.text()}` is no operator", advice, expected=())
    return None


def _reserved(seen: Unexpected) -> Finding | None:
    if seen.kind() != "RESERVED" or "NAME" not in seen.accepts:
        return None
    advice = _RESERVED_HELP.get(seen.text(), "choose another name; as a field, behind a dot, it may stand")
    return Finding("reserved-name", f"`{seen.text()}` is a reserved word", advice, expected=())


_RESERVED_HELP = {
    "if": "choose between values with `condition ? a : b`",
    "else": "choose between values with `condition ? a : b`",
    "with": "`with` stands behind the conditions of a rule",
}


def _field(seen: Unexpected) -> Finding | None:
    """`a.in`, and `a?.b` of other languages."""
    if seen.kind(-1) in {"DOT", "OPTMARK"} and seen.text() in HARD_WORDS:
        advice = f"write it in backquotes: .`{seen.text()}`"
        return Finding("reserved-name", f"`{seen.text()}` cannot be a field's name as it is", advice, expected=())
    for offset in (-2, -1, 0):
        if seen.kind(offset) == "LDOT" and seen.kind(offset - 1) == "QMARK" and seen.touches(offset):
            span = Span(seen.span(offset - 1).start, seen.span(offset).end)
            return Finding("no-operator", "`?.` is no operator", "an optional field is written `a.?b`", span, ())
    return None


def _number(seen: Unexpected) -> Finding | None:
    """Numbers that are none."""
    before = seen.kind(-1)
    if seen.kind() in {"NAME", "RESERVED"} and before in {"INT", "FLOAT", "UINT"} and seen.touches():
        span = Span(seen.span(-1).start, seen.span().end)
        text = seen.source.slice(span)
        advice = "a number ends with a digit, a uint with `u`; a name begins with a letter"
        if text[-1] in "smh" and text[:-1].isdigit():
            advice = f'a duration is written `duration("{text}")`'
        elif text.replace("_", "").isdigit():
            advice = f"write `{text.replace('_', '')}`"
        return Finding("bad-number", f"`{text}` is no number", advice, span, ())
    if before == "DOT" and seen.kind(-2) == "INT" and seen.kind() != "NAME":
        text = seen.text(-2)
        span = Span(seen.span(-2).start, seen.span(-1).end)
        return Finding("bad-number", f"`{text}.` is no number", f"write `{text}.0`", span, ())
    if seen.kind() == "FLOAT" and seen.text()[0] == "." and seen.touches() and before in ENDS_OPERAND:
        advice = f"an element of a list is written `[{seen.text()[1:]}]`"
        return Finding("no-field", f"`{seen.text()}` is no field", advice, expected=("a field's name",))
    return None


def _trailing_comma(seen: Unexpected) -> Finding | None:
    if seen.kind() == "RPAR" and seen.kind(-1) == "COMMA":
        return Finding("trailing-comma", "no comma stands before `)`", "remove the comma", seen.span(-1), ())
    return None


def _optional_call(seen: Unexpected) -> Finding | None:
    if seen.kind() == "LPAR" and seen.kind(-2) == "OPTMARK":
        advice = "write `.` before a function's name"
        return Finding("optional-call", "`.?` selects a field, never a function", advice, expected=())
    return None


HINTS: tuple[Hint, ...] = (
    _bracket,
    _stray_operator,
    _operator_word,
    _number,
    _field,
    _reserved,
    _trailing_comma,
    _optional_call,
)

EXPRESSION = Place("the expression", "the end of the expression", HINTS, lambda _: None)
