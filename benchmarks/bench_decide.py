"""What does one decision cost, by number and kind of rules?

For 10 to 10,000 rules, in microseconds: the mean over 1,000 rotating JSON-decoded actions of `Policy.decide`; the
same for a hand-written Python function that finds all rules (with the same type guards) and for one that stops at the
first; the ratio to the former; and p50 and p99 for actions never seen before.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

from timing import finish, in_processes, medians
from workloads import handwritten
from workloads.assent import assent
from workloads.rulesets import Kind, actions, rule_set

if TYPE_CHECKING:
    from assentry.evaluator.policy import Policy

SIZES = [10, 100, 1000, 10000]
REPEATS = 5


def one(rules: int, kind: Kind) -> dict[str, float]:
    from assentry.compiler import load_sources

    made = rule_set(rules, kind)
    policy = load_sources({"bench.assent": assent(made)})
    all_winners, first = handwritten.collect_all(made), handwritten.first_match(made)
    given = actions(rules, kind)
    for action in given:  # answers are compared before the clock starts
        verdict = policy.decide(action)
        decision, winners = all_winners(action)
        assert (verdict.decision, [rule.id for rule in verdict.rules]) == (
            decision,
            sorted(f"bench.{w}" for w in winners),
        )
    # In turn, so that all three meet the same weather.
    rounds = [[_mean(decide, given) for decide in (policy.decide, all_winners, first)] for _ in range(REPEATS)]
    ours, theirs, shortest = (min(column) for column in zip(*rounds, strict=True))
    return {
        "rules": rules,
        "us": ours,
        "by hand": theirs,
        "first match": shortest,
        "ratio": ours / theirs,
        **_fresh(policy, rules, kind),
    }


def _fresh(policy: Policy, rules: int, kind: Kind) -> dict[str, float]:
    """Actions that no call has seen."""
    taken = []
    for action in actions(rules, kind, seed=99):
        begin = time.perf_counter_ns()
        policy.decide(action)
        taken.append((time.perf_counter_ns() - begin) / 1e3)
    taken.sort()
    return {"new p50": taken[500], "new p99": taken[990]}


def _mean(decide: object, given: list[dict[str, object]]) -> float:
    begin = time.perf_counter_ns()
    for action in given:
        decide(action)  # type: ignore[operator]
    return (time.perf_counter_ns() - begin) / len(given) / 1e3


if __name__ == "__main__":
    if len(sys.argv) > 2 and sys.argv[1].isdigit():
        print(json.dumps(one(int(sys.argv[1]), sys.argv[2])))  # type: ignore[arg-type]
    else:
        for kind in ("partition", "mixed"):
            print(f"{kind}:")
            finish([medians(in_processes(__file__, [str(rules), kind])) for rules in SIZES], [])
