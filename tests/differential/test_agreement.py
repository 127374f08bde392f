"""Emitted code, the exact tier, the oracle and Google's wheel agree about generated expressions.

ASSENTRY_DIFFERENTIAL=1000000 asks about a million instead of the 50,000 of a common run.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.differential.agreement import Tally, disagreement, with_celpython
from tests.differential.draws import Below, Recorded, seeded, smallest
from tests.differential.expressions import Drawn, draw

EXPRESSIONS = int(os.environ.get("ASSENTRY_DIFFERENTIAL", "50000"))
SHARDS = max(20, EXPRESSIONS // 2_500)
EACH = EXPRESSIONS // SHARDS

Draw = Callable[[Below], Drawn]
Judge = Callable[[Drawn, Tally], str | None]


def plain(below: Below) -> Drawn:
    return draw(below, plain=True)


def report(seed: int, make: Draw, judge: Judge) -> str:
    """The smallest expression that shows the disagreement found under a seed."""

    def fails(choices: Sequence[int]) -> bool:
        return judge(make(Recorded(choices).below), Counter()) is not None

    recorded = Recorded(fresh=seeded(seed))
    make(recorded.below)
    drawn = make(Recorded(smallest(recorded.made, fails)).below)
    return f"seed {seed}: {drawn.text}\n    with {drawn.bindings}\n    {judge(drawn, Counter())}"


@pytest.mark.parametrize("shard", range(SHARDS))
def test_generated(shard: int) -> None:
    tally: Tally = Counter()
    for seed in range(shard * EACH, (shard + 1) * EACH):
        if disagreement(draw(seeded(seed)), tally) is not None:
            pytest.fail(report(seed, draw, disagreement))
    # That most expressions are well-typed, that values are as common as errors and that most of them
    # come from emitted code: else these tests would test nothing.
    assert tally["refused"] < 0.1 * EACH + 10
    assert tally["values"] > 0.4 * EACH
    assert tally["google"] > 0.6 * EACH
    assert tally["known differences"] < 0.02 * EACH + 10
    assert tally["left to the exact tier"] < 0.03 * tally["values"] + 10


@pytest.mark.parametrize("shard", range(4))
def test_generated_with_cel_python(shard: int) -> None:
    tally: Tally = Counter()
    count = EXPRESSIONS // 100
    for seed in range(shard * count, (shard + 1) * count):
        if with_celpython(plain(seeded(seed)), tally) is not None:
            pytest.fail(report(seed, plain, with_celpython))
    assert tally["cel-python"] > 0.8 * count


@pytest.mark.parametrize("_", range(4))
@settings(max_examples=500, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_by_hypothesis(_: int, data: st.DataObject) -> None:
    """Choices made by hypothesis: it looks elsewhere than chance does, and shrinks by itself."""
    drawn = draw(lambda n: data.draw(st.integers(0, n - 1)))
    found = disagreement(drawn, Counter())
    assert found is None, f"{drawn.text}\n    with {drawn.bindings}\n    {found}"
