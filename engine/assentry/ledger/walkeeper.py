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

LONG = 16_384
"""Frames, each a page: a WAL this long is begun anew with the writers held back for a moment."""

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
        """First beside the writers; a WAL that never ends is then begun anew, while they wait for the last pages."""
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
