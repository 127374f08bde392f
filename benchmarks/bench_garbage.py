"""How much garbage does a decision make, and does the process grow?

At 1,000 rules, over actions that the policy has never seen, and over the same 1,000 again and again:

- `bytes`: what a decision allocates at most at one time;
- `objects`: containers that the garbage collector has to look at, kept by nobody after the decision;
- `cyclic`: those of them that only the collector can free;
- `kept bytes`: what the policy itself holds on to, a decision: its memos, which are bounded;
- `collections`: runs of the collector in 1,000 decisions, and `longest us` the longest of them.
"""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path

from timing import answer, asked_for_one, in_processes, keep, medians, percentile, table
from workloads.prepared import Prepared, prepare_all, workshop
from workloads.reference import Action
from workloads.rulesets import KINDS, Kind

RULES = 1000
Decide = Callable[[object], object]


def one(folder: Path, kind: Kind) -> dict[str, dict[str, float]]:
    made = Prepared.load(folder, kind, RULES)
    decide = made.policy.decide
    # Growth is looked for on actions new at each measurement; the seen ones come after that.
    third = len(made.new) // 3
    parts = [made.new[:third], made.new[third : 2 * third], made.new[2 * third :]]
    new = {**_allocated(decide, parts[0]), **_containers(decide, parts[1]), **_collections(decide, parts[2])}
    seen = made.actions
    return {"new": new, "seen": {**_allocated(decide, seen), **_containers(decide, seen), **_collections(decide, seen)}}


def _allocated(decide: Decide, actions: Sequence[Action]) -> dict[str, float]:
    """Bytes: the most at one time in a decision, at the median and at p99, and what stays."""
    gc.collect()
    tracemalloc.start()
    begin, _ = tracemalloc.get_traced_memory()
    peaks = []
    for action in actions:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        decide(action)
        peaks.append(tracemalloc.get_traced_memory()[1] - before)
    gc.collect()
    end, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {
        "bytes p50": percentile(peaks, 0.5),
        "bytes p99": percentile(peaks, 0.99),
        "kept bytes": (end - begin) / len(actions),
    }


def _containers(decide: Decide, actions: Sequence[Action]) -> dict[str, float]:
    """Containers that a decision leaves behind, with the collector switched off."""
    gc.collect()
    gc.disable()
    before = len(gc.get_objects())
    for action in actions:
        decide(action)
    left = len(gc.get_objects()) - before
    cyclic = gc.collect()
    gc.enable()
    return {"objects left": left / len(actions), "cyclic": cyclic / len(actions)}


def _collections(decide: Decide, actions: Sequence[Action]) -> dict[str, float]:
    """Runs of the collector as the interpreter sets it up, and how long the longest took."""
    gc.collect()
    begun, taken = [0], []

    def watch(phase: str, _: object) -> None:
        if phase == "start":
            begun[0] = time.perf_counter_ns()
        else:
            taken.append((time.perf_counter_ns() - begun[0]) / 1e3)

    gc.callbacks.append(watch)
    for action in actions:
        decide(action)
    gc.callbacks.remove(watch)
    return {"collections": len(taken) * 1000 / len(actions), "longest us": max(taken, default=0.0)}


def main() -> None:
    rows = []
    with workshop() as folder:
        prepare_all(folder, [RULES])
        for kind in KINDS:
            runs = in_processes(__file__, [folder, kind])
            rows += [
                {"kind": kind, "actions": name, **medians([run[name] for run in runs])} for name in ("new", "seen")
            ]
    table(rows)
    keep("garbage", rows)


if __name__ == "__main__":
    if (given := asked_for_one()) is not None:
        answer(one(Path(given[0]), given[1]))  # type: ignore[arg-type]
    else:
        main()
