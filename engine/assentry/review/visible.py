"""Text as it is, on one line that cannot deceive: what does not show, turns the reading order, or looks like
another character is written as `\\u{...}`.

Line breaks are the one exception: they stay, and whoever prints the text prints its lines one by one.

Sources: Unicode Standard Annex 44 (categories), Unicode Technical Standard 39 (mixed scripts and confusables),
DerivedCoreProperties.txt (Default_Ignorable_Code_Point).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Literal

from assentry import diagnostics
from assentry.review.confusables import LETTERS, SIGNS, styled

Oddity = Literal["invisible", "look_alike"]
"""What was made visible: something that has no form of its own or moves others, or something that has another's."""

MARK_OPEN, MARK_CLOSE = "\u27e6", "\u27e7"
"""The brackets of a mark that stands for something hidden. In a text they are escaped: nobody forges a mark."""

MAX_COMBINING = 4
"""Marks over one letter; no orthography needs more, and a pile of them covers the lines above."""

# Printable by category, and yet blank: fillers, joiners and selectors.
_BLANK = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\U0001d159"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
    + "".join(map(chr, range(0xE0100, 0xE01F0)))
)
_WORD = re.compile(r"[^\W_]+")


def shown(text: str) -> tuple[str, frozenset[Oddity]]:
    """The text made visible, and what was odd in it. The same text always gives the same; different ones never do."""
    if text.isascii() and "\\u{" not in text and text.replace("\n", "").isprintable():
        return text, frozenset()
    alike = look_alikes(text)
    hidden = {char for char in set(text) if char != "\n" and _is_odd(char)}
    piled = _piled(text)
    odd: set[Oddity] = set()
    if alike:
        odd.add("look_alike")
    if hidden or piled:
        odd.add("invisible")
    if not odd and "\\u{" not in text:
        return text, frozenset()
    written = [_escaped(char) if char in hidden or at in alike or at in piled else char for at, char in enumerate(text)]
    # A backslash that would read as one of our own escapes is escaped itself.
    for forged in re.finditer(r"\\(?=u\{)", text):
        written[forged.start()] = _escaped("\\")
    return "".join(written), frozenset(odd)


def plain(text: str) -> str:
    """The text made visible."""
    return shown(text)[0]


def is_visible(text: str) -> bool:
    """Whether a single line shows all that is in it."""
    return diagnostics.visible(text) == text and not any(char in _BLANK for char in text)


def look_alikes(text: str) -> frozenset[int]:
    """The places of characters that are taken for others.

    A mere style (fullwidth, mathematical) and a rare Latin letter always; a letter of another script in a word with
    Latin ones; and all letters of a word that could be read as Latin from end to end, unless the text has others of
    their script.
    """
    if text.isascii():
        return frozenset()
    chars = set(text)
    always = {char for char in chars if char in SIGNS or styled(char) is not None}
    found = {at for at, char in enumerate(text) if char in always} if always else set()
    if chars.isdisjoint(LETTERS):
        return frozenset(found)
    own = {script(char) for char in chars if char.isalpha() and char not in LETTERS}
    for word in _WORD.finditer(text):
        letters = word[0]
        foreign = {at for at, char in enumerate(letters) if char in LETTERS}
        if not foreign:
            continue
        latin = {at for at in foreign if script(letters[at]) == "LATIN"}
        mixed = any(char not in LETTERS and script(char) == "LATIN" for char in letters)
        whole = all(char in LETTERS or not char.isalpha() for char in letters)
        if not mixed and not (whole and not own & {script(letters[at]) for at in foreign}):
            foreign = latin
        found |= {word.start() + at for at in foreign}
    return frozenset(found)


@cache
def script(char: str) -> str:
    """The script of a letter, by the first word of its name: `LATIN`, `CYRILLIC`; empty without a name."""
    return unicodedata.name(char, "").partition(" ")[0]


def _piled(text: str) -> set[int]:
    """The places of marks that stand on too many others."""
    marks = {char for char in set(text) if unicodedata.category(char) == "Mn"}
    found: set[int] = set()
    pile = 0
    for at, char in enumerate(text) if marks else ():
        pile = pile + 1 if char in marks else 0
        if pile > MAX_COMBINING:
            found.add(at)
    return found


def _is_odd(char: str) -> bool:
    if char.isascii():
        return not char.isprintable()
    if char in _BLANK or char in (MARK_OPEN, MARK_CLOSE):
        return True
    # Combining class 1 lies over its letter, a strike-through; `Me` encloses it.
    if unicodedata.combining(char) == 1 or unicodedata.category(char) == "Me":
        return True
    return diagnostics.visible(char) != char


def _escaped(char: str) -> str:
    return f"\\u{{{ord(char):x}}}"
