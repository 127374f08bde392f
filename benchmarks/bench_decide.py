"""What does one decision cost, by number of rules?

For 10 to 10,000 rules (each action meets about ten): the mean over 1,000 rotating JSON-decoded actions
of `Policy.decide`, of the same without the index, and of a never-seen action (p50, p99), in microseconds.
"""

from __future__ import annotations

import json
import sys
import time

from timing import finish, in_processes, medians
from workloads.rulesets import actions, rule_file

SIZES = [10, 100, 1000, 10000]
REPEATS = 5


def one(rules: int) -> dict[str, float]:
    from assentry.compiler import load_sources

    policy = load_sources({"bench.assent": rule_file(rules)})
    given = json.loads(json.dumps(actions(rules)))
    for action in given:  # answers are compared before the clock starts
        assert policy.decide(action) == policy.decide_interpreted(action)
    best = min(_mean(policy.decide, given) for _ in range(REPEATS))
    fresh = []
    for action in json.loads(json.dumps(actions(rules, seed=99))):
        begin = time.perf_counter_ns()
        policy.decide(action)
        fresh.append(time.perf_counter_ns() - begin)
    fresh.sort()
    figures = {"rules": rules, "us": best, "new p50 us": fresh[500] / 1e3, "new p99 us": fresh[990] / 1e3}
    few = given[: max(20, 100_000 // rules)]
    return {**figures, "unindexed us": _mean(policy.decide_unindexed, few)}


def _mean(decide: object, given: list[dict[str, object]]) -> float:
    begin = time.perf_counter_ns()
    for action in given:
        decide(action)  # type: ignore[operator]
    return (time.perf_counter_ns() - begin) / len(given) / 1e3


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1].isdigit():
        print(json.dumps(one(int(sys.argv[1]))))
    else:
        finish([medians(in_processes(__file__, [str(rules)])) for rules in SIZES], sys.argv)
