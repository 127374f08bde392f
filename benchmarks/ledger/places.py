"""Where logs stand while they are measured: a file on this machine's disk, a PostgreSQL server of its own."""

from __future__ import annotations

import itertools
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from timing import ROOT

from assentry.ledger import opening
from assentry.ledger.log import Log
from assentry.ledger.note import Signer

sys.path.append(str(ROOT))

from tests.support import postgres

_NUMBERS = itertools.count()


@dataclass
class Place:
    """One log: where it is, and whose signature it needs."""

    address: str
    tenant: str
    signer: Signer = field(default_factory=lambda: Signer.generate("log.example/acme"))

    def create(self) -> Place:
        opening.create(self.address, self.tenant, self.signer)
        return self

    def open(self) -> Log:
        return opening.open_log(self.address, self.signer, tenant=self.tenant)


@contextmanager
def folder() -> Iterator[Path]:
    """A folder on a disk, not in memory: beside the files of other programs, or where TMPDIR says."""
    with tempfile.TemporaryDirectory(prefix="assentry-bench-") as made:
        yield Path(made)


@contextmanager
def places(kind: str, path: Path) -> Iterator[Iterator[Place]]:
    """Logs of one kind, as many as are asked for, on one file or one server."""
    if kind == "sqlite":
        yield (Place(str(path / "ledger.db"), f"acme-{number}").create() for number in _NUMBERS)
        return
    with postgres.running() as server:
        warmed(server)
        yield (Place(server.address(), f"acme-{number}").create() for number in _NUMBERS)


def warmed(server: postgres.Server) -> None:
    """A server that has written before keeps its old WAL files; a new one stops to make each, for 40 ms."""
    server.sql("CREATE TABLE filler AS SELECT repeat('x', 1000) FROM generate_series(1, 150000)")
    server.sql("DROP TABLE filler")
    server.sql("CHECKPOINT")


def why_not(kind: str) -> str | None:
    """Why there can be no place of this kind here."""
    found = postgres.find() if kind == "postgres" else None
    return found if isinstance(found, str) else None
