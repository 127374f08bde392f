"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables."""
    _head()
    _entries()
    _tree()
    _documents()


def _log() -> sa.Column[int]:
    return sa.Column("log", sa.Integer, nullable=False)


def _head() -> None:
    op.create_table(
        "log",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("development", sa.Boolean, nullable=False),
        sa.Column("documents", sa.Boolean, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("frontier", sa.LargeBinary, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("policy", sa.Text),
        sa.Column("pruned", sa.BigInteger, nullable=False),
        sa.Column("slack", sa.BigInteger, nullable=False),
        sa.Column("boot", sa.Text, nullable=False),
        sa.Column("mono", sa.BigInteger, nullable=False),
        sa.Column("clock", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("tenant", name="log_tenant"),
        postgresql_with={"fillfactor": 10},
    )
    op.create_table(
        "signer",
        _log(),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("log", "epoch", name="signer_pkey"),
    )


def _entries() -> None:
    entry = op.create_table(
        "entry",
        _log(),
        sa.Column("idx", sa.BigInteger, nullable=False),
        sa.Column("request", sa.Text),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("leaf", sa.LargeBinary, nullable=False),
        sa.Column("idempotency", sa.Text),
        sa.Column("payload", sa.LargeBinary),
        sa.PrimaryKeyConstraint("log", "idx", name="entry_pkey"),
        sqlite_with_rowid=False,
    )
    with_request, with_key = entry.c.request.is_not(None), entry.c.idempotency.is_not(None)
    op.create_index(
        "entry_request", "entry", ["log", "request", "idx"], sqlite_where=with_request, postgresql_where=with_request
    )
    op.create_index(
        "entry_idempotency",
        "entry",
        ["log", "idempotency"],
        unique=True,
        sqlite_where=with_key,
        postgresql_where=with_key,
    )
    op.create_table(
        "claim",
        _log(),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("idx", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("log", "name", name="claim_pkey"),
        sqlite_with_rowid=False,
    )


def _tree() -> None:
    op.create_table(
        "checkpoint",
        _log(),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        sa.Column("batch", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("log", "size", name="checkpoint_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "cosignature",
        _log(),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("key_id", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("log", "size", "name", "key_id", name="cosignature_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tile",
        _log(),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("idx", sa.BigInteger, nullable=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("hashes", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("log", "level", "idx", name="tile_pkey"),
    )


def _documents() -> None:
    op.create_table(
        "sealed",
        _log(),
        sa.Column("idx", sa.BigInteger, nullable=False),
        sa.Column("ciphertext", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("log", "idx", name="sealed_pkey"),
    )
    op.create_table(
        "key",
        _log(),
        sa.Column("idx", sa.BigInteger, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("log", "idx", name="key_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "subject",
        _log(),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("idx", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("log", "subject", "idx", name="subject_pkey"),
        sqlite_with_rowid=False,
    )
