"""What of a document is to be hidden, decided before anything is written: by class, by rule, by name, by pattern.

The plan has the document's form, with a `Whole` where a value is hidden as it is and a `Text` for every string.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

from assentry.review.checks import is_placeholder
from assentry.review.detectors import RANDOM, UNREAD, scan
from assentry.review.layers import project
from assentry.review.paths import Path, within
from assentry.review.spans import Span, of_found
from assentry.review.viewer import Viewer
from assentry.values.limits import MAX_DEPTH
from assentry.values.shapes import Shape, Shapes

MAX_VALUES = 20_000
"""Hidden values that are looked for elsewhere."""
MAX_NODES = 200_000
MAX_TEXT = 1 << 22
"""Values of a document, and code points of its texts in all, that are looked through."""

SHORTEST = 6
"""In shorter texts no detector finds anything."""

MAX_PIECES = 4
MAX_RUNS = 1 << 16
"""Strings of a list that are read as one, and code points of all such runs of a document."""

LEAST = 4
"""Shorter values are not looked for elsewhere: they would be everywhere."""
LEAST_DIGITS = 6
LONGEST = 512

# Names under which a secret stands whatever its form; the last of a name's words counts: `max_tokens` is none.
_TELLING = re.compile(
    r"(?:.*[^a-z])?(?:password|passwd|pwd|passphrase|passcode|pass|pin|otp|cvv|cvc|secrets?|token|credentials?|cookie|"
    r"authorization|apikey|(?:api|access|secret|private|signing|encryption|account|auth|master|session)[^a-z]?key|"
    r"connection[^a-z]?string|dsn)"
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# What is the same in every action of its kind says nothing of a person.
_SETTLED = frozenset({("action", "name"), ("resource", "type"), ("subject", "type")})


@dataclass(frozen=True, slots=True)
class Whole:
    """A value that is hidden as it is."""

    value: object
    label: str
    why: str
    effect: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """A string and the ranges of it that are hidden. A `settled` one is one of few words that everybody knows."""

    text: str
    spans: tuple[Span, ...]
    effect: bool = False
    settled: bool = False


Planned = object
"""`Whole`, `Text`, a dict by `str` or `Text`, a list, or a number, boolean or null that is shown."""


@dataclass(slots=True)
class Planner:
    """Plans the documents and texts of one request, and gathers the hidden values, as `project` reads them.

    `labels` are these values with what they are; `private` those that are no secrets but of a class.
    """

    shapes: Shapes
    redact: Sequence[Path]
    viewer: Viewer
    known: frozenset[str]
    classes: Mapping[Path, str] = field(default_factory=dict)
    labels: dict[bytes, str] = field(default_factory=dict)
    private: set[bytes] = field(default_factory=set)
    found: dict[str, tuple[Span, ...]] = field(default_factory=dict)
    unread: bool = False
    nodes: int = 0
    runs: int = 0
    length: int = 0

    def plan(self, document: object) -> Planned:
        """The plan of a document."""
        return self._plan(document, self._root(), (), effect=False)

    def spans(self, text: str) -> tuple[Span, ...]:
        """What the detectors hide of a text from this viewer."""
        if text not in self.found:
            self.found[text] = self._spans(text)
        return self.found[text]

    def _spans(self, text: str) -> tuple[Span, ...]:
        if len(text) < SHORTEST:
            return ()
        self.length += len(text)
        if self.length > MAX_TEXT:
            self.unread = True
            return (Span(0, len(text), UNREAD, UNREAD, secret=True),)
        found = scan(text)
        for each in found:
            self.unread = self.unread or each.name == UNREAD
            if each.cls == "secret":
                self._remember(each.value, each.name, private=False)
        return tuple(
            span
            for span in of_found(text, found)
            if span.secret or not ("personal" in self.viewer.classes or text[span.start : span.end] in self.known)
        )

    # ---- one value ----

    def _plan(self, value: object, shape: Shape | None, path: Path, *, effect: bool) -> Planned:
        self.nodes += 1
        marks = dict(shape.marks) if shape is not None else {}
        effect = effect or marks.get("x-effect") == "true"
        if self.nodes > MAX_NODES or len(path) > MAX_DEPTH:
            self.unread = True
            return Whole(value, UNREAD, UNREAD, effect)
        given = self.classes.get(tuple(map(str, path))) if self.classes else None
        for cls in (given, marks.get("x-class")):
            if hidden := self._whole(value, cls, path, effect=effect):
                self._gather(hidden, private=cls != "secret")
                return hidden
        match value:
            case str():
                settled = path in _SETTLED or (
                    shape is not None and (shape.allowed is not None or shape.kind == "timestamp")
                )
                return Text(value, self.spans(value), effect, settled)
            case dict():
                return self._members(value, shape, path, effect=effect)
            case list():
                return self._elements(value, shape, path, effect=effect)
            case _:
                return self._scalar(value, effect=effect)

    def _whole(self, value: object, cls: str | None, path: Path, *, effect: bool) -> Whole | None:
        """The value hidden as it is, by rule, class or name; None when it is looked into."""
        if within(path, self.redact):
            return Whole(value, "redacted", "the rule redacts it", effect)
        if cls is not None and cls not in self.viewer.classes and not (cls == "personal" and self._is_known(value)):
            return Whole(value, cls, f"class: {cls}", effect)
        return None

    def _scalar(self, value: object, *, effect: bool) -> Planned:
        match value:
            case None | bool():
                return value
            case int():
                return self._number(str(value), value, effect=effect)
            case float() if math.isfinite(value):
                return self._number(f"{value:.0f}", value, effect=effect)
            case _:
                return Whole(type(value).__name__, "unsupported", "no JSON value", effect)

    def _number(self, digits: str, value: float, *, effect: bool) -> Planned:
        """Numbers of many digits may be those of a card."""
        spans = self.spans(digits) if len(digits) >= 12 else ()
        return Whole(value, spans[0].label, spans[0].why, effect) if spans else value

    # ---- containers ----

    def _members(self, value: dict[object, object], shape: Shape | None, path: Path, *, effect: bool) -> Planned:
        found: dict[object, Planned] = {}
        told = any(isinstance(each := value.get(name), str) and is_telling(each) for name in ("name", "key"))
        for name, below in sorted(value.items(), key=lambda member: str(member[0])):
            key = str(name)
            declared = shape.property(key) if shape is not None else None
            if declared is not None:
                found[key] = self._plan(below, self.shapes[declared.shape], (*path, key), effect=effect)
                continue
            inner = self.shapes[shape.item] if shape is not None and shape.item is not None else None
            if _holds(below) and (is_telling(key) or (told and key == "value")):
                hidden = Whole(below, "secret", "its name", effect)
                self._gather(hidden, private=False)
                found[Text(key, self.spans(key), effect)] = hidden
            else:
                found[Text(key, self.spans(key), effect)] = self._plan(below, inner, (*path, key), effect=effect)
        return found

    def _elements(self, value: list[object], shape: Shape | None, path: Path, *, effect: bool) -> Planned:
        inner = self.shapes[shape.item] if shape is not None and shape.item is not None else None
        found = [self._plan(below, inner, (*path, at), effect=effect) for at, below in enumerate(value)]
        texts = [each for each in found if isinstance(each, Text)]
        if len(texts) < 2:
            return found
        across = self._across(texts)
        return [
            replace(each, spans=(*each.spans, *across.get(id(each), ()))) if isinstance(each, Text) else each
            for each in found
        ]

    def _across(self, texts: Sequence[Text]) -> dict[int, list[Span]]:
        """What only shows when strings of a list are read on (a key cut in pieces, an option and its value), by text."""
        found: dict[int, list[Span]] = {}
        for run in self._runs(texts):
            for between in ("", " "):
                starts = list(accumulate((len(text.text) + len(between) for text in run), initial=0))
                whole = between.join(text.text for text in run)
                for span in self.spans(whole):
                    first, last = bisect_right(starts, span.start) - 1, bisect_left(starts, span.end) - 1
                    # Words on end look random, and an address is longer with the next word; a secret is one all the same.
                    if span.label == RANDOM or (not span.secret and any(text.spans for text in run[first : last + 1])):
                        continue
                    for at in range(first, last + 1):
                        start, end = max(span.start - starts[at], 0), min(span.end - starts[at], len(run[at].text))
                        found.setdefault(id(run[at]), []).append(replace(span, start=start, end=end))
        return found

    def _runs(self, texts: Sequence[Text]) -> Iterator[Sequence[Text]]:
        """All strings of a list, and as far as the work allows every few that follow each other."""
        yield texts
        for size in range(2, MAX_PIECES + 1):
            for first in range(len(texts) - size + 1) if size < len(texts) else ():
                run = texts[first : first + size]
                self.runs += sum(len(text.text) for text in run)
                if self.runs > MAX_RUNS:
                    return
                yield run

    # ---- what is hidden is looked for elsewhere ----

    def _gather(self, hidden: Whole, *, private: bool) -> None:
        """Every text and long number of a hidden value."""
        waiting: list[object] = [hidden.value]
        while waiting and len(self.labels) <= MAX_VALUES:
            value = waiting.pop()
            match value:
                case str():
                    for line in {value, *value.splitlines()}:
                        if line not in self.known:
                            self._remember(project(line), hidden.label, private=private)
                    self.spans(value)
                case dict():
                    # Names are mostly words that everybody uses; what is a secret of its own is found in them all the same.
                    _ = [self.spans(str(name)) for name in value]
                    waiting += value.values()
                case list():
                    waiting += value
                case int() if not isinstance(value, bool):
                    self._remember(str(value).encode(), hidden.label, private=private)

    def _remember(self, value: bytes, label: str, *, private: bool) -> None:
        value = value.strip()[:LONGEST]
        if len(value) < (LEAST_DIGITS if value.isdigit() else LEAST) or is_placeholder(value):
            return
        if private and value not in self.labels:
            self.private.add(value)
        elif not private:
            self.private.discard(value)
        self.labels.setdefault(value, label)

    def _is_known(self, value: object) -> bool:
        return isinstance(value, str) and value in self.known

    def _root(self) -> Shape | None:
        """The shape of the whole document: the object without a name."""
        return next((shape for shape in self.shapes if shape.kind == "object" and not shape.name), None)


def is_telling(name: str) -> bool:
    """Whether what stands under a name is a secret."""
    words = _HUMP.sub("_", project(name).decode("latin-1")).lower()
    return _TELLING.fullmatch(words) is not None


def _holds(value: object) -> bool:
    """Whether a value can be a secret at all."""
    return not isinstance(value, bool | None) and value not in ("", {}, [])
