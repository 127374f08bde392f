"""Ways in which an action can be malformed: each makes one out of a good one. No two of a stream are equal."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from workloads.reference import Action

Spoil = Callable[[Action, int], Any]


def _set(*path: str, to: Callable[[int], object]) -> Spoil:
    def spoil(action: Action, number: int) -> Action:
        made = copy.deepcopy(action)
        place: Any = made
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to(number)
        return made

    return spoil


def _without(*path: str) -> Spoil:
    def spoil(action: Action, _: int) -> Action:
        made = copy.deepcopy(action)
        place: Any = made
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]
        return made

    return spoil


def _numbers_for_all(action: Action, number: int) -> Action:
    """Every value another number, except the action's name: all that is read of it errs."""
    spoiled: Action = {
        noun: {
            field: {"x": number} if isinstance(value, (str, bool)) else f"v{number}" for field, value in part.items()
        }
        for noun, part in action.items()
    }
    spoiled["action"]["name"] = action["action"]["name"]
    return spoiled


def _deep(number: int) -> object:
    value: object = number
    for _ in range(500):
        value = [value]
    return value


SPOILED: dict[str, Spoil] = {
    "no map": lambda _, number: [number],
    "empty map": lambda _, __: {},
    "no action": _without("action"),
    "no name": _without("action", "name"),
    "name is a number": _set("action", "name", to=lambda number: number),
    "name is a list": _set("action", "name", to=lambda number: [number]),
    "unknown name": _set("action", "name", to=lambda number: f"nobody.{number}"),
    "name of 64 KiB": _set("action", "name", to=lambda number: f"{number}" * (65536 // len(str(number)))),
    "subject is null": _set("subject", to=lambda _: None),
    "no resource type": _without("resource", "type"),
    "type is a number": _set("resource", "type", to=lambda number: number),
    "rows is a string": _set("action", "rows", to=lambda number: f"{number}"),
    "rows below zero": _set("action", "rows", to=lambda number: -number - 1),
    "rows beyond int64": _set("action", "rows", to=lambda number: 2**64 + number),
    "environment unknown": _set("resource", "environment", to=lambda number: f"e{number}"),
    "a number in labels": _set("resource", "labels", to=lambda number: ["pii", number]),
    "100,000 labels": _set("resource", "labels", to=lambda number: [f"{number}"] * 100_000),
    "labels 500 deep": _set("resource", "labels", to=_deep),
    "all fields wrong": _numbers_for_all,
}
