"""A page of the documentation as a list of fenced blocks, each with its place, so that blocks can be run and refreshed.

    ```console exit=1 lines=9  commands behind `$ `, what they print (9 lines of it), the exit code of the last one
    ```assent title=rules/a.assent [append]     a file that the reader writes (any language)
    ```assent [fails]          a rule set of its own that compiles, or does not; `unshaped`: not in the official shape
    ```python                  code that is run, page by page in one namespace
    ```cel                     expressions, each with its value behind `//`
    ```text output             what the block before it printed
    <!-- run: command -->      a command that the reader does not see

A block is run in the page's own empty folder; `in=repo` runs it in the repository.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^```+")
_HIDDEN = re.compile(r"^<!-- run: (.*) -->$")


@dataclass(frozen=True)
class Block:
    """One fenced block, or one hidden command (`language` is then `hidden`).

    `line` is the number of the first line of its text, from one; `flags` are the bare words behind the
    language, `options` the `key=value` ones.
    """

    language: str
    flags: frozenset[str]
    options: dict[str, str]
    text: str
    line: int

    @property
    def end(self) -> int:
        """The number of the line behind the last line of its text."""
        return self.line + len(self.text.splitlines())


@dataclass(frozen=True)
class Page:
    """A page with its blocks in order; `name` is its path within the repository."""

    name: str
    text: str
    blocks: tuple[Block, ...]

    def with_texts(self, texts: dict[int, str]) -> str:
        """The page's text with the blocks that begin on these lines replaced."""
        lines = self.text.splitlines()
        for block in reversed(self.blocks):
            if block.line in texts:
                lines[block.line - 1 : block.end - 1] = texts[block.line].splitlines()
        return "\n".join(lines) + "\n"


def read_page(path: Path, root: Path) -> Page:
    """The page in a file. Raises ValueError for a fence that is never closed."""
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(root).as_posix()
    return Page(name, text, tuple(_blocks(text, name)))


def _blocks(text: str, name: str) -> list[Block]:
    found: list[Block] = []
    fence, info, start = "", "", 0
    held: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if fence:
            if line.rstrip() == fence:
                found.append(_block(info, held, start))
                fence = ""
            else:
                held.append(line)
        elif opened := _FENCE.match(line):
            fence, info, start, held = opened[0], line[opened.end() :], number + 1, []
        elif hidden := _HIDDEN.match(line):
            found.append(Block("hidden", frozenset(), {}, hidden[1], number))
    if fence:
        raise ValueError(f"{name}:{start - 1}: this block is never closed")
    return found


def _block(info: str, lines: list[str], line: int) -> Block:
    words = shlex.split(info)
    options = dict(word.split("=", 1) for word in words[1:] if "=" in word)
    flags = frozenset(word for word in words[1:] if "=" not in word)
    text = "".join(f"{part}\n" for part in lines)
    return Block(words[0] if words else "", flags, options, text, line)
