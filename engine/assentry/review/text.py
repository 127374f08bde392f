"""The card as plain text of limited width, for a console, a mail or a log.

What belongs to the card stands at the left edge; everything that came with the action is indented behind a bar or a
name, also where it goes on in a second line, so that no text of the agent's can pass for a line of the card.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from assentry.review.card import Card, Change, Field, Lines, Seat

NAME = 34
"""Columns of a field's name at most; longer ones stand on a line of their own."""


def render(card: Card, width: int = 88) -> str:
    """The whole card, no line wider than `width` columns (at least 80), with a line break at its end."""
    lines = [line.rstrip() for line in _lines(card, max(80, width))]
    return "\n".join(lines) + "\n"


def fits(card: Card, characters: int) -> bool:
    """Whether a channel that shows so many characters can ask for an answer to this card. A card is never cut."""
    return card.complete and len(render(card)) <= characters


def _lines(card: Card, width: int) -> Iterator[str]:
    target = " ".join(part for part in (card.resource.type, card.resource.id) if part) or "(no resource)"
    yield "=" * width
    yield from _wrapped(f"{card.action} on {target}", "", width, "    ")
    yield "=" * width
    yield from _head(card, width)
    for flag in card.flags:
        yield from _wrapped(flag.text, "!  ", width, "   ")
    yield from _words(card, width)
    yield from _rules(card, width)
    yield from _fields(card.fields, width)
    yield from _earlier(card, width)
    yield from _instead(card, width)
    yield from _hidden(card, width)
    yield "-" * width
    yield from _wrapped(f"request {card.request}", "", width, "    ")
    yield f"card {card.digest}"


def _head(card: Card, width: int) -> Iterator[str]:
    who = card.who
    kind = f"{who.kind} " if who.kind else ""
    yield from _named("who asks", f"{kind}{who.requester}", width)
    if who.on_behalf_of:
        yield from _named("on behalf of", ", for ".join(who.on_behalf_of), width)
    if who.owner is not None:
        yield from _named("owned by", who.owner, width)
    if who.holder is not None and who.holder != who.requester:
        yield from _named("credential of", who.holder, width)
    yield from _named("has to agree", "; ".join(map(_seat, card.seats)) or "nobody", width)
    yield from _named(
        "until", f"{_clock(card.deadline)} ({_span(card.asked_at, card.deadline)} from the question)", width
    )
    risks = ", ".join(f"{risk.title or risk.rule} {risk.weight:+}" for risk in card.risks)
    yield from _named("risk", f"{card.risk}" + (f" ({risks})" if risks else ""), width)


def _words(card: Card, width: int) -> Iterator[str]:
    if card.words is not None:
        yield from _title("Why, in the agent's own words")
        for line in card.words.lines:
            yield from _wrapped(line, "  | ", width)
        if card.words.cut:
            yield f"  ({card.words.cut} characters more)"


def _rules(card: Card, width: int) -> Iterator[str]:
    if card.rules or card.errors:
        yield from _title("Why it was stopped")
    for rule in card.rules:
        yield from _wrapped(f"{rule.title or rule.id}  ({rule.id}, {rule.at})", "  ", width, "    ")
        if rule.reason:
            yield from _wrapped(rule.reason, "    ", width)
        for control in rule.controls:
            yield from _wrapped(f"{control.id}  {control.title}".rstrip(), "    ", width, "      ")
    for error in card.errors:
        yield from _wrapped(f"could not be judged: {error}", "  ", width, "    ")


def _fields(fields: Sequence[Field], width: int) -> Iterator[str]:
    if not fields:
        return
    yield from _title("What would run" + ("  (* a rule looked at it)" if any(each.read for each in fields) else ""))
    column = min(NAME, max(len(each.path) for each in fields))
    for each in fields:
        star = "* " if each.read else "  "
        if len(each.lines) > 1 or _columns(each.path) > column:
            yield from _wrapped(each.path, star, width, "    ")
            for line in each.lines:
                yield from _wrapped(line, "    | ", width)
        else:
            yield from _wrapped(each.lines[0], f"{star}{each.path.ljust(column)}  ", width, " " * (column + 4))


def _earlier(card: Card, width: int) -> Iterator[str]:
    earlier = card.earlier
    if earlier is None:
        return
    when = " of " + _clock(earlier.at) if earlier.at is not None else ""
    yield from _title(f"What differs from the last similar one{when}{f', {earlier.status}' if earlier.status else ''}")
    for change in earlier.changes:
        yield from _changed(change, width)
    if earlier.left_out:
        yield f"  {earlier.left_out} differences more"
    if earlier.hidden:
        yield from _wrapped("hidden, not compared: " + ", ".join(earlier.hidden), "  ", width, "    ")
    if not earlier.changes and not earlier.hidden:
        yield "  nothing"


def _changed(change: Change, width: int) -> Iterator[str]:
    sign = "+" if change.before is None else "-" if change.after is None else "~"
    yield from _wrapped(change.path, f"  {sign} ", width, "    ")
    for what, lines in (("was", change.before), ("is ", change.after)):
        yield from _block(what, lines, width)


def _block(what: str, lines: Lines | None, width: int) -> Iterator[str]:
    for at, line in enumerate(lines or ()):
        yield from _wrapped(line, f"      {what if at == 0 else '   '} | ", width, "          | ")


def _instead(card: Card, width: int) -> Iterator[str]:
    if card.instead:
        yield from _title("It would be allowed at once if")
        for flip in card.instead:
            wish = "held" if flip.to == "held" else "did not hold"
            yield from _wrapped(f"{flip.condition} {wish}  ({flip.rule})", "  ", width, "    ")


def _hidden(card: Card, width: int) -> Iterator[str]:
    if card.hidden:
        yield from _title("What is hidden")
        for each in card.hidden:
            yield from _wrapped(f"{each.mark}  {each.path}: {each.why}", "* " if each.material else "  ", width, "    ")


# ---- pieces ----


def _title(text: str) -> Iterable[str]:
    return ("", text)


def _named(name: str, text: str, width: int) -> Iterator[str]:
    yield from _wrapped(text, f"{name.ljust(14)}", width, " " * 14)


def _seat(seat: Seat) -> str:
    return f"{seat.count} of {seat.selector} {seat.name}"


def _clock(moment: str) -> str:
    """`2026-11-20 12:00:00 UTC`"""
    return f"{moment[:10]} {moment[11:19]} UTC"


def _span(start: str, end: str) -> str:
    seconds = int((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}{'' if seconds == size else 's'}"
    return f"{seconds} seconds"


def _wrapped(text: str, first: str, width: int, rest: str | None = None) -> Iterator[str]:
    """The text behind `first`, and where it is longer than the width behind `rest`; broken at a space if one is near."""
    lead, following = first, first if rest is None else rest
    while True:
        room = width - _columns(lead)
        if _columns(text) <= room:
            yield lead + text
            return
        cut = _fitting(text, room)
        space = text.rfind(" ", cut * 2 // 3, cut + 1)
        cut = space + 1 if space > 0 else cut
        yield lead + text[:cut]
        text, lead = text[cut:], following


def _fitting(text: str, room: int) -> int:
    """How many characters fit, at least one."""
    used = 0
    for at, char in enumerate(text):
        used += _columns(char)
        if used > room:
            return max(1, at)
    return len(text)


def _columns(text: str) -> int:
    """Columns on a terminal: East Asian wide characters take two, marks over letters none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )
