"""How do Assentry and Cedar stand in Cedar's own scenarios?

Those of Cutler et al., "Cedar: A New Language for Expressive, Fast, Safe, and Analyzable Authorization" (OOPSLA 2024),
with worlds, requests and policies written anew here. Cedar is given the entities, read once beforehand, as cedarpy
allows; Assentry is given in each action what of them matters, flattened by the service that asks: that work is on
neither clock. 1,000 requests each; all decisions are compared first. Microseconds a decision, in turn in one process.
"""

from __future__ import annotations

import statistics
import sys
from typing import Any

from scenarios import drive, repositories, todo
from scenarios.world import Request
from timing import answer, asked_for_one, in_processes, in_turn, keep, mean_us, medians, ratio, table
from versus.peer import PEERS, imported

from assentry.compiler import load_sources

SCENARIOS: dict[str, Any] = {"drive": drive, "repositories": repositories, "todo": todo}
SIZES = [5, 20, 50]
REQUESTS = 1000


def one(name: str, size: int) -> dict[str, float]:
    cedarpy = imported("cedarpy")
    scenario = SCENARIOS[name]
    world = scenario.world(size, seed=size)
    requests: list[Request] = scenario.requests(world, REQUESTS, seed=size)
    policies = cedarpy.PolicySet.from_str(scenario.CEDAR)
    entities = cedarpy.Entities.from_json_str(world.entities())
    policy = load_sources({f"{name}.assent": scenario.ASSENT}, schema=scenario.SCHEMA)
    allowed = 0
    for request in requests:
        theirs = cedarpy.is_authorized(request.cedar, policies, entities)
        ours = policy.decide(request.action)
        assert not theirs.diagnostics.errors, theirs.diagnostics.errors
        assert not ours.errors, ours.errors
        assert (ours.decision == "allow") == theirs.allowed, f"{ours.decision}, {theirs.decision}: {request}"
        allowed += theirs.allowed
    turns = in_turn(
        {
            "ours": lambda: mean_us(policy.decide, [request.action for request in requests]),
            "cedar": lambda: mean_us(
                lambda request: cedarpy.is_authorized(request, policies, entities),
                [request.cedar for request in requests],
            ),
        }
    )
    return {
        "allowed": allowed / REQUESTS,
        "us": statistics.median(turns["ours"]),
        "cedarpy": statistics.median(turns["cedar"]),
        "times ours": ratio(turns["cedar"], turns["ours"]),
    }


def main() -> None:
    python = PEERS / "venv" / "bin" / "python"
    if not python.exists():
        print("left out: `make bench-peers` installs cedarpy")
        sys.exit(0)
    rows = [
        {
            "scenario": name,
            "entities of a kind": size,
            **medians(in_processes(__file__, [name, size], python=str(python))),
        }
        for name in SCENARIOS
        for size in SIZES
    ]
    table(rows)
    keep("scenarios", rows)


if __name__ == "__main__":
    if (given := asked_for_one()) is not None:
        answer(one(given[0], int(given[1])))
    else:
        main()
