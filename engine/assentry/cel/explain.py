"""Why a token cannot stand where it stands, in the words of the language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lark.exceptions import UnexpectedToken

from assentry.cel.lexer import Token
from assentry.diagnostics import Diagnostic, visible
from assentry.source import Source, Span


@dataclass(frozen=True)
class Place:
    """How the messages call the text that is being read."""

    whole: str


EXPRESSION = Place(whole="the expression")

_OPENERS = {"LPAR": ("RPAR", ")"), "LSQB": ("RSQB", "]"), "LBRACE": ("RBRACE", "}")}


def unexpected(source: Source, tokens: Sequence[Token], error: UnexpectedToken, place: Place) -> Diagnostic:
    token = error.token
    cursor: Any = error.interactive_parser  # lark leaves it untyped
    accepts: set[str] = cursor.accepts()
    if token.type == "$END":
        end = tokens[-1].end if tokens else 0
        span = Span(end, end)
        message = f"{place.whole} ends too early" if tokens else f"{place.whole} is empty"
    else:
        span = Span(token.start, token.end)
        message = f"unexpected `{visible(source.excerpt(span))[:60]}`"
    return Diagnostic("syntax", message, source, span, expected=tuple(sorted(accepts)))
