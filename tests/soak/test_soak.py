"""Gates of several processes under random load, killed again and again: at the end the laws hold, by the log alone.

ASSENTRY_SOAK_SECONDS says for how long, on a file and on a server each; `make soak` takes a minute.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from assentry.approvals import Settings
from assentry.cli.ledger.laws import replay
from assentry.errors import AssentryError
from assentry.gate import Gate, GateKeys, Pending, folded, mirror
from assentry.ledger.log import Log
from assentry.ledger.verify.run import verify
from assentry.ledger.verify.stored import Stored
from tests.gate.house import AGENT, people, policy, voter
from tests.support.folds import check_unsettled
from tests.support.ledgers import Ledgers, Place, durable, postgres
from tests.support.postgres import Server
from tests.support.processes import Child, Say, fork
from tests.support.serverclock import MovableClock, ServerClock

__all__ = ["durable", "postgres"]

SECONDS = float(os.environ.get("ASSENTRY_SOAK_SECONDS", "2"))
WORKERS = 3
LEASE = 600_000
SETTINGS = Settings(
    lease_ms=LEASE, actor_open=100, actor_hourly=10**6, approver_open=10**6, attempts=100, cool_off_ms=1000
)


class Locked(Exception):
    """The tool found a lock, and did nothing."""


@dataclass
class Field:
    """Where it takes place: a log, its keys, and a file in which the tool leaves a mark for all that it does."""

    place: Place
    folder: Path
    clock: MovableClock
    keys: GateKeys = field(default_factory=lambda: GateKeys.generate("log.example/acme"))

    def open(self) -> Log:
        return self.place.open(self.clock)

    def gate(self, log: Log) -> Gate:
        return Gate(policy(), ledger=log, directory=people(), keys=self.keys, caller=AGENT, settings=SETTINGS)

    def mark(self, number: int) -> None:
        with (self.folder / "marks").open("ab", buffering=0) as marks:
            marks.write(b"%d\n" % number)

    def marks(self) -> list[int]:
        path = self.folder / "marks"
        return [int(line) for line in path.read_text().splitlines()] if path.exists() else []


class Worker:
    """One process: agents and people at one gate, each step drawn at random."""

    def __init__(self, place: Field, log: Log) -> None:
        self._field = place
        self.gate = gate = place.gate(log)
        self._waiting: list[Pending[None]] = []
        at = {"type": "t", "id": "1"}
        self._write = gate.guard("ticket.write", resource=at, effect=("number",), harmless=(Locked,))(self._tool)
        asked = gate.guard("data.share", resource=at, effect=("number",), harmless=(Locked,), wait=False)
        self._share = asked(self._tool)

    def go(self) -> None:
        """Until somebody kills it."""
        steps = (
            self._do,
            self._do,
            self._do,
            self._ask,
            self._answer,
            self._answer,
            self._run,
            self._leave,
            self._sweep,
        )
        while True:
            try:
                random.choice(steps)()
            except (AssentryError, TimeoutError, Locked, ZeroDivisionError):
                continue

    def _tool(self, number: int) -> None:
        luck = random.random()
        if luck < 0.1:
            raise Locked
        self._field.mark(number)
        if luck < 0.15:
            raise ZeroDivisionError

    def _number(self) -> int:
        return random.randrange(10**6) if random.random() < 0.7 else random.randrange(50)

    def _do(self) -> None:
        self._write(self._number())

    def _ask(self) -> None:
        if len(self._waiting) < 20:
            self._waiting.append(self._share(self._number()))

    def _answer(self) -> None:
        found = self.gate.requests("pending")
        if found:
            request = random.choice(found).id
            card = self.gate.card(request, voter("bob")).digest
            self.gate.vote(
                request, voter(random.choice(("bob", "cyd"))), random.choice(("approve",) * 9 + ("deny",)), card
            )

    def _run(self) -> None:
        if self._waiting:
            pending = self._waiting.pop(random.randrange(len(self._waiting)))
            pending.result(timeout=0.05)

    def _leave(self) -> None:
        if self._waiting and random.random() < 0.2:
            self._waiting.pop(0).cancel()

    def _sweep(self) -> None:
        if random.random() < 0.05:
            self.gate.sweep()


@pytest.fixture
def where(durable: Ledgers, tmp_path: Path) -> Iterator[Field]:
    place = durable.place()
    clock = ServerClock(database=place.address) if durable.kind == "postgres" else MovableClock()
    with closing(clock):
        if isinstance(clock, ServerClock):
            place = replace(place, address=clock.address)
        place.create(clock=clock)
        yield Field(place, tmp_path, clock)


def worker(where: Field) -> Child:
    def work(say: Say) -> None:
        random.seed()
        while True:
            try:
                with where.open() as log:
                    Worker(where, log).go()
            except AssentryError:  # the server is not there yet
                time.sleep(0.2)

    return fork(work)


@pytest.mark.timeout(300 + 10 * SECONDS)
def test_the_laws_hold_under_load_and_deaths(
    where: Field, durable: Ledgers, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "KEPT", 200)
    monkeypatch.setattr(folded, "EVERY", 500)
    server: Server | None = request.getfixturevalue("postgres") if durable.kind == "postgres" else None
    deaths = crashes = 0
    end = time.monotonic() + SECONDS
    children = [worker(where) for _ in range(WORKERS)]
    try:
        while time.monotonic() < end:
            time.sleep(random.uniform(0.2, 3))
            end_of(children.pop(random.randrange(WORKERS)))
            deaths += 1
            children.append(worker(where))
            if server is not None and random.random() < 0.1:
                server.stop("immediate")
                server.start()
                crashes += 1
    finally:
        for child in children:
            end_of(child)
    with where.open() as log:
        settle(where, Worker(where, log).gate)
        whole = check_unsettled(where.gate(log), log)
        done = Counter(where.marks())
        assert not [number for number, times in done.items() if times > 1], "an effect happened twice"
        recorded = sum(each.run is not None and each.status == "committed" for _, each in whole.requests.items())
        assert recorded == len(done), "what was done is what stands in the log"
        assert verify(Stored(log), [where.place.signer.verifier], replay=replay).findings == []
        size = log.head().size
    statuses = Counter(each.status for _, each in whole.requests.items())
    print(f"{durable.kind}: {size:,} entries, {deaths} deaths, {crashes} crashes of the server; {dict(statuses)}")


def end_of(child: Child) -> None:
    child.kill()
    child.lines()


def settle(where: Field, gate: Gate) -> None:
    """A person says of each outcome that nobody knows what the marks say of it."""
    where.clock.tick(LEASE)
    gate.sweep()
    marks = set(where.marks())
    _, state = gate._parts.clerk.now()
    unknown = [each.id for _, each in state.requests.items() if each.status == "unknown"]
    for name in unknown:
        number = gate.document(name)["action"]["parameters"]["number"]
        gate.resolve(name, voter("gus"), "committed" if number in marks else "failed", "I looked")
    assert not [each for each in gate.requests() if each.status in {"consumed", "unknown"}]
