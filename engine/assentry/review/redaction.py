"""A document without what must not be shown.

Hidden are values whose schema has a class that the viewer may not see, what the deciding rules redact, what stands
under a telling name (`db_password`), and what the detectors find, in names of members too. A hidden value is then
looked for everywhere else: a password that the agent repeats in its reason is hidden there as well. What cannot be
looked through within bounds is hidden. Everything that stays is made visible.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from assentry.review.detectors import Needles
from assentry.review.marks import Marks
from assentry.review.paths import Path, dotted, written
from assentry.review.plan import Planned, Planner, Text, Whole
from assentry.review.sieve import Sieve
from assentry.review.spans import Span, merged, pieces
from assentry.review.viewer import Viewer
from assentry.review.visible import Oddity, shown
from assentry.values.shapes import Shapes


@dataclass(frozen=True, slots=True)
class Hidden:
    """One place at which something is hidden: its mark and why; `effect` where the schema says `x-effect`."""

    path: Path
    mark: str
    why: str
    effect: bool = False

    @property
    def place(self) -> str:
        return written(self.path)


@dataclass(frozen=True, slots=True)
class Strange:
    """A place with characters that had to be made visible."""

    path: Path
    oddity: Oddity

    @property
    def place(self) -> str:
        return written(self.path)


@dataclass(frozen=True, slots=True)
class Redacted:
    """A document as it may be shown: plain JSON data. `unread` says that some of it could not be looked through,
    `whole` is false where there was too much of it: then nobody can be asked.
    """

    document: object
    hidden: tuple[Hidden, ...]
    strange: tuple[Strange, ...]
    unread: bool
    whole: bool = True


@dataclass(slots=True)
class _Notes:
    hidden: list[Hidden] = field(default_factory=list)
    strange: list[Strange] = field(default_factory=list)


class Redactor:
    """Redacts what belongs to one request; never kept for another.

    `shapes` is the schema's table, `paths` the dotted paths that the verdict redacts, `known` the identities of the
    chain that asks: they are shown wherever they stand, since the card says them anyway. `classes` gives a class to what
    stands at a place, named from the document down, besides those of the schema; the stricter counts. Unless `numbered`, marks do not tell values apart.
    """

    def __init__(
        self,
        shapes: Shapes,
        paths: Iterable[str] = (),
        viewer: Viewer | None = None,
        known: Collection[str] = (),
        classes: Mapping[tuple[str, ...], str] = MappingProxyType({}),
        numbered: bool = True,
    ) -> None:
        self._sieve = Sieve(viewer or Viewer(), frozenset(known))
        self._planner = Planner(shapes, [dotted(path) for path in paths], classes, self._sieve)
        self._marks = Marks(numbered=numbered)
        self._needles = Needles(())

    def document(self, document: object) -> Redacted:
        """The document redacted. Never raises for what is in it; values that JSON does not have are hidden."""
        plan = self._planner.plan(document)
        self._needles = Needles(self._sieve.labels)
        notes = _Notes()
        result = self._built(plan, (), notes)
        return Redacted(
            result, tuple(notes.hidden), tuple(notes.strange), self._sieve.unread, not self._sieve.exhausted
        )

    def text(self, text: str) -> str:
        """One more text of the same request, with the same marks; lines stay lines."""
        return self._written(Text(text, self._sieve.spans(text)), (), _Notes())

    def name(self, name: str) -> str:
        """The name of somebody of the chain: all of it shows but a secret."""
        spans = tuple(span for span in self._sieve.spans(name) if span.secret)
        return self._written(Text(name, spans, settled=True), (), _Notes())

    # ---- building ----

    def _built(self, plan: Planned, path: Path, notes: _Notes) -> object:
        match plan:
            case Whole(value=value, label=label, why=why, effect=effect):
                notes.hidden.append(Hidden(path, mark := self._marks.of(value, label), why, effect))
                return mark
            case Text():
                return self._written(plan, path, notes)
            case dict():
                members: dict[str, object] = {}
                for name, below in plan.items():
                    key = self._named(name, path, notes)
                    while key in members:
                        key += "'"
                    members[key] = self._built(below, (*path, key), notes)
                return members
            case list():
                return [self._built(below, (*path, at), notes) for at, below in enumerate(plan)]
            case int() if str(plan).encode() in self._sieve.labels:
                notes.hidden.append(Hidden(path, mark := self._marks.of(plan, "hidden value"), "hidden elsewhere"))
                return mark
            case _:
                return plan

    def _named(self, name: str | Text, path: Path, notes: _Notes) -> str:
        return name if isinstance(name, str) else self._written(name, path, notes)

    def _written(self, part: Text, path: Path, notes: _Notes) -> str:
        spans = list(part.spans)
        whole = any(span.start == 0 and span.end == len(part.text) for span in spans)
        for start, end, value in () if whole else self._needles.scan(part.text):
            if not (part.settled and value in self._sieve.private):
                spans.append(Span(start, end, self._sieve.labels[value], "hidden elsewhere", secret=True))
        written: list[str] = []
        for piece in pieces(part.text, merged(spans)):
            if isinstance(piece, str):
                seen, oddities = shown(piece)
                notes.strange += [Strange(path, oddity) for oddity in sorted(oddities)]
                written.append(seen)
            else:
                mark = self._marks.of(part.text[piece.start : piece.end], piece.label)
                notes.hidden.append(Hidden(path, mark, piece.why, part.effect))
                written.append(mark)
        return "".join(written)
