"""Ledgers for tests: one of each kind, with clocks that tests can set."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from assentry.ledger import opening
from assentry.ledger.clock import Clock
from assentry.ledger.entry import Conflict, Item, Receipt
from assentry.ledger.log import Log
from assentry.ledger.note import Signer
from assentry.ledger.sealing import SealingKey
from assentry.ledger.sqlitefile import new_file
from tests.support.postgres import Server, find, running

NOON = 1_795_176_000_000
"""2026-11-20T12:00:00Z in milliseconds."""


_NUMBERS = itertools.count()


@dataclass
class Place:
    """Where a test's log lives, and how it is opened again."""

    kind: str
    address: str
    tenant: str
    signer: Signer = field(default_factory=lambda: Signer.generate("log.example/acme"))
    sealing: SealingKey = field(default_factory=SealingKey.generate)

    def create(self, *, development: bool = False, documents: bool = True, clock: Clock | None = None) -> None:
        opening.create(
            self.address, self.tenant, self.signer, development=development, documents=documents, clock=clock
        )

    def open(self, clock: Clock | None = None, signer: Signer | None = None) -> Log:
        return opening.open_log(
            self.address, signer or self.signer, tenant=self.tenant, sealing=self.sealing, clock=clock
        )


class Ledgers:
    """Makes logs of one kind, and closes them."""

    def __init__(self, kind: str, folder: Path, server: Server | None) -> None:
        self.kind = kind
        self._folder = folder
        self._server = server
        self._open = ExitStack()

    @property
    def durable(self) -> bool:
        return self.kind != "memory"

    def place(self, tenant: str = "acme") -> Place:
        """A place of its own without a log; not for memory."""
        if self.kind == "sqlite":
            path = self._folder / f"ledger-{next(_NUMBERS)}.db"
            shutil.copy(_empty_file(), path)
            return Place("sqlite", str(path), tenant)
        assert self._server is not None
        return Place("postgres", self._server.address(), f"{tenant}-{next(_NUMBERS)}")

    def new(self, *, clock: Clock | None = None, documents: bool = True) -> Log:
        """A new log, open."""
        if self.kind == "memory":
            log = opening.memory("acme", sealing=SealingKey.generate(), clock=clock)
        else:
            place = self.place()
            place.create(documents=documents)
            log = place.open(clock)
        self._open.callback(log.close)
        return log

    def close(self) -> None:
        self._open.close()


@cache
def _empty_file() -> Path:
    """A file with tables and no log: making tables takes half a second, copying them none."""
    import tempfile

    path = Path(tempfile.mkdtemp(prefix="assentry-ledger-")) / "empty.db"
    new_file(path)
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A running server, or a skip that says why there is none."""
    found = find()
    if isinstance(found, str):
        pytest.skip(found)
    with running() as server:
        yield server


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def ledgers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledgers]:
    """Ledgers of each kind."""
    server = request.getfixturevalue("postgres") if request.param == "postgres" else None
    made = Ledgers(request.param, tmp_path, server)
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgres"])
def durable(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledgers]:
    """Ledgers of each kind that outlives a process."""
    server = request.getfixturevalue("postgres") if request.param == "postgres" else None
    made = Ledgers(request.param, tmp_path, server)
    yield made
    made.close()


@pytest.fixture(params=["memory", "sqlite"])
def settable(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledgers]:
    """Ledgers whose clock a test can set; PostgreSQL's is the server's."""
    made = Ledgers(request.param, tmp_path, None)
    yield made
    made.close()


def item(number: int = 0, request: str | None = None, if_last: int | None = None) -> Item:
    """An item of no meaning."""
    return Item.of("noted", {"number": number}, request=request, if_last=if_last)


def appended(results: list[Receipt | Conflict]) -> list[Receipt]:
    """The results, all of which are receipts."""
    receipts = [result for result in results if isinstance(result, Receipt)]
    assert receipts == results
    return receipts


def refused(results: list[Receipt | Conflict]) -> Conflict:
    """The one result, which is a conflict."""
    (result,) = results
    assert isinstance(result, Conflict)
    return result
