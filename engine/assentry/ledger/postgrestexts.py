"""What a writer says to PostgreSQL: every statement prepared once on its connection, and called by name from then on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache

from psycopg import sql
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import psycopg as dialect

from assentry.ledger.backend import Asked
from assentry.ledger.postgreswire import Prepared
from assentry.ledger.statements import INSERTS, Statement, insert_text, texts
from assentry.ledger.tables import metadata

BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
DURABLE = "SET LOCAL synchronous_commit = on"
WALL = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"

_SIGNED = """SELECT size, root, epoch, (SELECT key FROM signer AS s WHERE s.log = c.log AND s.epoch = c.epoch), signature, batch
FROM checkpoint AS c WHERE log = %(log)s AND size = (SELECT size FROM log WHERE id = %(log)s)"""

# Writers queue at a row that never changes. At the head's own they would not: whoever waits for a row that was changed
# meanwhile starts over with its new version, all at once, and the last may be first.
_TURN = "SELECT epoch FROM signer WHERE log = %(log)s AND epoch = 0 FOR UPDATE"

_WRITTEN = """WITH entries AS (
INSERT INTO entry (log, idx, request, body, leaf, idempotency, payload) SELECT %(id_)s, * FROM unnest(
%(idx)s, %(request)s, %(body)s, %(leaf)s, %(idempotency)s, %(payload)s)
), claims AS (
INSERT INTO claim (log, name, idx) SELECT %(id_)s, * FROM unnest(%(claim)s, %(claimed)s)
), signed AS (
INSERT INTO checkpoint (log, size, root, epoch, signature, batch)
VALUES (%(id_)s, %(size)s, %(root)s, %(epoch)s, %(signature)s, %(batch)s)
) """
"""What every commit writes, before the head moves: one statement with it, since each costs the server as much as the
rows do, and arrays in place of a statement an entry."""
_ARRAYS = {
    "idx": "bigint[]", "request": "text[]", "body": "bytea[]", "leaf": "bytea[]", "idempotency": "text[]", "payload": "bytea[]",
    "claim": "text[]", "claimed": "bigint[]",
}  # fmt: skip

# One question a name, fenced by OFFSET 0: a plan for all names at once, made while a table was small, would go on reading
# all of it. `max(idx + 0)`, since for `max(idx)` a plan may walk back through all entries.
_LAST_OF = """SELECT n, last FROM unnest(%(names)s::text[]) AS n CROSS JOIN LATERAL
(SELECT max(idx + 0) AS last FROM entry WHERE log = %(log)s AND request = n OFFSET 0) AS found WHERE last IS NOT NULL"""
_CLAIMS_OF = """SELECT n, idx FROM unnest(%(names)s::text[]) AS n CROSS JOIN LATERAL
(SELECT idx FROM claim WHERE log = %(log)s AND name = n OFFSET 0) AS found"""
_SEEN = """SELECT n, idx, payload, leaf, body FROM unnest(%(names)s::text[]) AS n CROSS JOIN LATERAL
(SELECT idx, payload, leaf, body FROM entry WHERE log = %(log)s AND idempotency = n OFFSET 0) AS found"""

FILED = """SELECT s, i FROM unnest(%s::text[], %s::bigint[]) AS pair (s, i) CROSS JOIN LATERAL
(SELECT 1 FROM subject WHERE log = %s AND subject = s AND idx = i OFFSET 0) AS found"""

QUESTIONS = {"last_of": _LAST_OF, "claims_of": _CLAIMS_OF, "seen": _SEEN}
"""In the order of Asked."""

_KINDS: Mapping[type, str] = {int: "bigint", str: "text", bytes: "bytea", bool: "boolean"}
_TYPES = {
    **{column.name: _KINDS[column.type.python_type] for table in metadata.tables.values() for column in table.c},
    "id_": "bigint", "start": "bigint", "stop": "bigint", "names": "text[]",
}  # fmt: skip
"""Of all parameters: most are named as the columns that they go into."""


@cache
def statements() -> Mapping[str, Statement]:
    return texts(dialect.dialect())  # type: ignore[no-untyped-call]


@cache
def prepared() -> Mapping[str, Prepared]:
    """All that a writer says, for its connection to know by name."""
    known = statements()
    select, _, rest = known["log"].text.partition("FROM log")
    found = {
        "turn": _TURN,
        "signed": _SIGNED,
        "head": f"{select}, {WALL}, current_setting('synchronous_commit') FROM log{rest} FOR UPDATE",
        **QUESTIONS,
        **{name: _insert(INSERTS[name]) for name in ("tile", "sealed", "key", "subject", "signer")},
        **{name: one.text for name, one in known.items() if name.startswith(("erase_", "prune_"))},
    }
    written = Prepared.of("written", _WRITTEN + known["advance"].text, {**_TYPES, **_ARRAYS})
    return {**{name: Prepared.of(name, text, _TYPES) for name, text in found.items()}, written.name: written}


def _insert(table: Table) -> str:
    return insert_text(table, [f"%({column.name})s" for column in table.c])


def declarations() -> bytes:
    """One message that prepares all of them, to be planned once: what they ask has one answer, the index."""
    texts = ["SET plan_cache_mode = force_generic_plan", *(one.declaration for one in prepared().values())]
    return "; ".join(texts).encode()


@lru_cache(maxsize=64)
def beginning(tenant: str, log: int) -> str:
    """Begin, be durable, wait for the turn, lock the head, read it and its checkpoint: in one round trip.

    Not in pipeline mode: its trailing flush would keep the server from ending a transaction whose client hangs.
    """
    return f"{BEGIN}; {DURABLE}; EXECUTE turn({log}); EXECUTE head({_literal(tenant)}); EXECUTE signed({log})"


HEAD, SIGNED, REST = 3, 4, 5
"""Which of the answers to it are the head's row and the checkpoint's; those to questions follow."""


def questions(asked: Asked, log: int) -> Iterable[str]:
    """What is asked, as text: it goes along with others in one message."""
    return [
        f"EXECUTE {name}({_literal(list(names))}, {log})" for name, names in zip(QUESTIONS, asked, strict=True) if names
    ]


def _literal(value: object) -> str:
    return sql.Literal(value).as_string(None)
