"""A log in PostgreSQL (and what speaks as it does): the lock is the head's row, two round trips a commit.

Every transaction says SET LOCAL synchronous_commit = on for itself: an ALTER ROLE turns it off for every new
connection, silently. Time is the server's. The append path runs on the bare driver in pipeline mode, with arrays in
place of a statement an entry: see statements.py.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from functools import cache
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.dialects.postgresql import psycopg as dialect

from assentry.errors import LedgerError, LedgerUnavailable, LedgerUnknown, LedgerUnsafe
from assentry.ledger.backend import CosignatureRow, DocumentRow, LogRow, Plan, SeenRow
from assentry.ledger.postgresserver import Connection, connect, is_lost, meaning, shown, translated
from assentry.ledger.rows import Row, Rows, advance_params, log_row
from assentry.ledger.statements import INSERTS, Statement, texts

_BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
_DURABLE = "SET LOCAL synchronous_commit = on"
_WALL = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"

_ENTRIES = """INSERT INTO entry (log, idx, request, body, leaf, idempotency, payload)
SELECT %s, * FROM unnest(%b::bigint[], %b::text[], %b::bytea[], %b::bytea[], %b::text[], %b::bytea[])"""
_CLAIMS = "INSERT INTO claim (log, name, idx) SELECT %s, * FROM unnest(%b::text[], %b::bigint[])"
_LAST_OF = """SELECT request, max(idx) FROM entry WHERE log = %s AND request = ANY(%s) GROUP BY request"""
_CLAIMS_OF = "SELECT name, idx FROM claim WHERE log = %s AND name = ANY(%s)"
_SEEN = "SELECT idempotency, idx, payload, leaf, body FROM entry WHERE log = %s AND idempotency = ANY(%s)"


@cache
def statements() -> Mapping[str, Statement]:
    return texts(dialect.dialect())  # type: ignore[no-untyped-call]


@cache
def _insert(name: str) -> str:
    table = INSERTS[name]
    names = ", ".join(f'"{column.name}"' for column in table.c)
    return f'INSERT INTO "{table.name}" ({names}) VALUES ({", ".join(["%b"] * len(table.c))})'  # noqa: S608


def _begin(tenant: str) -> str:
    """Begin, be durable, lock the head and read it: one message, one round trip.

    Not in pipeline mode: its trailing flush would keep the server from ending a transaction whose client hangs.
    """
    text, _, rest = statements()["log"].text.partition("FROM log")
    columns = f"{text}, {_WALL}, current_setting('synchronous_commit') FROM log"
    named = rest.replace("%(tenant)s::VARCHAR", sql.Literal(tenant).as_string(None))
    return f"{_BEGIN}; {_DURABLE}; {columns}{named} FOR UPDATE"


def tenants(address: str) -> list[str]:
    """Whose logs a database holds. Raises what `postgresserver.connect` raises."""
    with connect(address, write=False) as connection, translated(address):
        return [str(row[0]) for row in connection.execute(statements()["logs"].text)]


def create(address: str, log: LogRow, plan: Plan) -> None:
    """Make a log where the tables are. Raises LedgerError when there is such a log already."""
    with connect(address, write=True) as connection, translated(address):
        params = {key: value for key, value in asdict(log).items() if key != "id"}
        try:
            with connection.transaction():
                connection.execute(_DURABLE)
                connection.execute(statements()["new_log"].text, params)
                row = connection.execute(statements()["log"].text, {"tenant": log.tenant}).fetchone()
                assert row is not None
                new = replace(log, id=row[0])  # type: ignore[arg-type]
                write(connection, new, replace(plan, log=replace(plan.log, id=new.id)))
        except psycopg.errors.UniqueViolation:
            raise LedgerError(f"there is a log of `{log.tenant}` in {shown(address)} already") from None


def make_tables(address: str) -> int:
    """Make the tables where there are none; returns the server's time, in milliseconds since 1970.

    Raises LedgerUnavailable when the server cannot be reached, or does not let us.
    """
    from sqlalchemy import create_engine, text
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.pool import NullPool

    from assentry.ledger.migrations import upgrade

    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(address), poolclass=NullPool)
    try:
        with engine.begin() as connection:
            upgrade(connection)
            return int(connection.execute(text(f"SELECT {_WALL}")).scalar_one())
    except psycopg.Error as error:
        raise LedgerUnavailable(f"cannot connect to {shown(address)}: {error}") from error
    except DBAPIError as error:
        raise LedgerUnavailable(f"cannot make the ledger's tables in {shown(address)}: {error.orig}") from error
    finally:
        engine.dispose()


class Postgres(Rows):
    """One tenant's log in a database; see backend.py."""

    clock_drift = 0.0005

    def __init__(self, address: str, tenant: str, *, write: bool = True) -> None:
        """Raises what `postgresserver.connect` raises."""
        super().__init__(tenant)
        self._address = address
        self._write = write
        self._statements = statements()
        self._begin = _begin(tenant)
        self._mutex = threading.Lock()
        self._idle: list[Connection] = [connect(address, write=False)]
        self._writer: Connection | None = connect(address, write=True) if write else None

    # ---- writing ----

    def begin(self) -> PostgresTransaction:
        """Begin, and lock the head: in one round trip. A connection that broke meanwhile is replaced by a new one."""
        if not self._write:
            raise LedgerUnavailable("the ledger was opened for reading only")
        fresh = self._writer is None or self._writer.closed
        try:
            return self._begun()
        except psycopg.Error as error:
            self.end()
            if fresh or not is_lost(error):
                raise meaning(self._address, error) from error
        try:
            return self._begun()
        except psycopg.Error as error:
            self.end()
            raise meaning(self._address, error) from error

    def _begun(self) -> PostgresTransaction:
        if self._writer is None or self._writer.closed:
            self._writer = connect(self._address, write=True)
        connection = self._writer
        cursor = connection.execute(self._begin.encode())
        while cursor.nextset():
            continue
        try:
            return self._transaction(connection, cursor.fetchone())
        except LedgerError:
            self.end()
            raise

    def _transaction(self, connection: Connection, row: Row | None) -> PostgresTransaction:
        if row is None:
            raise LedgerError(f"there is no log of `{self._tenant}` here")
        if row[-1] == "off":
            raise LedgerUnsafe(
                f"{shown(self._address)} commits without waiting for its disk, though it was told not to"
            )
        return PostgresTransaction(self, connection, log_row(row[:-2]), row[-2])

    def end(self) -> None:
        """Leave no transaction open; a connection that is not well is not used again."""
        connection = self._writer
        if connection is None:
            return
        with suppress(psycopg.Error):
            if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                connection.execute("ROLLBACK")
        if connection.closed or connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            connection.close()
            self._writer = None

    def add_cosignatures(self, rows: Sequence[CosignatureRow]) -> None:
        transaction = self.begin()
        try:
            transaction.cosign(rows)
        finally:
            self.end()

    def scrub(self) -> None:
        """Let dead rows go; copies in the server's WAL, its standbys and backups are the operator's."""
        with connect(self._address, write=True) as connection, translated(self._address):
            for table in ("key", "sealed", "subject"):
                connection.execute(sql.SQL("VACUUM {}").format(sql.Identifier(table)))

    # ---- reading ----

    def wall(self) -> int:
        return self._rows_of(f"SELECT {_WALL}", {})[0][0]  # type: ignore[no-any-return]

    def _rows(self, name: str, /, **params: object) -> list[Row]:
        statement = self._statements[name]
        return self._rows_of(statement.text, {**statement.defaults, **params})

    def _rows_of(self, text: str, params: Mapping[str, object]) -> list[Row]:
        """The rows of a query; connections that broke while they were idle are replaced."""
        while True:
            connection, idle = self._borrow()
            try:
                rows: list[Row] = connection.execute(text, params, binary=True).fetchall()
            except psycopg.Error as error:
                connection.close()
                if not (idle and is_lost(error)):
                    raise meaning(self._address, error) from error
            except BaseException:
                connection.close()
                raise
            else:
                with self._mutex:
                    self._idle.append(connection)
                return rows

    def _borrow(self) -> tuple[Connection, bool]:
        """A connection, and whether it has been idle."""
        with self._mutex:
            while self._idle:
                connection = self._idle.pop()
                if not connection.closed:
                    return connection, True
        return connect(self._address, write=False), False

    def close(self) -> None:
        with self._mutex:
            connections, self._idle = self._idle, []
        for connection in connections:
            connection.close()
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        self._write = False


class PostgresTransaction:
    """A transaction that holds the lock of the head's row."""

    def __init__(self, backend: Postgres, connection: Connection, log: LogRow, wall: int) -> None:
        self._backend = backend
        self._connection = connection
        self._address = backend._address
        self.log = log
        self.wall = wall

    def _all(self, name: str, /, **params: object) -> list[Row]:
        return self._fetch(statements()[name].text, {"log": self.log.id, **params})

    def _fetch(self, text: str, params: Any) -> list[Row]:
        with translated(self._address):
            return self._connection.execute(text, params, binary=True).fetchall()

    def last_of(self, requests: Sequence[str]) -> dict[str, int]:
        return dict(self._fetch(_LAST_OF, (self.log.id, list(requests))))

    def claims_of(self, names: Sequence[str]) -> dict[str, int]:
        return dict(self._fetch(_CLAIMS_OF, (self.log.id, list(names))))

    def seen(self, keys: Sequence[str]) -> dict[str, SeenRow]:
        return {row[0]: SeenRow(*row[1:]) for row in self._fetch(_SEEN, (self.log.id, list(keys)))}

    def leaves(self, start: int, stop: int) -> list[bytes]:
        return [row[0] for row in self._all("leaves", start=start, stop=stop)]

    def tile_roots(self, level: int, start: int, stop: int) -> list[bytes]:
        return [row[0] for row in self._all("tile_roots", level=level, start=start, stop=stop)]

    def documents_about(self, subject: str) -> list[int]:
        return [row[0] for row in self._all("documents_about", subject=subject)]

    def batch_at(self, size: int) -> bytes | None:
        rows = self._all("batch_at", size=size)
        return rows[0][0] if rows else None

    def commit(self, plan: Plan) -> None:
        """Everything in one pipeline. What breaks the connection leaves the outcome open; what the server says does not."""
        try:
            with self._connection.pipeline():
                write(self._connection, self.log, plan)
                self._connection.execute("COMMIT")
        except psycopg.Error as error:
            if self._connection.closed or is_lost(error):
                raise LedgerUnknown(
                    f"the connection to {shown(self._address)} broke at the commit: its entries may stand"
                ) from error
            raise meaning(self._address, error) from error
        finally:
            self._backend.end()

    def cosign(self, rows: Sequence[CosignatureRow]) -> None:
        """Write cosignatures and commit."""
        with translated(self._address):
            for row in rows:
                params = {"log": self.log.id, "size": row.size, "name": row.name, "key_id": row.key_id}
                self._connection.execute(statements()["forget_cosignature"].text, params)
                self._connection.execute(_insert("cosignature"), (self.log.id, *row))
            self._connection.execute("COMMIT")

    def rollback(self) -> None:
        self._backend.end()


def write(connection: Connection, log: LogRow, plan: Plan) -> None:
    """Write a plan behind the head `log`; the transaction is the caller's."""
    run, checkpoint = connection.execute, plan.checkpoint
    if len(plan.entries) == 1:
        run(_insert("entry"), (log.id, *plan.entries[0]), prepare=True)
    elif plan.entries:
        run(_ENTRIES, (log.id, *map(list, zip(*plan.entries, strict=True))), prepare=True)
    if plan.claims:
        run(_CLAIMS, (log.id, *map(list, zip(*plan.claims, strict=True))))
    for tile in plan.tiles:
        run(_insert("tile"), (log.id, *tile))
    for document in plan.documents:
        _write_document(connection, log, document)
    _destroy(connection, log, plan)
    if checkpoint.epoch != log.epoch or not log.size:
        run(_insert("signer"), (log.id, checkpoint.epoch, checkpoint.key))
    row = (log.id, checkpoint.size, checkpoint.root, checkpoint.epoch, checkpoint.signature, checkpoint.batch)
    run(_insert("checkpoint"), row, prepare=True)
    run(statements()["advance"].text, advance_params(plan), prepare=True)


def _write_document(connection: Connection, log: LogRow, row: DocumentRow) -> None:
    connection.execute(_insert("sealed"), (log.id, row.idx, row.ciphertext))
    connection.execute(_insert("key"), (log.id, row.idx, row.wrapped_key))
    for subject in sorted(set(row.subjects)):
        connection.execute(_insert("subject"), (log.id, subject, row.idx))


def _destroy(connection: Connection, log: LogRow, plan: Plan) -> None:
    for idx in plan.erased:
        for name in ("erase_sealed", "erase_key", "erase_subject"):
            connection.execute(statements()[name].text, {"log": log.id, "idx": idx})
    if plan.prune is not None:
        start, stop = plan.prune
        for name in ("prune_entries", "prune_sealed", "prune_key", "prune_subject"):
            connection.execute(statements()[name].text, {"log": log.id, "start": start, "stop": stop})
