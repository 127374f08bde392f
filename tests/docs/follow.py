"""Follows a page as a reader would: writes its files, runs its commands and code, and gives what they really print."""

from __future__ import annotations

import contextlib
import difflib
import io
import json
import tomllib
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

import assentry
from assentry.errors import CompileError
from assentry.formatter.format import format_source
from assentry.source import Source
from tests.docs.expressions import value_text
from tests.docs.page import Block, Page
from tests.docs.shell import ROOT, Shell, normal


@dataclass
class Followed:
    """What came of a page: the texts that its blocks should have, by line, and everything that is wrong with it."""

    page: Page
    texts: dict[int, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def refreshed(self) -> str:
        """The page's text with all outputs as they are now."""
        return self.page.with_texts(self.texts)

    def differences(self) -> list[str]:
        """The problems, and every output that is not what it says."""
        found = list(self.problems)
        for block in self.page.blocks:
            now = self.texts.get(block.line, block.text)
            if now != block.text:
                said, prints = block.text.splitlines(), now.splitlines()
                diff = difflib.unified_diff(said, prints, "the page", "the program", lineterm="")
                found.append(f"{self.page.name}:{block.line}: prints something else\n" + "\n".join(diff))
        return found


def follow(page: Page, folder: Path) -> Followed:
    """Follows a page in an empty folder."""
    return _Reader(page, folder).run()


class _Reader:
    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self.shell = Shell(folder)
        self.repository = Shell(ROOT)
        self.names: dict[str, object] = {"__name__": "__main__"}
        self.followed = Followed(page)
        self.output: str | None = None

    def run(self) -> Followed:
        for block in self.page.blocks:
            if block.flags == {"output"}:
                self._shown(block)
                continue
            if self.output:
                self._wrong(block, "the block before it prints something: show it in a block `text output`")
            self.output = None
            if block.language == "assent" and not block.flags & {"append", "unshaped"}:
                self._check_shape(block)
            if "title" in block.options:
                self._write(block)
            else:
                handler = _HANDLERS.get(block.language)
                if handler is None:
                    self._wrong(block, f"nothing is known of blocks in `{block.language}`")
                else:
                    handler(self, block)
        return self.followed

    def _wrong(self, block: Block, what: str) -> None:
        self.followed.problems.append(f"{self.page.name}:{block.line}: {what}")

    def _shown(self, block: Block) -> None:
        if self.output is None:
            self._wrong(block, "nothing stands before this output")
        else:
            self.followed.texts[block.line] = self.output
        self.output = None

    def _write(self, block: Block) -> None:
        path = self.shell.folder / block.options["title"]
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a" if "append" in block.flags else "w", encoding="utf-8") as stream:
            stream.write(block.text)

    def _check_shape(self, block: Block) -> None:
        """Examples stand in the official shape; those that cannot be read have none."""
        shaped = format_source(Source("example", block.text), [])
        if shaped not in {None, block.text}:
            self._wrong(block, f"is not in shape; in shape it is\n{shaped}")

    def console(self, block: Block) -> None:
        shell = self.repository if block.options.get("in") == "repo" else self.shell
        shown: list[str] = []
        commands = list(_commands(block.text))
        for command, following in zip(commands, [*commands[1:], None], strict=True):
            shown += (f"$ {command}\n", shell.run(command.replace("\\\n", " ")))
            wanted = int(block.options.get("exit", "0")) if following is None else 0
            if shell.code != wanted and following != "echo $?":
                self._wrong(block, f"`{command}` ends with {shell.code}")
        self.followed.texts[block.line] = _cut("".join(shown), int(block.options.get("lines", "0")))

    def hidden(self, block: Block) -> None:
        output = self.shell.run(block.text)
        if self.shell.code != 0:
            self._wrong(block, f"`{block.text}` ends with {self.shell.code}: {output}")

    def python(self, block: Block) -> None:
        # Blank lines before it, so that a traceback names the page's own line.
        code = compile("\n" * (block.line - 1) + block.text, self.page.name, "exec", dont_inherit=True)
        stream = io.StringIO()
        with self.shell.entered(), contextlib.redirect_stdout(stream):
            try:
                exec(code, self.names)
            except Exception:  # noqa: BLE001 -- whatever a reader would run into is what is wrong with the page
                self._wrong(block, traceback.format_exc(limit=-1))
        self.output = normal(stream.getvalue())

    def assent(self, block: Block) -> None:
        try:
            assentry.load_sources({"example.assent": block.text})
        except CompileError as error:
            self.output = normal(str(error))
            if "fails" not in block.flags:
                self._wrong(block, f"does not compile\n{error}")
        else:
            if "fails" in block.flags:
                self._wrong(block, "compiles, though it should not")

    def cel(self, block: Block) -> None:
        lines = [line.rpartition("  // ")[0].rstrip() or line.rstrip() for line in block.text.splitlines()]
        width = max(map(len, lines), default=0)
        shown = (f"{line.ljust(width)}  // {value_text(line)}" if line else "" for line in lines)
        self.followed.texts[block.line] = "".join(f"{line}\n" for line in shown)

    def json(self, block: Block) -> None:
        self._parse(block, json.loads)

    def yaml(self, block: Block) -> None:
        self._parse(block, yaml.safe_load)

    def toml(self, block: Block) -> None:
        self._parse(block, tomllib.loads)

    def _parse(self, block: Block, parse: Callable[[str], object]) -> None:
        try:
            parse(block.text)
        except (ValueError, yaml.YAMLError) as error:
            self._wrong(block, str(error))

    def text(self, block: Block) -> None:
        """Prose in a box: nothing to run."""


_HANDLERS: dict[str, Callable[[_Reader, Block], None]] = {
    name: getattr(_Reader, name)
    for name in ("console", "hidden", "python", "assent", "cel", "json", "yaml", "toml", "text")
}


def _cut(text: str, lines: int) -> str:
    """The first lines of a text, with a line of dots for the others; 0 means all."""
    parts = text.splitlines(keepends=True)
    return text if not lines or len(parts) <= lines else "".join([*parts[:lines], "...\n"])


def _commands(text: str) -> Iterator[str]:
    """The commands of a console block; one goes on behind a backslash at the end of its line."""
    held = ""
    for line in text.splitlines():
        if held:
            held += f"\n{line}"
        elif line.startswith("$ "):
            held = line.removeprefix("$ ")
        if held and not held.endswith("\\"):
            yield held
            held = ""
