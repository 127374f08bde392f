"""What does a decision cost, beside the same rules written by hand in Python?

Microseconds, mean over 1,000 rotating JSON-decoded actions of 32 fields: `Policy.decide`; a function that finds all
rules that fire, with the same type guards; one that stops at the first that settles the matter. Answers are compared
before any clock starts. `p99` is that of single decisions.
"""

from __future__ import annotations

import statistics
from pathlib import Path

from timing import (
    MOST,
    PROCESSES,
    ROUNDS,
    answer,
    asked_for_one,
    each_us,
    in_processes,
    in_turn,
    keep,
    mean_us,
    medians,
    percentile,
    ratio,
    settled,
    table,
)
from workloads import handwritten
from workloads.prepared import Prepared, prepare_all, workshop
from workloads.rulesets import KINDS, Kind, rule_set

SIZES = [rules for rules in (10, 100, 1000, 10_000) if rules <= MOST]

LARGE = 10_000
"""From here on one process and three rounds are enough: they are long."""


def one(folder: Path, kind: Kind, rules: int) -> dict[str, float]:
    made = Prepared.load(folder, kind, rules)
    by_hand, first = handwritten.collect_all(rule_set(rules, kind)), handwritten.first_match(rule_set(rules, kind))
    for action, (decision, names) in zip(made.actions, made.answers, strict=True):
        found, fired = by_hand(action)
        assert (decision, names) == (found, tuple(sorted(fired)))
        assert decision == first(action)[0]
    settled()
    turns = in_turn(
        {
            "ours": lambda: mean_us(made.policy.decide, made.actions),
            "by hand": lambda: mean_us(by_hand, made.actions),
            "first": lambda: mean_us(first, made.actions),
        },
        ROUNDS if rules < LARGE else 3,
    )
    singles = sorted(each_us(made.policy.decide, made.actions))
    return {
        "us": statistics.median(turns["ours"]),
        "p99": percentile(singles, 0.99),
        "by hand, all": statistics.median(turns["by hand"]),
        "by hand, first": statistics.median(turns["first"]),
        "ratio to all": ratio(turns["ours"], turns["by hand"]),
        "ratio to first": ratio(turns["ours"], turns["first"]),
    }


def main() -> None:
    rows = []
    with workshop() as folder:
        prepare_all(folder, SIZES)
        for kind in KINDS:
            for rules in SIZES:
                runs = in_processes(__file__, [folder, kind, rules], PROCESSES if rules < LARGE else 1)
                rows.append({"kind": kind, "rules": rules, **medians(runs)})
    table(rows)
    keep("decide", rows)


if __name__ == "__main__":
    if (given := asked_for_one()) is not None:
        answer(one(Path(given[0]), given[1], int(given[2])))  # type: ignore[arg-type]
    else:
        main()
