"""What goes on underneath a log, by accident: death, a full disk, a clock that lies, two writers at once.

Each is done to a scratch ledger in a file; afterwards the log has to verify, what was acknowledged has to stand, and
what was not must have left no half. Needs an operating system that can fork.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from assentry.errors import LedgerClock, LedgerError
from assentry.ledger import opening
from assentry.ledger.clock import SetClock, SystemClock
from assentry.ledger.entry import Item, Receipt
from assentry.ledger.log import Log
from assentry.ledger.note import Signer
from assentry.ledger.selftest.scene import TENANT
from assentry.ledger.selftest.stage import Stage
from assentry.ledger.verify.run import verify
from assentry.ledger.verify.stored import Stored

ROOM = 200_000
"""Bytes that a file may still grow by when the disk counts as full."""

POSSIBLE = hasattr(os, "fork")


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one fault: `wrong` is what was lost or broken, `note` what was seen."""

    name: str
    note: str
    wrong: tuple[str, ...] = ()


@dataclass
class _Bench:
    """A fresh log in a file, and what its writers were told."""

    stage: Stage
    signer: Signer
    told: list[int] = field(default_factory=list)

    def child(self, work: Callable[[Log, Callable[[int], None]], object], signer: Signer | None = None) -> int:
        """Open the log in a forked process and work on it; a file beside takes what it was told."""
        pid = os.fork()
        if pid:
            return pid
        with suppress(BaseException):
            file = os.open(self._told(os.getpid()), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

            def told(index: int) -> None:
                os.write(file, b"%d\n" % index)

            with opening.open_log(self.stage.place, signer or self.signer, tenant=TENANT) as log:
                work(log, told)
        os._exit(0)

    def _told(self, pid: int) -> str:
        return f"{self.stage.place}-told-{pid}"

    def end(self, pid: int) -> int:
        """Wait for a process; returns its status."""
        _, status = os.waitpid(pid, 0)
        with suppress(FileNotFoundError), open(self._told(pid), encoding="ascii") as file:
            self.told += map(json.loads, file.read().split())
        return status

    def judged(self, name: str, note: str, *wrong: str) -> Trial:
        """Verify, and see whether all that was acknowledged stands, once."""
        found = list(wrong)
        with opening.open_log(self.stage.place, self.signer, tenant=TENANT) as log:
            found += map(str, verify(Stored(log), [self.signer.verifier]).findings)
            size = log.head().size
            found += [f"entry {index} was acknowledged and is not there" for index in self.told if index >= size]
            if len(set(self.told)) != len(self.told):
                found.append("an index was given twice")
            log.append([_item()])
        return Trial(
            name, f"{note}; {len(self.told)} entries acknowledged, all there" if not found else note, tuple(found)
        )


def _item() -> Item:
    return Item.of("noted", {"text": "x" * 200})


def _append(log: Log, told: Callable[[int], None], times: int) -> None:
    for _ in range(times):
        (result,) = log.append([_item()])
        assert isinstance(result, Receipt)
        told(result.index)


class _Dying(Signer):
    """Signs, and is killed before anybody can commit what it signed."""

    def sign(self, message: bytes) -> bytes:
        super().sign(message)
        os.kill(os.getpid(), signal.SIGKILL)
        return b""


def _killed(bench: _Bench) -> Trial:
    pid = bench.child(lambda log, told: _append(log, told, 1_000_000))
    time.sleep(0.4)
    os.kill(pid, signal.SIGKILL)
    bench.end(pid)
    return bench.judged(
        "SIGKILL during commits", "killed in the middle", *([] if bench.told else ["nothing was written"])
    )


def _killed_when_signed(bench: _Bench) -> Trial:
    bench.end(bench.child(lambda log, told: _append(log, told, 5)))
    dying = _Dying(bench.signer.name, bench.signer._key)
    status = bench.end(bench.child(lambda log, told: _append(log, told, 1), dying))
    wrong = [] if os.WIFSIGNALED(status) else ["it was not killed"]
    with opening.open_reader(bench.stage.place, tenant=TENANT) as log:
        wrong += [] if log.head().size == 6 else ["what was only signed stands"]
    return bench.judged("SIGKILL between signature and commit", "what was only signed left no trace", *wrong)


def _full_disk(bench: _Bench) -> Trial:
    import resource

    def fill(log: Log, told: Callable[[int], None]) -> None:
        size = max(os.path.getsize(bench.stage.place + end) for end in ("", "-wal"))
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + ROOM, resource.RLIM_INFINITY))
        try:
            _append(log, told, 100_000)
        except LedgerError:
            os.kill(os.getpid(), signal.SIGKILL)

    status = bench.end(bench.child(fill))
    wrong = [] if os.WIFSIGNALED(status) else ["it went on, or fell over"]
    return bench.judged("the disk is full", "refused by name", *wrong)


def _two_leaders(bench: _Bench) -> Trial:
    for pid in [bench.child(lambda log, told: _append(log, told, 60)) for _ in range(2)]:
        bench.end(pid)
    wrong = [] if sorted(bench.told) == list(range(1, 121)) else ["indices are lost, or given twice"]
    return bench.judged("two processes lead at once", "one order", *wrong)


def _clock(bench: _Bench, name: str, milliseconds: int) -> Trial:
    clock = SetClock(SystemClock().read().wall + 1000)
    wrong = ["it was believed"]
    with opening.open_log(bench.stage.place, bench.signer, tenant=TENANT, clock=clock) as log:
        _append(log, bench.told.append, 3)
        clock.step(milliseconds)
        try:
            log.append([_item()])
        except LedgerClock:
            wrong = []
        clock.step(-milliseconds)
    return bench.judged(name, "refused until a person confirms", *wrong)


_FAULTS: tuple[Callable[[_Bench], Trial], ...] = (
    _killed,
    _killed_when_signed,
    _full_disk,
    lambda bench: _clock(bench, "the clock is set back", -3_600_000),
    lambda bench: _clock(bench, "the clock jumps forward", 3_600_000),
    _two_leaders,
)


def rehearse_faults(stage: Stage) -> Iterator[Trial]:
    """Do each fault to a fresh ledger of its own. Yields nothing where processes cannot fork."""
    if not POSSIBLE:
        return
    signer = Signer.generate("log.example/acme")
    opening.create(stage.place, TENANT, signer)
    stage.keep("empty")
    for fault in _FAULTS:
        yield fault(_Bench(stage.again("empty"), signer))
