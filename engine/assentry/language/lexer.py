"""How a rule file is scanned: CEL's tokens with `#` comments, durations and the language's own words."""

from __future__ import annotations

import re
from itertools import islice

from assentry.cel.lexer import CEL, MAX_FINDINGS, RESERVED, Dialect, build_pattern
from assentry.diagnostics import Diagnostic
from assentry.source import Source, Span

OWN_WORDS = frozenset({"allow", "deny", "require", "risk", "default", "package", "import", "const", "with"})
"""What nothing of one's own may be called; `risk` alone can be read in a condition."""

FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+"  # control characters but tab, line feed, carriage return
    "|\r(?!\n)"
    "|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+"  # bidi
    "|[\u2028\u2029]+"
    "|[\u200b\u2060-\u2064\ufeff\u00ad\U000e0000-\U000e007f]+"  # invisible
)


RULES = Dialect(
    pattern=build_pattern(r"[\ \t]*+", r"(?:\#|//)", durations=True, newlines=True),
    words={**CEL.words, **dict.fromkeys(OWN_WORDS - {"risk"} | RESERVED, "RESERVED")},
    rule_file=True,
    forbidden=FORBIDDEN,
)


def forbidden(source: Source) -> list[Diagnostic]:
    """A finding for every run of characters that may stand nowhere in a rule file, for the first thousand."""
    if source.text.replace("\n", "").isprintable():
        return []  # none of them is printable
    return [_finding(source, match) for match in islice(FORBIDDEN.finditer(source.text), MAX_FINDINGS)]


def _finding(source: Source, match: re.Match[str]) -> Diagnostic:
    char = match[0][0]
    span = Span(match.start(), match.end())
    if char == "\ufeff" and match.start() == 0:
        return Diagnostic(
            "byte-order-mark", "the file begins with a byte order mark", source, span, help="save it as plain UTF-8"
        )
    point = f"`U+{ord(char):04X}`"
    if char == "\r":
        message, advice = f"a carriage return {point} without a line feed", "end lines with a line feed"
    elif char in "\u2028\u2029":
        message, advice = f"a line separator {point}", "end lines with a line feed"
    elif ord(char) < 0xA0:
        message, advice = f"a control character {point}", f"remove it; in a string it is written `\\u{ord(char):04x}`"
    elif "\u202a" <= char <= "\u202e" or "\u2066" <= char <= "\u2069" or char in "\u061c\u200e\u200f":
        message = f"a bidirectional control character {point}, which can make text read differently from what it is"
        advice = "remove it"
    else:
        message, advice = f"an invisible character {point}", "remove it"
    return Diagnostic("forbidden-character", message, source, span, help=advice)
