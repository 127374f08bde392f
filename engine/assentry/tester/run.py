"""Decides every case and holds the verdict against what it expects."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assentry.evaluator.policy import Policy
from assentry.tester.coverage import Coverage
from assentry.tester.expect import Failure, compare
from assentry.tester.suite import Case, Suite


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one case. `unspoken` are rules in error that the case does not expect to be."""

    case: Case
    failures: tuple[Failure, ...]
    unspoken: tuple[str, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        return not self.failures


@dataclass(frozen=True, slots=True)
class SuiteResult:
    suite: Suite
    results: tuple[Result, ...]

    @property
    def failed(self) -> int:
        return sum(not result.passed for result in self.results)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A whole run."""

    suites: tuple[SuiteResult, ...]
    coverage: Coverage

    @property
    def cases(self) -> int:
        return sum(len(suite.results) for suite in self.suites)

    @property
    def failed(self) -> int:
        return sum(suite.failed for suite in self.suites)


def run(policy: Policy, suites: Sequence[Suite]) -> Outcome:
    """Runs all suites on a policy."""
    rules = [rule.id for rule in policy.form.rules]
    coverage = Coverage(policy.form)
    done = []
    for suite in suites:
        results = tuple(run_case(policy, case, rules) for case in suite.cases)
        for case in suite.cases:
            coverage.add(case.action)
        done.append(SuiteResult(suite, results))
    return Outcome(tuple(done), coverage)


def run_case(policy: Policy, case: Case, rules: Sequence[str]) -> Result:
    """One case; `rules` are the ids of all rules."""
    start = time.perf_counter()
    verdict: dict[str, Any] = policy.decide(case.action).to_dict()
    failures = tuple(compare(case.expect, verdict, rules))
    unspoken = tuple(entry["id"] for entry in verdict["errors"] if entry["id"] not in case.expect.errors)
    return Result(case, failures, unspoken, time.perf_counter() - start)
