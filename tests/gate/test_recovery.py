"""Death at every step: what another process finds, that nothing runs twice, and how a person ends it.

The child dies by SIGKILL: inside the commit of an entry, right behind it, or in the middle of the tool. All of it
happens on a file and on a real server.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from assentry.approvals import Settings
from assentry.cli.ledger.laws import replay
from assentry.errors import Denied
from assentry.gate import Gate, GateKeys, Pending
from assentry.ledger.clock import SetClock
from assentry.ledger.entry import Conflict, Item, Moment, Receipt
from assentry.ledger.log import Log
from assentry.ledger.verify.run import verify
from assentry.ledger.verify.stored import Stored
from tests.gate.house import AGENT, NOON, denied, people, policy, rejected, voter
from tests.support.ledgers import Ledgers, Place
from tests.support.processes import Say, fork
from tests.support.serverclock import ServerClock

LEASE = 60_000


class Dying:
    """A ledger whose process dies in the commit of an entry of some type, or behind it."""

    def __init__(self, log: Log, during: str | None, after: str | None) -> None:
        self._log = log
        self._during = during
        self._after = after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def append(self, items: Sequence[Item], *, together: bool = False) -> list[Receipt | Conflict]:
        results = self._log.append([self._watched(item) for item in items], together=together)
        for result in results:
            if isinstance(result, Receipt) and self._log.entry(result.index).type == self._after:
                die()
        return results

    def defer(self, items: Sequence[Item]) -> None:
        if self._during == "deferred":
            die()
        self._log.defer(items)

    def _watched(self, item: Item) -> Item:
        build = item.body
        if isinstance(build, bytes):
            return item
        make: Callable[[Moment], bytes] = build

        def watched(moment: Moment) -> bytes:
            body = make(moment)
            if self._during is not None and f'"type":"{self._during}"'.encode() in body:
                die()
            return body

        changes = {name: getattr(item, name) for name in item._fields if name != "body"}
        return Item(watched, **changes)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class World:
    """A log that outlives its processes, the clock that it goes by, its keys, and a tool that leaves a mark."""

    folder: Path
    place: Place
    clock: SetClock | ServerClock
    keys: GateKeys = field(default_factory=lambda: GateKeys.generate("log.example/acme"))

    def log(self) -> Log:
        return self.place.open(self.clock)

    def gate(self, log: Any) -> Gate:
        settings = Settings(lease_ms=LEASE)
        return Gate(policy(), ledger=log, directory=people(), keys=self.keys, caller=AGENT, settings=settings)

    def tool(self, gate: Gate, name: str, *, dies: bool = False) -> Callable[[str], Pending[None]]:
        @gate.guard(name, resource={"type": "table", "id": "t"}, effect=("number",), wait=False)
        def tool(number: str) -> None:
            with (self.folder / "marks").open("a") as marks:
                marks.write(f"{number}\n")
            if dies:
                die()

        return tool

    def marks(self) -> int:
        path = self.folder / "marks"
        return len(path.read_text().splitlines()) if path.exists() else 0


@pytest.fixture
def world(durable: Ledgers, tmp_path: Path) -> Iterator[World]:
    """A world on a file, and one on a server."""
    place = durable.place()
    with ExitStack() as stack:
        clock: SetClock | ServerClock = SetClock(NOON)
        if durable.kind == "postgres":
            clock = stack.enter_context(closing(ServerClock(database=place.address)))
            place = replace(place, address=clock.address)
        place.create(clock=clock)
        yield World(tmp_path, place, clock)


def child(world: World, name: str, point: str) -> None:
    """A process that goes through a whole story, and dies on the way."""
    when, _, kind = point.partition(" ")

    def work(say: Say) -> None:
        log = Dying(world.log(), kind if when == "during" else None, kind if when == "after" else None)
        gate = world.gate(log)
        pending = world.tool(gate, name, dies=when == "running")("7")
        if name == "data.share":
            agree(gate, pending.request)
        pending.result()
        log.close()

    started = fork(work)
    _, status = os.waitpid(started.pid, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL


def agree(gate: Gate, request: str) -> None:
    card = gate.card(request, voter("bob")).digest
    gate.vote(request, voter("bob"), "approve", card)


POINTS = {
    # where it dies: what another process finds at once, and after the lease; whether the tool ran
    ("data.share", "during requested"): (None, None, 0),
    ("data.share", "after requested"): ("pending", "pending", 0),
    ("data.share", "during voted"): ("pending", "pending", 0),
    ("data.share", "during approved"): ("pending", "pending", 0),
    ("data.share", "after voted"): ("approved", "approved", 0),
    ("data.share", "during consumed"): ("approved", "approved", 0),
    ("data.share", "after consumed"): ("consumed", "unknown", 0),
    ("data.share", "running"): ("consumed", "unknown", 1),
    ("data.share", "during committed"): ("consumed", "unknown", 1),
    ("data.share", "after committed"): ("committed", "committed", 1),
    ("ticket.write", "during allowed"): (None, None, 0),
    ("ticket.write", "after allowed"): ("consumed", "unknown", 0),
    ("ticket.write", "running"): ("consumed", "unknown", 1),
    ("ticket.write", "during deferred"): ("consumed", "unknown", 1),
}


@pytest.mark.parametrize(("name", "point"), POINTS)
def test_a_death_leaves_nothing_in_doubt_that_a_person_cannot_end(world: World, name: str, point: str) -> None:
    at_once, later, ran = POINTS[name, point]
    child(world, name, point)
    assert world.marks() == ran
    with world.log() as log:
        gate = world.gate(log)
        found = gate._parts.clerk.mirror.recent
        assert (gate.view(found[-1]).status if found else None) == at_once
        world.clock.tick(LEASE)
        gate.sweep()
        assert (gate.view(found[-1]).status if found else None) == later
        recovered(world, gate, name, found[-1] if found else None)
        assert world.marks() == 1
        assert list(replay(log.entries())) == []
        assert verify(Stored(log), [world.place.signer.verifier]).findings == []


def recovered(world: World, gate: Gate, name: str, request: str | None) -> None:
    """Have it done exactly once, whatever the state."""
    status = None if request is None else gate.view(request).status
    if request is not None and status == "unknown":
        with denied("effect"):  # a blind retry
            attempt(world, gate, name)
        for account in ("etl-7", "ann", "eve"):
            with rejected("excluded"):
                gate.resolve(request, voter(account), "failed", "let me")
        with rejected("reason"):
            gate.resolve(request, voter("gus"), "failed", " ")
        outcome: Any = "committed" if world.marks() else "failed"
        assert gate.resolve(request, voter("gus"), outcome, "looked at the table") == outcome
        status = outcome
    if status == "committed":
        with denied("effect"):
            attempt(world, gate, name)
    else:
        attempt(world, gate, name)


def attempt(world: World, gate: Gate, name: str) -> None:
    pending = world.tool(gate, name)("7")
    if pending.status == "pending":
        agree(gate, pending.request)
    pending.result()


def test_who_approved_and_died_left_a_grant_that_another_uses(world: World) -> None:
    child(world, "data.share", "after voted")
    with world.log() as log:
        gate = world.gate(log)
        world.tool(gate, "data.share")
        request = gate._parts.clerk.mirror.recent[-1]
        permit = gate.redeem(gate.wait(request), "n" * 32)
        gate.report(permit)
        assert gate.view(request).status == "committed"


def test_a_report_behind_the_lease_is_kept_and_changes_nothing(world: World) -> None:
    with world.log() as log:
        gate = world.gate(log)
        action = {"action": {"name": "ticket.write"}, "resource": {"type": "table", "id": "t"}, "context": {}}
        permit: Any = gate.submit(action)
        world.clock.tick(LEASE)
        gate.resolve(permit.request, voter("gus"), "failed", "it was not there")
        gate.report(permit, "returned")
        assert gate.view(permit.request).status == "failed"
        assert [entry.type for entry in log.request_entries(permit.request)] == [
            "allowed",
            "unknown",
            "resolved",
            "reported",
        ]
        with pytest.raises(Denied):
            gate.report(type(permit)(**{**permit.__dict__, "nonce": "m" * 32}), "returned")
