"""How fast is a durable, signed append, beside the disk that it waits for? Batches, alone, eight at once.

Every append is of entries as the gate writes them for an action that is allowed: each with a request that must be new
and a claim that nobody may have. Now and then the disk is asked what it takes to make 4 kB durable.
Wall-clock times hang on who else is at work; processor time and the ratio to the disk do not.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from ledger.disk import Disk
from ledger.items import allow, allows
from ledger.places import Place, folder, places, why_not
from ledger.syncs import count_syncs
from ledger.together import Found, at_once, threads_at_once
from timing import PROCESSES, Figures, answer, asked_for_one, in_processes, keep, percentile, table

KINDS = ("sqlite", "postgres")
BATCH, BATCHES = 256, 200
LONE = 1500
ASKED = 10
"""Lone appends for each question to the disk: which is a pause to what stands in the processor's caches."""
SECONDS = 3.0


def batches(kind: str, path: Path) -> Figures:
    """Batches of 256, one after the other."""
    items = [allows(f"r{turn}", BATCH) for turn in range(BATCHES + 10)]
    with places(kind, path) as made, next(made).open() as log:
        for each in items[BATCHES:]:
            log.append(each)
        walls, syncs, cpu = [], [], 0.0
        disk = Disk(path)
        for each in items[:BATCHES]:
            begun, busy = time.perf_counter(), time.process_time()
            log.append(each)
            walls.append((time.perf_counter() - begun) * 1e3)
            cpu += time.process_time() - busy
            syncs.append(disk.sync_ms())
        assert log.head().size == 1 + BATCH * (BATCHES + 10)
    return {
        "entries/s": BATCH * BATCHES / sum(walls) * 1e3,
        "of own processor time": BATCH * BATCHES / cpu,
        **_spread("ms", walls),
        **_spread("disk ms", syncs),
    }


def lone(kind: str, path: Path) -> Figures:
    """One entry at a time, one caller."""
    items = [allow(f"r-{number}") for number in range(LONE + 400)]
    with places(kind, path) as made, next(made).open() as log:
        for each in items[LONE:]:
            log.append([each])
        walls, syncs, cpus = [], [], []
        disk = Disk(path)
        for number, each in enumerate(items[:LONE]):
            if number % ASKED == 0:
                syncs.append(disk.sync_ms())
            begun, busy = time.perf_counter(), time.process_time()
            log.append([each])
            walls.append((time.perf_counter() - begun) * 1e3)
            cpus.append((time.process_time() - busy) * 1e3)
    found = {
        **_spread("ms", walls),
        **_spread("disk ms", syncs),
        "ms beyond the disk": statistics.median(walls) - statistics.median(syncs),
        "own processor ms": statistics.median(cpus),
    }
    if kind == "sqlite" and (counted := count_syncs(Path(__file__), path)) is not None:
        found["fsyncs"] = counted
    return found


def some(path: Path, count: int) -> None:
    """Append so many entries one by one, for whoever counts what the system is asked meanwhile."""
    place = Place(str(path / f"counted-{os.getpid()}.db"), "acme").create()
    with place.open() as log:
        for number in range(count):
            log.append([allow(f"r-{number}")])


def eight(kind: str, path: Path, how: str) -> Figures:
    """Eight writers, each of which appends one entry after the other: as threads of a process, or as processes."""
    with places(kind, path) as made:
        place = next(made)
        found = (at_once if how == "processes" else threads_at_once)(place, 8, SECONDS, Disk(path))
        with place.open() as log:
            assert log.head().size == 1 + len(found.indices) == 1 + len(set(found.indices)), "an index lost or double"
    return {"entries/s": len(found.indices) / SECONDS, **_waited(found)}


def fair(path: Path) -> Figures:
    """Four processes on one file, none of which ever pauses."""
    with places("sqlite", path) as made:
        found = at_once(next(made), 4, SECONDS, Disk(path))
    share = sum(found.each) / len(found.each)
    return {
        "entries/s": sum(found.each) / SECONDS,
        "least share": min(found.each) / share,
        "most share": max(found.each) / share,
        **_waited(found),
    }


def _waited(found: Found) -> Figures:
    return {
        **_spread("ms", found.waits),
        "longest ms": max(found.waits),
        **_spread("disk ms", found.syncs),
        "longest disk ms": max(found.syncs),
    }


def _spread(name: str, values: Sequence[float]) -> Figures:
    return {f"{name} p50": statistics.median(values), f"{name} p99": percentile(values, 0.99)}


def one(what: str, *words: str) -> Figures:
    with folder() as path:
        match what, words:
            case "batches", (kind,):
                return batches(kind, path)
            case "lone", (kind,):
                return lone(kind, path)
            case "eight", (kind, how):
                return eight(kind, path, how)
            case "fair", ():
                return fair(path)
    raise SystemExit(f"nothing to measure: {what} {' '.join(words)}")


def measured(*words: str) -> Figures:
    """Of three processes the one in which the disk was quickest, and the load of the machine behind them."""
    runs = in_processes(__file__, words, min(3, PROCESSES))
    return {**min(runs, key=lambda run: run["disk ms p50"]), "load": os.getloadavg()[0]} if runs else {}


def main() -> None:
    kinds = []
    for kind in KINDS:
        if (reason := why_not(kind)) is not None:
            print(f"{kind} is left out: {reason}")
        else:
            kinds.append(kind)
    found = {
        "batches": [{"log": kind, **measured("batches", kind)} for kind in kinds],
        "lone": [{"log": kind, **measured("lone", kind)} for kind in kinds],
        "eight": [
            {"log": kind, "writers": f"8 {how}", **measured("eight", kind, how)}
            for kind in kinds
            for how in ("threads", "processes")
        ],
        "fair": [{"log": "sqlite", "writers": "4 processes", **measured("fair")}],
    }
    for name, rows in found.items():
        table(rows, name)
        keep(f"ledger-{name}", rows)


if __name__ == "__main__":
    match asked_for_one():
        case None:
            main()
        case ["count", path, count]:
            some(Path(path), int(count))
        case [what, *words]:
            answer(one(what, *words))
