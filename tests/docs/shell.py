"""Runs the commands of a page: `assentry` within this process, which is quick, anything else by bash."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from assentry.cli.main import run

ROOT = Path(__file__).parents[2]
COLUMNS = "96"
_PLAIN = re.compile(r"assentry( |$)[^|<>&;$`*?(){}\[\]]*$")
RECIPES = {"make examples": "eval rules $(foreach file,$(sort $(wildcard examples/*.json)),--input $(file))"}
"""What the Makefile's recipes run, once everything is set up; see `expanded`."""

_VARYING = (
    (re.compile(r"\b[0-9a-f]{64}\b"), "..."),
    (re.compile(r"\b[0-9]{1,3}(,[0-9]{3})* bytes\b"), "... bytes"),
    (re.compile(r'time="[0-9.]+"'), 'time="..."'),
    (re.compile(r'"seconds": [0-9.e-]+'), '"seconds": ...'),
    (re.compile(r"\b20[0-9]{2}(-[0-9]{2}){2}T([0-9]{2}:){2}[0-9]{2}\.[0-9]{3}Z"), "2026-11-20T12:00:00.000Z"),
    (re.compile(r"\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*"), "+........+..."),
    (re.compile(r"^(— \S+) [A-Za-z0-9+/]+=*$", re.MULTILINE), r"\1 ..."),
    (re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}="), "..."),
    (re.compile(r"\br-[0-9a-f]{32}\b"), "r-..."),
    (re.compile(r"~[A-Za-z0-9_-]{22}"), "~..."),
    (re.compile(r"\b[0-9]+ entries acknowledged"), "... entries acknowledged"),
)


def expanded(recipe: str) -> str:
    """A recipe with its list of files written out, as make does."""
    found = re.search(r"\$\(foreach file,\$\(sort \$\(wildcard ([^)]*)\)\),(.*?) \$\(file\)\)", recipe)
    if found is None:
        return recipe
    files = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob(found[1]))
    return recipe.replace(found[0], " ".join(f"{found[2]} {file}" for file in files))


def normal(text: str) -> str:
    """The text without what differs from run to run: digests, sizes, times; no blanks at the ends of lines."""
    for pattern, replacement in _VARYING:
        text = pattern.sub(replacement, text)
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


@dataclass
class Shell:
    """A place to run commands in, with the folder and the exit code that the last command left."""

    folder: Path
    code: int = 0
    _environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder = self.folder.resolve()
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        self._environment = {"PATH": path, "COLUMNS": COLUMNS, "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1", "TZ": "UTC"}

    def run(self, command: str) -> str:
        """What a command prints, on both streams in order; sets `code`."""
        command = f"assentry {expanded(RECIPES[command])}" if command in RECIPES else command
        if command == "echo $?":
            text, self.code = f"{self.code}\n", 0
            return text
        if command.startswith("cd "):
            self.folder = (self.folder / command.removeprefix("cd ").strip()).resolve()
            return ""
        if _PLAIN.match(command):
            return normal(self._assentry(shlex.split(command)[1:]))
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail\n{command}"],
            cwd=self.folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=60,
        )
        self.code = 0 if done.returncode in {141, -13} else done.returncode  # `| head` closes the pipe early
        return normal(done.stdout.decode("utf-8", "backslashreplace"))

    def _assentry(self, args: list[str]) -> str:
        stream = io.StringIO()
        with self.entered(), contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
            self.code = run(args)
        return stream.getvalue()

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Stands in the folder, with the environment of a reader, within this process."""
        before = {name: os.environ.get(name) for name in self._environment}
        os.environ.update(self._environment)
        try:
            with contextlib.chdir(self.folder):
                yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
