"""A turnstile between processes: who waits gets in before who was just inside.

SQLite's own waiting (`busy_timeout`) sleeps and tries again, so that a busy process starves the others: 18,999
appends against 1 in three seconds. Here two file locks stand one behind the other: holding the first makes one the
next to hold the second, and whoever leaves has to queue at the first again.
"""

from __future__ import annotations

import importlib.util
import os
import time
from pathlib import Path

from assentry.errors import LedgerReadOnly, LedgerUnavailable

HAS_LOCKS = importlib.util.find_spec("fcntl") is not None
"""Without them (on Windows) SQLite's own waiting has to do."""

if HAS_LOCKS:
    import fcntl

_AT_THE_TURN, _IN_LINE = (0.00005, 0.0003), (0.0005, 0.001)
"""Seconds between two tries, the first and the longest. One alone waits at the turn, and may look often; those in line
look equally often from the first, so that who has just been inside is not ahead of who has waited long."""


class Turnstile:
    """The two locks of one file, for one thread at a time."""

    def __init__(self, path: Path, timeout: float) -> None:
        """The lock files stand beside `path`. Raises LedgerReadOnly when they cannot be made."""
        self._timeout = timeout
        self._files: list[int] = []
        if not HAS_LOCKS:
            return
        try:
            mode = path.stat().st_mode & 0o666 if path.exists() else 0o600
            for name in ("next", "turn"):
                self._files.append(os.open(f"{path}-{name}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, mode))
        except OSError as error:
            self.close()
            raise LedgerReadOnly(
                f"cannot make the lock files beside `{path}`: {(error.strerror or '').lower()}"
            ) from error

    def enter(self) -> None:
        """Wait for the turn. Raises LedgerUnavailable when it does not come within the timeout."""
        if not self._files:
            return
        following, turn = self._files
        end = time.monotonic() + self._timeout
        self._acquire(following, end, *_IN_LINE)
        try:
            self._acquire(turn, end, *_AT_THE_TURN)
        finally:
            fcntl.flock(following, fcntl.LOCK_UN)

    def leave(self) -> None:
        """Let the next one in."""
        if self._files:
            fcntl.flock(self._files[1], fcntl.LOCK_UN)

    def _acquire(self, file: int, end: float, pause: float, longest: float) -> None:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > end:
                    raise LedgerUnavailable(f"another process has held the ledger for {self._timeout:g} s") from None
                time.sleep(pause)
                pause = min(pause * 1.2, longest)
            else:
                return

    def close(self) -> None:
        """Let go of the lock files; they stay, since another process may be about to lock them."""
        for file in self._files:
            os.close(file)
        self._files = []
