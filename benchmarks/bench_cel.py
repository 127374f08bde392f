"""What does one evaluation of a CEL condition cost, beside other CELs for Python and beside hand-written Python?

Nanoseconds for each of thirty typical conditions over 64 rotating JSON-decoded inputs, all ways in turn in one
process. Every way's answers are compared with the hand-written ones before any clock starts. cel-python is given
its inputs already turned into its own types, which takes it longer than most evaluations; everyone else takes them
as JSON brings them. `-` where cel-python's compiled runner cannot run the condition; the geometric mean is then over
the others.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from timing import answer, asked_for_one, in_processes, in_turn, keep, mean_us, table
from versus import celexpr, celpython
from workloads.conditions import Condition, conditions

from assentry import cel
from assentry.cel.parse import parse
from assentry.diagnostics import Diagnostic
from assentry.source import Source

Way = tuple[Callable[[Any], object], Sequence[Any]]
ROUNDS = 5
LEAST = 2_000
"""Evaluations of a round."""

OURS, HAND, COMPILED, INTERPRETED, GOOGLE = "ours", "by hand", "cel-python compiled", "cel-python", "cel-expr-python"
AIMS = {COMPILED: 100.0, GOOGLE: 8.0, HAND: 1.5}


def ways(condition: Condition) -> dict[str, Way]:
    """How each way evaluates the condition, and its inputs; only ways that give the right answers."""
    rows = condition.rows()
    made: dict[str, Way] = {
        OURS: (cel.compile(condition.text, condition.types).evaluate, rows),
        HAND: (condition.by_hand, rows),
        GOOGLE: celexpr.make(condition, rows),
    }
    for name, runner in ((INTERPRETED, "InterpretedRunner"), (COMPILED, "CompiledRunner")):
        way = celpython.make(condition, rows, runner)
        if way is not None:
            made[name] = way
    wanted = [condition.by_hand(row) for row in rows]
    assert len(set(wanted)) == 2, f"{condition.name}: always the same answer"
    for name, (evaluate, given) in made.items():
        assert [bool(evaluate(one)) for one in given] == wanted, f"{name} answers `{condition.name}` otherwise"
    return made


def one() -> dict[str, dict[str, float]]:
    """Nanoseconds by condition and way."""
    return {condition.name: _measure(condition) for condition in conditions()}


def _measure(condition: Condition) -> dict[str, float]:
    made = ways(condition)
    calls = {}
    for name, (evaluate, given) in made.items():
        times = (100 if "cel-python" in name else LEAST) // len(given) + 1
        calls[name] = _pass(evaluate, list(given) * times)
    found = {name: 1e3 * statistics.median(times) for name, times in in_turn(calls, ROUNDS).items()}
    found["parse"] = 1e3 * mean_us(_parse, [condition] * 20)
    found["compile"] = 1e3 * mean_us(_compile, [condition] * 20)
    return found


def _pass(evaluate: Callable[[Any], object], given: Sequence[Any]) -> Callable[[], float]:
    return lambda: mean_us(evaluate, given)


def _parse(condition: Condition) -> object:
    findings: list[Diagnostic] = []
    return parse(Source("condition", condition.text), findings)


def _compile(condition: Condition) -> object:
    return cel.compile(condition.text, condition.types)


def geometric(values: Sequence[float]) -> float:
    return math.exp(statistics.fmean(map(math.log, values)))


def rows_of(runs: Sequence[Mapping[str, Mapping[str, float]]]) -> list[dict[str, object]]:
    """The table: medians over the processes, and how many times slower than ours the others are."""
    rows: list[dict[str, object]] = []
    for name in runs[0]:
        times = {way: statistics.median(run[name][way] for run in runs) for way in runs[0][name]}
        row: dict[str, object] = {"condition": name, "ours ns": times[OURS]}
        row |= {way: times[way] / times[OURS] if way in times else None for way in (COMPILED, INTERPRETED, GOOGLE)}
        row["ours / by hand"] = times[OURS] / times[HAND]
        row |= {"parse us": times["parse"] / 1e3, "compile us": times["compile"] / 1e3}
        rows.append(row)
    last: dict[str, object] = {"condition": "geometric mean"}
    for column in list(rows[0])[1:]:
        last[column] = geometric([value for row in rows if isinstance(value := row[column], float)])
    return [*rows, last]


def main() -> None:
    runs = in_processes(__file__, processes=3)
    rows = rows_of(runs)
    table(rows, "Ours in nanoseconds; the others as multiples of it")
    print(
        f"\naims: {COMPILED} at least {AIMS[COMPILED]:.0f}, {GOOGLE} at least {AIMS[GOOGLE]:.0f}, ours at most {AIMS[HAND]} by hand, compile at most 200 us"
    )
    keep("cel", rows)


if __name__ == "__main__":
    if asked_for_one() is not None:
        answer(one())
    else:
        main()
