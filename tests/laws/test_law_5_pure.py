"""Law 5: same policy digest, same action, same verdict, on every machine and thread."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given

from tests.support.generate import World, world
from tests.support.laws import RULESETS, compiled, law, policy, verdict, worlds

ROOT = Path(__file__).parents[2]
SEEDS = tuple(range(7_000, 7_000 + max(8, RULESETS // 100)))
THREADS = 4

PROGRAM = """
import sys
from tests.laws.test_law_5_pure import SEEDS, record
for seed in SEEDS:
    sys.stdout.write(record(seed))
"""


def record(seed: int) -> str:
    """Digest and verdicts of a world, as text."""
    of = world(seed)
    lines = [policy(of).digest, *(json.dumps(verdict(policy(of), case.action)) for case in of.cases)]
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize(
    "machine",
    [
        {"PYTHONHASHSEED": "0", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "4711", "TZ": "America/Lima", "LC_ALL": "C.UTF-8", "PYTHONOPTIMIZE": "2"},
    ],
    ids=["one machine", "another machine"],
)
def test_other_machines_say_the_same(machine: dict[str, str], tmp_path: Path) -> None:
    path = os.pathsep.join([str(ROOT), str(ROOT / "engine")])
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, **machine, "PYTHONPATH": path},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout == "".join(record(seed) for seed in SEEDS)


@law(RULESETS // 50)
@given(worlds())
def test_threads_share_a_policy(of: World) -> None:
    actions = [case.action for case in of.cases]
    alone = [verdict(policy(of), action) for action in actions]
    shared = compiled(of.texts, of)

    def decide(number: int) -> list[dict[str, Any]]:
        order = Random(number).sample(range(len(actions)), len(actions))
        found = {at: verdict(shared, actions[at]) for at in order}
        return [found[at] for at in range(len(actions))]

    with ThreadPoolExecutor(THREADS) as pool:
        for verdicts in pool.map(decide, range(THREADS * 2)):
            assert verdicts == alone


@law(RULESETS // 50)
@given(worlds())
def test_a_decision_leaves_no_trace(of: World) -> None:
    """Deciding changes neither the action nor what is decided next."""
    actions = [case.action for case in of.cases]
    before = [repr(action) for action in actions]
    first = [verdict(policy(of), action) for action in actions]
    again = [verdict(policy(of), action) for action in reversed(actions)]
    assert again[::-1] == first
    assert [repr(action) for action in actions] == before
