"""A PostgreSQL database that holds ledgers: how it is connected to, and what its errors mean."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors as sqlstate

from assentry.errors import (
    LedgerDamaged,
    LedgerError,
    LedgerReadOnly,
    LedgerUnavailable,
    LedgerUnsafe,
    LedgerVersion,
)
from assentry.ledger.backend import Again
from assentry.ledger.tables import REVISION

Connection = psycopg.Connection[tuple[object, ...]]

WAIT_MS = 30_000
"""How long a writer waits for the head's lock."""

IDLE_MS = 5_000
"""How long a transaction of ours may stand idle before the server ends it: a writer that hangs holds up all others."""

_SETTINGS = """
SELECT current_setting('fsync', true), current_setting('full_page_writes', true), pg_is_in_recovery()
"""


def connect(address: str, *, write: bool) -> Connection:
    """Connect, and look at the settings on which durability rests: on this connection, since they can change.

    Raises LedgerUnavailable, LedgerUnsafe, LedgerReadOnly, LedgerVersion, or LedgerDamaged.
    """
    try:
        connection = psycopg.connect(
            address,
            autocommit=True,
            connect_timeout=5,
            application_name="assentry-ledger",
            client_encoding="utf8",
            tcp_user_timeout=15_000,
            keepalives_idle=10,
        )
    except (psycopg.Error, ValueError) as error:
        raise LedgerUnavailable(f"cannot connect to {shown(address)}: {first_line(error)}") from error
    try:
        with translated(address):
            _prepare(connection, address, write=write)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: Connection, address: str, *, write: bool) -> None:
    connection.execute(f"SET lock_timeout = {WAIT_MS}")
    connection.execute(f"SET idle_in_transaction_session_timeout = {IDLE_MS}")
    # Every question has its index. A plan made while a table was small would go on reading all of it, append by append.
    # Where there is none all the same, the price of that must not look worth compiling the plan, which takes 25 ms.
    connection.execute("SET enable_seqscan = off; SET jit = off")
    if write:
        safe(connection, address)
    else:
        connection.execute("SET default_transaction_read_only = on")
    try:
        rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    except sqlstate.UndefinedTable:
        raise LedgerUnavailable(
            f"there is no ledger in {shown(address)}: make one with `assentry ledger init`"
        ) from None
    if [row[0] for row in rows] != [REVISION]:
        found = ", ".join(str(row[0]) for row in rows) or "none"
        raise LedgerVersion(f"the ledger in {shown(address)} is of version `{found}`; this program reads `{REVISION}`")


def safe(connection: Connection, address: str) -> None:
    """Raises LedgerUnsafe when the server may lose what it acknowledged, LedgerReadOnly when it is a standby."""
    row = connection.execute(_SETTINGS).fetchone()
    fsync, pages, standby = row or (None, None, False)
    off = [name for name, value in (("fsync", fsync), ("full_page_writes", pages)) if value == "off"]
    if off:
        raise LedgerUnsafe(f"{shown(address)} has {' and '.join(off)} off: a crash would lose acknowledged entries")
    if standby:
        raise LedgerReadOnly(f"{shown(address)} is a standby: it takes no writes")


def shown(address: str) -> str:
    """The address for messages, without a password."""
    try:
        parts = psycopg.conninfo.conninfo_to_dict(address)
    except psycopg.Error:
        return "the PostgreSQL database"
    return f"`{parts.get('dbname', '')}` on `{parts.get('host', 'this machine')}`"


def first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).split("\n", 1)[0].strip().rstrip(".")


def is_lost(error: psycopg.Error) -> bool:
    """Whether an error means that the connection is gone: no server said it, or one that was going down."""
    return isinstance(error, psycopg.OperationalError) and (
        error.sqlstate is None or error.sqlstate.startswith(("08", "57P"))
    )


@contextmanager
def translated(address: str) -> Iterator[None]:
    """Raises a LedgerError, or Again, in place of what psycopg raises."""
    try:
        yield
    except psycopg.Error as error:
        raise meaning(address, error) from error


def meaning(address: str, error: psycopg.Error) -> LedgerError | Again:
    """What an error of psycopg means for the caller."""
    place, text = shown(address), first_line(error)
    match error:
        case sqlstate.SerializationFailure() | sqlstate.DeadlockDetected():
            return Again()
        case sqlstate.ReadOnlySqlTransaction() | sqlstate.InsufficientPrivilege():
            return LedgerReadOnly(f"{place} may not be written: {text}")
        case sqlstate.DiskFull():
            return LedgerUnavailable(f"{place} has no room: the disk is full")
        case sqlstate.LockNotAvailable() | sqlstate.QueryCanceled():
            return LedgerUnavailable(f"another process has held the ledger in {place} for {WAIT_MS // 1000} s")
        case psycopg.IntegrityError() | psycopg.DataError() | sqlstate.UndefinedTable() | sqlstate.UndefinedColumn():
            return LedgerDamaged(f"{place} does not answer as a ledger does: {text}")
        case _:
            return LedgerUnavailable(f"{place} does not answer: {text}")
