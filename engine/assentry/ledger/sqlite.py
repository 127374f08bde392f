"""A log in an SQLite file: WAL, synchronous=FULL, one fsync a commit.

Writers queue on the turnstile before BEGIN IMMEDIATE. SQLite's own checkpoints, which move the WAL into the file,
are off for writers and run in a thread with a connection of its own, so that no append pays for them.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import cast

from sqlalchemy.dialects import sqlite as dialect

from assentry.errors import LedgerError, LedgerForked, LedgerUnavailable, LedgerUnknown
from assentry.ledger.backend import NOTHING, Asked, CosignatureRow, Known, LogRow, Plan, SeenRow
from assentry.ledger.rows import (
    Row,
    Rows,
    TransactionRows,
    advance_params,
    cosigning,
    destroying,
    log_row,
    refuse_second,
    typed,
)
from assentry.ledger.sqlitefile import connect, meaning, new_file, publish
from assentry.ledger.statements import INSERTS, Statement, insert_text, texts
from assentry.ledger.turnstile import Turnstile
from assentry.ledger.walkeeper import WalKeeper

TIMEOUT = 30.0
"""Seconds that a writer waits for its turn."""

_AS_THEY_ARE = frozenset(("entries", "claims_of", "log"))
"""Statements whose rows are not looked at here: verification judges entries and claims itself, `log_row` the head."""

_CLAIMS_OF = """SELECT name, idx FROM json_each(:names) CROSS JOIN claim ON log = :log AND name = value"""
_FILED = """SELECT subject, idx FROM json_each(:pairs) CROSS JOIN subject
ON log = :log AND subject = json_extract(value, '$[0]') AND idx = json_extract(value, '$[1]')"""

_BY_REQUEST = "FROM entry INDEXED BY entry_request"

_LOGGER = logging.getLogger(__name__)


@cache
def statements() -> Mapping[str, Statement]:
    found = texts(dialect.dialect(paramstyle="named"))
    of_request = found["request_entries"]
    own = {
        # By itself the planner takes the primary key, which has the order, and reads the whole log.
        "request_entries": of_request._replace(text=of_request.text.replace("FROM entry", _BY_REQUEST)),
        "claims_of": Statement(_CLAIMS_OF, {}, ((str,), (int,))),
        "filed": Statement(_FILED, {}, ((str,), (int,))),
        "unsound": Statement("PRAGMA integrity_check(20)", {}, ((str,),)),
    }
    return {**found, **own}


@cache
def inserts() -> Mapping[str, str]:
    return {name: insert_text(table, ["?"] * len(table.c)) for name, table in INSERTS.items()}


class Sqlite(Rows):
    """One tenant's log in a file; see backend.py."""

    def __init__(self, path: Path, tenant: str, *, write: bool = True, timeout: float = TIMEOUT) -> None:
        """Raises what `sqlitefile.connect` raises; `timeout` is in seconds."""
        super().__init__(tenant)
        self._path = path
        self._write = write
        self._statements = statements()
        self._idle: list[sqlite3.Connection] = []
        self._mutex = threading.Lock()
        self._writer: sqlite3.Connection | None = None
        self._file = (0, 0)
        self._keeper = WalKeeper(path, timeout)
        self._turnstile: Turnstile | None = None
        self._give_back(connect(path, write=False))
        if write:
            self._writer = self._connect()
            self._turnstile = Turnstile(path, timeout)

    # ---- writing ----

    def begin(self, asked: Asked = NOTHING) -> SqliteTransaction:
        """Take the turn and the write lock."""
        if self._turnstile is None:
            raise LedgerUnavailable(f"`{self._path}` was opened for reading only")
        self._turnstile.enter()
        try:
            if self._writer is None:
                self._writer = self._connect()
            self._same_file()
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                row = self._writer.execute(self._statements["log"].text, {"tenant": self._tenant}).fetchone()
            except sqlite3.Error as error:
                raise meaning(self._path, error) from error
            return SqliteTransaction(self, self._writer, log_row(row), self._path, asked)
        except BaseException:
            self.end(broken=False)
            raise

    def end(self, *, broken: bool, wrote: int = 0) -> None:
        """Leave the turn; a broken connection is not used again."""
        if self._writer is not None:
            if self._writer.in_transaction:
                with suppress(sqlite3.Error):
                    self._writer.execute("ROLLBACK")
            if broken or self._writer.in_transaction:
                self._writer.close()
                self._writer = None
        if self._turnstile is not None:
            self._turnstile.leave()
        if wrote:
            self._keeper.wrote(wrote)

    def _connect(self) -> sqlite3.Connection:
        connection = connect(self._path, write=True)
        stat = self._path.stat()
        self._file = (stat.st_dev, stat.st_ino)
        return connection

    def _same_file(self) -> None:
        """What is written into a file that another has replaced is lost."""
        try:
            stat = os.stat(self._path)
        except OSError as error:
            raise LedgerUnavailable(f"`{self._path}` is gone") from error
        if (stat.st_dev, stat.st_ino) != self._file:
            raise LedgerForked(f"`{self._path}` was replaced while it was open: open it again")

    def scrub(self) -> None:
        """Move the WAL and cut it; deleted rows are overwritten already (secure_delete)."""
        if self._turnstile is None or self._writer is None:
            return
        self._turnstile.enter()
        try:
            busy = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.Error as error:
            raise meaning(self._path, error) from error
        finally:
            self._turnstile.leave()
        if busy:
            _LOGGER.warning("`%s` was being read: its WAL may hold erased keys until it is next moved", self._path)

    # ---- reading ----

    def claims_of(self, names: Sequence[str]) -> dict[str, int]:
        rows = self._rows("claims_of", log=self._log, names=json.dumps(names))
        return dict(cast(list[tuple[str, int]], rows))

    def filed(self, pairs: Sequence[tuple[str, int]]) -> set[tuple[str, int]]:
        return set(cast(list[tuple[str, int]], self._rows("filed", log=self._log, pairs=json.dumps(pairs))))

    def unsound(self) -> list[str]:
        return [text.lower() for (text,) in self._rows("unsound") if text != "ok"]

    def wall(self) -> None:
        return None

    def _rows(self, name: str, /, **params: object) -> list[Row]:
        statement = self._statements[name]
        connection = self._borrow()
        try:
            rows = connection.execute(statement.text, {**statement.defaults, **params}).fetchall()
        except sqlite3.Error as error:
            connection.close()
            raise meaning(self._path, error) from error
        self._give_back(connection)
        return rows if name in _AS_THEY_ARE else typed(rows, statement.kinds, f"`{self._path}`, read for `{name}`,")

    def _borrow(self) -> sqlite3.Connection:
        with self._mutex:
            if self._idle:
                return self._idle.pop()
        return connect(self._path, write=False)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._mutex:
            self._idle.append(connection)

    def close(self) -> None:
        self._keeper.close()
        with self._mutex:
            connections, self._idle = self._idle, []
        for connection in connections:
            connection.close()
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        if self._turnstile is not None:
            self._turnstile.close()
            self._turnstile = None


def tenants(path: Path) -> list[str]:
    """Whose logs a file holds. Raises what `sqlitefile.connect` raises."""
    connection = connect(path, write=False)
    try:
        return [row[0] for row in connection.execute(statements()["logs"].text)]
    except sqlite3.Error as error:
        raise meaning(path, error) from error
    finally:
        connection.close()


def create(path: Path, log: LogRow, plan: Plan) -> None:
    """Make a log, in a new file or beside other tenants' logs.

    A new file gets its name when it is whole, so that a crash leaves no half of one.
    Raises LedgerError when there is such a log already.
    """
    if path.exists():
        if log.tenant in tenants(path):
            raise LedgerError(f"there is a log of `{log.tenant}` in `{path}` already")
        connection = connect(path, write=True)
        try:
            write_new(path, connection, log, plan)
        finally:
            connection.close()
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        new_file(draft)
        connection = connect(draft, write=True)
        try:
            write_new(draft, connection, log, plan)
        finally:
            connection.close()
        publish(draft, path)
    finally:
        for name in (draft, Path(f"{draft}-wal"), Path(f"{draft}-shm")):
            name.unlink(missing_ok=True)


def write_new(path: Path, connection: sqlite3.Connection, log: LogRow, plan: Plan) -> None:
    """Write the head and the first commit of a new log, in one transaction. Raises a LedgerError."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        refuse_second(log, connection.execute(statements()["of_key"].text, {"key": log.key}).fetchall())
        params = {key: value for key, value in log._asdict().items() if key != "id"}
        cursor = connection.execute(statements()["new_log"].text, params)
        new = log._replace(id=cast(int, cursor.lastrowid))
        write(connection, new, replace(plan, log=plan.log._replace(id=new.id)))
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise meaning(path, error) from error


def write(connection: sqlite3.Connection, log: LogRow, plan: Plan) -> None:
    """Write a plan behind the head `log`; the transaction is the caller's."""
    insert, many, checkpoint = inserts(), connection.executemany, plan.checkpoint
    many(insert["entry"], [(log.id, *row) for row in plan.entries])
    if plan.claims:
        many(insert["claim"], [(log.id, *row) for row in plan.claims])
    if plan.tiles:
        many(insert["tile"], [(log.id, *row) for row in plan.tiles])
    for row in plan.documents:
        connection.execute(insert["sealed"], (log.id, row.idx, row.ciphertext))
        connection.execute(insert["key"], (log.id, row.idx, row.wrapped_key))
        many(insert["subject"], [(log.id, subject, row.idx) for subject in sorted(set(row.subjects))])
    for name, params in destroying(plan):
        connection.execute(statements()[name].text, params)
    if checkpoint.epoch != log.epoch or not log.size:
        connection.execute(insert["signer"], (log.id, checkpoint.epoch, checkpoint.key))
    row_ = (log.id, checkpoint.size, checkpoint.root, checkpoint.epoch, checkpoint.signature, checkpoint.batch)
    connection.execute(insert["checkpoint"], row_)
    connection.execute(statements()["advance"].text, advance_params(plan))


class SqliteTransaction(TransactionRows):
    """A transaction that holds the turn and SQLite's write lock."""

    wall = None

    def __init__(self, backend: Sqlite, connection: sqlite3.Connection, log: LogRow, path: Path, asked: Asked) -> None:
        self._backend = backend
        self._connection = connection
        self._path = path
        self._statements = statements()
        self.log = log
        self.known = self.look_up(asked)

    def _all(self, name: str, /, **params: object) -> list[Row]:
        statement = self._statements[name]
        try:
            rows = self._connection.execute(
                statement.text, {**statement.defaults, "log": self.log.id, **params}
            ).fetchall()
        except sqlite3.Error as error:
            raise meaning(self._path, error) from error
        return typed(rows, statement.kinds, f"`{self._path}`, read for `{name}`,")

    def look_up(self, asked: Asked) -> Known:
        last = ((request, self._all("last_of", request=request)[0][0]) for request in asked.requests)
        held = self._all("claims_of", names=json.dumps(asked.claims)) if asked.claims else []
        seen = ((key, self._all("seen", key=key)) for key in asked.keys)
        return Known(
            {request: idx for request, idx in last if isinstance(idx, int)},
            dict(cast(list[tuple[str, int]], held)),
            {key: SeenRow(*rows[0]) for key, rows in seen if rows},
        )

    def commit(self, plan: Plan) -> None:
        broken = True
        try:
            write(self._connection, self.log, plan)
            self._commit()
            broken = False
        except sqlite3.Error as error:
            raise meaning(self._path, error) from error
        finally:
            wrote = sum(len(entry.body) for entry in plan.entries) + 200 * len(plan.entries) + 20_000
            self._backend.end(broken=broken, wrote=wrote)

    def cosign(self, rows: Sequence[CosignatureRow]) -> None:
        """Write cosignatures and commit."""
        try:
            for before, row in cosigning(self.log.id, rows):
                self._connection.execute(self._statements["forget_cosignature"].text, before)
                self._connection.execute(inserts()["cosignature"], row)
        except sqlite3.Error as error:
            raise meaning(self._path, error) from error
        self._commit()

    def _commit(self) -> None:
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            known = meaning(self._path, error)
            if (getattr(error, "sqlite_errorcode", 0) & 0xFF) == sqlite3.SQLITE_IOERR:
                raise LedgerUnknown(f"{known}: the entries of this commit may stand") from error
            raise known from error

    def rollback(self) -> None:
        self._backend.end(broken=False)
