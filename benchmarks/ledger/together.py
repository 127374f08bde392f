"""Many writers of one log, as processes or as threads; each appends one entry after the other and never pauses."""

from __future__ import annotations

import itertools
import json
import os
import sys
import threading
import time
import traceback
from dataclasses import dataclass, field

from ledger.disk import Disk
from ledger.items import allow
from ledger.places import Place

from assentry.ledger.entry import Receipt
from assentry.ledger.log import Log

SETTLING = 1.0
"""Seconds in which processes open the log before the clock starts."""


@dataclass
class Found:
    """What the writers saw: the indices they were given, how long each append took in ms, and how many each made."""

    indices: list[int] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    each: list[int] = field(default_factory=list)
    syncs: list[float] = field(default_factory=list)
    """What the disk took meanwhile, in ms, asked fifty times a second."""

    def take(self, indices: list[int], waits: list[float]) -> None:
        self.indices += indices
        self.waits += waits
        self.each.append(len(indices))

    def watch(self, disk: Disk, begin: float, seconds: float) -> None:
        """Ask the disk for as long as the writers write."""
        time.sleep(max(0.0, begin - time.monotonic()))
        while time.monotonic() < begin + seconds:
            self.syncs.append(disk.sync_ms())
            time.sleep(0.02)


def write(log: Log, name: str, begin: float, seconds: float) -> tuple[list[int], list[float]]:
    """Append from a moment on the monotonic clock, for so many seconds."""
    time.sleep(max(0.0, begin - time.monotonic()))
    indices, waits = [], []
    for number in itertools.count():
        item = allow(f"{name}-{number}")
        begun = time.monotonic()
        if begun > begin + seconds:
            break
        (result,) = log.append([item])
        assert isinstance(result, Receipt), result
        waits.append((time.monotonic() - begun) * 1e3)
        indices.append(result.index)
    return indices, waits


def threads_at_once(place: Place, count: int, seconds: float, disk: Disk) -> Found:
    """As threads of one process, with one log."""
    found = Found()
    with place.open() as log:
        begin = time.monotonic() + SETTLING * 2
        work = [
            threading.Thread(target=lambda n=n: found.take(*write(log, str(n), begin, seconds))) for n in range(count)
        ]
        for thread in work:
            thread.start()
        found.watch(disk, begin, seconds)
        for thread in work:
            thread.join()
    return found


def at_once(place: Place, count: int, seconds: float, disk: Disk) -> Found:
    """As processes, forked: each with the log opened anew."""
    found, begin = Found(), time.monotonic() + SETTLING * 3
    pipes = [_fork(place, str(number), begin, seconds) for number in range(count)]
    found.watch(disk, begin, seconds)
    for pipe in pipes:
        with os.fdopen(pipe) as stream:
            found.take(*json.loads(stream.read()))
        os.wait()
    return found


def _fork(place: Place, name: str, begin: float, seconds: float) -> int:
    reading, writing = os.pipe()
    if os.fork():
        os.close(writing)
        return reading
    try:
        with place.open() as log:
            result = write(log, name, begin, seconds)
        with os.fdopen(writing, "w") as stream:
            json.dump(result, stream)
        os._exit(0)
    except BaseException:  # noqa: BLE001 -- whatever it was, the child must not go on as the parent
        traceback.print_exc(file=sys.stderr)
        os._exit(1)
