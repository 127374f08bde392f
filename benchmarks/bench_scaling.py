"""How does the cost of a decision grow with the number of rules?

All sizes of one kind are loaded into the same process and decide in turn, so that the ratios to ten rules hold
whatever the machine is doing.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from timing import (
    MOST,
    Figures,
    answer,
    asked_for_one,
    in_processes,
    in_turn,
    keep,
    mean_us,
    medians,
    ratio,
    settled,
    table,
)
from workloads.prepared import Prepared, prepare_all, workshop
from workloads.rulesets import KINDS, Kind

SIZES = [10, 100, 1000, 10_000, 100_000]


def one(folder: Path, kind: Kind, sizes: Sequence[int]) -> dict[str, float]:
    made = {rules: Prepared.load(folder, kind, rules) for rules in sizes}

    def run(rules: int) -> float:
        return mean_us(made[rules].policy.decide, made[rules].actions)

    settled()
    turns = in_turn({str(rules): lambda rules=rules: run(rules) for rules in sizes})  # type: ignore[misc]
    base = turns[str(sizes[0])]
    return {
        **{f"us {rules}": statistics.median(turns[str(rules)]) for rules in sizes},
        **{f"ratio {rules}": ratio(turns[str(rules)], base) for rules in sizes},
    }


def main() -> None:
    """`bench_scaling.py 10000` stops at that size."""
    most = int(sys.argv[1]) if len(sys.argv) > 1 else MOST
    sizes = [rules for rules in SIZES if rules <= most]
    rows = []
    with workshop() as folder:
        prepare_all(folder, sizes)
        for kind in KINDS:
            found: Figures = {}
            # A size that is too slow to wait for is left out.
            for most in range(len(sizes), 0, -1):
                if found := medians(in_processes(__file__, [folder, kind, *sizes[:most]])):
                    break
            rows += [
                {"kind": kind, "rules": n, "us": found.get(f"us {n}"), "ratio to 10": found.get(f"ratio {n}")}
                for n in sizes
            ]
    table(rows)
    keep("scaling", rows)


if __name__ == "__main__":
    if (given := asked_for_one()) is not None:
        answer(one(Path(given[0]), given[1], [int(size) for size in given[2:]]))  # type: ignore[arg-type]
    else:
        main()
