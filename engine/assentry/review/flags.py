"""What whoever answers should know before anything else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from assentry.review.card import Flag, Hidden, Quote
from assentry.review.redaction import Redacted
from assentry.review.visible import plain

MARKS: Mapping[str, str] = {
    "development": "development mode: the laws do not bind here, and nothing that is signed here proves anything",
    "break_glass": "the glass was broken: one person stands in for the seats, and a review is owed",
    "reopened": "asked anew, because more people have to agree than before",
    "counter": "a counter-proposal takes the place of another action",
}
"""What the gate's marks mean."""

MAX_PLACES = 8
"""Places that one flag names."""


def flags_of(
    redacted: Redacted,
    hidden: Sequence[Hidden],
    words: Quote | None,
    marks: Sequence[str],
    *,
    complete: bool,
    errors: bool,
) -> Iterator[Flag]:
    """The flags of a card, the gravest first."""
    yield from (Flag(plain(mark), MARKS.get(mark, plain(mark))) for mark in marks)
    if not complete:
        yield Flag("incomplete", "the document is too large to be shown whole; it cannot be approved")
    if redacted.unread:
        yield Flag("unread", "some of the document took too much work to look through, and is hidden for that")
    if material := [each.path for each in hidden if each.material]:
        yield Flag("material_hidden", f"hidden, though it matters to the decision: {_listed(material)}")
    if alike := [each.place for each in redacted.strange if each.oddity == "look_alike"]:
        yield Flag("look_alike", f"letters that pass for others, written as \\u{{...}}: {_listed(alike)}")
    if invisible := [each.place for each in redacted.strange if each.oddity == "invisible"]:
        yield Flag("invisible", f"characters that do not show, written as \\u{{...}}: {_listed(invisible)}")
    if errors:
        yield Flag("error", "a rule could not be judged, because a value is missing or does not fit")
    if words is not None and words.cut:
        yield Flag("words_cut", f"the agent says {words.cut} characters more than are quoted")


def _listed(places: Iterable[str]) -> str:
    every = list(dict.fromkeys(places))
    more = f" and {len(every) - MAX_PLACES} more" if len(every) > MAX_PLACES else ""
    return ", ".join(place or "the document" for place in every[:MAX_PLACES]) + more
