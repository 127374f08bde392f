"""A text, its name, and the spans inside it.

Offsets count Unicode code points from the start of the text; lines and columns count from one,
as people and editors do.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple


class Span(NamedTuple):
    """The half-open range of code points `[start, end)` in one source."""

    start: int
    end: int


class Position(NamedTuple):
    """A place as people say it: line and column, both from one."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Source:
    """One text with the name under which messages show it (a path relative to where one stands)."""

    name: str
    text: str
    _starts: list[int] = field(default_factory=list, init=False, repr=False, compare=False)

    def _line_starts(self) -> list[int]:
        if not self._starts:
            starts = [0]
            find = self.text.find
            at = find("\n")
            while at >= 0:
                starts.append(at + 1)
                at = find("\n", at + 1)
            self._starts.extend(starts)
        return self._starts

    def position(self, offset: int) -> Position:
        """Line and column of an offset; offsets past the end give the end."""
        offset = max(0, min(offset, len(self.text)))
        starts = self._line_starts()
        line = bisect_right(starts, offset)
        return Position(line, offset - starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """The text of a line (from one), without its newline; empty when there is no such line."""
        starts = self._line_starts()
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] - 1 if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r")

    def slice(self, span: Span) -> str:
        """The text of a span."""
        return self.text[span.start : span.end]

    def excerpt(self, span: Span) -> str:
        """The text of a span on one line: every run of white space is one blank."""
        return " ".join(self.slice(span).split())
