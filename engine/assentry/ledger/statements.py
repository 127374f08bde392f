"""All statements that both databases share, written once with SQLAlchemy Core and compiled to text.

The text runs on the bare drivers (sqlite3, psycopg): a lone append has 0.2 ms, and executing through SQLAlchemy
costs that much by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    Dialect,
    LargeBinary,
    Select,
    SelectBase,
    Table,
    Text,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal_column,
    select,
    union_all,
    update,
)
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.elements import BindParameter, ColumnElement

from assentry.ledger import tables as t

_LOG: BindParameter[int] = bindparam("log")
_START: BindParameter[int] = bindparam("start")
_STOP: BindParameter[int] = bindparam("stop")
_IDX: BindParameter[int] = bindparam("idx")


def _within(table: Table, column: str = "idx") -> tuple[ColumnElement[bool], ColumnElement[bool], ColumnElement[bool]]:
    return table.c.log == _LOG, table.c[column] >= _START, table.c[column] < _STOP


def _strays(table: Table) -> list[Select[tuple[str, int]]]:
    """The rows of a table that lie outside a log of a size: on either side, since an index serves no `or`."""
    name = literal_column(f"'{table.name}'", Text).label("name")
    rows = select(name, table.c.idx).where(table.c.log == _LOG)
    return [rows.where(table.c.idx < 0), rows.where(table.c.idx >= bindparam("size"))]


_ENTRY = (t.entry.c.idx, t.entry.c.request, cast(t.entry.c.body, LargeBinary), cast(t.entry.c.leaf, LargeBinary))
"""SQLite keeps what it is given, whatever the column says: a body written as text is still that body's bytes."""
_CHECKPOINT = (
    t.checkpoint.c.size, t.checkpoint.c.root, t.checkpoint.c.epoch, t.signer.c.key, t.checkpoint.c.signature, t.checkpoint.c.batch,
)  # fmt: skip
_SIGNED = t.checkpoint.join(
    t.signer, (t.signer.c.log == t.checkpoint.c.log) & (t.signer.c.epoch == t.checkpoint.c.epoch)
)
_TILE = (t.tile.c.level, t.tile.c.idx, t.tile.c.root, t.tile.c.hashes)
_COSIGNATURE = (t.cosignature.c.size, t.cosignature.c.name, t.cosignature.c.key_id, t.cosignature.c.signature)

HEAD_COLUMNS = (
    "origin", "key", "epoch", "size", "root", "frontier", "time", "policy", "pruned", "slack", "boot", "mono", "clock",
)  # fmt: skip
"""What a commit changes of the head."""

STATEMENTS: Mapping[str, ClauseElement] = {
    # the head
    "log": select(*t.log.c).where(t.log.c.tenant == bindparam("tenant")),
    "logs": select(t.log.c.tenant).order_by(t.log.c.id),
    "of_key": select(t.log.c.tenant).join(t.signer, t.signer.c.log == t.log.c.id).where(t.signer.c.key == bindparam("key")),
    "new_log": insert(t.log).values({column.name: bindparam(column.name) for column in t.log.c if column.name != "id"}),
    "advance": update(t.log)
    .where(t.log.c.id == bindparam("id_"))
    .values({name: bindparam(name) for name in HEAD_COLUMNS}),
    # entries
    "entries": select(*_ENTRY).where(*_within(t.entry)).order_by(t.entry.c.idx).limit(bindparam("portion")),
    "extent": select(func.max(t.entry.c.idx)).where(t.entry.c.log == _LOG),
    "request_entries": select(*_ENTRY)
    .where(t.entry.c.log == _LOG, t.entry.c.request == bindparam("request"))
    .order_by(t.entry.c.idx),
    "last_of": select(func.max(t.entry.c.idx)).where(t.entry.c.log == _LOG, t.entry.c.request == bindparam("request")),
    "seen": select(t.entry.c.idx, t.entry.c.payload, t.entry.c.leaf, t.entry.c.body).where(
        t.entry.c.log == _LOG, t.entry.c.idempotency == bindparam("key")
    ),
    "leaves": select(t.entry.c.leaf).where(*_within(t.entry)).order_by(t.entry.c.idx),
    "prune_entries": delete(t.entry).where(*_within(t.entry)),
    "count_entries": select(func.count()).where(t.entry.c.log == _LOG, t.entry.c.idx >= _START),
    "strays": union_all(*chain.from_iterable(map(_strays, (t.entry, t.claim, t.sealed, t.key, t.subject)))).limit(bindparam("portion")),
    # claims
    "claim": select(t.claim.c.idx).where(t.claim.c.log == _LOG, t.claim.c.name == bindparam("name")),
    "count_claims": select(func.count()).where(*_within(t.claim)),
    "claims": select(t.claim.c.name, t.claim.c.idx).where(t.claim.c.log == _LOG).order_by(t.claim.c.idx, t.claim.c.name),
    # the tree
    "tile": select(*_TILE).where(
        t.tile.c.log == _LOG, t.tile.c.level == bindparam("level"), t.tile.c.idx == _IDX
    ),
    "tile_roots": select(t.tile.c.root)
    .where(t.tile.c.level == bindparam("level"), *_within(t.tile))
    .order_by(t.tile.c.idx),
    "tiles": select(t.tile.c.level, func.min(t.tile.c.idx), func.max(t.tile.c.idx), func.count())
    .where(t.tile.c.log == _LOG)
    .group_by(t.tile.c.level),
    # checkpoints
    "newest_checkpoint": select(*_CHECKPOINT)
    .select_from(_SIGNED)
    .where(t.checkpoint.c.log == _LOG)
    .order_by(t.checkpoint.c.size.desc())
    .limit(1),
    "covering_checkpoint": select(*_CHECKPOINT)
    .select_from(_SIGNED)
    .where(t.checkpoint.c.log == _LOG, t.checkpoint.c.size >= bindparam("size"))
    .order_by(t.checkpoint.c.size)
    .limit(1),
    "checkpoints": select(*_CHECKPOINT)
    .select_from(_SIGNED)
    .where(t.checkpoint.c.log == _LOG, t.checkpoint.c.size > _START)
    .order_by(t.checkpoint.c.size)
    .limit(bindparam("portion")),
    "batch_at": select(t.checkpoint.c.batch).where(t.checkpoint.c.log == _LOG, t.checkpoint.c.size == bindparam("size")),
    "cosignatures": select(*_COSIGNATURE)
    .where(t.cosignature.c.log == _LOG, t.cosignature.c.size == bindparam("size"))
    .order_by(t.cosignature.c.name, t.cosignature.c.key_id),
    "cosigned": select(t.cosignature.c.size)
    .where(t.cosignature.c.log == _LOG)
    .distinct()
    .order_by(t.cosignature.c.size),
    "forget_cosignature": delete(t.cosignature).where(
        t.cosignature.c.log == _LOG,
        t.cosignature.c.size == bindparam("size"),
        t.cosignature.c.name == bindparam("name"),
        t.cosignature.c.key_id == bindparam("key_id"),
    ),
    # documents
    "document": select(t.sealed.c.ciphertext).where(t.sealed.c.log == _LOG, t.sealed.c.idx == _IDX),
    "documents": select(t.sealed.c.idx, t.sealed.c.ciphertext, cast(t.key.c.wrapped, LargeBinary))
    .select_from(t.sealed.outerjoin(t.key, (t.key.c.log == t.sealed.c.log) & (t.key.c.idx == t.sealed.c.idx)))
    .where(*_within(t.sealed))
    .order_by(t.sealed.c.idx)
    .limit(bindparam("portion")),
    "key": select(t.key.c.wrapped).where(t.key.c.log == _LOG, t.key.c.idx == _IDX),
    "documents_about": select(t.subject.c.idx)
    .where(t.subject.c.log == _LOG, t.subject.c.subject == bindparam("subject"))
    .order_by(t.subject.c.idx),
    "subjects": select(t.subject.c.subject, t.subject.c.idx).where(*_within(t.subject)),
    "count_subjects": select(func.count()).where(*_within(t.subject)),
    "erase_sealed": delete(t.sealed).where(t.sealed.c.log == _LOG, t.sealed.c.idx == _IDX),
    "erase_key": delete(t.key).where(t.key.c.log == _LOG, t.key.c.idx == _IDX),
    "erase_subject": delete(t.subject).where(t.subject.c.log == _LOG, t.subject.c.idx == _IDX),
    "prune_sealed": delete(t.sealed).where(*_within(t.sealed)),
    "prune_key": delete(t.key).where(*_within(t.key)),
    "prune_subject": delete(t.subject).where(*_within(t.subject)),
}  # fmt: skip

INSERTS: Mapping[str, Table] = {
    "entry": t.entry,
    "claim": t.claim,
    "checkpoint": t.checkpoint,
    "cosignature": t.cosignature,
    "signer": t.signer,
    "tile": t.tile,
    "sealed": t.sealed,
    "key": t.key,
    "subject": t.subject,
}
"""Tables whose rows are written by position, in the order of their columns."""


Kinds = tuple[tuple[type, ...], ...]
"""For each column of a result the types that a value may have."""


class Statement(NamedTuple):
    """A statement as text for one driver, with the values of parameters that it brings itself."""

    text: str
    defaults: dict[str, object]
    kinds: Kinds


def texts(dialect: Dialect) -> dict[str, Statement]:
    """The statements for one database; parameters by name."""
    found = {}
    for name, statement in STATEMENTS.items():
        one = statement.compile(dialect=dialect)
        defaults = {key: value for key, value in one.params.items() if value is not None}
        found[name] = Statement(str(one), defaults, kinds(statement))
    return found


def kinds(statement: ClauseElement) -> Kinds:
    """The types of what a statement selects; nothing for one that selects nothing."""
    return tuple(_kinds(column) for column in statement.selected_columns) if isinstance(statement, SelectBase) else ()


def _kinds(column: ColumnElement[Any]) -> tuple[type, ...]:
    kind = column.type.python_type
    nullable = not isinstance(column, Column) or column.nullable
    return (kind, *((int,) if kind is bool else ()), *((type(None),) if nullable else ()))


def insert_text(table: Table, marks: Sequence[str]) -> str:
    """An insert by position."""
    names = ", ".join(f'"{column.name}"' for column in table.c)
    return f'INSERT INTO "{table.name}" ({names}) VALUES ({", ".join(marks)})'  # noqa: S608 -- names of our own tables
