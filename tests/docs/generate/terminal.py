"""What a command prints on a terminal, as a picture: the real output, in its real colours."""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Iterator
from html import escape

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from assentry.cli.main import run
from tests.docs.shell import ROOT

COLUMNS = 100

_FONT = "ui-monospace, SFMono-Regular, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
_SIZE, _CHARACTER, _LINE, _MARGIN = 14, 8.43, 19, 22
_COLOURS = {1: "#ff7b72", 2: "#3fb950", 3: "#d29922", 6: "#39c5cf"}
"""Red, green, yellow and cyan by their number on a terminal."""
_PLAIN, _DIM, _GROUND = "#c9d1d9", "#7d8590", "#161b22"
_PIECE = re.compile(r"\S+(?: \S+)*")


class _Terminal(io.StringIO):
    """A stream that says of itself that people look at it."""

    def isatty(self) -> bool:
        return True


def picture(command: str, label: str) -> str:
    """The picture of `$ command`, a command of `assentry`, and what it prints in the repository."""
    prompt = Text.assemble(("$ ", "bold green"), (command, "bold"))
    shown = Text("\n").join([prompt, Text(), Text.from_ansi(_printed(command.split()[1:]))])
    console = Console(width=COLUMNS, file=io.StringIO(), force_terminal=True)
    lines = console.render_lines(shown, pad=False)
    width, height = round(COLUMNS * _CHARACTER) + 2 * _MARGIN, len(lines) * _LINE + 2 * _MARGIN
    texts = [text for row, line in enumerate(lines) for text in _texts(row, line)]
    return "\n".join(
        [
            f'<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img"'
            f' font-family="{_FONT}" font-size="{_SIZE}">',
            f"<title>{escape(label)}</title>",
            f'<rect width="{width}" height="{height}" rx="10" fill="{_GROUND}"/>',
            *texts,
            "</svg>\n",
        ]
    )


def _texts(row: int, line: list[Segment]) -> Iterator[str]:
    """The pieces of a line, each at its column: no renderer needs to be trusted with blanks."""
    column = 0
    y = _MARGIN + row * _LINE + _SIZE
    for segment in line:
        for piece in _PIECE.finditer(segment.text):
            x = _MARGIN + (column + piece.start()) * _CHARACTER
            length = len(piece[0]) * _CHARACTER
            yield (f'<text x="{x:g}" y="{y}" textLength="{length:g}"{_style(segment.style)}>{escape(piece[0])}</text>')
        column += segment.cell_length


def _style(style: Style | None) -> str:
    if style is None:
        return f' fill="{_PLAIN}"'
    colour = _COLOURS[style.color.number or 0] if style.color is not None else _DIM if style.dim else _PLAIN
    return f' fill="{colour}"' + (' font-weight="600"' if style.bold else "")


def _printed(args: list[str]) -> str:
    stream = _Terminal()
    before = dict(os.environ)
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "TTY_COMPATIBLE"):
        os.environ.pop(name, None)
    os.environ.update({"COLUMNS": str(COLUMNS), "TERM": "xterm-256color"})
    try:
        with contextlib.chdir(ROOT), contextlib.redirect_stdout(stream):
            code = run(args)
    finally:
        os.environ.clear()
        os.environ.update(before)
    assert code == 0, stream.getvalue()
    return stream.getvalue().rstrip("\n")
