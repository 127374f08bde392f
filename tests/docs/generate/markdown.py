"""Pieces of Markdown that the generated pages are made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_WRITTEN_BY = "<!-- Written by `make docs`; a test compares it with the program. -->"


def page(title: str, *parts: str) -> str:
    """A generated page."""
    return "\n\n".join((f"# {title}", _WRITTEN_BY, *(part.strip("\n") for part in parts))) + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a `|` within a cell is escaped."""
    lines = [_row(heads), _row(["---"] * len(heads))]
    lines += [_row([cell.replace("|", "\\|") for cell in row]) for row in rows]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return re.sub(r"\|  +\|", "| |", f"| {' | '.join(cells)} |")


def code(text: str) -> str:
    """A text within a line, as code; empty stays empty."""
    if not text:
        return ""
    fence = "``" if "`" in text else "`"
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def box(text: str, language: str = "text") -> str:
    """A fenced block."""
    return f"```{language}\n{text.rstrip()}\n```"


def anchor(heading: str) -> str:
    """The anchor that a heading gets: lower case, blanks as dashes, no punctuation."""
    plain = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower())
    return plain.strip().replace(" ", "-")
