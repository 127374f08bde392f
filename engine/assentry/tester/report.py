"""The outcome of a run for machines: plain data (schemas/test.schema.json) and JUnit XML."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from assentry.diagnostics import visible
from assentry.tester.coverage import Coverage, Seen
from assentry.tester.mutate import Tried
from assentry.tester.run import Outcome, Result, SuiteResult


def to_dict(outcome: Outcome, tried: Sequence[Tried] | None = None) -> dict[str, object]:
    """The outcome as plain data; `tried` are the mutants, when there were any tries."""
    document: dict[str, object] = {
        "version": 1,
        "suites": [_suite(suite) for suite in outcome.suites],
        "coverage": _coverage(outcome.coverage),
        "summary": {
            "suites": len(outcome.suites),
            "cases": outcome.cases,
            "passed": outcome.cases - outcome.failed,
            "failed": outcome.failed,
        },
    }
    if tried is not None:
        survivors = [mutant for mutant in tried if mutant.killed_by is None]
        document["mutation"] = {
            "mutants": len(tried),
            "killed": len(tried) - len(survivors),
            "survivors": [
                {"owner": mutant.owner, "at": mutant.at, "change": mutant.what, "text": mutant.text}
                for mutant in survivors
            ],
        }
    return document


def _suite(suite: SuiteResult) -> dict[str, object]:
    cases = [_case(result) for result in suite.results]
    return {"suite": suite.suite.name, "file": suite.suite.file, "cases": cases}


def _case(result: Result) -> dict[str, object]:
    return {
        "name": result.case.name,
        "at": result.case.at,
        "outcome": "passed" if result.passed else "failed",
        "failures": [{"code": failure.code, "message": failure.message} for failure in result.failures],
        "errors": list(result.unspoken),
        "seconds": round(result.seconds, 6),
    }


def _coverage(coverage: Coverage) -> dict[str, object]:
    return {
        "rules": {
            "total": len(coverage.rules),
            "covered": sum(seen.both for seen in coverage.rules),
            "percentage": round(coverage.rule_percentage, 2),
            "uncovered": [_seen(seen) for seen in coverage.rules if not seen.both],
        },
        "conditions": {
            "total": len(coverage.conditions),
            "covered": sum(seen.both for seen in coverage.conditions),
            "percentage": round(coverage.condition_percentage, 2),
            "uncovered": [_seen(seen) for seen in coverage.conditions if not seen.both],
        },
    }


def _seen(seen: Seen) -> dict[str, object]:
    return {
        "owner": seen.owner,
        "at": seen.at,
        **({"text": seen.text} if seen.text else {}),
        "true": seen.true,
        "false": seen.false,
        "error": seen.error,
    }


def to_junit(outcome: Outcome) -> str:
    """The outcome as JUnit XML, one `testsuite` a file, as CI servers read it."""
    seconds = sum(result.seconds for suite in outcome.suites for result in suite.results)
    root = ET.Element("testsuites", _counts("assentry", outcome.cases, outcome.failed, seconds))
    for suite in outcome.suites:
        spent = sum(result.seconds for result in suite.results)
        counts = _counts(suite.suite.name, len(suite.results), suite.failed, spent)
        element = ET.SubElement(root, "testsuite", counts | {"file": suite.suite.file})
        for result in suite.results:
            _junit_case(element, suite, result)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _counts(name: str, tests: int, failures: int, seconds: float) -> dict[str, str]:
    # `visible`: XML has no way to write most control characters.
    return {
        "name": visible(name),
        "tests": str(tests),
        "failures": str(failures),
        "errors": "0",
        "skipped": "0",
        "time": f"{seconds:.6f}",
    }


def _junit_case(parent: ET.Element, suite: SuiteResult, result: Result) -> None:
    line = result.case.at.rpartition(":")[2]
    element = ET.SubElement(
        parent,
        "testcase",
        {
            "classname": visible(suite.suite.name),
            "name": visible(result.case.name),
            "file": suite.suite.file,
            "line": line,
            "time": f"{result.seconds:.6f}",
        },
    )
    if result.failures:
        text = "\n".join(visible(failure.message) for failure in result.failures)
        attributes = {"message": visible(result.failures[0].message), "type": result.failures[0].code}
        ET.SubElement(element, "failure", attributes).text = f"{result.case.at}\n{text}"
