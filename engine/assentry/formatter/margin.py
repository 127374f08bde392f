"""What stands beside the code of one file: its comments, its blank lines, the spelling of its literals."""

from __future__ import annotations

import re

from assentry.cel.doc import Line, Note
from assentry.language import nodes
from assentry.source import Source, Span

_EMPTY_LINE = re.compile(r"\n[ \t\r]*\n")
_END = 2**62


class SourceMargin:
    """Gives each comment to the first line break whose next token stands behind it.

    The printer asks in the order of the text, so every comment is given out exactly once, and a text that
    was printed so gives the same comments to the same breaks again.
    """

    def __init__(self, source: Source, comments: tuple[nodes.Comment, ...]) -> None:
        self._text = source.text
        self._comments = comments
        self._next = 0

    def line(self, next_start: int, flat: str = " ") -> Line:
        """A break inside an expression or a value."""
        return Line(flat, notes=self._take(next_start, None)[0])

    def spelling(self, span: Span) -> str | None:
        """The author's text of a literal."""
        return self._text[span.start : span.end]

    def separator(self, previous_end: int | None, next_start: int | None) -> Line:
        """The break between statements, conditions or entries; at most one blank line is kept."""
        until = _END if next_start is None else next_start
        notes, at = self._take(until, previous_end)
        blank = at is not None and next_start is not None and self._is_empty(at, next_start)
        return Line(hard=True, notes=notes, blank=blank)

    def block_end(self, previous_end: int, end: int) -> Line:
        """The break before a closing brace, without a blank line."""
        return Line(hard=True, notes=self._take(end, previous_end)[0])

    def on_lines(self, with_: nodes.With) -> bool:
        """Over several lines when the first entry is on a line of its own, or when a comment stands inside."""
        if self._next < len(self._comments) and self._comments[self._next].span.start < with_.span.end:
            return True
        return "\n" in self._text[with_.span.start : with_.entries[0].span.start]

    def _take(self, until: int, at: int | None) -> tuple[tuple[Note, ...], int | None]:
        """The comments before `until`, and where the last of them (or what stood at `at`) ends."""
        notes: list[Note] = []
        while self._next < len(self._comments) and (comment := self._comments[self._next]).span.start < until:
            self._next += 1
            blank = comment.own_line and at is not None and self._is_empty(at, comment.span.start)
            notes.append(Note(comment.text, comment.own_line, blank))
            at = max(at or 0, comment.span.end)
        return tuple(notes), at

    def _is_empty(self, start: int, end: int) -> bool:
        return start < end and _EMPTY_LINE.search(self._text, start, end) is not None
