"""Expressions that nothing was known of before the evaluation: emitted code, the exact tier and the oracle agree."""

from __future__ import annotations

import pytest

from assentry.cel.program import compile
from assentry.errors import CompileError
from tests.differential.draws import seeded
from tests.differential.expressions import CONTAINER, Drawn, draw
from tests.differential.literals import VARIABLES
from tests.differential.ours import agree, by_counted_code, by_emitted_code, by_exact_tier, by_oracle, by_program

BATCHES = 4
EACH = 500
UNKNOWN = dict.fromkeys(VARIABLES, "dyn")


def difference(drawn: Drawn) -> str | None:
    """What two of our ways say differently, or None."""
    try:
        program = compile(drawn.text, UNKNOWN, CONTAINER, check=False)
    except CompileError:
        return None
    exact = by_exact_tier(program, drawn.bindings)
    emitted = by_emitted_code(program, drawn.bindings)
    others = {
        "emitted code": exact if emitted is None else emitted,
        "program": by_program(program, drawn.bindings),
        "with a budget": by_counted_code(program, drawn.bindings),
        "oracle": by_oracle(drawn.text, drawn.bindings),
    }
    wrong = [f"{name}: {given}" for name, given in others.items() if not agree(given, exact)]
    return "\n    ".join([f"exact tier: {exact}", *wrong]) if wrong else None


@pytest.mark.parametrize("batch", range(BATCHES))
def test_unchecked(batch: int) -> None:
    for seed in range(batch * EACH, (batch + 1) * EACH):
        drawn = draw(seeded(seed))
        found = difference(drawn)
        assert found is None, f"seed {seed}: {drawn.text}\n    with {drawn.bindings}\n    {found}"
