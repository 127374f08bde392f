"""A small pretty printer: documents that choose their own line breaks.

After Wadler, "A prettier printer": a group is printed on one line when it fits, else each of its own lines
breaks. Comments ride on the lines: a line that carries notes always breaks, so a comment can stand
wherever a line may break, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Note:
    """A comment; `own_line` when it does not follow code, `blank` when an empty line stands before it."""

    text: str
    own_line: bool
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A place to break: `flat` when its group fits; `hard` breaks always."""

    flat: str = " "
    hard: bool = False
    notes: tuple[Note, ...] = ()
    blank: bool = False

    @property
    def broken(self) -> bool:
        return self.hard or bool(self.notes)


@dataclass(frozen=True, slots=True)
class IfBroken:
    """Text that appears only when its group is broken."""

    text: str


@dataclass(frozen=True, slots=True)
class Concat:
    parts: tuple[Doc, ...]
    broken: bool


@dataclass(frozen=True, slots=True)
class Indent:
    """Lines inside begin four columns further to the right."""

    inner: Concat

    @property
    def broken(self) -> bool:
        return self.inner.broken


@dataclass(frozen=True, slots=True)
class Group:
    """Breaks as one; `broken` when something inside must break."""

    inner: Concat

    @property
    def broken(self) -> bool:
        return self.inner.broken


Doc: TypeAlias = "str | Line | IfBroken | Concat | Indent | Group"

STEP = 4


def concat(*parts: Doc) -> Concat:
    return Concat(parts, any(must_break(part) for part in parts))


def indent(*parts: Doc) -> Indent:
    return Indent(concat(*parts))


def group(*parts: Doc) -> Group:
    return Group(concat(*parts))


def must_break(doc: Doc) -> bool:
    return not isinstance(doc, str | IfBroken) and doc.broken


def flat_width(doc: Doc) -> int | None:
    """The width of a document on one line, or None when it cannot be on one."""
    if must_break(doc):
        return None
    if isinstance(doc, str):
        return None if "\n" in doc else len(doc)
    if isinstance(doc, Line):
        return len(doc.flat)
    if isinstance(doc, IfBroken):
        return 0
    widths = [flat_width(part) for part in (doc.parts if isinstance(doc, Concat) else doc.inner.parts)]
    return None if None in widths else sum(width or 0 for width in widths)


def first_character(doc: Doc) -> str:
    """The first visible character of a document, or an empty string."""
    if isinstance(doc, str):
        return doc[:1]
    if isinstance(doc, Line | IfBroken):
        return ""
    for part in doc.parts if isinstance(doc, Concat) else doc.inner.parts:
        if char := first_character(part):
            return char
    return ""


_Command: TypeAlias = tuple[int, bool, Doc]


def render(doc: Doc, width: int) -> str:
    """The text of a document, in lines of at most `width` columns where its groups allow."""
    out: list[str] = []
    column = 0
    pending: list[_Command] = [(0, False, doc)]
    while pending:
        depth, flat, part = pending.pop()
        if isinstance(part, str):
            out.append(part)
            column = len(part) - part.rfind("\n") - 1 if "\n" in part else column + len(part)
        elif isinstance(part, Line):
            if flat and not part.broken:
                out.append(part.flat)
                column += len(part.flat)
            else:
                _break(out, part, depth)
                column = depth
        elif isinstance(part, IfBroken):
            if not flat:
                out.append(part.text)
                column += len(part.text)
        elif isinstance(part, Concat):
            pending.extend((depth, flat, inner) for inner in reversed(part.parts))
        elif isinstance(part, Indent):
            pending.append((depth + STEP, flat, part.inner))
        else:
            fits = flat or (not part.broken and _fits(part.inner, pending, width - column))
            pending.append((depth, fits, part.inner))
    return "".join(out)


def _break(out: list[str], line: Line, depth: int) -> None:
    margin = " " * depth
    for at, note in enumerate(line.notes):
        if at == 0 and not note.own_line:
            out.append(f"  {note.text}")
        else:
            out.append(f"{_newline(note.blank)}{margin}{note.text}")
    out.append(f"{_newline(line.blank)}{margin}")


def _newline(blank: bool) -> str:
    return "\n\n" if blank else "\n"


def _fits(doc: Doc, rest: list[_Command], room: int) -> bool:
    """Whether the document, flat, and what follows up to the next possible break fit into `room` columns."""
    pending: list[tuple[bool, Doc]] = [(True, doc)]
    at = len(rest)
    while room >= 0:
        if not pending:
            if at == 0:
                return True
            at -= 1
            pending.append((rest[at][1], rest[at][2]))
        flat, part = pending.pop()
        if isinstance(part, str):
            if "\n" in part:
                return part.index("\n") <= room
            room -= len(part)
        elif isinstance(part, Line):
            if not flat or part.broken:
                return True
            room -= len(part.flat)
        elif isinstance(part, IfBroken):
            room -= 0 if flat else len(part.text)
        elif isinstance(part, Concat):
            pending.extend((flat, inner) for inner in reversed(part.parts))
        else:
            pending.append((flat and not must_break(part) if isinstance(part, Group) else flat, part.inner))
    return False
