"""What only shows when the strings of a list are read on: a key cut in pieces, an option and its value."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from assentry.review.detectors import RANDOM
from assentry.review.spans import Span

MAX_PIECES = 4
MAX_RUNS = 1 << 16
"""Strings that are read as one beside the whole list, and code points of all such runs of a document."""


@dataclass(slots=True)
class Across:
    """Reads the lists of one document; `spans` finds what is hidden of a text."""

    spans: Callable[[str], tuple[Span, ...]]
    _read: int = 0

    def found(self, texts: Sequence[str]) -> dict[int, list[Span]]:
        """What is hidden of the strings of a list, by their numbers, besides what each alone shows."""
        found: dict[int, list[Span]] = {}
        for first, last in self._runs(texts):
            for between in ("", " "):
                for number, span in self._of_run(texts[first:last], between):
                    found.setdefault(first + number, []).append(span)
        return found

    def _of_run(self, run: Sequence[str], between: str) -> Iterator[tuple[int, Span]]:
        starts = list(accumulate((len(text) + len(between) for text in run), initial=0))
        for span in self.spans(between.join(run)):
            first, last = bisect_right(starts, span.start) - 1, bisect_left(starts, span.end) - 1
            # Words on end look random, and an address grows with the next word; a secret is one all the same.
            if span.label == RANDOM or (not span.secret and any(map(self.spans, run[first : last + 1]))):
                continue
            for at in range(first, last + 1):
                start, end = max(span.start - starts[at], 0), min(span.end - starts[at], len(run[at]))
                yield at, replace(span, start=start, end=end)

    def _runs(self, texts: Sequence[str]) -> Iterator[tuple[int, int]]:
        """The whole list and, as far as the work allows, every few strings that follow each other."""
        if len(texts) > 1:
            yield 0, len(texts)
        for size in range(2, min(MAX_PIECES, len(texts) - 1) + 1):
            for first in range(len(texts) - size + 1):
                self._read += sum(map(len, texts[first : first + size]))
                if self._read > MAX_RUNS:
                    return
                yield first, first + size
