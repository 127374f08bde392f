"""What of a document is to be hidden, decided before anything is written: by class, by rule, by name, by pattern.

The plan has the document's form, with a `Whole` where a value is hidden as it is and a `Text` for every string.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from assentry.review.across import Across
from assentry.review.detectors import UNREAD
from assentry.review.marks import MAX_BITS
from assentry.review.paths import Path, within
from assentry.review.sieve import Sieve
from assentry.review.spans import Span
from assentry.review.telling import told
from assentry.values.limits import MAX_DEPTH
from assentry.values.shapes import Shape, Shapes

MAX_NODES = 1 << 16
"""Values of a document that are looked at: more do not fit on a card."""

# What is the same in every action of its kind says nothing of a person.
_SETTLED = frozenset({("action", "name"), ("resource", "type"), ("subject", "type")})


@dataclass(frozen=True, slots=True)
class Whole:
    """A value that is hidden as it is; `effect` where the schema says `x-effect`."""

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
    """Plans the documents of one request; `classes` are given to places besides what the schema says."""

    shapes: Shapes
    redact: Sequence[Path]
    classes: Mapping[tuple[str, ...], str]
    sieve: Sieve
    _across: Across = field(init=False)
    _nodes: int = 0

    def __post_init__(self) -> None:
        self._across = Across(self.sieve.spans)

    def plan(self, document: object) -> Planned:
        """The plan of a document."""
        root = next((shape for shape in self.shapes if shape.kind == "object" and not shape.name), None)
        return self._plan(document, root, (), effect=False)

    def _plan(self, value: object, shape: Shape | None, path: Path, *, effect: bool) -> Planned:
        self._nodes += 1
        marks = dict(shape.marks) if shape is not None else {}
        effect = effect or marks.get("x-effect") == "true"
        too_many = self._nodes + (len(value) if isinstance(value, dict | list) else 0) > MAX_NODES
        if too_many or len(path) > MAX_DEPTH:
            self.sieve.unread = True
            self.sieve.exhausted = self.sieve.exhausted or too_many
            return Whole(value, UNREAD, UNREAD, effect)
        given = self.classes.get(tuple(map(str, path))) if self.classes else None
        for cls in (given, marks.get("x-class")):
            if hidden := self._whole(value, cls, path, effect=effect):
                self.sieve.gather(value, hidden.label, private=cls != "secret")
                return hidden
        match value:
            case str():
                return Text(value, self.sieve.spans(value), effect, _is_settled(path, shape))
            case dict():
                return self._members(value, shape, path, effect=effect)
            case list():
                return self._elements(value, shape, path, effect=effect)
            case _:
                return self._scalar(value, effect=effect)

    def _whole(self, value: object, cls: str | None, path: Path, *, effect: bool) -> Whole | None:
        """The value hidden as it is, by rule or class; None when it is looked into."""
        if within(path, self.redact):
            return Whole(value, "redacted", "the rule redacts it", effect)
        if cls is None or cls in self.sieve.viewer.classes or (cls == "personal" and self._is_known(value)):
            return None
        return Whole(value, cls, f"class: {cls}", effect)

    def _is_known(self, value: object) -> bool:
        return isinstance(value, str) and value in self.sieve.known

    def _scalar(self, value: object, *, effect: bool) -> Planned:
        match value:
            case None | bool():
                return value
            case int() if value.bit_length() <= MAX_BITS:
                return self._number(str(value), value, effect=effect)
            case float() if math.isfinite(value):
                return self._number(f"{value:.0f}", value, effect=effect)
            case _:
                return Whole(type(value).__name__, "unsupported", "no JSON value", effect)

    def _number(self, digits: str, value: float, *, effect: bool) -> Planned:
        """Numbers of many digits may be those of a card."""
        spans = self.sieve.spans(digits) if len(digits) >= 12 else ()
        return Whole(value, spans[0].label, spans[0].why, effect) if spans else value

    def _members(self, value: dict[object, object], shape: Shape | None, path: Path, *, effect: bool) -> Planned:
        """By name, so that the order in which they come numbers no marks."""
        found: dict[object, Planned] = {}
        secret = told(value)
        for name, below in sorted(value.items(), key=lambda member: str(member[0])):
            key = str(name)
            declared = shape.property(key) if shape is not None else None
            if declared is not None:
                found[key] = self._plan(below, self.shapes[declared.shape], (*path, key), effect=effect)
                continue
            text = Text(key, self.sieve.spans(key), effect)
            if key in secret:
                found[text] = Whole(below, "secret", "its name", effect)
                self.sieve.gather(below, "secret", private=False)
            else:
                found[text] = self._plan(below, self._item(shape), (*path, key), effect=effect)
        return found

    def _elements(self, value: list[object], shape: Shape | None, path: Path, *, effect: bool) -> Planned:
        inner = self._item(shape)
        found = [self._plan(below, inner, (*path, at), effect=effect) for at, below in enumerate(value)]
        texts = [at for at, each in enumerate(found) if isinstance(each, Text)]
        for number, spans in self._across.found([str(value[at]) for at in texts]).items():
            each = found[texts[number]]
            assert isinstance(each, Text)
            found[texts[number]] = replace(each, spans=(*each.spans, *spans))
        return found

    def _item(self, shape: Shape | None) -> Shape | None:
        return None if shape is None or shape.item is None else self.shapes[shape.item]


def _is_settled(path: Path, shape: Shape | None) -> bool:
    return path in _SETTLED or (shape is not None and (shape.allowed is not None or shape.kind == "timestamp"))
