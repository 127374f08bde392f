"""Law 3: an error never widens access: never less strict than with any fitting value in the misfit's place."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.oracle.place import Place
from tests.support.actions import spoil
from tests.support.generate import World
from tests.support.laws import RULESETS, law, policy, strictness, verdict, worlds
from tests.support.repair import misfits, repaired


@law(RULESETS // 10)
@given(worlds(), st.integers(0, 2**32))
def test_a_misfit_is_never_less_strict(world: World, seed: int) -> None:
    rng = Random(seed)
    decide = policy(world)
    for case in world.cases:
        if case.fitting is None:
            continue
        action = (case if case.spoilt else spoil(world.spec, case.fitting, rng, 1)).action
        found = strictness(verdict(decide, action))
        for other in repaired(action, list(misfits(Place("", world.spec, action))), rng):
            assert found >= strictness(verdict(decide, other)), (action, other)
