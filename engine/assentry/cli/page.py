"""What people read: words with a style, laid out by rich on a terminal and as plain text elsewhere.

Every text passes through `visible`, so that nothing in a rule or an action can steer the terminal.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, TextIO

from assentry.diagnostics import visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

Style = Literal["", "deny", "require_approval", "allow", "warning", "strong", "dim", "accent"]

_STYLES: dict[Style, str] = {
    "": "",
    "deny": "bold red",
    "require_approval": "bold yellow",
    "allow": "bold green",
    "warning": "yellow",
    "strong": "bold",
    "dim": "dim",
    "accent": "cyan",
}


class Styled(NamedTuple):
    """A text with its style."""

    text: str
    style: Style


Part = str | Styled
Parts = Part | Sequence[Part]


class Page:
    """Writes lines, labelled fields and tables to a stream, at once."""

    def __init__(self, stream: TextIO | None = None, console: Console | None = None) -> None:
        """`console` is one that draws something else on the same terminal, as a progress bar's does."""
        self._stream = stream if stream is not None else sys.stdout
        self._console = console
        if console is None and self._stream.isatty():
            from rich.console import Console

            self._console = Console(file=self._stream, highlight=False, markup=False, emoji=False)

    @property
    def on_terminal(self) -> bool:
        return self._console is not None

    def line(self, *parts: Part) -> None:
        """One line; parts follow each other without blanks. A terminal narrower than the line wraps it."""
        if self._console is not None:
            self._console.print(_text(parts), soft_wrap=True)
        else:
            self._stream.write(f"{_plain(parts).rstrip()}\n")

    def lines(self, text: str) -> None:
        """Plain lines."""
        for line in text.split("\n"):
            self.line(line)

    def fields(self, rows: Sequence[tuple[str, Parts]], *, indent: int = 2, width: int = 10) -> None:
        """Labels in a narrow column, what they label beside it."""
        self.table([(Styled(label.ljust(width), "dim"), content) for label, content in rows], indent=indent)

    def table(self, rows: Sequence[Sequence[Parts]], *, heads: Sequence[str] = (), indent: int = 0) -> None:
        """Aligned columns; on a terminal the last one wraps within its own column."""
        cells = [[_parts(cell) for cell in row] for row in rows]
        if heads:
            cells.insert(0, [(Styled(head, "strong"),) for head in heads])
        if not cells:
            return
        if self._console is not None:
            self._rich_table(cells, indent)
            return
        columns = max(len(row) for row in cells)
        widths = [max(len(_plain(row[n])) for row in cells if n < len(row)) for n in range(columns)]
        for row in cells:
            padded = [_plain(cell).ljust(width) for cell, width in zip(row, widths, strict=False)]
            self._stream.write(f"{' ' * indent}{'  '.join(padded)}".rstrip() + "\n")

    def _rich_table(self, cells: list[list[Sequence[Part]]], indent: int) -> None:
        from rich.padding import Padding
        from rich.table import Table

        assert self._console is not None
        grid = Table.grid(padding=(0, 2, 0, 0))
        columns = max(len(row) for row in cells)
        for number in range(columns):
            grid.add_column(no_wrap=number < columns - 1, overflow="fold")
        for row in cells:
            grid.add_row(*(_text(cell) for cell in row))
        self._console.print(Padding(grid, (0, 0, 0, indent), expand=False))


def _parts(cell: Parts) -> Sequence[Part]:
    return (cell,) if isinstance(cell, str | Styled) else cell


def _plain(parts: Sequence[Part]) -> str:
    return "".join(visible(part.text if isinstance(part, Styled) else part) for part in parts)


def _text(parts: Sequence[Part]) -> Text:
    from rich.text import Text

    text = Text()
    for part in parts:
        styled = part if isinstance(part, Styled) else Styled(part, "")
        text.append(visible(styled.text), style=_STYLES[styled.style])
    return text


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 rule`, `2 rules`."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
