"""From scanned tokens to statements: newlines, head words, braces and control ids by their places.

A newline separates only at the top of a file, directly in a body and directly in a `with`; there it is
dropped after a token that cannot end a condition and before one that cannot begin one. A line that
begins in column one with a head word or a definition's head begins a statement whatever is still open,
so one broken statement hides no other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from assentry.cel.lexer import ENDS_OPERAND, Token, is_sign
from assentry.cel.walk import MAX_DEPTH

HEAD_WORDS = ("allow", "deny", "require", "risk", "default", "package", "import", "const")

_HEADS = {
    "allow": "EFFECT",
    "deny": "EFFECT",
    "require": "REQUIRE",
    "risk": "RISK",
    "default": "DEFAULT",
    "package": "PACKAGE",
    "import": "IMPORT",
    "const": "CONST",
}
_SECOND = {("REQUIRE", "approval"): "APPROVAL", ("DEFAULT", "allow"): "DECISION", ("DEFAULT", "deny"): "DECISION"}
_WORDS = frozenset({"NAME", "RESERVED"})
_CLOSES = {"RPAR": "(", "RSQB": "[", "RBRACE": "{"}
_OPENS = {"LPAR": "(", "LSQB": "["}
_CAN_END = ENDS_OPERAND | {"RESERVED", "BODY_CLOSE", "WITH_CLOSE", "DECISION", "APPROVAL", "STRAY"}
_CANNOT_BEGIN = frozenset(
    {"BINOP", "QMARK", "COLON", "DOT", "RPAR", "RSQB", "RBRACE", "COMMA", "SEMI", "ASSIGN", "IF", "STRAY"}
)
_BEGINS_BODY_LINE = frozenset({"BODY_OPEN", "NEWLINE", "SEMI"})

_CONTROL = re.compile(
    r"[A-Za-z][A-Za-z0-9_-]*:[A-Za-z0-9][A-Za-z0-9.-]*(?:\([A-Za-z0-9]+\))*(?![\"'])"  # soc2:CC6.1, nist:AC-2(1)
    r"|[A-Za-z]+[0-9]*(?:\.[0-9]+)+"  # A.8.12
    r"|[A-Z]{2}-[0-9]+(?:\([0-9]+\))*"  # AC-2(1)
)


@dataclass
class Statement:
    """The tokens of one statement; `begins` when it starts as one should, in column one."""

    tokens: list[Token] = field(default_factory=list)
    begins: bool = False
    too_deep: Token | None = None


def statements(text: str, tokens: list[Token]) -> list[Statement]:
    """Split the tokens of a file; each statement's tokens are ready for the grammar."""
    return _Layout(text, tokens).run()


class _Layout:
    def __init__(self, text: str, tokens: list[Token]) -> None:
        self.text = text
        self.raw = tokens
        self.found: list[Statement] = []
        self.stack: list[str] = []
        self.nested = 0

    def run(self) -> list[Statement]:
        raw, stack = self.raw, self.stack
        out: list[Token] = []
        skip_to = 0
        for at, token in enumerate(raw):
            kind = token.type
            if token.start < skip_to or kind == "MERGED":
                continue
            if token.fresh and (not out or self._newline(at, token, out)):
                out = self._begin(at)
            if kind in _WORDS:
                if stack:
                    if stack[0] == "with" and (end := self._control(token, out)):
                        skip_to = end
                        out.append(Token("CONTROL", self.text[token.start : end], token.start, end))
                        continue
                else:
                    token.type = self._word(token, out)
            elif kind in _OPENS or kind == "LBRACE":
                self._open(token, out)
            elif kind in _CLOSES:
                self._close(token)
            out.append(token)
        return self.found

    # ---- lines ----

    def _begin(self, at: int) -> list[Token]:
        statement = Statement(begins=self._is_head(at))
        self.found.append(statement)
        self.stack.clear()
        self.nested = 0
        return statement.tokens

    def _newline(self, at: int, token: Token, out: list[Token]) -> bool:
        """Whether a statement begins here; otherwise adds the NEWLINE where one separates."""
        if self._is_head(at):
            return True
        stack = self.stack
        if stack and stack[-1] in _BRACKETS:
            return False
        if out[-1].type not in _CAN_END or token.type in _CANNOT_BEGIN or self._continues(at, token, out):
            return False
        if not stack:
            return True
        out.append(Token("NEWLINE", "\n", out[-1].end, out[-1].end))
        self._split_sign(at, token, out)
        return False

    def _continues(self, at: int, token: Token, out: list[Token]) -> bool:
        """`if`, `with {`, and `and` between seats go on with the line before."""
        if token.type not in _WORDS:
            return False
        word = token.value
        if not self.stack:
            return word == "if" or (word == "with" and at + 1 < len(self.raw) and self.raw[at + 1].type == "LBRACE")
        return word == "and" and self.stack[-1] == "with" and out[-1].type == "RPAR"

    def _split_sign(self, at: int, token: Token, out: list[Token]) -> None:
        """A minus that begins a condition is the sign of the number behind it."""
        if token.type != "MINUS" or at + 1 >= len(self.raw):
            return
        number = self.raw[at + 1]
        if number.type in {"INT", "FLOAT"} and number.value[0] != "-" and is_sign([*out[-1:], token], 1, number.start):
            token.type, token.value, token.end = number.type, f"-{number.value}", number.end
            number.type = "MERGED"

    def _is_head(self, at: int) -> bool:
        """Whether a head word or a definition's head begins in column one at this token."""
        raw = self.raw
        first = raw[at]
        if first.type not in _WORDS or not (first.start == 0 or self.text[first.start - 1] == "\n"):
            return False
        if first.value in _HEADS and first.value != "risk":
            return at + 1 >= len(raw) or raw[at + 1].type not in _FOLLOWS_WORD
        if at + 1 >= len(raw) or raw[at + 1].fresh:
            return False
        if raw[at + 1].type == "ASSIGN" or (first.value == "risk" and raw[at + 1].type in {"INT", "NAME"}):
            return True
        for ahead in range(at + 1, len(raw)):
            if raw[ahead].fresh:
                return False
            if raw[ahead].type == "RESERVED" and raw[ahead].value == "if":
                return True
        return False

    # ---- words, braces ----

    def _word(self, token: Token, out: list[Token]) -> str:
        """The terminal of a word outside all brackets."""
        if not out:
            return _HEADS.get(token.value, token.type)
        if out[-1].type in {"DOT", "OPTMARK"}:
            return token.type
        if token.value == "if":
            return "IF"
        if token.value == "with":
            return "WITH"
        if len(out) == 1:
            return _SECOND.get((out[0].type, token.value), token.type)
        return token.type

    def _control(self, token: Token, out: list[Token]) -> int:
        """The end of the control id that begins at a value's place in a `with`, or 0."""
        last = out[-1].type
        if last in {"LSQB", "COLON"} or (last == "COMMA" and self.stack[-1] == "["):
            match = _CONTROL.match(self.text, token.start)
            return match.end() if match else 0
        return 0

    def _open(self, token: Token, out: list[Token]) -> None:
        last = out[-1].type if out else ""
        if token.type == "LBRACE":
            if last == "IF":
                token.type = "BODY_OPEN"
                self.stack.append("body")
                return
            if last == "WITH":
                token.type = "WITH_OPEN"
                self.stack.append("with")
                return
            if last in _BEGINS_BODY_LINE and self.stack and self.stack[-1] == "body":
                token.type = "NESTED"
        self.stack.append(_OPENS.get(token.type, "{"))
        self.nested += 1
        statement = self.found[-1]
        if self.nested > MAX_DEPTH and statement.too_deep is None:
            statement.too_deep = token

    def _close(self, token: Token) -> None:
        if not self.stack:
            return
        opener = self.stack.pop()
        if opener in _BRACKETS:
            self.nested -= 1
        elif token.type == "RBRACE":
            token.type = "BODY_CLOSE" if opener == "body" else "WITH_CLOSE"


_FOLLOWS_WORD = frozenset({"COMMA", "COLON", "RSQB", "RBRACE"})  # in a `with`, where any word is a value
_BRACKETS = frozenset("([{")
