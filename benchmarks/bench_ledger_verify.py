"""How fast is a log verified: as a database and as an export, with and without the laws of approvals?

The log holds two entries for each action, allowed and committed, of half a kilobyte and less. `hashing alone` is what
SHA-256 over the same bodies takes in Python, and nothing else.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from ledger.items import lives
from ledger.places import folder, places
from timing import Figures, answer, asked_for_one, in_processes, in_turn, keep, medians, table

from assentry.cli.ledger.laws import replay
from assentry.ledger import opening
from assentry.ledger.export import export
from assentry.ledger.verify.exported import Export
from assentry.ledger.verify.run import Replay, verify
from assentry.ledger.verify.source import Source
from assentry.ledger.verify.stored import Stored

ACTIONS = 2**15
LAWFUL = "replay of the laws, a database"


def one(path: Path) -> Figures:
    with places("sqlite", path) as made:
        place = next(made)
        with place.open() as log:
            items = lives(ACTIONS)
            while batch := list(itertools.islice(items, 4096)):
                log.append(batch)
            export(log, place.signer, path / "export")
            bodies = [entry.body for entry in log.entries()]
        walls: dict[str, list[float]] = {}

        def rate(name: str, work: Callable[[], int]) -> float:
            begun, busy = time.perf_counter(), time.process_time()
            size = work()
            walls.setdefault(name, []).append(size / (time.perf_counter() - begun))
            return size / (time.process_time() - busy)

        def verified(source: Source, laws: Replay | None = None) -> int:
            report = verify(source, [place.signer.verifier], replay=laws)
            assert report.good, report.findings
            return report.size

        def stored() -> Stored:
            return Stored(opening.open_reader(place.address, tenant=place.tenant))

        work: dict[str, Callable[[], int]] = {
            "hashing alone": lambda: len([sha256(b"\0" + body).digest() for body in bodies]),
            "a database": lambda: verified(stored()),
            "an export": lambda: verified(Export(path / "export")),
        }
        rates = in_turn({name: lambda name=name: rate(name, work[name]) for name in work}, 5)  # type: ignore[misc]
        rates[LAWFUL] = [rate(LAWFUL, lambda: verified(stored(), replay))]
    return {
        **{f"cpu {name}": max(found) for name, found in rates.items()},
        **{f"wall {name}": max(found) for name, found in walls.items()},
    }


def main() -> None:
    found = medians(in_processes(__file__, processes=3))
    names = [name.removeprefix("cpu ") for name in found if name.startswith("cpu ")]
    rows = [
        {
            "what": name,
            "leaves/s": found[f"wall {name}"],
            "of processor time": found[f"cpu {name}"],
            "load": os.getloadavg()[0],
        }
        for name in names
    ]
    table(rows)
    keep("ledger-verify", rows)


if __name__ == "__main__":
    if asked_for_one() is not None:
        with folder() as made:
            answer(one(made))
    else:
        main()
