"""The scenarios after Cedar's paper: their rules decide as the sentences that describe them say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from scenarios import drive, repositories, todo
from scenarios.world import Request

from assentry.compiler import load_sources

Says = Callable[[dict[str, Any], str, dict[str, Any]], bool]


def _drive(subject: dict[str, Any], name: str, resource: dict[str, Any]) -> bool:
    above = set(resource["within"])
    owns = bool(above & {*subject["documents"], *subject["folders"]})
    match name:
        case "read":
            return owns or subject["shown"] in above or resource.get("public", False)
        case "write" | "share":
            return owns
        case "give":
            return resource["id"] in subject["documents"]
    return name == "create" and resource["id"] in subject["folders"]


def _repositories(subject: dict[str, Any], name: str, resource: dict[str, Any]) -> bool:
    levels = repositories.LEVELS
    enough = levels[levels.index(name) :]
    granted = [resource[f"may_{level}"] for level in enough]
    granted += [resource["owner"][f"may_{level}"] for level in enough if level in repositories.OF_OWNER]
    return bool(set(granted) & set(subject["within"]))


def _todo(subject: dict[str, Any], name: str, resource: dict[str, Any]) -> bool:
    if resource["id"] == "Application:todo":
        return name in ("create_list", "get_lists")
    edits, reads = (resource[field] in subject["within"] for field in ("editors", "readers"))
    if resource["owner"] == subject["id"]:
        return True
    if name == "get_list":
        return edits or reads
    return edits and name in ("update_list", "create_task", "update_task", "delete_task")


@pytest.mark.parametrize(
    ("scenario", "says"),
    [(drive, _drive), (repositories, _repositories), (todo, _todo)],
    ids=["drive", "repositories", "todo"],
)
def test_decisions_are_those_of_the_sentences(scenario: Any, says: Says) -> None:
    policy = load_sources({"scenario.assent": scenario.ASSENT}, schema=scenario.SCHEMA)
    requests: list[Request] = scenario.requests(scenario.world(15, seed=3), 200, seed=4)
    allowed = 0
    for request in requests:
        action = request.action
        verdict = policy.decide(action)
        assert verdict.errors == ()
        assert (verdict.decision == "allow") == says(action["subject"], action["action"]["name"], action["resource"])
        allowed += verdict.decision == "allow"
    assert 20 <= allowed <= 180
