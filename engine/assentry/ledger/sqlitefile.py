"""An SQLite file that holds ledgers: how it is opened, and what its errors mean."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from assentry.errors import (
    LedgerDamaged,
    LedgerError,
    LedgerReadOnly,
    LedgerUnavailable,
    LedgerVersion,
)
from assentry.ledger.tables import APPLICATION_ID, REVISION

BUSY_MS = 10_000

_MEANINGS: dict[int, tuple[type[LedgerError], str]] = {
    sqlite3.SQLITE_READONLY: (LedgerReadOnly, "is read-only"),
    sqlite3.SQLITE_PERM: (LedgerReadOnly, "may not be written"),
    sqlite3.SQLITE_FULL: (LedgerUnavailable, "has no room: the disk is full"),
    sqlite3.SQLITE_BUSY: (LedgerUnavailable, "is locked by another process"),
    sqlite3.SQLITE_LOCKED: (LedgerUnavailable, "is locked"),
    sqlite3.SQLITE_CANTOPEN: (LedgerUnavailable, "cannot be opened"),
    sqlite3.SQLITE_IOERR: (LedgerUnavailable, "cannot be read or written"),
    sqlite3.SQLITE_CORRUPT: (LedgerDamaged, "is damaged"),
    sqlite3.SQLITE_NOTADB: (LedgerDamaged, "is no SQLite file, or only half of one"),
}


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raises a LedgerError in place of what sqlite3 raises."""
    try:
        yield
    except sqlite3.Error as error:
        raise meaning(path, error) from error


def meaning(path: Path, error: sqlite3.Error) -> LedgerError:
    """What an error of sqlite3 means for the caller."""
    code = getattr(error, "sqlite_errorcode", None)
    kind, words = _MEANINGS.get((code or 0) & 0xFF, (LedgerDamaged, f"does not answer as a ledger does ({error})"))
    return kind(f"`{path}` {words}")


def connect(path: Path, *, write: bool) -> sqlite3.Connection:
    """Open a ledger file, with durable commits where it is to be written.

    Raises LedgerUnavailable when there is no such file, LedgerDamaged when it is none of ours or half-written,
    LedgerVersion when its tables are of another version.
    """
    if not path.is_file():
        raise LedgerUnavailable(f"there is no ledger at `{path}`: make one with `assentry ledger init`")
    if write:
        return _prepared(path, "mode=rw", write=True)
    try:
        return _prepared(path, "mode=ro", write=False)
    except LedgerReadOnly:
        # Even readers share memory in a file. Where that cannot be made nobody can write either, so that a file
        # whose WAL was moved may be read as it lies there.
        wal = Path(f"{path}-wal")
        if wal.exists() and wal.stat().st_size:
            raise
        return _prepared(path, "mode=ro&immutable=1", write=False)


def _prepared(path: Path, mode: str, *, write: bool) -> sqlite3.Connection:
    with translated(path):
        connection = _open(path, mode)
        try:
            _prepare(connection, path, write=write)
        except BaseException:
            connection.close()
            raise
    return connection


def _open(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"file:{quote(str(path))}?{mode}",
        uri=True,
        timeout=BUSY_MS / 1000,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )


def _prepare(connection: sqlite3.Connection, path: Path, *, write: bool) -> None:
    settings = ["trusted_schema = OFF", "cell_size_check = ON"]
    if write:
        settings += ["synchronous = FULL", "wal_autocheckpoint = 0", "secure_delete = ON"]
    for setting in settings:
        connection.execute(f"PRAGMA {setting}")
    check_version(connection, path)
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    if write and mode != "wal":
        raise LedgerDamaged(
            f"`{path}` is in journal mode `{mode}`, not `wal`: it was changed, or its disk cannot share memory"
        )


def check_version(connection: sqlite3.Connection, path: Path) -> None:
    """Raises LedgerDamaged when a file is no ledger, LedgerVersion when it is another program's."""
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise LedgerDamaged(f"`{path}` is not a ledger")
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError as error:
        if (error.sqlite_errorcode & 0xFF) != sqlite3.SQLITE_ERROR:
            raise
        row = None
    if row is None:
        raise LedgerDamaged(f"`{path}` is only half of a ledger: it has no version")
    if row[0] != REVISION:
        raise LedgerVersion(f"`{path}` is of version `{row[0]}`; this program reads `{REVISION}`")


def new_file(path: Path) -> None:
    """Make the tables in a new file. Raises LedgerUnavailable when it cannot be made."""
    from sqlalchemy import create_engine, text
    from sqlalchemy.pool import NullPool

    from assentry.ledger.migrations import upgrade

    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise LedgerUnavailable(f"cannot make `{path.parent}/{path.name}`: {(error.strerror or '').lower()}") from error
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(path), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            connection.execute(text("PRAGMA journal_mode = WAL"))
            connection.execute(text(f"PRAGMA application_id = {APPLICATION_ID}"))
            connection.commit()
            upgrade(connection)
            connection.commit()
    finally:
        engine.dispose()


def publish(draft: Path, path: Path) -> None:
    """Give a finished file its name, unless another file has it by now, and make both durable."""
    for target in (draft, path.parent):
        descriptor = os.open(target, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if target == draft:
            try:
                os.link(draft, path)
            except FileExistsError:
                raise LedgerUnavailable(f"`{path}` was made by somebody else at the same time") from None
