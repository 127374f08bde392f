"""What a witness remembers: the newest checkpoint of each log, in a file, or in a file under git."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assentry.errors import LedgerError, LedgerUnavailable
from assentry.ledger.checkpoint import SignedCheckpoint, parse_checkpoint
from assentry.ledger.turnstile import Turnstile
from assentry.ledger.witness.wire import origin_hash


class FileStore:
    """A folder with a file a log: `<hash of the origin>/checkpoint`. Safe between processes."""

    def __init__(self, folder: Path, timeout: float = 10.0) -> None:
        """Raises LedgerUnavailable when the folder cannot be made."""
        self._folder = folder
        self._timeout = timeout
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LedgerUnavailable(f"cannot make `{folder}`: {(error.strerror or '').lower()}") from error

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Looking at the newest checkpoint and replacing it is one act."""
        turnstile = Turnstile(self._folder / ".lock", self._timeout)
        try:
            turnstile.enter()
            try:
                yield
            finally:
                turnstile.leave()
        finally:
            turnstile.close()

    def path(self, origin: str) -> Path:
        return self._folder / origin_hash(origin) / "checkpoint"

    def newest(self, origin: str) -> SignedCheckpoint | None:
        """Raises NoteError when the file was damaged, LedgerUnavailable when it cannot be read."""
        path = self.path(origin)
        try:
            return parse_checkpoint(path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise LedgerUnavailable(f"cannot read `{path}`: {(error.strerror or '').lower()}") from error

    def replace(self, checkpoint: SignedCheckpoint) -> None:
        """Remember a checkpoint, durably, in the place of the one before. Raises LedgerUnavailable."""
        path = self.path(checkpoint.origin)
        draft = path.with_name(f".checkpoint.{os.getpid()}")
        try:
            path.parent.mkdir(exist_ok=True)
            with draft.open("w", encoding="utf-8") as file:
                file.write(str(checkpoint))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
            descriptor = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise LedgerUnavailable(f"cannot write `{path}`: {(error.strerror or '').lower()}") from error


class GitStore(FileStore):
    """The same in a git work tree: every checkpoint is a commit, which others can fetch and keep."""

    def __init__(self, folder: Path, timeout: float = 10.0) -> None:
        """Raises LedgerError when the folder is no work tree, or git is missing."""
        super().__init__(folder, timeout)
        self._git("rev-parse", "--is-inside-work-tree")

    def replace(self, checkpoint: SignedCheckpoint) -> None:
        super().replace(checkpoint)
        name = str(self.path(checkpoint.origin).relative_to(self._folder))
        self._git("add", "--", name)
        message = f"{checkpoint.origin} at {checkpoint.size}"
        self._git("commit", "--quiet", "--allow-empty", "--message", message, "--", name)

    def _git(self, *arguments: str) -> None:
        try:
            done = subprocess.run(  # noqa: S603
                ["git", "-C", str(self._folder), *arguments],  # noqa: S607 -- whichever git the user has
                check=False,
                capture_output=True,
                text=True,
                timeout=60,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise LedgerError(f"git does not answer: {error}") from error
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["no reason given"]
            raise LedgerError(f"git in `{self._folder}`: {lines[-1]}")
