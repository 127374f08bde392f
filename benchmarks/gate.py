"""Holds the budgets of `budgets.toml`: the best of up to three runs of each, and says which is not kept.

Runs the same measurements as the benchmarks, at 10,000 rules and less, in fresh processes; a measurement that keeps its
budgets is not run again. Ends with 1 when a budget is not kept.
"""

from __future__ import annotations

import math
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from timing import Figures, in_processes, percentile, table
from workloads.prepared import prepare
from workloads.rulesets import KINDS, Kind

HERE = Path(__file__).parent
RUNS = 3
SIZES = [10, 100, 1000, 10_000]
Row = dict[str, object]
Told = Callable[[Any], Figures]


def of_kind(budgets: Mapping[str, Any], folder: Path, kind: Kind) -> list[Row]:
    """All budgets for one kind of rule set."""
    most = SIZES[-1]
    rows = held(budgets, "build", kind, [kind, most], dict)
    for rules in SIZES:
        prepare(folder, kind, rules)
    rows += held(budgets, "decide", kind, [folder, kind, SIZES[0]], dict)
    rows += held(
        budgets, "scaling", kind, [folder, kind, *SIZES], lambda run: {str(n): run[f"ratio {n}"] for n in SIZES}
    )
    rows += held(budgets, "new", kind, [folder, kind], lambda run: {"p99 / p50": spread(run["new"])})
    rows += held(budgets, "saved", kind, [folder, kind, most], dict)
    return rows


def held(budgets: Mapping[str, Any], name: str, kind: Kind, arguments: list[object], told: Told) -> list[Row]:
    """Runs `bench_<name>.py` until the budgets that it has are kept; a row for each of them."""
    limits: dict[str, float] = budgets[name].get(kind, budgets[name])
    slack = budgets["slack"]
    best = dict.fromkeys(limits, math.inf)
    for _ in range(RUNS):
        runs = in_processes(str(HERE / f"bench_{name}.py"), arguments, 1)
        for run in runs:
            best = {figure: min(value, told(run)[figure]) for figure, value in best.items()}
        if not runs or all(best[figure] <= limit * slack for figure, limit in limits.items()):
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


def spread(times: list[float]) -> float:
    """p99 over p50."""
    return percentile(times, 0.99) / percentile(times, 0.5)


def main() -> int:
    budgets = tomllib.loads((HERE / "budgets.toml").read_text(encoding="utf-8"))
    begin = time.monotonic()
    rows: list[Row] = []
    for kind in KINDS:
        with tempfile.TemporaryDirectory() as folder:
            rows += of_kind(budgets, Path(folder), kind)
    table(rows)
    kept = sum(row["kept"] == "yes" for row in rows)
    print(f"\n{kept} of {len(rows)} budgets kept, in {time.monotonic() - begin:.0f} s")
    return 0 if kept == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
