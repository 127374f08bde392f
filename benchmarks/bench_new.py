"""What does an action cost that the policy has never seen, at 1,000 rules?

`new`: 1,000 actions after 1,000 others; `first`: the very first 1,000 of a policy just loaded, which is when code is
made that later decisions use. Microseconds of single decisions: for each the median over the processes, then p50, p99
and the longest over all of them; `seen` are the new ones once more.
"""

from __future__ import annotations

from pathlib import Path

from timing import answer, asked_for_one, each_medians, each_us, in_processes, keep, percentile, table
from workloads.prepared import Prepared, check, prepare_all, workshop
from workloads.rulesets import KINDS, Kind

RULES = 1000


def one(folder: Path, kind: Kind) -> dict[str, list[float]]:
    made = Prepared.load(folder, kind, RULES, checked=False)
    first = each_us(made.policy.decide, made.actions)
    check(made.policy, made.actions, made.answers)
    return {"first": first, "new": each_us(made.policy.decide, made.new), "seen": each_us(made.policy.decide, made.new)}


def row(times: list[float]) -> dict[str, float]:
    p50, p99 = percentile(times, 0.5), percentile(times, 0.99)
    return {"p50": p50, "p99": p99, "p99 / p50": p99 / p50, "longest": max(times)}


def main() -> None:
    rows = []
    with workshop() as folder:
        prepare_all(folder, [RULES])
        for kind in KINDS:
            runs = in_processes(__file__, [folder, kind])
            rows += [
                {"kind": kind, "actions": name, **row(each_medians([run[name] for run in runs]))}
                for name in ("new", "seen", "first")
                if runs
            ]
    table(rows)
    keep("new", rows)


if __name__ == "__main__":
    if (given := asked_for_one()) is not None:
        answer(one(Path(given[0]), given[1]))  # type: ignore[arg-type]
    else:
        main()
