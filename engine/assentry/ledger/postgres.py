"""A log in PostgreSQL (and what speaks as it does): the lock is the head's row, two round trips a commit.

Every transaction says SET LOCAL synchronous_commit = on for itself: an ALTER ROLE turns it off for every new
connection, silently. Time is the server's. The append path runs on prepared statements, sent in two messages: see
postgrestexts.py and postgreswire.py.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import psycopg
from psycopg import sql

from assentry.errors import LedgerError, LedgerUnavailable, LedgerUnknown, LedgerUnsafe
from assentry.ledger.backend import (
    NOTHING,
    Asked,
    CheckpointRow,
    CosignatureRow,
    EntryRow,
    Known,
    LogRow,
    Plan,
    SeenRow,
)
from assentry.ledger.postgresserver import Connection, connect, is_lost, meaning, shown, translated
from assentry.ledger.postgrestexts import (
    BEGIN,
    DURABLE,
    FILED,
    HEAD,
    QUESTIONS,
    REST,
    SIGNED,
    WALL,
    beginning,
    declarations,
    prepared,
    questions,
    statements,
)
from assentry.ledger.postgreswire import Call, commit
from assentry.ledger.rows import (
    Row,
    Rows,
    TransactionRows,
    advance_params,
    cosigning,
    destroying,
    log_row,
    refuse_second,
)
from assentry.ledger.statements import INSERTS, insert_text

_COSIGN = insert_text(INSERTS["cosignature"], ["%b"] * len(INSERTS["cosignature"].c))


def connect_writer(address: str) -> Connection:
    """A connection that knows what writers say. Raises what `postgresserver.connect` raises."""
    connection = connect(address, write=True)
    try:
        with translated(address):
            connection.execute(declarations())
    except BaseException:
        connection.close()
        raise
    return connection


def tenants(address: str) -> list[str]:
    """Whose logs a database holds. Raises what `postgresserver.connect` raises."""
    with connect(address, write=False) as connection, translated(address):
        return [str(row[0]) for row in connection.execute(statements()["logs"].text)]


def create(address: str, log: LogRow, plan: Plan) -> None:
    """Make a log where the tables are. Raises LedgerError when there is such a log already."""
    with connect_writer(address) as connection, translated(address):
        params = {key: value for key, value in log._asdict().items() if key != "id"}
        try:
            connection.execute(f"{BEGIN}; {DURABLE}")
            row = connection.execute(statements()["new_log"].text, params).fetchone()
            refuse_second(log, connection.execute(statements()["of_key"].text, {"key": log.key}).fetchall())
            assert row is not None
            new = log._replace(id=row[0])  # type: ignore[arg-type]
            commit(connection, writing(new, replace(plan, log=plan.log._replace(id=new.id))))
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
            return int(connection.execute(text(f"SELECT {WALL}")).scalar_one())
    except psycopg.Error as error:
        raise LedgerUnavailable(f"cannot connect to {shown(address)}: {error}") from error
    except DBAPIError as error:
        raise LedgerUnavailable(f"cannot make the ledger's tables in {shown(address)}: {error.orig}") from error
    finally:
        engine.dispose()


def _results(connection: Connection, texts: Iterable[str]) -> list[list[Any]]:
    """The rows of each statement, all sent in one message."""
    cursor = connection.execute("; ".join(texts).encode())
    found = []
    while True:
        found.append(cursor.fetchall() if cursor.pgresult is not None and cursor.pgresult.nfields else [])
        if not cursor.nextset():
            return found


def _known(asked: Asked, results: Sequence[list[Any]]) -> Known:
    """The answers to `questions`."""
    answers = iter(results)
    last, held, seen = (next(answers) if names else [] for names in asked)
    return Known(dict(last), dict(held), {row[0]: SeenRow(*row[1:]) for row in seen})


class Postgres(Rows):
    """One tenant's log in a database; see backend.py."""

    clock_drift = 0.0005

    def __init__(self, address: str, tenant: str, *, write: bool = True) -> None:
        """Raises what `postgresserver.connect` raises."""
        super().__init__(tenant)
        self._address = address
        self._write = write
        self._statements = statements()
        self._mutex = threading.Lock()
        self._idle: list[Connection] = [connect(address, write=False)]
        self._writer: Connection | None = connect_writer(address) if write else None

    # ---- writing ----

    def begin(self, asked: Asked = NOTHING) -> PostgresTransaction:
        """Begin, lock the head, and look up what is asked: in one round trip.

        A connection that broke meanwhile is replaced by a new one.
        """
        if not self._write:
            raise LedgerUnavailable("the ledger was opened for reading only")
        fresh = self._writer is None or self._writer.closed
        try:
            return self._begun(asked)
        except psycopg.Error as error:
            self.end()
            if fresh or not is_lost(error):
                raise meaning(self._address, error) from error
        try:
            return self._begun(asked)
        except psycopg.Error as error:
            self.end()
            raise meaning(self._address, error) from error

    def _begun(self, asked: Asked) -> PostgresTransaction:
        if self._writer is None or self._writer.closed:
            self._writer = connect_writer(self._address)
        connection = self._writer
        results = _results(connection, [beginning(self._tenant, self._log), *questions(asked, self._log)])
        try:
            signed = CheckpointRow(*results[SIGNED][0]) if results[SIGNED] else None
            return self._transaction(connection, results[HEAD], signed, _known(asked, results[REST:]))
        except LedgerError:
            self.end()
            raise

    def _transaction(
        self, connection: Connection, rows: list[Any], signed: CheckpointRow | None, known: Known
    ) -> PostgresTransaction:
        if not rows:
            raise LedgerError(f"there is no log of `{self._tenant}` here")
        *head, wall, durable = rows[0]
        if durable == "off":
            raise LedgerUnsafe(
                f"{shown(self._address)} commits without waiting for its disk, though it was told not to"
            )
        return PostgresTransaction(self, connection, log_row(head), wall, signed, known)

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

    def scrub(self) -> None:
        """Let dead rows go; copies in the server's WAL, its standbys and backups are the operator's."""
        with connect(self._address, write=True) as connection, translated(self._address):
            for table in ("key", "sealed", "subject"):
                connection.execute(sql.SQL("VACUUM {}").format(sql.Identifier(table)))

    # ---- reading ----

    def claims_of(self, names: Sequence[str]) -> dict[str, int]:
        return dict(self._rows_of(QUESTIONS["claims_of"], {"names": list(names), "log": self._log}))

    def filed(self, pairs: Sequence[tuple[str, int]]) -> set[tuple[str, int]]:
        names, indices = [name for name, _ in pairs], [idx for _, idx in pairs]
        return set(self._rows_of(FILED, (names, indices, self._log)))

    def wall(self) -> int:
        return self._rows_of(f"SELECT {WALL}", {})[0][0]  # type: ignore[no-any-return]

    def _rows(self, name: str, /, **params: object) -> list[Row]:
        statement = self._statements[name]
        return self._rows_of(statement.text, {**statement.defaults, **params})

    def _rows_of(self, text: str, params: Mapping[str, object] | Sequence[object]) -> list[Row]:
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


class PostgresTransaction(TransactionRows):
    """A transaction that holds the lock of the head's row."""

    def __init__(
        self,
        backend: Postgres,
        connection: Connection,
        log: LogRow,
        wall: int,
        signed: CheckpointRow | None,
        known: Known,
    ) -> None:
        self._backend = backend
        self._connection = connection
        self._address = backend._address
        self.log = log
        self.wall = wall
        self.known = known
        self._signed = signed

    def checkpoint(self, size: int) -> CheckpointRow | None:
        signed = self._signed
        return signed if signed is not None and signed.size == size else super().checkpoint(size)

    def _all(self, name: str, /, **params: object) -> list[Row]:
        with translated(self._address):
            statement = statements()[name]
            values = {**statement.defaults, "log": self.log.id, **params}
            # Never prepared by psycopg, which at times forgets all statements of a connection, the writer's included.
            return self._connection.execute(statement.text, values, binary=True, prepare=False).fetchall()

    def look_up(self, asked: Asked) -> Known:
        texts = questions(asked, self.log.id)
        with translated(self._address):
            return _known(asked, _results(self._connection, texts) if texts else [])

    def commit(self, plan: Plan) -> None:
        """Everything in one pipeline. What breaks the connection leaves the outcome open; what the server says does not."""
        try:
            commit(self._connection, writing(self.log, plan))
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
            for before, row in cosigning(self.log.id, rows):
                self._connection.execute(statements()["forget_cosignature"].text, before)
                self._connection.execute(_COSIGN, row)
            self._connection.execute("COMMIT")

    def rollback(self) -> None:
        self._backend.end()


def writing(log: LogRow, plan: Plan) -> list[Call]:
    """What writes a plan behind the head `log`."""
    known, own = prepared(), {"log": log.id}
    calls: list[Call] = [(known["tile"], own | row._asdict()) for row in plan.tiles]
    for row in plan.documents:
        calls.append((known["sealed"], {**own, "idx": row.idx, "ciphertext": row.ciphertext}))
        calls.append((known["key"], {**own, "idx": row.idx, "wrapped": row.wrapped_key}))
        calls += [(known["subject"], {**own, "subject": one, "idx": row.idx}) for one in sorted(set(row.subjects))]
    calls += [(known[name], params) for name, params in destroying(plan)]
    if plan.checkpoint.epoch != log.epoch or not log.size:
        calls.append((known["signer"], own | plan.checkpoint._asdict()))
    entries = dict(zip(EntryRow._fields, zip(*plan.entries, strict=True), strict=True))
    claims = {"claim": [name for name, _ in plan.claims], "claimed": [idx for _, idx in plan.claims]}
    signed = {"signature": plan.checkpoint.signature, "batch": plan.checkpoint.batch}
    return [*calls, (known["written"], {**advance_params(plan), **entries, **claims, **signed})]
