"""What do checking and loading cost a rule?

Compiling from text, saving, and loading a saved policy, in microseconds a rule, and seconds in all.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from timing import finish, in_processes, medians
from workloads.assent import assent
from workloads.rulesets import rule_set

SIZES = [100, 1000, 10000]


def one(rules: int) -> dict[str, float]:
    from assentry.compiler import load_sources
    from assentry.evaluator.policy import load_saved

    text = assent(rule_set(rules))
    load_sources({"warm.assent": assent(rule_set(1))})  # the grammars are built once a process
    begin = time.perf_counter()
    policy = load_sources({"bench.assent": text})
    compiled = time.perf_counter() - begin
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "policy.json"
        policy.save(saved)
        begin = time.perf_counter()
        load_saved(saved)
        loaded = time.perf_counter() - begin
        size = saved.stat().st_size
    return {
        "rules": rules,
        "compile s": compiled,
        "compile us/rule": compiled / rules * 1e6,
        "load us/rule": loaded / rules * 1e6,
        "saved bytes/rule": size / rules,
    }


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1].isdigit():
        print(json.dumps(one(int(sys.argv[1]))))
    else:
        finish([medians(in_processes(__file__, [str(rules)], 3)) for rules in SIZES], sys.argv)
