"""Runs conformance cases of the CEL specification: `python tests/conformance/run.py FILE [--json]`.

FILE holds `cases[]` with `id`, `expr` and, where given, `container`, `type_env`, `bindings`, `disable_check`,
`check_only`, `function_decls`; `expect` holds `value`, `deduced_type` or `error`. Every case is run through
the emitted code, the interpreter of the compiled form and the oracle. An error counts only when it is of the
expected kind: a missing function is never the expected error.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from assentry.cel.program import Program, compile
from assentry.cel.typenames import parse_type, type_text
from assentry.errors import AssentryError, CompileError, EvaluationError, Kind
from assentry.evaluator.exact import Exact, World
from assentry.evaluator.outcome import Failure
from assentry.values.declare import Function, Overload
from assentry.values.literals import from_data
from tests.oracle.cel import evaluate
from tests.oracle.outcome import Failed

Case = Mapping[str, Any]

# What an expected error's text says, as kinds of evaluation errors and codes of compile-time findings.
_NO_OVERLOAD = {Kind.NO_SUCH_OVERLOAD, "no-overload", "wrong-type", "not-boolean", "macro-use"}
_UNREADABLE = {
    *("syntax", "bad-character", "bad-escape", "bad-number", "number-out-of-range", "reserved-name", "no-operator"),
    *("unclosed-bracket", "unopened-bracket", "unterminated-string", "trailing-comma", "too-deep", "too-large"),
}
_ERRORS: Sequence[tuple[str, set[str]]] = (
    (r"unbound function|unknown function", {Kind.UNKNOWN_FUNCTION, "unknown-function"}),
    (r"undeclared reference|unknown variable|unbound variable", {Kind.UNBOUND, "unknown-name"}),
    (r"(unsupported|invalid|bad).*key", {Kind.INVALID_ARGUMENT, "bad-map-key", *_NO_OVERLOAD}),
    (r"regex|regular expression|pattern", {Kind.INVALID_ARGUMENT, "bad-regex"}),
    # `false || 1/0 != 0` is said to be "no matching overload": what `||` makes of an error in C++.
    (r"^no matching overload$", {*_NO_OVERLOAD, Kind.DIVIDE_BY_ZERO}),
    (r"no.such.overload|no matching overload", _NO_OVERLOAD),
    (r"does not support field selection", _NO_OVERLOAD),
    # A field of what is no map is no key for some implementations, no overload for others.
    (r"no such key|no such field", {Kind.NO_SUCH_KEY, Kind.NO_SUCH_OVERLOAD, "unknown-field"}),
    (r"divi(de|sion) by zero|modulus by zero", {Kind.DIVIDE_BY_ZERO}),
    (r"repeated key|duplicate key", {Kind.DUPLICATE_KEY}),
    (r"index .*out of (range|bounds)|negative offset", {Kind.INDEX, Kind.INVALID_ARGUMENT}),
    (r"invalid.argument", {Kind.INVALID_ARGUMENT, Kind.INDEX, Kind.NO_SUCH_OVERLOAD}),
    (r"overflow|^range( error)?$|out of range", {Kind.OVERFLOW}),
    (r"optional\.none\(\) dereference", {Kind.EMPTY_OPTIONAL}),
    (r"syntax|mismatched input|extraneous input|token recognition|reserved", _UNREADABLE),
    (r"conversion error|formatting|parse error|zone|IPv4-mapped|unmarshal|invalid", {Kind.INVALID_ARGUMENT}),
)
# An error that the cases do not name (`foo`) may be any but one that hides a missing part of the language.
_HIDING = {Kind.UNKNOWN_FUNCTION, Kind.UNBOUND, Kind.LIMIT, Kind.BUDGET, Kind.MISFIT, Kind.MISSING}
_UNNAMED = {*set(Kind) - _HIDING, *_NO_OVERLOAD, "bad-map-key", "bad-regex"}


@dataclass(frozen=True)
class Outcome:
    """A value, or what kinds of error there were. `deduced` is the deduced type where there is one."""

    value: object = None
    errors: frozenset[str] = frozenset()
    deduced: str | None = None

    def __str__(self) -> str:
        return f"error: {', '.join(sorted(self.errors))}" if self.errors else repr(self.value)


# ---- the ways ----


def compiled(case: Case) -> Outcome:
    """Through the compiler and the emitted code."""
    return _compiled(case, lambda built, bindings: built.evaluate(bindings))


def exact(case: Case) -> Outcome:
    """Through the compiler and the interpreter of the compiled form."""
    return _compiled(case, _interpreted)


def _interpreted(built: Program, bindings: Mapping[str, object]) -> object:
    outcome = Exact(World((built.source,)), bindings=bindings).value(built.expression)
    if isinstance(outcome, Failure):
        raise outcome.first
    return outcome


def _compiled(case: Case, way: Callable[[Program, Mapping[str, object]], object]) -> Outcome:
    try:
        built = compile(
            case["expr"],
            _types(case),
            case.get("container", ""),
            _functions(case),
            check=not case.get("disable_check", False),
        )
    except CompileError as error:
        return Outcome(errors=frozenset(finding.code for finding in error.diagnostics))
    deduced = type_text(built.type)
    if case.get("check_only"):
        return Outcome(deduced=deduced)
    try:
        return Outcome(way(built, _bindings(case)), deduced=deduced)
    except EvaluationError as error:
        return Outcome(errors=frozenset({error.kind.value}), deduced=deduced)


def _types(case: Case) -> dict[str, Any]:
    declared = {name: parse_type(text) for name, text in case.get("type_env", {}).items()}
    if case.get("disable_check"):
        return {name: parse_type("dyn") for name in _bindings(case)} | declared
    return declared


def _bindings(case: Case) -> dict[str, object]:
    return {name: from_data(value) for name, value in case.get("bindings", {}).items()}


def _functions(case: Case) -> list[Function]:
    return [_function(declared) for declared in case.get("function_decls", [])]


def _function(declared: Mapping[str, Any]) -> Function:
    overloads = tuple(
        Overload(
            each["id"],
            declared["name"],
            tuple(map(parse_type, each["params"])),
            parse_type(each["result"]),
            each["is_member"],
            _undefined,
        )
        for each in declared["overloads"]
    )
    return Function(declared["name"], "", (), overloads)


def _undefined(*_: object) -> object:
    raise EvaluationError(Kind.UNKNOWN_FUNCTION)


def oracle(case: Case) -> Outcome:
    """Through the interpreter over the syntax tree, which knows no static types."""
    try:
        return Outcome(evaluate(case["expr"], _bindings(case), case.get("container", "")))
    except CompileError as error:
        return Outcome(errors=frozenset(finding.code for finding in error.diagnostics))
    except Failed as failed:
        # A condition that is no bool: `expected bool, found int`.
        found = {Kind.NO_SUCH_OVERLOAD if cause.expected == "bool" else cause.found for cause in failed.causes}
        return Outcome(errors=frozenset(map(str, found)))


# ---- judging ----


def wrong(case: Case, outcome: Outcome) -> str | None:
    """What is wrong with an outcome, or None."""
    expected = case["expect"]
    if "error" in expected:
        return _wrong_error(expected["error"], outcome)
    if outcome.errors:
        return f"expected a value, got {outcome}"
    if "deduced_type" in expected and outcome.deduced is not None and outcome.deduced != expected["deduced_type"]:
        return f"expected the type {expected['deduced_type']}, got {outcome.deduced}"
    if case.get("check_only"):
        return None
    value = from_data(expected.get("value", {"type": "bool", "value": True}))
    return None if same(value, outcome.value) else f"expected {value!r}, got {outcome}"


def _wrong_error(texts: Iterable[str], outcome: Outcome) -> str | None:
    if not outcome.errors:
        return f"expected the error {' or '.join(texts)}, got {outcome}"
    allowed = set().union(*(_kinds(text) for text in texts))
    return None if outcome.errors & allowed else f"expected the error {' or '.join(texts)}, got {outcome}"


def _kinds(text: str) -> set[str]:
    for pattern, kinds in _ERRORS:
        if re.search(pattern, text, re.IGNORECASE):
            return {str(kind) for kind in kinds}
    return {str(kind) for kind in _UNNAMED}


def same(expected: object, found: object) -> bool:
    """Whether two CEL values are the same, type by type; NaN is NaN."""
    if type(expected) is not type(found):
        return False
    if isinstance(expected, float) and isinstance(found, float):
        return expected == found or (math.isnan(expected) and math.isnan(found))
    if isinstance(expected, list) and isinstance(found, list):
        return len(expected) == len(found) and all(map(same, expected, found))
    if isinstance(expected, dict) and isinstance(found, dict):
        keys = {(type(key), key): value for key, value in found.items()}
        return len(expected) == len(found) and all(
            (type(key), key) in keys and same(value, keys[(type(key), key)]) for key, value in expected.items()
        )
    return expected == found


@dataclass(frozen=True)
class Result:
    id: str
    expression: str
    problem: str | None


def run(cases: Sequence[Case], paths: Mapping[str, Callable[[Case], Outcome]]) -> list[Result]:
    """The result of every case on every path."""
    results = []
    for case in cases:
        problems = []
        for name, way in paths.items():
            if name == "oracle" and case.get("check_only"):
                continue
            try:
                problem = wrong(case, way(case))
            except AssentryError as error:
                problem = f"{type(error).__name__}: {error}"
            except Exception as error:  # noqa: BLE001  # a defect of ours is a failed case, not the end of the run
                problem = f"defect: {type(error).__name__}: {error}"
            if problem is not None:
                problems.append(f"{name}: {problem}")
        results.append(Result(case["id"], case["expr"], "; ".join(problems) or None))
    return results


def paths() -> dict[str, Callable[[Case], Outcome]]:
    """The ways of evaluating a case."""
    return {"compiled": compiled, "exact": exact, "oracle": oracle}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a file of cases; 1 when a case failed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else None)
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", action="store_true", help="results as one JSON document")
    options = parser.parse_args(argv)
    results = run(json.loads(options.file.read_text(encoding="utf-8"))["cases"], paths())
    failed = [result for result in results if result.problem is not None]
    passed = len(results) - len(failed)
    if options.json:
        shown = [{"id": result.id, "passed": result.problem is None, "problem": result.problem} for result in results]
        print(json.dumps({"passed": passed, "failed": len(failed), "results": shown}, ensure_ascii=False))
        return bool(failed)
    for result in failed:
        print(f"{result.id}: {result.expression}\n    {result.problem}")
    print(f"{passed} passed, {len(failed)} failed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
