"""Holds the budgets of `budgets.toml`: the best of up to three runs of each, and says which is not kept.

Runs the same measurements as the benchmarks, at 10,000 rules and less, in fresh processes; a measurement that keeps its
budgets is not run again. Times are of the processor, ratios inside one process. Ends with 1 when a budget is not kept,
unless the machine had more to do than it has processors: then its word is worth nothing either way.
"""

from __future__ import annotations

import math
import os
import sys
import time
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from timing import Figures, in_processes, percentile, table
from workloads.prepared import prepare_all, workshop
from workloads.rulesets import KINDS, Kind

HERE = Path(__file__).parent
RUNS = 3
BUSY = 1.5
"""More load for each processor than this, and the machine is busy: the gate's own is up to one."""
SIZES = [10, 100, 1000, 10_000]
Row = dict[str, object]
Told = Callable[[Sequence[Any]], Figures]


def of_kind(budgets: Mapping[str, Any], folder: Path, kind: Kind) -> list[Row]:
    """All budgets for one kind of rule set."""
    most = SIZES[-1]
    return [
        *held(budgets, "decide", kind, [folder, kind, SIZES[0]], least),
        *held(budgets, "scaling", kind, [folder, kind, *SIZES], grown),
        *held(budgets, "new", kind, [folder, kind], spread),
        *held(budgets, "build", kind, [kind, most], least),
        *held(budgets, "saved", kind, [folder, kind, most], least),
    ]


def held(budgets: Mapping[str, Any], name: str, kind: Kind, arguments: list[object], told: Told) -> list[Row]:
    """Runs `bench_<name>.py` until the budgets that it has are kept; a row for each of them."""
    promised: dict[str, float] = budgets[name].get(kind, budgets[name])
    limits = {figure: limit for figure, limit in promised.items() if not figure.isdecimal() or int(figure) <= SIZES[-1]}
    slack = budgets["slack"]
    best = dict.fromkeys(limits, math.inf)
    runs: list[Any] = []
    for _ in range(RUNS):
        found = in_processes(str(HERE / f"bench_{name}.py"), arguments, 1)
        runs += found
        best = told(runs) if runs else best
        if not found or all(best[figure] <= limit * slack for figure, limit in limits.items()):
            break
    return [
        {
            "what": name,
            "kind": kind,
            "figure": figure,
            "best": best[figure],
            "budget": limit,
            "with slack": limit * slack,
            "kept": "yes" if best[figure] <= limit * slack else "NO",
        }
        for figure, limit in limits.items()
    ]


def least(runs: Sequence[Figures]) -> Figures:
    """The least of each figure."""
    return {figure: min(run[figure] for run in runs) for figure in runs[0]}


def grown(runs: Sequence[Figures]) -> Figures:
    """The ratios to ten rules by size."""
    best = least(runs)
    return {str(rules): best[f"ratio {rules}"] for rules in SIZES}


def spread(runs: Sequence[Mapping[str, Sequence[float]]]) -> Figures:
    """p99 over p50 of actions never seen, each at its best."""
    times = [min(each) for each in zip(*(run["new"] for run in runs), strict=True)]
    return {"p99 / p50": percentile(times, 0.99) / percentile(times, 0.5)}


def main() -> int:
    budgets = tomllib.loads((HERE / "budgets.toml").read_text(encoding="utf-8"))
    begin = time.monotonic()
    rows: list[Row] = []
    with workshop() as folder:
        prepare_all(folder, SIZES)
        for kind in KINDS:
            rows += of_kind(budgets, folder, kind)
    table(rows)
    kept = sum(row["kept"] == "yes" for row in rows)
    load, processors = os.getloadavg()[0], os.cpu_count() or 1
    print(f"\n{kept} of {len(rows)} budgets kept, in {time.monotonic() - begin:.0f} s, load {load:.1f} on {processors}")
    if kept < len(rows) and load > BUSY * processors:
        print("not held: the machine is too busy to tell")
        return 0
    return 0 if kept == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
