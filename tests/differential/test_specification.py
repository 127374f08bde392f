"""The sentences of the specification and of its extensions' documentation, as expressions (specification.md)."""

from __future__ import annotations

from pathlib import Path

import pytest

from assentry.cel.program import compile
from assentry.errors import CompileError, EvaluationError
from tests.differential.ours import Gives, by_exact_tier, by_oracle, same

TEXT = (Path(__file__).parent / "specification.md").read_text(encoding="utf-8")
LINES = [line.rsplit(" => ", 1) for line in TEXT.splitlines() if " => " in line]


@pytest.mark.parametrize(("expression", "result"), LINES, ids=[expression for expression, _ in LINES])
def test_expression(expression: str, result: str) -> None:
    if result.startswith("!"):
        fails(expression, result[1:])
    else:
        gives(expression, compile(result).evaluate())


def gives(expression: str, value: object) -> None:
    program = compile(expression)
    assert same(program.evaluate(), value)
    exact, oracle = by_exact_tier(program, {}), by_oracle(expression, {})
    assert isinstance(exact, Gives)
    assert isinstance(oracle, Gives)
    assert same(exact.value, value)
    assert same(oracle.value, value)


def fails(expression: str, kind: str) -> None:
    with pytest.raises((CompileError, EvaluationError)) as caught:
        compile(expression).evaluate()
    if isinstance(caught.value, CompileError):
        found = {finding.code for finding in caught.value.diagnostics}
    else:
        assert isinstance(caught.value, EvaluationError)
        found = {caught.value.kind.value}
        assert not isinstance(by_exact_tier(compile(expression), {}), Gives)
        assert not isinstance(by_oracle(expression, {}), Gives)
    assert not kind or kind in found


def test_there_are_many() -> None:
    assert len(LINES) > 400
