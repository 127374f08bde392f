"""The ledger's time: the larger of the clock and the newest entry, unless the clock is not to be believed.

A clock that went back by more than two seconds, or jumped forward against the monotonic clock, stops all appends
until a person confirms: an entry with a wrong time stands for ever, and what expires is judged by it.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol

from assentry.errors import LedgerClock
from assentry.ledger.backend import LogRow
from assentry.ledger.entry import to_at

TOLERANCE = 2000
"""Milliseconds."""


class Reading(NamedTuple):
    """What the clocks say, in milliseconds: `wall` since 1970, `mono` since the start named by `boot`."""

    wall: int
    mono: int
    boot: str


class Clock(Protocol):
    """Where readings come from; tests bring their own."""

    def read(self) -> Reading: ...


class SystemClock:
    """This machine's clocks; the monotonic one counts the time that the machine sleeps, where it can."""

    def __init__(self) -> None:
        self._mono = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
        self._boot = boot_id()

    def read(self) -> Reading:
        return Reading(time.time_ns() // 1_000_000, time.clock_gettime_ns(self._mono) // 1_000_000, self._boot)


@dataclass
class SetClock:
    """A clock that stands until it is set, in milliseconds: for rehearsals and tests."""

    wall: int
    mono: int = 0
    boot: str = "rehearsal"

    def read(self) -> Reading:
        return Reading(self.wall, self.mono, self.boot)

    def tick(self, milliseconds: int) -> None:
        """Time passes."""
        self.wall += milliseconds
        self.mono += milliseconds

    def step(self, milliseconds: int) -> None:
        """Somebody sets the clock; no time passes."""
        self.wall += milliseconds


@cache
def boot_id() -> str:
    """What distinguishes this start of this machine from others, or at least this process from others."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return str(uuid.uuid4())


def ledger_time(log: LogRow, now: Reading, own: Reading | None, drift: float) -> int:
    """The time of the next entries.

    `own` is this process's reading at its newest commit: it judges a jump where another machine committed since.
    `drift` is how far, as a fraction, the wall clock may run apart from the monotonic one.

    Raises LedgerClock when a person has to confirm.
    """
    behind = log.time - now.wall
    if behind > max(TOLERANCE, log.slack + TOLERANCE):
        raise LedgerClock(
            f"the clock says {to_at(now.wall)}, which is {behind / 1000:.1f} s before the newest entry: "
            "set it right, or confirm it"
        )
    if log.size and log.boot == now.boot:
        _steady(now, log.clock, log.mono, drift)
    elif own is not None and own.boot == now.boot:
        _steady(now, own.wall, own.mono, drift)
    return max(now.wall, log.time)


def _steady(now: Reading, wall: int, mono: int, drift: float) -> None:
    passed = now.mono - mono
    jump = now.wall - wall - passed
    if jump > TOLERANCE + passed * drift:
        raise LedgerClock(
            f"the clock jumped forward by {jump / 1000:.1f} s, to {to_at(now.wall)}: set it right, or confirm it"
        )
