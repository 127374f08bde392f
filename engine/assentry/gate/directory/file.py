"""A directory in a file: read anew whenever the file changed, whole or not at all.

A file that is gone, half-written or wrong is a no until it is right again. What stood there before is not used: the
change that does not parse may be the one that takes somebody's rights away. Write a new file beside it and rename.
"""

from __future__ import annotations

import os
import stat
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from assentry.errors import CompileError, ConfigError, DirectoryUnavailable
from assentry.gate.directory.fileread import read_directory
from assentry.gate.directory.records import Records
from assentry.gate.directory.snapshot import Snapshot
from assentry.gate.directory.source import CombinedDirectory
from assentry.source import Source
from assentry.yamlfile import read_yaml, yaml_text

_SETTLED_NS = 2_000_000_000
"""A file that changed less than this before it was read may change again with the same time on it: it is read anew."""

Stamp = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Read:
    stamp: Stamp
    settled: bool
    source: Source | None
    outcome: Records | str


class FileDirectory:
    """The directory in a YAML file; `alone` as for `read_directory`. Threads may share one."""

    def __init__(self, path: str | Path, *, alone: bool = True) -> None:
        self.path = Path(path)
        self._name = os.fspath(self.path)
        self._alone = alone
        self._lock = threading.Lock()
        self._last: _Read | None = None
        self._whole = CombinedDirectory(self)

    def snapshot(self) -> Snapshot:
        """The directory as the file is now. Raises DirectoryUnavailable, naming the place of the first error."""
        return self._whole.snapshot()

    def records(self) -> Records:
        """The records as the file is now. Raises DirectoryUnavailable, naming the place of the first error."""
        stamp = self._stamp()
        last = self._last
        if last is None or last.stamp != stamp or not last.settled:
            with self._lock:
                last = self._read(stamp)
                self._last = last
        if isinstance(last.outcome, str):
            raise DirectoryUnavailable(last.outcome)
        return last.outcome

    def _stamp(self) -> Stamp:
        try:
            found = os.stat(self._name)
        except (OSError, ValueError) as error:
            raise DirectoryUnavailable(f"the directory `{self.path}` cannot be read: {_why(error)}") from error
        if not stat.S_ISREG(found.st_mode):  # who reads a pipe waits until somebody writes
            raise DirectoryUnavailable(f"the directory `{self.path}` cannot be read: it is no file")
        return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, found.st_dev)

    def _read(self, stamp: Stamp) -> _Read:
        settled = time.time_ns() - max(stamp[0], stamp[1]) > _SETTLED_NS
        last, source = self._last, None
        outcome: Records | str
        try:
            source = yaml_text(self.path)
            if last is not None and last.source == source:
                return _Read(stamp, settled, source, last.outcome)
            outcome = read_directory(read_yaml(source), alone=self._alone)
        except CompileError as error:
            # Whoever is refused because of this reads it: where and what kind, and no names out of the file.
            first, count = error.diagnostics[0], len(error.diagnostics)
            line, column = first.position
            many = "an error" if count == 1 else f"{count} errors, the first"
            outcome = f"the directory `{self.path}` has {many} at {line}:{column} ({first.code})"
        except ConfigError as error:
            outcome = f"the directory cannot be read: {error}"
        if last is not None and last.outcome == outcome:
            outcome = last.outcome  # the same object, so that nobody works it out again
        return _Read(stamp, settled, source, outcome)


def _why(error: Exception) -> str:
    return ((error.strerror if isinstance(error, OSError) else None) or str(error)).lower()
