"""SQLite's checkpoints (the WAL moved into the file) in a thread and on a connection of their own."""

from __future__ import annotations

import logging
import sqlite3
import threading
from pathlib import Path

from assentry.errors import LedgerError
from assentry.ledger.sqlitefile import connect, meaning
from assentry.ledger.turnstile import Turnstile

EVERY = 4 * 1024 * 1024
"""Bytes written to the WAL after which it is moved."""

LONG = 512
"""Frames, each a page: a WAL this long is written over from its start once all of it was moved."""

BUSY_MS = 50
"""How long writers are held back, at most, for a reader who still reads the WAL."""

_LOGGER = logging.getLogger(__name__)


class WalKeeper:
    """Moves the WAL when enough was written; `wrote` costs an append one addition."""

    def __init__(self, path: Path, timeout: float) -> None:
        self._path = path
        self._timeout = timeout
        self._written = 0
        self._due = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None

    def wrote(self, size: int) -> None:
        """Count what a commit wrote, in bytes; called by one thread at a time."""
        self._written += size
        if self._written < EVERY:
            return
        self._written = 0
        if self._thread is None:
            self._thread = threading.Thread(target=self._keep, name="assentry-ledger-wal", daemon=True)
            self._thread.start()
        self._due.set()

    def close(self) -> None:
        self._closed = True
        self._due.set()
        if self._thread is not None:
            self._thread.join()

    def _keep(self) -> None:
        try:
            connection = connect(self._path, write=True)
            connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            turnstile = Turnstile(self._path, self._timeout)
        except LedgerError as error:
            _LOGGER.warning("the WAL is not moved: %s", error)
            return
        try:
            while True:
                self._due.wait()
                self._due.clear()
                if self._closed:
                    return
                self._move(connection, turnstile)
        finally:
            turnstile.close()
            connection.close()

    def _move(self, connection: sqlite3.Connection, turnstile: Turnstile) -> None:
        """First beside the writers, then to its end with the writers held back for the last pages.

        The next commit then writes over the WAL from its start. That is what keeps a commit quick: a file that grows
        takes the disk twice as long as one that is written over.
        """
        try:
            _, frames, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            if frames > LONG:
                turnstile.enter()
                try:
                    connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
                finally:
                    turnstile.leave()
        except sqlite3.Error as error:
            _LOGGER.warning("the WAL is not moved: %s", meaning(self._path, error))
        except LedgerError as error:
            _LOGGER.warning("the WAL is not moved: %s", error)
