"""One finding (code, message, span, help) and how it is drawn for people and machines.

Messages follow one style: lower case, no full stop, the user's own text in backticks, the fact in
the message and the advice in the help.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from assentry.source import Position, Source, Span

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Related:
    """A second place that explains the first: where a name was defined before, for example."""

    message: str
    source: Source
    span: Span


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding at one place.

    `code` is stable and kebab-case (`unknown-field`); `message` states the fact; `help` says what to
    do; `expected` lists what could have stood there, in the language's words.
    """

    code: str
    message: str
    source: Source
    span: Span
    help: str | None = None
    expected: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    severity: Severity = "error"

    @property
    def position(self) -> Position:
        return self.source.position(self.span.start)

    def to_dict(self) -> dict[str, object]:
        """The finding as plain data (the shape of one entry of `schemas/check.schema.json`)."""
        start, end = self.position, self.source.position(self.span.end)
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "help": self.help,
            "expected": list(self.expected),
            "file": self.source.name,
            "line": start.line,
            "column": start.column,
            "end_line": end.line,
            "end_column": end.column,
        }


def sort_key(finding: Diagnostic) -> tuple[str, int, int, str]:
    """By file, then place, then code: the order in which findings are shown."""
    return (finding.source.name, finding.span.start, finding.span.end, finding.code)


def suggest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` most likely was meant to be, or None."""
    candidates = sorted(set(known))
    if word.lower() in (lowered := {name.lower(): name for name in candidates}):
        return lowered[word.lower()]
    close = difflib.get_close_matches(word, candidates, n=1, cutoff=0.7 if len(word) > 3 else 0.6)
    if close:
        return close[0]
    # An abbreviation: `prod` for `production`, when only one word begins so.
    longer = [name for name in candidates if len(word) > 2 and name.lower().startswith(word.lower())]
    return longer[0] if len(longer) == 1 else None


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A help line for a mistyped word, or None when nothing is near."""
    near = suggest(word, known)
    return f"did you mean `{near}`?" if near is not None and near != word else None


def one_of(words: Sequence[str]) -> str:
    """`a`, `b` or `c`, for a sentence."""
    quoted = [f"`{word}`" for word in words]
    if len(quoted) < 2:
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def visible(text: str) -> str:
    """The text with control, bidi and other unprintable characters written as `\\u{...}`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char
        if char == " " or (char.isprintable() and unicodedata.category(char) not in {"Cf", "Cs"})
        else f"\\u{{{ord(char):x}}}"
        for char in text
    )


def render(finding: Diagnostic, *, width: int = 100) -> str:
    """The finding as people read it: message, place, the line drawn, help. Plain text."""
    lines = [f"{finding.severity}[{finding.code}]: {visible(finding.message)}"]
    lines += _drawn(finding.source, finding.span, width)
    if finding.expected:
        lines.append(f"  = expected {_join(finding.expected)}")
    for related in finding.related:
        lines.append(f"  = note: {visible(related.message)}")
        lines += _drawn(related.source, related.span, width)
    if finding.help:
        lines.append(f"  = help: {visible(finding.help)}")
    return "\n".join(lines)


def _join(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _drawn(source: Source, span: Span, width: int) -> list[str]:
    start = source.position(span.start)
    end = source.position(span.end)
    gutter = " " * len(str(start.line))
    text = source.line(start.line)
    last = end.column if end.line == start.line else len(text) + 1
    # A window around the place keeps a line of a megabyte readable.
    left = 0
    if len(text) > width:
        left = max(0, min(start.column - 1 - width // 3, len(text) - width))
    head = "..." if left else ""
    tail = "..." if left + width < len(text) else ""
    shown = [visible(char) if char != "\t" else "    " for char in text[left : left + width]]
    before = len(head) + sum(len(cell) for cell in shown[: start.column - 1 - left])
    marked = sum(len(cell) for cell in shown[start.column - 1 - left : last - 1 - left])
    return [
        f"{gutter}--> {visible(source.name)}:{start.line}:{start.column}",
        f"{gutter} |",
        f"{start.line} | {head}{''.join(shown)}{tail}".rstrip(),
        f"{gutter} | {' ' * before}{'^' * max(1, marked)}",
    ]
