"""Entities as Cedar has them, with attributes and parents, and what of them an action document needs to say.

A service that asks Assentry says in the action what it knows: for a group, folder or permission that something belongs
to, directly or not, the list of them. `World.within` makes that list; Cedar computes the same when it reads entities.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

Uid = tuple[str, str]
"""Type and id."""


@dataclass
class World:
    """The entities by uid: their attributes in Cedar's JSON, and their parents."""

    attributes: dict[Uid, dict[str, Any]] = field(default_factory=dict)
    parents: dict[Uid, list[Uid]] = field(default_factory=dict)

    def add(self, uid: Uid, parents: Sequence[Uid] = (), **attributes: Any) -> Uid:
        """A new entity."""
        self.attributes[uid] = attributes
        self.parents[uid] = list(parents)
        return uid

    def entities(self) -> str:
        """All of it, as Cedar reads it."""
        return json.dumps(
            [
                {"uid": _json(uid), "attrs": self.attributes[uid], "parents": list(map(_json, self.parents[uid]))}
                for uid in self.attributes
            ]
        )

    def within(self, uid: Uid) -> list[str]:
        """The entity itself and everything it belongs to, directly or not, as texts."""
        found: dict[Uid, None] = {}
        waiting = [uid]
        while waiting:
            if (one := waiting.pop()) not in found:
                found[one] = None
                waiting += self.parents.get(one, ())
        return [text(one) for one in found]


@dataclass(frozen=True)
class Request:
    """One request, as Cedar and as Assentry are asked it."""

    cedar: dict[str, Any]
    action: dict[str, Any]


def request(world: World, principal: Uid, name: str, resource: Uid, subject: Any, thing: Any) -> Request:
    """The request with what `subject` and `thing` add to the two nouns; each action is decoded by itself."""
    action = {
        "subject": {"type": principal[0], "id": text(principal), **subject},
        "action": {"name": name},
        "resource": {"type": resource[0], "id": text(resource), **thing},
        "context": {},
    }
    assert principal in world.attributes
    assert resource in world.attributes
    cedar = {
        "principal": _plain(principal),
        "action": {"type": "Action", "id": name},
        "resource": _plain(resource),
        "context": {},
    }
    return Request(cedar, json.loads(json.dumps(action)))


def reference(uid: Uid) -> dict[str, Any]:
    """An attribute's value that is another entity."""
    return {"__entity": _plain(uid)}


def text(uid: Uid) -> str:
    """An entity in an action document."""
    return f"{uid[0]}:{uid[1]}"


def some(pick: random.Random, uids: Sequence[Uid], chance: float) -> list[Uid]:
    """Each with that chance."""
    return [uid for uid in uids if pick.random() < chance]


def numbered(kind: str, count: int) -> Iterator[Uid]:
    """That many uids of a type."""
    return ((kind, f"{kind.lower()}{number}") for number in range(count))


def schema(subject: dict[str, Any], resource: dict[str, Any]) -> dict[str, Any]:
    """A JSON Schema for the action documents of a scenario."""
    string = {"type": "string"}
    return {
        "type": "object",
        "required": ["subject", "action", "resource"],
        "properties": {
            "subject": _record({"type": string, "id": string, **subject}, {"type", "id", *subject}),
            "action": _record({"name": string}, {"name"}),
            # What a resource has depends on its type, so a rule asks before it reads.
            "resource": _record({"type": string, "id": string, **resource}, {"type", "id"}),
            "context": {"type": "object"},
        },
    }


def _record(properties: dict[str, Any], required: set[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": sorted(required)}


def _json(uid: Uid) -> dict[str, Any]:
    return {"type": uid[0], "id": uid[1]}


def _plain(uid: Uid) -> dict[str, str]:
    return {"type": uid[0], "id": uid[1]}
