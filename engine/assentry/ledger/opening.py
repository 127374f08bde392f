"""Doors: make a log, open one to write, open one to read.

A *place* is `memory:`, the path of an SQLite file (also as `sqlite:///path`), or a PostgreSQL address
(`postgresql://user@host/database`). One database holds any number of tenants' logs.
"""

from __future__ import annotations

from collections.abc import Mapping

from assentry.errors import LedgerError
from assentry.ledger import jobs
from assentry.ledger.backend import LogRow
from assentry.ledger.clock import Clock
from assentry.ledger.entry import Item
from assentry.ledger.log import Log
from assentry.ledger.memory import Memory
from assentry.ledger.merkle import EMPTY_ROOT
from assentry.ledger.note import ED25519, Signer
from assentry.ledger.sealing import SealingKey


def memory(
    tenant: str, signer: Signer | None = None, *, sealing: SealingKey | None = None, clock: Clock | None = None
) -> Log:
    """A new log in memory, for tests and development; without a signer it makes a key of its own."""
    signer = signer or Signer.generate(f"memory.invalid/{tenant}")
    log = Log(Memory(blank(tenant, signer, development=True)), signer, sealing=sealing, clock=clock)
    return begin(log, signer, development=True, documents=True)


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


def begin(log: Log, signer: Signer, *, development: bool, documents: bool) -> Log:
    """Write entry 0 of a new log."""
    data: Mapping[str, object] = jobs.opening(
        signer.name, signer.verifier, development=development, documents=documents
    )
    log.append([Item.of("opened", data)])
    return log
