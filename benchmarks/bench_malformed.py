"""Are malformed actions a slow path that somebody could attack through? At 1,000 rules.

For each way of being malformed a stream of up to 100 different actions, none seen before: microseconds a decision, the
ratio to good ones never seen before either, in the same process, and p99. The list of errors is computed when it is
looked at: `errors us` is what that takes.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from timing import answer, asked_for_one, each_us, in_processes, keep, mean_us, medians, percentile, settled, table
from workloads.malformed import SPOILED
from workloads.prepared import Prepared, prepare_all, workshop
from workloads.rulesets import KINDS, Kind

RULES = 1000
GOOD, COUNT = 500, 100
SECONDS = 0.2
"""For each stream; one that is slow has fewer actions."""
LOOKS = 2
"""How many verdicts of a stream are asked for their errors."""
LIMIT_RATIO, LIMIT_US = 10, 25
"""What a stream may cost at most: so many good actions or so many microseconds, whichever is larger."""


def one(folder: Path, kind: Kind) -> dict[str, dict[str, float]]:
    made = Prepared.load(folder, kind, RULES)
    decide = made.policy.decide
    settled()
    good = mean_us(decide, made.new[:GOOD])
    found = {"good": {"us": good, "ratio": 1.0, "p99": percentile(each_us(decide, made.new[GOOD:]), 0.99)}}
    for name, spoil in SPOILED.items():
        stream = [spoil(action, number) for number, action in enumerate(made.actions[: COUNT + 1])]
        # Code that is made, and trees that are read, when they are first needed are another question, see bench_new.
        assert decide(stream.pop()).errors is not None
        stream = stream[: _fitting(decide, stream)]
        taken = mean_us(decide, stream)
        singles = each_us(decide, [spoil(action, -number) for number, action in enumerate(made.new[: len(stream)])])
        errors = mean_us(lambda verdict: verdict.errors, list(map(decide, stream[-LOOKS:])))
        found[name] = {"us": taken, "ratio": taken / good, "p99": percentile(singles, 0.99), "errors us": errors}
    return found


def _fitting(decide: Callable[[object], object], stream: list[object]) -> int:
    """How many of a stream fit into the time for it."""
    begin = time.process_time()
    decide(stream[0])
    return max(1, min(len(stream), int(SECONDS / (time.process_time() - begin + 1e-9))))


def main() -> None:
    rows = []
    with workshop() as folder:
        prepare_all(folder, [RULES])
        for kind in KINDS:
            runs = in_processes(__file__, [folder, kind])
            for name in runs[0] if runs else ():
                figures = medians([run[name] for run in runs])
                limit = max(LIMIT_US, LIMIT_RATIO * statistics.median(run["good"]["us"] for run in runs))
                within = "yes" if figures["us"] <= limit else "no"
                rows.append({"kind": kind, "actions": name, "errors us": None, **figures, "within": within})
    table(rows)
    keep("malformed", rows)


if __name__ == "__main__":
    if (given := asked_for_one()) is not None:
        answer(one(Path(given[0]), given[1]))  # type: ignore[arg-type]
    else:
        main()
