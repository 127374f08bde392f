"""What the detectors hold back of texts, and the values that are to be looked for everywhere because they are hidden."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from assentry.review.checks import is_placeholder
from assentry.review.detectors import UNREAD, scan
from assentry.review.layers import project
from assentry.review.marks import MAX_BITS
from assentry.review.spans import Span, of_found
from assentry.review.viewer import Viewer

MAX_TEXT = 1 << 20
"""Code points of all texts of a request that are looked through: several times what fits on a card."""
MAX_VALUES = 8192
"""Hidden values that are looked for elsewhere."""

SHORTEST = 6
"""In shorter texts no detector finds anything."""
LEAST = 4
LEAST_DIGITS = 6
"""Shorter values are not looked for elsewhere: they would be everywhere."""
LONGEST = 512


@dataclass(slots=True)
class Sieve:
    """The texts of one request, for one viewer; `known` are identities that are shown.

    `labels` are the hidden values, as `project` reads them, with what they are; `private` those that are no secrets but
    of a class. `unread` says that something could not be looked through, `exhausted` that there was too much of it all.
    """

    viewer: Viewer
    known: frozenset[str]
    labels: dict[bytes, str] = field(default_factory=dict)
    private: set[bytes] = field(default_factory=set)
    unread: bool = False
    exhausted: bool = False
    _found: dict[str, tuple[Span, ...]] = field(default_factory=dict)
    _length: int = 0

    def spans(self, text: str) -> tuple[Span, ...]:
        """What the detectors hide of a text from this viewer."""
        if text not in self._found:
            self._found[text] = self._spans(text)
        return self._found[text]

    def _spans(self, text: str) -> tuple[Span, ...]:
        if len(text) < SHORTEST:
            return ()
        self._length += len(text)
        if self._length > MAX_TEXT:
            self.unread = self.exhausted = True
            return (Span(0, len(text), UNREAD, UNREAD, secret=True),)
        found = scan(text)
        for each in found:
            self.unread = self.unread or each.name == UNREAD
            if each.cls == "secret":
                self._remember(each.value, each.name, private=False)
        shows_personal = "personal" in self.viewer.classes
        return tuple(
            span
            for span in of_found(text, found)
            if span.secret or not (shows_personal or text[span.start : span.end] in self.known)
        )

    def gather(self, hidden: object, label: str, *, private: bool) -> None:
        """Remember every text and long number of a hidden JSON value; `private` when it is no secret."""
        waiting = [hidden]
        while waiting and len(self.labels) < MAX_VALUES:
            value = waiting.pop()
            match value:
                case str():
                    for line in {value, *value.splitlines()} - self.known:
                        self._remember(project(line), label, private=private)
                    self.spans(value)
                case Mapping():
                    # Names are mostly words that everybody uses, but what is a secret of its own is found in them.
                    for name in value:
                        self.spans(str(name))
                    waiting += value.values()
                case list():
                    waiting += value
                case int() if value.bit_length() <= MAX_BITS and not isinstance(value, bool):
                    self._remember(str(value).encode(), label, private=private)

    def _remember(self, value: bytes, label: str, *, private: bool) -> None:
        value = value.strip()[:LONGEST]
        if len(value) < (LEAST_DIGITS if value.isdigit() else LEAST) or is_placeholder(value):
            return
        # Beyond that the rest is not looked for, and a flag says so.
        self.unread = self.unread or len(self.labels) >= MAX_VALUES - 1
        if private and value not in self.labels:
            self.private.add(value)
        elif not private:
            self.private.discard(value)
        self.labels.setdefault(value, label)
