"""Keys in files: a folder with the log's key and the tenant's sealing key, readable by their owner only."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

from assentry.errors import LedgerKey
from assentry.ledger.note import Signer, Verifier, parse_signer, parse_verifier
from assentry.ledger.sealing import SealingKey, parse_sealing_key

LOG_KEY = "log.key"
PUBLIC_KEY = "log.pub"
SEALING_KEY = "sealing.key"
NEXT_KEY = "log.key.next"
"""The key of a rotation under way."""

_IS_POSIX = os.name == "posix"


def write_private(path: Path, text: str) -> None:
    """Write a private key into a new file that only its owner may read. Raises LedgerKey."""
    if path.exists():
        raise LedgerKey(f"`{path}` exists already: no key is ever overwritten")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(f"{text}\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            path.unlink()  # half a key is none, and would stand in the way of a whole one
            raise
    except OSError as error:
        raise LedgerKey(f"cannot write `{path}`: {(error.strerror or '').lower()}") from error


def read_private(path: Path) -> str:
    """Read a private key. Raises LedgerKey when there is none, or others may read it too."""
    try:
        if _IS_POSIX and path.stat().st_mode & 0o077:
            raise LedgerKey(f"`{path}` can be read by others: run `chmod 600` on it, and think about a new key")
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise LedgerKey(f"there is no key at `{path}`") from None
    except (OSError, UnicodeDecodeError) as error:
        raise LedgerKey(f"cannot read `{path}`") from error


def read_signer(path: Path) -> Signer:
    """Raises LedgerKey, naming the file, when there is no signer key in it."""
    try:
        return parse_signer(read_private(path))
    except LedgerKey as error:
        raise _named(path, error) from error


def read_sealing(path: Path) -> SealingKey:
    """Raises LedgerKey, naming the file, when there is no sealing key in it."""
    try:
        return parse_sealing_key(read_private(path))
    except LedgerKey as error:
        raise _named(path, error) from error


def read_verifier(text: str) -> Verifier:
    """A verifier key, or the file that holds one. Raises LedgerKey."""
    path = Path(text)
    if "+" in text and not path.is_file():
        return parse_verifier(text)
    try:
        return parse_verifier(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise LedgerKey(f"`{text}` is neither a verifier key nor a file with one") from error
    except LedgerKey as error:
        raise _named(path, error) from error


def make(folder: Path, origin: str) -> tuple[Signer, SealingKey]:
    """The keys of a folder; those that are missing are made. Raises LedgerKey."""
    if not (folder / LOG_KEY).exists():
        signer = Signer.generate(origin)
        write_private(folder / LOG_KEY, signer.private_text())
        (folder / PUBLIC_KEY).write_text(f"{signer.verifier}\n", encoding="utf-8")
    if not (folder / SEALING_KEY).exists():
        write_private(folder / SEALING_KEY, SealingKey.generate().private_text())
    return read_signer(folder / LOG_KEY), read_sealing(folder / SEALING_KEY)


def rotate(folder: Path, origin: str) -> Signer:
    """A new log key beside the one in force, or the one left by a rotation that did not happen; `adopt` puts it in
    its place. Raises LedgerKey, also when the one that was left is of another origin.
    """
    signer = pending(folder)
    if signer is None:
        signer = Signer.generate(origin)
        write_private(folder / NEXT_KEY, signer.private_text())
    if signer.name != origin:
        raise LedgerKey(
            f"`{folder / NEXT_KEY}` was left by a rotation to `{signer.name}`: remove it, or rotate to that"
        )
    return signer


def pending(folder: Path) -> Signer | None:
    """The key of a rotation that was begun and not finished. Raises LedgerKey when it cannot be read."""
    path = folder / NEXT_KEY
    return read_signer(path) if path.exists() else None


def adopt(folder: Path, epoch: int) -> None:
    """Keep the retired key as `log.key.<epoch>`, and put the next one in its place.

    After a restore an epoch comes twice: then both keys are kept, the later one as `log.key.<epoch>-2`.
    """
    if (folder / LOG_KEY).exists():  # it does not where this was interrupted
        names = (f"{LOG_KEY}.{epoch}" + (f"-{time}" if time > 1 else "") for time in itertools.count(1))
        (folder / LOG_KEY).rename(next(folder / name for name in names if not (folder / name).exists()))
    (folder / NEXT_KEY).rename(folder / LOG_KEY)
    (folder / PUBLIC_KEY).write_text(f"{read_signer(folder / LOG_KEY).verifier}\n", encoding="utf-8")


def _named(path: Path, error: LedgerKey) -> LedgerKey:
    return error if str(path) in str(error) else LedgerKey(f"`{path}`: {error}")
