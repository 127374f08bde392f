"""Law 3: an error never widens access: never less strict than with any fitting value in the misfit's place."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.oracle.outcome import Failed
from tests.oracle.place import Place
from tests.support.actions import Spot, Step, drop, fitting, put, spoil
from tests.support.generate import World
from tests.support.laws import RULESETS, law, policy, strictness, verdict, worlds


def misfits(place: Place, steps: tuple[Step, ...] = (), optional: bool = False) -> Iterator[Spot]:
    """Every place in an action that does not fit its schema, as deep as its own node."""
    try:
        there = place.shallow()
    except Failed:
        yield Spot(steps, place.spec, optional)
        return
    if type(there) is list:
        for at, element in enumerate(place.sequence()):
            yield from misfits(element, (*steps, at))
    elif type(there) is dict:
        demanded = [name for name in place.spec.properties if place.demands(name) and name not in there]
        for name in [*demanded, *(key for key in there if place.counts(key))]:
            yield from misfits(place.field(name), (*steps, name), not place.demands(name))


def repaired(action: Any, spots: list[Spot], rng: Random) -> Iterator[Any]:
    """The action with fitting values where there are misfits: at one place only, and at all of them."""
    for spot in spots:
        for _ in range(3):
            yield changed(action, [spot], rng)
        absent = copy.deepcopy(action)
        if spot.optional and drop(absent, spot.steps):
            yield absent  # more than the law asks: a misfit is no better than nothing at all
    yield changed(action, spots, rng)


def changed(action: Any, spots: list[Spot], rng: Random) -> Any:
    result = copy.deepcopy(action)
    for spot in spots:
        assert put(result, spot.steps, fitting(spot.spec, rng))
    return result


@law(RULESETS // 8)
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
