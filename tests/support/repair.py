"""Where an action does not fit its schema, and the actions that have fitting values there instead."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from assentry.values.limits import MAX_DEPTH
from tests.oracle.outcome import Failed
from tests.oracle.place import Place
from tests.support.actions import Spot, Step, drop, fitting, put


def misfits(place: Place, steps: tuple[Step, ...] = (), optional: bool = False) -> Iterator[Spot]:
    """Every place in an action that does not fit its schema, as deep as its own node."""
    if len(steps) > MAX_DEPTH:
        return  # too deep is no misfit of one place, and a cycle has no end
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
            declared = name in place.spec.properties
            yield from misfits(place.field(name), (*steps, name), declared and not place.demands(name))


def repaired(action: Any, spots: list[Spot], rng: Random) -> Iterator[Any]:
    """The action with fitting values where there are misfits: at one place only, and at all of them."""
    for spot in spots:
        for _ in range(3):
            yield changed(action, [spot], rng)
        absent = copied(action)
        if spot.optional and drop(absent, spot.steps):
            yield absent  # more than the law asks: a misfit is no better than nothing at all
    yield changed(action, spots, rng)


def changed(action: Any, spots: list[Spot], rng: Random) -> Any:
    result = copied(action)
    for spot in spots:
        assert put(result, spot.steps, fitting(spot.spec, rng))
    return result


def copied(value: Any, memo: dict[int, Any] | None = None) -> Any:
    """New lists and dicts, cycles kept, with everything else as it is: some objects cannot be copied at all."""
    memo = {} if memo is None else memo
    if id(value) in memo:
        return memo[id(value)]
    if type(value) is list:
        elements: list[Any] = memo.setdefault(id(value), [])
        elements += [copied(element, memo) for element in value]
        return elements
    if type(value) is dict:
        entries: dict[Any, Any] = memo.setdefault(id(value), {})
        for key, held in value.items():
            entries[key] = copied(held, memo)
        return entries
    return value
