"""The Python files below some paths, each as text; folders of installed packages and of builds are left out."""

from __future__ import annotations

import io
import os
import tokenize
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

from assentry.diagnostics import visible
from assentry.errors import ConfigError
from assentry.source import Source

MAX_BYTES = 2 * 1024 * 1024
_LEFT_OUT = frozenset({"__pycache__", "node_modules", "site-packages", "venv", "env", "build", "dist"})


def python_files(paths: Sequence[Path], exclude: Sequence[str]) -> Iterator[Path]:
    """The files in order of their names, each once. Raises ConfigError for a path that is not there."""
    seen: set[str] = set()
    for path in paths:
        if not path.exists():
            raise ConfigError(f"cannot read `{visible(str(path))}`: no such file or directory")
        for file in _below(path, exclude):
            real = os.path.realpath(file)
            if real not in seen:
                seen.add(real)
                yield file


def _below(path: Path, exclude: Sequence[str]) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for folder, folders, names in os.walk(path):
        here = Path(folder)
        folders[:] = sorted(
            name
            for name in folders
            if name not in _LEFT_OUT and not name.startswith(".") and not _excluded(here / name, path, exclude)
        )
        yield from (
            here / name
            for name in sorted(names)
            if name.endswith((".py", ".pyw")) and not _excluded(here / name, path, exclude)
        )


def _excluded(path: Path, root: Path, patterns: Sequence[str]) -> bool:
    relative = path.relative_to(root).as_posix()
    return any(fnmatch(relative, pattern) or fnmatch(path.name, pattern) for pattern in patterns)


def read(file: Path, shown: str) -> Source:
    """The text of a Python file in the encoding that it declares, under the name by which messages show it.

    Raises ConfigError for one that cannot be read, is too large or is not what it declares.
    """
    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise ConfigError(f"`{visible(shown)}` is larger than {MAX_BYTES // 1024} KiB")
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
        return Source(shown, io.TextIOWrapper(io.BytesIO(raw), encoding).read())
    except OSError as error:
        raise ConfigError(f"cannot read `{visible(shown)}`: {(error.strerror or str(error)).lower()}") from error
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise ConfigError(f"`{visible(shown)}` is not in the encoding that it declares") from error


def module_name(file: Path, root: Path) -> str:
    """The dotted name of a file as seen from a root."""
    relative = file.relative_to(root) if file.is_relative_to(root) else Path(file.name)
    parts = list(relative.with_suffix("").parts)
    if parts and parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts) or file.parent.name
