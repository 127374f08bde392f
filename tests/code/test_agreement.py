"""Emitted code gives what the exact tier gives, or raises: random conditions, random actions, many of them broken."""

from __future__ import annotations

from random import Random

import pytest

from assentry.code import form
from assentry.code.program import Program
from assentry.evaluator.exact import Exact, World
from tests.support import forms
from tests.support.random_forms import Conditions, random_action


def random_rules(random: Random) -> form.Form:
    """A few rules and definitions with everything in them."""
    definitions = [
        forms.definition(f"d{n}", *([Conditions(random, n).boolean(2)] for _ in range(random.randint(1, 2))))
        for n in range(3)
    ]
    rules = [
        forms.rule(f"r{n}", "deny", *(Conditions(random, 3).boolean(3) for _ in range(random.randint(1, 3))))
        for n in range(4)
    ]
    return forms.rule_set(*rules, definitions=definitions)


@pytest.mark.parametrize("seed", range(300))
def test_fast_is_exact_or_raises(seed: int) -> None:
    random = Random(seed)
    compiled = random_rules(random)
    world = World.of(compiled)
    program = Program(compiled, world.sources)
    count = len(compiled.rules)
    for _ in range(12):
        action = random_action(random)
        exact = Exact(world, action)
        for index in range(count):
            outcome = exact.rule(index)
            alone = run(program, index, action)
            assert alone is None or alone is outcome, (compiled.rules[index], action)


def run(program: Program, index: int, action: dict[str, object]) -> bool | None:
    try:
        return program.rule(index)(action, 0, {})
    except Exception:  # noqa: BLE001  # whatever it raises
        return None
