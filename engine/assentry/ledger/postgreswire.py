"""Prepared statements, and many of them sent in one message with the COMMIT behind them: on libpq itself.

A cursor of psycopg takes longer to hand over an append than the server takes to write it. Here values go as they are,
in PostgreSQL's binary form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from struct import Struct
from typing import Any

import psycopg
from psycopg import pq
from psycopg.abc import PQGen
from psycopg.waiting import Ready, Wait

from assentry.ledger.postgresserver import Connection

_INT, _LENGTH, _ARRAY = Struct("!q").pack, Struct("!i").pack, Struct("!iiiii").pack
_NULL = _LENGTH(-1)


def _array(oid: int, encode: Callable[[Any], bytes], values: Sequence[object]) -> bytes:
    """A list as an array of one dimension, whose elements are of the type `oid`."""
    found = [None if value is None else encode(value) for value in values]
    parts = [_NULL if item is None else _LENGTH(len(item)) + item for item in found]
    return _ARRAY(1, int(None in found), oid, len(parts), 1) + b"".join(parts)


_ENCODERS: Mapping[str, Callable[[Any], bytes]] = {
    "bigint": _INT,
    "text": str.encode,
    "bytea": bytes,
    "bigint[]": partial(_array, 20, _INT),
    "text[]": partial(_array, 25, str.encode),
    "bytea[]": partial(_array, 17, bytes),
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement that a connection knows by name; its text has `$1` where the first of its parameters belongs."""

    name: str
    text: str
    types: Mapping[str, str]
    """Of the parameters, in their order."""

    @classmethod
    def of(cls, name: str, text: str, types: Mapping[str, str]) -> Prepared:
        """From a text with `%(name)s` for each parameter, and the types of these and of others."""
        names = dict.fromkeys(re.findall(r"%\((\w+)\)s", text))
        numbered = text % {key: f"${number}" for number, key in enumerate(names, 1)}
        return cls(name, numbered, {key: types[key] for key in names})

    @property
    def declaration(self) -> str:
        return f"PREPARE {self.name} ({', '.join(self.types.values())}) AS {self.text}"

    def encoded(self, params: Mapping[str, object]) -> list[bytes | None]:
        """The parameters as they are sent."""
        values = ((kind, params[name]) for name, kind in self.types.items())
        return [None if value is None else _ENCODERS[kind](value) for kind, value in values]


Call = tuple[Prepared, Mapping[str, object]]
"""A statement and its parameters."""


def commit(connection: Connection, calls: Sequence[Call]) -> None:
    """Run statements and commit, in one round trip.

    Raises what psycopg raises. When it is the server that says so, nothing was committed.
    """
    _send(connection, calls, [b"COMMIT"])


def run(connection: Connection, calls: Sequence[Call]) -> None:
    """The same without the COMMIT."""
    _send(connection, calls, [])


def _send(connection: Connection, calls: Sequence[Call], texts: Sequence[bytes]) -> None:
    pgconn = connection.pgconn
    prepared = [(statement.name.encode(), statement.encoded(params)) for statement, params in calls]
    pgconn.enter_pipeline_mode()
    try:
        for name, values in prepared:
            pgconn.send_query_prepared(name, values, [pq.Format.BINARY] * len(values))
        for text in texts:
            pgconn.send_query_params(text, None)
        pgconn.pipeline_sync()
        connection.wait(_answered(pgconn))
    finally:
        with suppress(psycopg.Error):  # a connection that broke, or was left in the middle, is not used again
            pgconn.exit_pipeline_mode()


def _answered(pgconn: pq.abc.PGconn) -> PQGen[None]:
    """Wait until the server is done with all. Raises the first error that it reports."""
    failed: pq.abc.PGresult | None = None
    while True:
        ready = yield Wait.RW if pgconn.flush() else Wait.R
        if not ready:  # nothing yet; or psycopg begins to wait anew, since an interrupt had the server stop
            continue
        if ready & Ready.R:
            pgconn.consume_input()
        while not pgconn.is_busy():
            result = pgconn.get_result()
            status = None if result is None else result.status  # None: the end of one statement's answers
            if status == pq.ExecStatus.FATAL_ERROR:
                failed = failed or result
            if status == pq.ExecStatus.PIPELINE_SYNC or pgconn.status == pq.ConnStatus.BAD:
                if failed is not None:
                    raise psycopg.errors.error_from_result(failed)
                if status is None:
                    raise psycopg.OperationalError("the connection is lost")
                return
