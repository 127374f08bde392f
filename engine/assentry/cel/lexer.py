"""One regular expression that cuts a text into tokens with absolute offsets.

The same scanner reads a lone CEL expression and, with another `Dialect`, a rule file. It decides two
things by what stands before: whether a dot selects or leads (`.name` at the root), and that every word
after a selecting dot is a field's name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lark.lexer import Lexer

from assentry.cel import escape
from assentry.diagnostics import Diagnostic, visible
from assentry.source import Source, Span

HARD_WORDS = frozenset({"in", "true", "false", "null"})
RESERVED = frozenset(
    {
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    }
)


MAX_FINDINGS = 1000
"""After so many unreadable places a text is not read any further."""


class Token:
    """A token: `value` is its text, or for a string or bytes literal its value.

    `fresh` says that it is the first of its line. The rest of the class attributes are what lark
    copies into the end token; nothing reads them.
    """

    __slots__ = ("end", "fresh", "start", "type", "value")
    line = column = end_line = end_column = start_pos = end_pos = None

    def __init__(self, type_: str, value: Any, start: int, end: int, fresh: bool = False) -> None:
        self.type = type_
        self.value = value
        self.start = start
        self.end = end
        self.fresh = fresh

    def __repr__(self) -> str:
        return f"{self.type}({self.value!r})"


@dataclass(frozen=True)
class Comment:
    """A `#` comment as scanned."""

    start: int
    end: int
    own_line: bool


@dataclass(frozen=True)
class Dialect:
    """What a text is scanned as."""

    pattern: re.Pattern[str]
    words: dict[str, str]
    rule_file: bool
    forbidden: re.Pattern[str] | None = None
    """Characters that have been reported already where they stand, in strings and comments too."""


@dataclass(frozen=True)
class Scanned:
    """Tokens, comments, and the offsets at which something was reported that gives no token."""

    tokens: list[Token]
    comments: list[Comment]
    broken: list[int]


class TokenStream(Lexer):
    """Hands tokens that are ready to lark: what is passed to `Lark.parse` is the list itself."""

    def __init__(self, conf: object) -> None:
        """lark passes its configuration; there is nothing to configure."""

    def lex(self, tokens: Sequence[Token]) -> Iterator[Any]:  # type: ignore[override]
        return iter(tokens)


_STRING = r"""[bB]?[rR](?:\"{3}[\s\S]*?\"{3}|'{3}[\s\S]*?'{3}|\"(?!\"\")[^\"\r\n]*\"|'(?!'')[^'\r\n]*')|
  [bB]?(?:\"{3}(?:[^\"\\]++|\\[\s\S]|\"(?!\"\"))*+\"{3}|'{3}(?:[^'\\]++|\\[\s\S]|'(?!''))*+'{3}
         |\"(?!\"\")(?:[^\"\\\r\n]++|\\[^\r\n])*+\"|'(?!'')(?:[^'\\\r\n]++|\\[^\r\n])*+')"""
_FLOAT = r"[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+"
_OPERATOR = r"&&|\|\||[=!]==?|[<>]=|:=|[-+*%<>!?:,;()\[\]{}=&|]|\.(?![0-9])|/(?!/)"
_DURATION = r"(?:[0-9]+[smhd])++(?![A-Za-z0-9_])"


def build_pattern(blank: str, comment: str, *, durations: bool, newlines: bool) -> re.Pattern[str]:
    """The one expression: white space before, then one named group for each kind of token, the frequent ones first."""
    groups = [
        rf"(?P<OPERATOR>{_OPERATOR})",
        rf"(?P<STRING>(?=[bBrR]{{0,2}}[\"'])(?:{_STRING}))",
        r"(?P<WORD>[A-Za-z_][A-Za-z0-9_]*+)",
        rf"(?P<COMMENT>{comment}[^\r\n]*+(?:\r(?!\n)[^\r\n]*+)*+)",
        *([rf"(?P<DURATION>{_DURATION})"] if durations else []),
        rf"(?P<FLOAT>{_FLOAT})",
        r"(?P<UINT>(?:0x[0-9a-fA-F]+|[0-9]+)[uU])",
        r"(?P<INT>0x[0-9a-fA-F]+|[0-9]+)",
        r"(?P<QUOTED>`[A-Za-z0-9_./\- ]+`)",
        *([r"(?P<NEWLINE>\r?\n)"] if newlines else []),
        r"(?P<BAD>[\s\S])",
    ]
    return re.compile(rf"{blank}(?:{'|'.join(groups)})", re.VERBOSE)


_OPERATORS = {
    **dict.fromkeys(("&&", "||", "==", "!=", "<", "<=", ">", ">=", "+", "*", "/", "%"), "BINOP"),
    **dict.fromkeys(("=", "&", "|", "===", "!=="), "STRAY"),
    "-": "MINUS",
    "!": "NOT",
    "?": "QMARK",
    ":": "COLON",
    ".": "DOT",
    ",": "COMMA",
    ";": "SEMI",
    ":=": "ASSIGN",
    "(": "LPAR",
    ")": "RPAR",
    "[": "LSQB",
    "]": "RSQB",
    "{": "LBRACE",
    "}": "RBRACE",
}
_HARD = {"true": "TRUE", "false": "FALSE", "null": "NULL", "in": "BINOP"}

ENDS_OPERAND = frozenset(
    {
        "NAME",
        "INT",
        "UINT",
        "FLOAT",
        "STRING",
        "BYTES",
        "TRUE",
        "FALSE",
        "NULL",
        "RPAR",
        "RSQB",
        "RBRACE",
        "QUOTED",
        "DURATION",
        "CONTROL",
    }
)
"""The tokens after which an operand is complete."""

CEL = Dialect(
    pattern=build_pattern(r"[\ \t\n\f\r]*+", "//", durations=False, newlines=False),
    words={**_HARD, **dict.fromkeys(RESERVED, "RESERVED")},
    rule_file=False,
)


def scan(source: Source, dialect: Dialect, report: list[Diagnostic]) -> Scanned:
    """Cut a text into tokens; what cannot be read is reported and left out (see `Scanned.broken`)."""
    return _Scanner(source, dialect, report).run()


class _Scanner:
    def __init__(self, source: Source, dialect: Dialect, report: list[Diagnostic]) -> None:
        self.source = source
        self.dialect = dialect
        self.report = report
        self.tokens: list[Token] = []
        self.comments: list[Comment] = []
        self.broken: list[int] = []
        self.skip_to = 0

    def run(self) -> Scanned:
        words, tokens, append = self.dialect.words, self.tokens, self.tokens.append
        previous, fresh = "", True
        for match in self.dialect.pattern.finditer(self.source.text):
            kind, group = match.lastgroup or "", match.lastindex or 0
            start, end = match.span(group)
            if start < self.skip_to:
                continue
            text: Any = match[group]
            if kind == "WORD":
                kind = (_HARD if previous in _SELECTS else words).get(text, "NAME")
            elif kind == "OPERATOR":
                kind = _OPERATORS[text]
                if kind == "DOT" and previous not in ENDS_OPERAND:
                    kind = "LDOT"
                elif kind == "QMARK" and previous == "DOT":
                    kind = "OPTMARK"
            elif kind == "NEWLINE":
                fresh = True
                continue
            elif kind in _SIGNED:
                if previous == "MINUS" and is_sign(tokens, len(tokens) - 1, start):
                    start, fresh = tokens[-1].start, tokens.pop().fresh
                    text = f"-{text}"
            elif kind == "STRING" and text[0] in _QUOTES and text[0] != text[1] and "\\" not in text:
                text = text[1:-1]
            elif kind not in _PLAIN:
                kind, text = self._special(kind, text, start, end, fresh)
                if len(self.broken) > MAX_FINDINGS:
                    break
                if not kind:
                    continue
            append(Token(kind, text, start, end, fresh))
            previous, fresh = kind, False
        return Scanned(tokens, self.comments, self.broken)

    def _special(self, kind: str, text: str, start: int, end: int, fresh: bool) -> tuple[str, object]:
        if kind == "STRING":
            return self._string(text, start)
        if kind == "COMMENT":
            if self.dialect.rule_file:
                self.comments.append(Comment(start, end, fresh))
                if text[0] == "/":
                    span = Span(start, start + 2)
                    message = "`//` begins no comment in a rule file"
                    self.report.append(Diagnostic("slash-comment", message, self.source, span, help="write `#`"))
        else:
            self._bad(text, start)
        return "", None

    def _string(self, text: str, start: int) -> tuple[str, object]:
        is_bytes, is_raw, offset, body = escape.split(text)

        def complain(begin: int, end: int, message: str, advice: str) -> None:
            span = Span(start + offset + begin, start + offset + end)
            self.report.append(Diagnostic("bad-escape", message, self.source, span, help=advice))

        normal: Callable[[str], str] = (lambda s: s.replace("\r\n", "\n")) if self.dialect.rule_file else str
        if is_bytes:
            return "BYTES", normal(body).encode("utf-8", "replace") if is_raw else escape.decode_bytes(body, complain)
        if not is_raw and "\\" in body:
            return "STRING", normal(escape.decode_string(body, complain)) if "\r" in body else escape.decode_string(
                body, complain
            )
        return "STRING", normal(body) if "\r" in body else body

    def _bad(self, char: str, start: int) -> None:
        """A character that begins no token."""
        text = self.source.text
        if self.dialect.forbidden is not None and self.dialect.forbidden.match(char):
            self.broken.append(start)  # reported for the whole file at once
            return
        if char in "\"'":
            self._unterminated(char, start)
            return
        message, advice = _BAD_HELP.get(char, (None, None))
        if message is None:
            message = f"`{visible(char)}` means nothing here"
            advice = "outside of strings stand names, numbers, operators and brackets"
        if char == "`":
            end = text.find("`", start + 1)
            line_end = _line_end(text, start)
            self.skip_to = end + 1 if 0 <= end < line_end else start + 1
        elif char.isalnum():
            start, self.skip_to = self._foreign_word(start)
            message = f"`{visible(text[start : self.skip_to])}` is no name"
            advice = "names are ASCII; other letters may stand in strings and comments"
        self._error("bad-character", message, Span(start, max(start + 1, self.skip_to)), advice)

    def _foreign_word(self, start: int) -> tuple[int, int]:
        """Where the word around a letter that is not ASCII begins and ends."""
        text, end = self.source.text, start
        while end < len(text) and (text[end].isalnum() or text[end] == "_"):
            end += 1
        last = self.tokens[-1] if self.tokens else None
        return (last.start if last is not None and last.end == start and last.type == "NAME" else start), end

    def _unterminated(self, quote: str, start: int) -> None:
        text = self.source.text
        if text.startswith(quote * 3, start):
            message = f"the string is never closed by `{quote * 3}`"
            self._error("unterminated-string", message, Span(start, start + 3), f"write `{quote * 3}` where it ends")
            head = _HEAD_LINE.search(text, start) if self.dialect.rule_file else None
            self.skip_to = head.start() if head else len(text)
            return
        end = _line_end(text, start)
        self.skip_to = end
        advice = f"add the closing `{quote}`; text over several lines stands in `{quote * 3}`"
        self._error("unterminated-string", "the string is not closed on its line", Span(start, end), advice)

    def _error(self, code: str, message: str, span: Span, advice: str | None) -> None:
        self.broken.append(span.start)
        self.report.append(Diagnostic(code, message, self.source, span, help=advice))


_HEAD_LINE = re.compile(r"^(?:allow|deny|require|risk|default|package|import|const) ", re.MULTILINE)
_SELECTS = frozenset({"DOT", "OPTMARK"})
_QUOTES = frozenset("\"'")
_SIGNED = frozenset({"INT", "FLOAT"})
_PLAIN = frozenset({"UINT", "QUOTED", "DURATION"})
_BAD_HELP: dict[str, tuple[str | None, str | None]] = {
    "#": ("`#` begins no comment in a CEL expression", "CEL's comments begin with `//`"),
    "`": ("this is no quoted field name", "between backquotes stand letters, digits, blanks and `_ . - /`"),
    "@": (None, None),
    "\\": ("`\\` stands outside a string", "a backslash begins an escape, within quotes only"),
    "\u201c": ("`\u201c` is a typographic quote", 'write `"`'),
    "\u201d": ("`\u201d` is a typographic quote", 'write `"`'),
    "\u2018": ("`\u2018` is a typographic quote", "write `'`"),
    "\u2019": ("`\u2019` is a typographic quote", "write `'`"),
    "\u2026": ("`\u2026` is a typographic ellipsis", "write out what it stands for"),
    "\u2013": ("`\u2013` is a typographic dash", "write `-`"),
    "\u2014": ("`\u2014` is a typographic dash", "write `-`"),
    "\u2212": ("`\u2212` is a typographic minus", "write `-`"),
    "\u2264": ("`\u2264` is no operator", "write `<=`"),
    "\u2265": ("`\u2265` is no operator", "write `>=`"),
    "\u2260": ("`\u2260` is no operator", "write `!=`"),
    "\u00a0": ("a no-break space", "write an ordinary blank"),
    "\u2208": ("`\u2208` is no operator", "write `in`"),
    "^": ("`^` is no operator", "for the bits of numbers write `math.bitXor(a, b)`"),
    "~": ("`~` is no operator", 'to test a pattern write `text.matches("...")`'),
    "$": ("`$` begins no name", "names begin with a letter or `_`"),
}


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    end = len(text) if end < 0 else end
    return end - 1 if end > start and text[end - 1] == "\r" else end


def is_sign(tokens: Sequence[Token], at: int, number_start: int) -> bool:
    """Whether the minus at `at` is the sign of the number right behind it, not an operator."""
    return tokens[at].end == number_start and (at == 0 or tokens[at - 1].type not in ENDS_OPERAND)
