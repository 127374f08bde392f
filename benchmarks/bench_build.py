"""What does it cost to build a policy of 10,000 rules from its text?

Microseconds a rule of processor time: the whole of it, and its stages.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Any

from timing import answer, asked_for_one, in_processes, keep, medians, table
from workloads.assent import assent
from workloads.rulesets import KINDS, Kind, rule_set

from assentry.compiler import load_sources
from assentry.compiler.bind import bind
from assentry.compiler.check import check
from assentry.compiler.fold import fold
from assentry.compiler.index import index
from assentry.compiler.infer import infer
from assentry.compiler.inputs import from_memory
from assentry.compiler.parse import parse
from assentry.compiler.report import Report
from assentry.evaluator.policy import Policy

RULES = 10_000


def one(kind: Kind, rules: int) -> dict[str, float]:
    load_sources(assent(rule_set(10, kind)))  # the grammars are built once a process
    text = assent(rule_set(rules, kind))
    report = Report()
    stages: dict[str, Callable[[Any], Any]] = {
        "gather": lambda _: from_memory(text, schema=None, data=None),
        "parse": lambda inputs: parse(inputs, report),
        "bind": lambda parsed: bind(parsed, report),
        "infer": lambda bound: infer(bound, report),
        "check": lambda inferred: check(inferred, report),
        "fold": fold,
        "index": index,
        "load": Policy,
    }
    gc.disable()  # as `load` does
    value: Any = None
    taken = {}
    for name, stage in stages.items():
        begin = time.process_time_ns()
        value = stage(value)
        taken[name] = (time.process_time_ns() - begin) / rules / 1e3
    return {"us/rule": sum(taken.values()), **taken}


def main() -> None:
    rows = [{"kind": kind, "rules": RULES, **medians(in_processes(__file__, [kind, RULES]))} for kind in KINDS]
    table(rows)
    keep("build", rows)


if __name__ == "__main__":
    if (given := asked_for_one()) is not None:
        answer(one(given[0], int(given[1])))  # type: ignore[arg-type]
    else:
        main()
