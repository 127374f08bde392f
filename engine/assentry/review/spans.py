"""Ranges of a text that are hidden, and the text cut along them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from assentry.review.detectors import Found


@dataclass(frozen=True, slots=True)
class Span:
    """Code points `start` to `end`, what they are, and why they are hidden."""

    start: int
    end: int
    label: str
    why: str
    secret: bool


def of_found(text: str, found: Iterable[Found]) -> Iterator[Span]:
    """The spans of what detectors found. What only looks like an e-mail address because of a password is none."""
    every = tuple(found)
    before_host = {each.end for each in every if each.cls == "secret" and text[each.end : each.end + 1] == "@"}
    for each in every:
        if each.cls == "personal" and any(each.start < end < each.end for end in before_host):
            continue
        yield Span(each.start, each.end, each.name, f"detector: {each.name}", each.cls == "secret")


def merged(spans: Iterable[Span]) -> Sequence[Span]:
    """Spans that do not overlap, in order. What overlaps is one, and known by its first secret."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda each: (each.start, -each.end, not each.secret, each.label)):
        if span.start >= span.end:
            continue
        if found and span.start < found[-1].end:
            last = found[-1]
            named = last if last.secret or not span.secret else span
            found[-1] = replace(named, start=last.start, end=max(last.end, span.end))
        else:
            found.append(span)
    return found


def pieces(text: str, spans: Sequence[Span]) -> Iterator[str | Span]:
    """The text between the spans, and the spans, in order."""
    done = 0
    for span in spans:
        if done < span.start:
            yield text[done : span.start]
        yield span
        done = span.end
    if done < len(text):
        yield text[done:]
