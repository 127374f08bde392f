"""Holds the budgets of `budgets.toml`: the best of three runs of each, and says which is not kept.

Runs the same measurements as the benchmarks, at 10,000 rules and less, in fresh processes. Ends with 1 when a budget
is not kept.
"""

from __future__ import annotations

import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from timing import each_medians, in_processes, table
from workloads.prepared import prepare
from workloads.rulesets import KINDS

HERE = Path(__file__).parent
RUNS = 3
SIZES = [10, 100, 1000, 10_000]


def measured(folder: Path) -> Iterator[tuple[str, str, str, list[float]]]:
    """Section, kind, figure, and what each run came to."""
    for kind in KINDS:
        # Building is measured where the policies that the rest needs are built anyway.
        builds = in_processes(str(HERE / "bench_build.py"), [kind, SIZES[-1]], RUNS)
        yield "build", kind, "us/rule", [run["us/rule"] for run in builds]
        for rules in SIZES:
            prepare(folder, kind, rules)
        for run in _runs("bench_decide.py", folder, kind, 10, figures=["ratio to all", "ratio to first"]):
            yield "decide", kind, *run
        scaling = in_processes(str(HERE / "bench_scaling.py"), [folder, kind, *SIZES], RUNS)
        for rules in SIZES[1:]:
            yield f"scaling.{kind}", kind, str(rules), [run[f"ratio {rules}"] for run in scaling]
        news = in_processes(str(HERE / "bench_new.py"), [folder, kind], RUNS)
        times = sorted(each_medians([run["new"] for run in news]))
        yield "new", kind, "p99 / p50", [times[int(len(times) * 0.99)] / times[len(times) // 2]]
        for run in _runs("bench_saved.py", folder, kind, SIZES[-1], figures=["load us/rule", "resident bytes/rule"]):
            yield "saved", kind, *run


def _runs(script: str, *arguments: object, figures: list[str]) -> Iterator[tuple[str, list[float]]]:
    runs = in_processes(str(HERE / script), arguments, RUNS)
    for figure in figures:
        yield figure, [run[figure] for run in runs]


def main() -> int:
    budgets: dict[str, Any] = tomllib.loads((HERE / "budgets.toml").read_text(encoding="utf-8"))
    slack = budgets["slack"]
    begin = time.monotonic()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for section, kind, figure, runs in measured(Path(folder)):
            found: Any = budgets
            for step in (*section.split("."), figure):
                found = found.get(step, {})
            if not isinstance(found, float):
                continue  # a figure without a budget
            best = min(runs)
            kept = best <= found * slack
            rows.append(
                {
                    "what": section.partition(".")[0],
                    "kind": kind,
                    "figure": figure,
                    "best of three": best,
                    "budget": found,
                    "with slack": found * slack,
                    "kept": "yes" if kept else "NO",
                }
            )
    table(rows)
    missed = [row for row in rows if row["kept"] == "NO"]
    print(f"\n{len(rows) - len(missed)} of {len(rows)} budgets kept, in {time.monotonic() - begin:.0f} s")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
