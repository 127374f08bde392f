"""Bindings that no JSON brings: emitted code and the exact tier look at the same parts of them, and say the same."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping

import pytest

from assentry.cel.program import Program
from assentry.errors import EvaluationError
from assentry.values.runtime import NONE, BoolKey, Duration, Optional, Timestamp, Uint
from tests.differential.draws import seeded
from tests.differential.expressions import draw
from tests.differential.ours import Errs, Gives, Refused, agree, by_emitted_code, compiled

BATCHES = 8
EACH = 1_000

ODD: list[object] = [
    (1, "a"),
    [(1,), {"k": (2,)}],
    {"k": 2**63, "a": 1},
    {"k": {"k": object()}, "a": "a"},
    {"k": [1, object()]},
    {True: 1, "k": 2},
    {1: "a", 2: "b"},
    {"k": {False: 1, 2: 2}},
    {Uint(1): "u"},
    {BoolKey(True): 1, "a": 2},
    {"k": dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "a": dt.timedelta(seconds=1)},
    {"k": dt.datetime(2026, 1, 1)},
    {1.5: 1},
    [2**64, 1],
    [1, 2**64],
    Optional.of((1, 2)),
    Optional.of({"k": object()}),
    NONE,
    dt.timedelta(days=200_000),
    Timestamp(0),
    Duration(5),
    Uint(7),
    b"\xff",
    object(),
    2**70,
    -(2**70),
    float("nan"),
    {"k": float("inf")},
    [[[[]]]],
    {},
    "",
    None,
    True,
]


def exactly(program: Program, bindings: Mapping[str, object]) -> Gives | Errs:
    try:
        return Gives(program._evaluate_slowly(bindings))
    except EvaluationError as error:
        return Errs(frozenset({error.kind.value}))


@pytest.mark.parametrize("batch", range(BATCHES))
def test_odd_bindings(batch: int) -> None:
    tally: Counter[str] = Counter()
    for seed in range(batch * EACH, (batch + 1) * EACH):
        below = seeded(seed)
        drawn = draw(below)
        bindings = {name: ODD[below(len(ODD))] if below(2) else value for name, value in drawn.bindings.items()}
        program = compiled(drawn.text)
        if isinstance(program, Refused):
            continue
        emitted, exact = by_emitted_code(program, bindings), exactly(program, bindings)
        assert emitted is None or agree(emitted, exact), f"{drawn.text}\n{bindings}\n{emitted}\n{exact}"
        given = Errs(frozenset()) if isinstance(exact, Errs) else exact
        try:
            found: Gives | Errs = Gives(program.evaluate(bindings))
        except EvaluationError:
            found = Errs(frozenset())
        assert agree(found, given), f"{drawn.text}\n{bindings}"
        tally[type(exact).__name__] += 1
        tally["emitted"] += emitted is not None
    assert tally["Gives"] > 0.1 * EACH, tally
    assert tally["emitted"] > 0.1 * EACH, tally


@pytest.mark.parametrize(
    "text",
    ["a", "a.k", "a[0]", "a['k']", "a.?k.hasValue()", "has(a.k)", "size(a)", "1 in a", "'k' in a", "a == a", "a.k == 1",
     "a.k.k", "a.all(x, x == 1)", "a.exists(x, y, x == y)", "a.map(x, x)", "a.filter(x, true)", "a.transformMap(x, y, y)",
     "a[?0].orValue(3)", "a.k < 5", "a.k + 1", "a.k.startsWith('a')", "a ? 1 : 2", "!a", "a && true", "[a, a.k]",
     "type(a)", "string(a)", "cel.bind(x, a, x.k)", "(true ? a : 1).k", "a in [1, 'a']", "a[a]", "{'x': a}.x.k"],
)  # fmt: skip
def test_every_step_into_every_odd_binding(text: str) -> None:
    program = compiled(text)
    assert isinstance(program, Program), program
    for value in ODD:
        bindings = {"a": value}
        emitted, exact = by_emitted_code(program, bindings), exactly(program, bindings)
        assert emitted is None or agree(emitted, exact), f"{value!r}: {emitted} {exact}"
