"""A redacted document as rows, a place and its text each; and what differs between two of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from assentry.review.card import Change
from assentry.review.paths import Path, written
from assentry.review.visible import MARK_CLOSE, MARK_OPEN

Row = tuple[Path, str]
_FIRST = ("action", "resource", "context", "subject")


def rows(document: object) -> list[Row]:
    """Every value of a redacted document, the nouns in the order of reading; lists of plain values are one row."""
    order = {noun: at for at, noun in enumerate(_FIRST)}
    found = list(_rows(document, ()))
    return sorted(found, key=lambda row: order.get(str(row[0][0]), len(order)) if row[0] else 0)


def text_of(value: object) -> str:
    """A scalar as people read it: a string bare, or in quotes where it would pass for another value."""
    if isinstance(value, str) and not _ambiguous(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def one_line(text: str) -> str:
    """Line breaks written as the other characters that do not show."""
    return text.replace("\n", "\\u{a}")


def lines_of(text: str) -> tuple[str, ...]:
    """The lines of a text, each of which shows all that is in it."""
    return tuple(text.split("\n"))


def capped(text: str, most: int) -> str:
    """The beginning of a text, at most so many characters; a mark is never cut."""
    kept = text[:most]
    return kept[: kept.rfind(MARK_OPEN)] if kept.rfind(MARK_OPEN) > kept.rfind(MARK_CLOSE) else kept


def is_hidden(text: str) -> bool:
    """Whether a mark stands in a text."""
    return MARK_OPEN in text


def lookup(document: object, names: Iterable[str]) -> object:
    """The value at a dotted place, or None."""
    for name in names:
        if not isinstance(document, Mapping):
            return None
        document = document.get(name)
    return document


def compared(before: Iterable[Row], after: Iterable[Row]) -> tuple[list[Change], list[str]]:
    """What changed, and the places that are hidden on either side and so were not compared."""
    old, new = dict(before), dict(after)
    changes: list[Change] = []
    hidden: list[str] = []
    for path in dict.fromkeys((*new, *old)):
        then, now = old.get(path), new.get(path)
        if then == now:
            continue
        if then is not None and now is not None and is_hidden(then + now):
            hidden.append(written(path))
            continue
        changes.append(
            Change(written(path), None if then is None else lines_of(then), None if now is None else lines_of(now))
        )
    return changes, hidden


def _rows(value: object, path: Path) -> Iterator[Row]:
    if isinstance(value, dict) and value:
        for name in sorted(value):
            yield from _rows(value[name], (*path, name))
    elif isinstance(value, list) and any(isinstance(each, dict | list) or _broken(each) for each in value):
        for at, each in enumerate(value):
            yield from _rows(each, (*path, at))
    elif isinstance(value, list):
        yield path, "[" + ", ".join(json.dumps(each, ensure_ascii=False) for each in value) + "]"
    else:
        yield path, text_of(value)


def _broken(value: object) -> bool:
    return isinstance(value, str) and "\n" in value


def _ambiguous(text: str) -> bool:
    """Whether a bare string could be read as another JSON value, as nothing, or as another length than its own."""
    if not text or text != text.strip() or text[0] in '"[{':
        return True
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
