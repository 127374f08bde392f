"""Where a rehearsal takes place: a scratch database that can be kept, copied and vandalised."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

Rows = list[tuple[Any, ...]]


class Vandal(Protocol):
    """Somebody with write access to the database, and no key."""

    def run(self, text: str, /, **params: object) -> Rows:
        """Run SQL with parameters as `:name`; returns the rows, if there are any."""
        ...


class Stage(Protocol):
    """A scratch database with a ledger in it."""

    @property
    def place(self) -> str:
        """What `opening` is told."""
        ...

    def keep(self, name: str) -> None:
        """Keep a copy of the database as it is now; nobody has it open."""
        ...

    def again(self, name: str) -> Stage:
        """A fresh copy of a kept database."""
        ...

    def vandal(self) -> Any:
        """A context manager that gives a Vandal and commits at its end."""
        ...


class FileVandal:
    """A vandal in an SQLite file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def run(self, text: str, /, **params: object) -> Rows:
        return self._connection.execute(text, params).fetchall()


class FileStage:
    """An SQLite file in a folder."""

    def __init__(self, folder: Path, name: str = "ledger") -> None:
        self._folder = folder
        self._path = folder / f"{name}.db"
        self._copies = 0

    @property
    def place(self) -> str:
        return str(self._path)

    def keep(self, name: str) -> None:
        with self._connection() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(self._path, self._folder / f"kept-{name}")

    def again(self, name: str) -> FileStage:
        self._copies += 1
        copy = FileStage(self._folder, f"copy-{self._copies}")
        shutil.copy(self._folder / f"kept-{name}", copy.place)
        return copy

    def _connection(self) -> closing[sqlite3.Connection]:
        return closing(sqlite3.connect(self._path, isolation_level=None))

    @contextmanager
    def vandal(self) -> Iterator[FileVandal]:
        with self._connection() as connection:
            yield FileVandal(connection)
