"""Every careless reading is caught: by the tests of its law, and, as the table says, by a random life beside the oracle.

The table is printed with `pytest -s`; ASSENTRY_APPROVALS_LIVES sets how many lives each mutant is given.
"""

from __future__ import annotations

import inspect
import itertools
import os
from collections.abc import Callable, Iterator
from functools import cache, partial
from importlib import import_module
from pathlib import Path

import pytest

from tests.approvals.fold_mutants import FOLD
from tests.approvals.mutants import MORE, READINGS, UNCHECKED
from tests.approvals.mutation import Edit, Mutant, applied
from tests.approvals.walk import Dice, Life

LIVES = int(os.environ.get("ASSENTRY_APPROVALS_LIVES", "2"))
STEPS = 250

Test = Callable[[], None]


@cache
def law_tests(prefix: str) -> tuple[tuple[str, Test], ...]:
    """The tests in the files that begin with this, each with its parameters, by name."""
    names = sorted(path.stem for path in Path(__file__).parent.glob(f"test_{prefix}*.py"))
    assert names, prefix
    return tuple(test for name in names for test in _tests(name))


def _tests(module: str) -> Iterator[tuple[str, Test]]:
    for name, function in inspect.getmembers(import_module(f"tests.approvals.{module}"), inspect.isfunction):
        if name.startswith("test_"):
            for values in _parameters(function):
                yield name, partial(function, **values)


def _parameters(function: Callable[..., None]) -> Iterator[dict[str, object]]:
    """All combinations of the values that the test is given."""
    marks = [mark for mark in getattr(function, "pytestmark", ()) if mark.name == "parametrize"]
    choices: list[list[dict[str, object]]] = []
    for mark in marks:
        names, rows = mark.args
        keys = [key.strip() for key in names.split(",")] if isinstance(names, str) else list(names)
        choices.append([dict(zip(keys, row if len(keys) > 1 else (row,), strict=True)) for row in rows])
    for combination in itertools.product(*choices):
        yield {key: value for values in combination for key, value in values.items()}


def killer(mutant: Mutant) -> str | None:
    """The first test that fails, among those of the laws that have to notice."""
    for prefix in mutant.laws:
        for name, test in law_tests(prefix):
            try:
                test()
            except (Exception, pytest.fail.Exception):  # noqa: BLE001
                return name
    return None


def killing_step(lives: int) -> int | None:
    """After how many random steps machine and oracle disagree, if they do."""
    for seed in range(lives):
        life = Life(Dice(seed))
        for step in range(STEPS):
            try:
                life.step()
            except Exception:  # noqa: BLE001
                return seed * STEPS + step + 1
    return None


def test_without_a_mistake_all_is_well() -> None:
    prefixes = sorted({prefix for mutant in (*READINGS, *MORE, *FOLD) for prefix in mutant.laws})
    for prefix in prefixes:
        for _, test in law_tests(prefix):
            test()


@pytest.mark.parametrize("family", ["readings", "laws", "fold"])
def test_every_mutant_dies(family: str) -> None:
    unchecked: tuple[Edit, ...] = () if family == "fold" else UNCHECKED
    rows, alive = [], []
    for mutant in {"readings": READINGS, "laws": MORE, "fold": FOLD}[family]:
        with applied((*unchecked, *mutant.edits)):
            test, step = killer(mutant), killing_step(LIVES if family != "fold" else 0)
        rows.append(f"{mutant.reading:<66} {test or 'ALIVE':<72} {'' if step is None else step}")
        if test is None:
            alive.append(mutant.reading)
    print(f"\n{family:<66} {'killed by':<72} and beside the oracle after so many steps")
    print("\n".join(rows))
    assert alive == []
