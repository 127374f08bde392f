"""What do appending, proving and verifying cost as a log grows from a thousand entries to ten million?

One log in an SQLite file grows from size to size; at each, single entries and batches are appended, proofs are made
of entries all over the log, and the whole log is verified. It is filled by the same appends, 4096 entries at a time,
one in sixteen of them an action's (a request that must be new, a claim), the others plain. Figures are processor time.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
from collections.abc import Callable

from ledger.items import allow, allows, notes
from ledger.places import Place, folder, places
from timing import Figures, keep, progress, table

from assentry.ledger import merkle, opening
from assentry.ledger.entry import Entry
from assentry.ledger.log import Log
from assentry.ledger.verify.run import verify
from assentry.ledger.verify.stored import Stored

SIZES = [1000, 10_000, 100_000, 1_000_000, 10_000_000]
FILL, EVERY = 4096, 16


def fill(log: Log, size: int) -> None:
    """Grow to about a size."""
    while (have := log.head().size) < size:
        count = min(FILL, size - have)
        actions = count // EVERY
        log.append([*notes(have, count - actions), *allows(f"f{have}", actions)])


def measure(place: Place, log: Log) -> Figures:
    size = log.head().size
    chance = random.Random(size)
    root, newest = log.head().root, log.checkpoint()

    def prove() -> None:
        index = chance.randrange(size)
        proof = log.prove_inclusion(index, size)
        assert merkle.verify_inclusion(index, size, merkle.leaf_hash(_body(log.entry(index))), proof, root)

    def continues() -> None:
        old = chance.randrange(1, size)
        assert len(log.prove_consistency(old, size)) <= 2 * size.bit_length()

    singles = iter([allow(f"s{size}-{number}") for number in range(400)])
    batches = iter([allows(f"b{size}-{number}", 256) for number in range(40)])
    return {
        "entries": size,
        "inclusion proof us": _median_us(prove, 300),
        "consistency proof us": _median_us(continues, 300),
        "hashes of a proof": float(len(log.prove_inclusion(size // 3, size))),
        **_verified(place, newest.size),
        "append us": _median_us(lambda: log.append([next(singles)]), 400),
        "append, of 256 us": _median_us(lambda: log.append(next(batches)), 40) / 256,
    }


def _body(entry: Entry) -> bytes:
    return entry.body


def _verified(place: Place, size: int) -> Figures:
    begun, busy = time.perf_counter(), time.process_time()
    with opening.open_reader(place.address, tenant=place.tenant) as reader:
        report = verify(Stored(reader), [place.signer.verifier])
    assert report.good, report.findings
    assert report.size >= size
    return {"verify s": time.process_time() - busy, "verify wall s": time.perf_counter() - begun}


def _median_us(call: Callable[[], object], times: int) -> float:
    found = []
    for _ in range(times):
        busy = time.thread_time_ns()
        call()
        found.append((time.thread_time_ns() - busy) / 1e3)
    return statistics.median(found)


def main() -> None:
    """`bench_ledger_growth.py 1000000` stops at that size, as BENCH_ENTRIES=1000000 does."""
    most = int(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("BENCH_ENTRIES", SIZES[-1]))
    rows = []
    with folder() as path, places("sqlite", path) as made:
        place = next(made)
        with place.open() as log:
            for size in SIZES:
                if size <= most:
                    progress(f"bench_ledger_growth, {size:,} entries")
                    fill(log, size)
                    rows.append(measure(place, log))
                    table(rows[-1:])
    table(rows, "growth")
    keep("ledger-growth", rows)


if __name__ == "__main__":
    main()
