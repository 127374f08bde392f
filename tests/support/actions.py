"""Actions for a schema: fitting ones, and ones with values that do not fit."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.oracle.schema import ANY, Spec

Step = str | int
NAMES = ("data.read", "data.export", "db.drop", "iam.grant", "a")
STRINGS = (*NAMES, "b", "pii", "secret", "eu-1", "acct-1", "low", "high", "user", "", "7", "x,y", "Ünïcödé", "a b")
NUMBERS = (0, 1, 2, 3, 5, 7, 50, 100, 1000, -1, -7, 2**53, 2**53 + 1)
MOMENTS = ("2026-11-20T12:00:00Z", "2026-03-29T01:30:00.5+01:00", "1999-12-31T23:59:59-05:00", "2026-07-01T03:15:00Z")
KEYS = ("a", "b", "k", "x y")

MISFITS: tuple[Callable[[], Any], ...] = (
    lambda: None,
    lambda: True,
    lambda: 0,
    lambda: 1.5,
    lambda: "zzz",
    lambda: "",
    list,
    dict,
    lambda: [1, "a", None],
    lambda: {"a": {"a": []}},
    lambda: -(10**6),
    lambda: 10**30,
    lambda: -(2**63) - 1,
    lambda: 1e300,
    lambda: float("nan"),
    lambda: float("inf"),
    lambda: "2026-13-45T99:00:00Z",
    lambda: "2026-11-20T12:00:00",
    lambda: "2026-11-20",
    lambda: {1: "a", "b": 2},
    lambda: (1, 2),
    lambda: {"a"},
    lambda: b"bytes",
    object,
    lambda: [[[[]]], float("-inf")],
)


@dataclass(frozen=True)
class Spot:
    """A place inside an action: the steps that lead there and what the schema says of it."""

    steps: tuple[Step, ...]
    spec: Spec
    optional: bool


@dataclass(frozen=True)
class Case:
    """An action with the spots at which it was spoilt; `fitting` is the action before that."""

    action: Any
    fitting: Any
    spoilt: tuple[Spot, ...]


def fitting(spec: Spec, rng: Random, depth: int = 0) -> Any:
    """A value that fits."""
    if spec.nullable and rng.random() < 0.25:
        return None
    if spec.allowed is not None:
        return rng.choice([value for value in spec.allowed if value is not None])
    match spec.kind:
        case "bool":
            return rng.random() < 0.5
        case "int" | "double":
            return _number(spec, rng)
        case "string":
            return rng.choice(STRINGS)
        case "timestamp":
            return rng.choice(MOMENTS)
        case "null":
            return None
        case "list":
            inner = spec.item or ANY
            return [fitting(inner, rng, depth + 1) for _ in range(_count(rng, depth))]
        case "map":
            inner = spec.item or ANY
            return {rng.choice(KEYS): fitting(inner, rng, depth + 1) for _ in range(_count(rng, depth))}
        case "object":
            return _object(spec, rng, depth)
    return _anything(rng, depth)


def _count(rng: Random, depth: int) -> int:
    return 0 if depth > 4 else rng.choice((0, 1, 1, 2, 3))


def _number(spec: Spec, rng: Random) -> int | float:
    if spec.kind == "int":
        choices: list[int | float] = [value for value in NUMBERS if spec.within_bounds(value)]
        chosen = rng.choice(choices or [spec.node.get("minimum", 0)])
        return float(chosen) if rng.random() < 0.1 else chosen
    choices = [value for value in (*NUMBERS, 0.5, 0.25, -1.5, 1e9) if spec.within_bounds(value)]
    return rng.choice(choices)


def _object(spec: Spec, rng: Random, depth: int) -> dict[str, Any]:
    chance = 0.6 if depth < 4 else 0.0
    result = {
        name: fitting(inner, rng, depth + 1)
        for name, inner in spec.properties.items()
        if name in spec.required or rng.random() < chance
    }
    if spec.item is not None and rng.random() < 0.4:
        result[rng.choice(KEYS)] = fitting(spec.item, rng, depth + 1)
    elif spec.item is None and rng.random() < 0.1:
        result["surplus"] = rng.choice((1, "x", None, [float("nan")]))
    return result


def _anything(rng: Random, depth: int) -> Any:
    roll = rng.random()
    if roll < 0.3:
        return rng.choice(STRINGS)
    if roll < 0.5:
        return rng.choice((*NUMBERS, 0.5, 2.0))
    if roll < 0.65:
        return rng.choice((True, False, None))
    if depth > 3:
        return 1
    inner = ANY
    if roll < 0.8:
        return [fitting(inner, rng, depth + 1) for _ in range(rng.choice((0, 1, 2)))]
    return {rng.choice(("a", "b", "k", "foo")): fitting(inner, rng, depth + 1) for _ in range(rng.choice((1, 2)))}


# ---- spoiling ----


def spots(spec: Spec, value: Any, steps: tuple[Step, ...] = ()) -> Iterator[Spot]:
    """Every place of a fitting value below its root, also those of absent properties."""
    if type(value) is list:
        for at, element in enumerate(value):
            inner = spec.item or ANY
            yield Spot((*steps, at), inner, True)
            yield from spots(inner, element, (*steps, at))
    elif type(value) is dict:
        declared = spec.properties
        for name in [*declared, *(key for key in value if key not in declared)]:
            below = declared.get(name, spec.item)
            if below is None:
                continue
            yield Spot((*steps, name), below, name not in spec.required)
            if name in value:
                yield from spots(below, value[name], (*steps, name))


def put(action: Any, steps: tuple[Step, ...], value: Any) -> bool:
    """Sets the value there (in place); False when the way there is gone."""
    *way, last = steps
    for step in way:
        try:
            action = action[step]
        except (KeyError, IndexError, TypeError):
            return False
    if isinstance(last, str) and type(action) is dict:
        action[last] = value
        return True
    if isinstance(last, int) and type(action) is list and last < len(action):
        action[last] = value
        return True
    return False


def drop(action: Any, steps: tuple[Step, ...]) -> bool:
    """Removes the entry there (in place); False when there is none."""
    *way, last = steps
    for step in way:
        try:
            action = action[step]
        except (KeyError, IndexError, TypeError):
            return False
    if type(action) is dict and last in action:
        del action[last]
        return True
    return False


def spoil(spec: Spec, action: Any, rng: Random, times: int) -> Case:
    """The action with some places spoilt: another type, null, out of range, missing."""
    spoilt, broken = [], copy.deepcopy(action)
    everywhere = list(spots(spec, action))
    for _ in range(times):
        spot = rng.choice(everywhere)
        if not spot.optional and rng.random() < 0.4:
            done = drop(broken, spot.steps)
        else:
            done = put(broken, spot.steps, rng.choice(MISFITS)())
        if done:
            spoilt.append(spot)
    return Case(broken, action, tuple(spoilt))


def case(spec: Spec, rng: Random, malformed: float = 0.44) -> Case:
    """One action; `malformed` is the share of those with something that may not fit."""
    if rng.random() < malformed:
        if rng.random() < 0.03:
            return Case(rng.choice(([], [{}], "text", None, 7, float("nan"), (), object())), None, ())
        return spoil(spec, fitting(spec, rng), rng, rng.choice((1, 1, 1, 2, 3)))
    action = fitting(spec, rng)
    return Case(action, action, ())
