"""Our own ways of evaluating an expression: emitted code, the exact tier, the oracle."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assentry.cel.emitted import ProgramEmitter
from assentry.cel.program import Program, compile
from assentry.errors import CompileError, EvaluationError
from assentry.evaluator.exact import Exact, World
from assentry.evaluator.outcome import Failure
from assentry.values.runtime import Optional
from tests.differential.expressions import CONTAINER
from tests.differential.literals import VARIABLES
from tests.oracle.cel import evaluate
from tests.oracle.outcome import Failed


@dataclass(frozen=True, slots=True)
class Gives:
    """A value."""

    value: object


@dataclass(frozen=True, slots=True)
class Errs:
    """No value: what went wrong, as texts."""

    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Refused:
    """No program: what the checker says."""

    findings: frozenset[str]


Outcome = Gives | Errs | Refused


def compiled(text: str) -> Program | Refused:
    """The program of an expression over the variables of literals.VARIABLES."""
    try:
        return compile(text, VARIABLES, CONTAINER)
    except CompileError as error:
        return Refused(frozenset(f"{finding.code}: {finding.message}" for finding in error.diagnostics))


def by_program(program: Program, bindings: Mapping[str, object]) -> Gives | Errs:
    """What users get."""
    try:
        return Gives(program.evaluate(bindings))
    except EvaluationError as error:
        return Errs(frozenset({error.kind.value}))


class _LeftError(Exception):
    """Emitted code leaves the answer to the exact tier."""


def by_emitted_code(program: Program, bindings: Mapping[str, object]) -> Gives | None:
    """The value that emitted code gives, or None when it leaves the answer to the exact tier."""
    try:
        return Gives(emitted(program)(bindings))
    except _LeftError:
        return None


def emitted(program: Program) -> Callable[[Mapping[str, object]], object]:
    """The program's own function, without the exact tier behind it."""
    return ProgramEmitter(program.source, {}).whole(program.expression, program.variables, _leave, _leave)


def _leave(*_: object) -> object:
    raise _LeftError


def by_counted_code(program: Program, bindings: Mapping[str, object]) -> Gives | Errs:
    """What users with a budget get."""
    try:
        return Gives(program.evaluate(bindings, 10**15))
    except EvaluationError as error:
        return Errs(frozenset({error.kind.value}))


def by_exact_tier(program: Program, bindings: Mapping[str, object]) -> Gives | Errs:
    """By the interpreter of the compiled form, with all causes of an error."""
    outcome = Exact(World((program.source,)), bindings=bindings).value(program.expression)
    if isinstance(outcome, Failure):
        return Errs(frozenset(f"{cause.where}: {cause.expected}, {cause.found}" for cause in outcome.causes))
    return Gives(outcome)


def by_oracle(text: str, bindings: Mapping[str, object]) -> Outcome:
    try:
        return Gives(evaluate(text, bindings, CONTAINER))
    except CompileError as error:
        return Refused(frozenset(finding.code for finding in error.diagnostics))
    except Failed as failed:
        return Errs(frozenset(f"{cause.where}: {cause.expected}, {cause.found}" for cause in failed.causes))


def same(left: object, right: object) -> bool:
    """Whether two CEL values are the same, type by type; NaN is NaN, and zero has a sign."""
    if type(left) is not type(right):
        return False
    if isinstance(left, float) and isinstance(right, float):
        if math.isnan(left) or math.isnan(right):
            return math.isnan(left) and math.isnan(right)
        return left == right and math.copysign(1.0, left) == math.copysign(1.0, right)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return _same_maps(left, right)
    if isinstance(left, Optional) and isinstance(right, Optional):
        return left.present == right.present and same(left.value, right.value)
    return left == right


def _same_maps(left: dict[object, object], right: dict[object, object]) -> bool:
    typed = {(type(key), key): value for key, value in right.items()}
    return len(left) == len(right) and all(
        (type(key), key) in typed and same(value, typed[(type(key), key)]) for key, value in left.items()
    )


def agree(left: Outcome, right: Outcome) -> bool:
    """Whether two outcomes are the same value, or both none."""
    if isinstance(left, Gives) and isinstance(right, Gives):
        return same(left.value, right.value)
    return isinstance(left, Gives) is isinstance(right, Gives)
