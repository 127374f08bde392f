"""Doors: make a log, open one to write, open one to read.

A *place* is `memory:`, the path of an SQLite file (also as `sqlite:///path`), or a PostgreSQL address
(`postgresql://user@host/database`). One database holds any number of tenants' logs.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from assentry.errors import LedgerError
from assentry.ledger import jobs
from assentry.ledger.backend import Backend, LogRow, Plan
from assentry.ledger.clock import Clock, Reading, SystemClock
from assentry.ledger.entry import Item
from assentry.ledger.log import Log
from assentry.ledger.memory import Memory, MemoryTransaction
from assentry.ledger.merkle import EMPTY_ROOT
from assentry.ledger.note import ED25519, Signer
from assentry.ledger.plan import Batch, seal
from assentry.ledger.reader import Reader
from assentry.ledger.sealing import SealingKey


def memory(
    tenant: str, signer: Signer | None = None, *, sealing: SealingKey | None = None, clock: Clock | None = None
) -> Log:
    """A new log in memory, for tests and development; without a signer it makes a key of its own."""
    signer = signer or Signer.generate(f"memory.invalid/{tenant}")
    head = blank(tenant, signer, development=True)
    backend = Memory(head)
    backend.apply(genesis(head, signer, (clock or SystemClock()).read()))
    return Log(backend, signer, sealing=sealing, clock=clock)


def create(
    place: str | Path,
    tenant: str,
    signer: Signer,
    *,
    development: bool = False,
    documents: bool = True,
    clock: Clock | None = None,
) -> None:
    """Make a tenant's log, and the database's tables where there are none; `signer.name` is its origin.

    Without `documents` the log keeps only digests of sealed documents.
    Raises LedgerError when there is such a log, LedgerUnavailable when the place cannot be used.
    """
    head = blank(tenant, signer, development=development, documents=documents)
    now = (clock or SystemClock()).read()
    found = _place(place)
    if isinstance(found, Path):
        from assentry.ledger import sqlite

        sqlite.create(found, head, genesis(head, signer, now))
    else:
        _needs_psycopg()
        from assentry.ledger import postgres

        now = now._replace(wall=postgres.make_tables(found))
        postgres.create(found, head, genesis(head, signer, now))


def open_log(
    place: str | Path,
    signer: Signer,
    *,
    tenant: str | None = None,
    sealing: SealingKey | None = None,
    clock: Clock | None = None,
) -> Log:
    """Open a tenant's log to write; the tenant may be left out where there is only one.

    Raises LedgerKey when `signer` is not the key in force, LedgerVersion for tables of another version, LedgerDamaged
    for a file that is no ledger or only half of one, LedgerUnavailable when there is none, LedgerUnsafe for settings
    that would lose entries.
    """
    return Log(_backend(place, tenant, write=True), signer, sealing=sealing, clock=clock)


def open_reader(
    place: str | Path, *, tenant: str | None = None, sealing: SealingKey | None = None, cosigns: bool = False
) -> Reader:
    """Open a tenant's log to read: no signing key is needed. Raises as `open_log` does.

    Nothing is written, unless it `cosigns`: then witnesses' signatures can be kept.
    """
    return Reader(_backend(place, tenant, write=cosigns), sealing=sealing)


def _backend(place: str | Path, tenant: str | None, *, write: bool) -> Backend:
    found = _place(place)
    if isinstance(found, Path):
        from assentry.ledger import sqlite

        return sqlite.Sqlite(found, _only(sqlite.tenants(found), tenant, f"`{found}`"), write=write)
    _needs_psycopg()
    from assentry.ledger import postgres, postgresserver

    return postgres.Postgres(found, _only(postgres.tenants(found), tenant, postgresserver.shown(found)), write=write)


def _needs_psycopg() -> None:
    if find_spec("psycopg") is None:
        raise LedgerError("PostgreSQL needs the package psycopg: install `assentry[postgres]`")


def shown(place: str | Path) -> str:
    """A place for messages, without a password."""
    found = _place(place)
    if isinstance(found, Path):
        return f"`{found}`"
    _needs_psycopg()
    from assentry.ledger import postgresserver

    return postgresserver.shown(found)


def _only(tenants: list[str], tenant: str | None, place: str) -> str:
    """The tenant that is meant. Raises LedgerError, naming those that there are."""
    names = ", ".join(f"`{name}`" for name in tenants[:8])
    if tenant is not None:
        if tenant not in tenants:
            raise LedgerError(f"there is no log of `{tenant}` in {place}: there is {names or 'none at all'}")
        return tenant
    if len(tenants) != 1:
        raise LedgerError(f"{place} holds {len(tenants)} logs, say whose: {names}")
    return tenants[0]


def _place(place: str | Path) -> str | Path:
    text = str(place)
    if text.startswith(("postgresql://", "postgres://")):
        return text
    if "://" in text and not text.startswith("sqlite:///"):
        raise LedgerError(f"`{text}` is not a place for a ledger: a file or `postgresql://...`")
    path = Path(text.removeprefix("sqlite:///"))
    return path.resolve() if path.is_symlink() else path  # the files beside it lie beside what it points to


def blank(tenant: str, signer: Signer, *, development: bool = False, documents: bool = True) -> LogRow:
    """The head of a log without entries. Raises LedgerError for a tenant or key that cannot be one's."""
    if not tenant or not tenant.isprintable() or len(tenant) > 200:
        raise LedgerError("a tenant is a name of 1 to 200 printable characters")
    if signer.kind != ED25519:
        raise LedgerError("a log is signed with a plain Ed25519 key, not with a witness's")
    return LogRow(
        id=0,
        tenant=tenant,
        origin=signer.name,
        key=str(signer.verifier),
        epoch=0,
        development=development,
        documents=documents,
        size=0,
        root=EMPTY_ROOT,
        frontier=b"",
        time=0,
        policy=None,
        pruned=0,
        slack=0,
        boot="",
        mono=0,
        clock=0,
    )


def genesis(head: LogRow, signer: Signer, now: Reading) -> Plan:
    """The first commit of a log: entry 0, which says under which origin, key and mode it was opened."""
    batch = Batch(MemoryTransaction(Memory(head), head), now.wall)
    data = jobs.opening(signer.name, signer.verifier, development=head.development, documents=head.documents)
    batch.take([Item.of("opened", data)])
    return seal(batch, now, signer)
