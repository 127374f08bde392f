"""Which test files some paths hold."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from assentry.diagnostics import Diagnostic, sort_key, visible
from assentry.errors import CompileError, ConfigError
from assentry.tester.suite import SUFFIXES, Suite, read_suite
from assentry.yamlfile import read_yaml


def is_test_file(path: Path) -> bool:
    """Whether a path has a test file's name: `exports.test.yaml`."""
    return path.name.endswith(SUFFIXES)


def find_test_files(paths: Iterable[Path]) -> list[Path]:
    """The test files that the paths are or hold, sorted, each once; links to folders are not followed.

    Raises ConfigError for a folder that cannot be listed, and when there is none at all.
    """
    found: dict[Path, None] = {}
    places = list(paths)
    for place in places:
        if place.is_dir():
            found.update(dict.fromkeys(sorted(_below(place))))
        elif is_test_file(place):
            found[place] = None
    if not found:
        names = ", ".join(f"`{visible(str(place))}`" for place in places)
        raise ConfigError(f"there is no `*{SUFFIXES[0]}` file in {names}")
    return list(found)


def _below(folder: Path) -> Iterable[Path]:
    def refuse(error: OSError) -> None:
        raise ConfigError(f"cannot read the folder `{error.filename}`: {(error.strerror or str(error)).lower()}")

    for where, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(where) / name for name in files if name.endswith(SUFFIXES))


def read_suites(files: Iterable[Path]) -> list[Suite]:
    """The suites of all files. Raises CompileError with the findings of all of them, ConfigError for an unreadable one."""
    suites: list[Suite] = []
    findings: list[Diagnostic] = []
    for file in files:
        try:
            suites.append(read_suite(read_yaml(file)))
        except CompileError as error:
            findings += error.diagnostics
    if findings:
        raise CompileError(sorted(findings, key=sort_key))
    return suites
