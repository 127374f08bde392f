"""The tables, once for both databases; the migrations build them, and a test holds the two together.

Foreign keys would lock the head's row again for each entry; the one writer, who holds that lock, needs none.
Wide SQLite tables have no rowid, so that a lone append writes few pages.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

REVISION = "0001"
"""The migration that this program's tables are of."""

APPLICATION_ID = 0x41534C47
"""Marks an SQLite file as a ledger: `ASLG`."""

metadata = MetaData()


def _log() -> Column[int]:
    return Column("log", Integer, nullable=False)


log = Table(
    "log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("development", Boolean, nullable=False),
    Column("documents", Boolean, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("policy", Text),
    Column("pruned", BigInteger, nullable=False),
    Column("slack", BigInteger, nullable=False),
    Column("boot", Text, nullable=False),
    Column("mono", BigInteger, nullable=False),
    Column("clock", BigInteger, nullable=False),
    UniqueConstraint("tenant", name="log_tenant"),
    postgresql_with={"fillfactor": 10},  # the row changes with every commit: leave it room on its page
)

entry = Table(
    "entry",
    metadata,
    _log(),
    Column("idx", BigInteger, nullable=False),
    Column("request", Text),
    Column("body", LargeBinary, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("idempotency", Text),
    Column("payload", LargeBinary),
    PrimaryKeyConstraint("log", "idx", name="entry_pkey"),
    sqlite_with_rowid=False,
)
Index(
    "entry_request",
    entry.c.log,
    entry.c.request,
    entry.c.idx,
    sqlite_where=entry.c.request.is_not(None),
    postgresql_where=entry.c.request.is_not(None),
)
Index(
    "entry_idempotency",
    entry.c.log,
    entry.c.idempotency,
    unique=True,
    sqlite_where=entry.c.idempotency.is_not(None),
    postgresql_where=entry.c.idempotency.is_not(None),
)

claim = Table(
    "claim",
    metadata,
    _log(),
    Column("name", Text, nullable=False),
    Column("idx", BigInteger, nullable=False),
    PrimaryKeyConstraint("log", "name", name="claim_pkey"),
    sqlite_with_rowid=False,
)

signer = Table(
    "signer",
    metadata,
    _log(),
    Column("epoch", Integer, nullable=False),
    Column("key", Text, nullable=False),
    PrimaryKeyConstraint("log", "epoch", name="signer_pkey"),
)

checkpoint = Table(
    "checkpoint",
    metadata,
    _log(),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("batch", LargeBinary, nullable=False),
    PrimaryKeyConstraint("log", "size", name="checkpoint_pkey"),
    sqlite_with_rowid=False,
)

cosignature = Table(
    "cosignature",
    metadata,
    _log(),
    Column("size", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("key_id", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    PrimaryKeyConstraint("log", "size", "name", "key_id", name="cosignature_pkey"),
    sqlite_with_rowid=False,
)

tile = Table(
    "tile",
    metadata,
    _log(),
    Column("level", Integer, nullable=False),
    Column("idx", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
    PrimaryKeyConstraint("log", "level", "idx", name="tile_pkey"),
)

sealed = Table(
    "sealed",
    metadata,
    _log(),
    Column("idx", BigInteger, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    PrimaryKeyConstraint("log", "idx", name="sealed_pkey"),
)

key = Table(
    "key",
    metadata,
    _log(),
    Column("idx", BigInteger, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    PrimaryKeyConstraint("log", "idx", name="key_pkey"),
    sqlite_with_rowid=False,
)

subject = Table(
    "subject",
    metadata,
    _log(),
    Column("subject", Text, nullable=False),
    Column("idx", BigInteger, nullable=False),
    PrimaryKeyConstraint("log", "subject", "idx", name="subject_pkey"),
    sqlite_with_rowid=False,
)
