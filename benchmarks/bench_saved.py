"""What does a saved policy of 10,000 rules cost: on disk, to load, and in memory?

Microseconds and bytes a rule. Memory is what the process has grown by in resident pages after loading, and after
1,000 decisions, once what the interpreter and the package need is in place.
"""

from __future__ import annotations

import gc
import os
import resource
import time
from pathlib import Path

from timing import answer, asked_for_one, in_processes, keep, medians, table
from workloads.prepared import Prepared, policy_file, prepare_all, stream, workshop
from workloads.rulesets import KINDS, Kind

from assentry.evaluator.policy import load_saved

RULES = 10_000


def resident() -> int:
    """Bytes of this process that are in memory: now where the system tells, else at their most."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return pages * os.sysconf("SC_PAGE_SIZE")


def one(folder: Path, kind: Kind, rules: int) -> dict[str, float]:
    Prepared.load(folder, kind, 10)  # whatever is made once
    actions = [action for action, _ in stream(folder, kind, rules)]
    saved = policy_file(folder, kind, rules)
    gc.collect()
    before = resident()
    begin = time.process_time_ns()
    policy = load_saved(saved)
    taken = time.process_time_ns() - begin
    gc.collect()
    loaded = resident()
    for action in actions:
        policy.decide(action)
    gc.collect()
    return {
        "disk bytes/rule": saved.stat().st_size / rules,
        "load us/rule": taken / rules / 1e3,
        "resident bytes/rule": (loaded - before) / rules,
        "after 1,000 decisions": (resident() - before) / rules,
    }


def main() -> None:
    with workshop() as folder:
        prepare_all(folder, [10, RULES])
        rows = [
            {"kind": kind, "rules": RULES, **medians(in_processes(__file__, [folder, kind, RULES]))} for kind in KINDS
        ]
    table(rows)
    keep("saved", rows)


if __name__ == "__main__":
    if (given := asked_for_one()) is not None:
        answer(one(Path(given[0]), given[1], int(given[2])))  # type: ignore[arg-type]
    else:
        main()
