"""A saved policy that somebody has tampered with is refused, or it is a policy that decides; it is never code."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assentry.code.save import from_bytes, to_bytes
from assentry.errors import FormatError
from assentry.evaluator.policy import Policy, load_saved
from tests.laws.test_law_7_no_text import HOSTILE
from tests.support.generate import World
from tests.support.laws import RULESETS, law, policy, worlds
from tests.support.saved import lines, resealed

SCALARS: tuple[Any, ...] = (
    *HOSTILE,
    "",
    "__builtins__",
    "action",
    "memo",
    "root",
    "lit",
    "call",
    "equals",
    "_==_",
    None,
    True,
    False,
    0,
    -1,
    1,
    7,
    2**53,
    2**64,
    1e300,
    [],
    {},
    [[]],
    [None],
)


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything inside some JSON data."""
    if path:
        yield path
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inside:
        yield from places(value, (*path, key))


def reached(data: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        data = data[step]
    return data


def tampered(data: Any, rng: Random) -> None:
    """One change (in place): another value, a part from elsewhere, a part twice, a part missing."""
    everywhere = list(places(data))
    *way, last = rng.choice(everywhere)
    holder = reached(data, tuple(way))
    roll = rng.random()
    if roll < 0.4:
        holder[last] = copy.deepcopy(rng.choice(SCALARS))
    elif roll < 0.7:
        holder[last] = copy.deepcopy(reached(data, rng.choice(everywhere)))
    elif roll < 0.85 and isinstance(holder, list):
        holder.insert(last, copy.deepcopy(holder[last]))
    else:
        del holder[last]


@law(RULESETS // 20)
@given(worlds(), st.integers(0, 2**32))
def test_tampered_forms(of: World, seed: int) -> None:
    rng = Random(seed)
    whole = lines(policy(of).form)
    for _ in range(8):
        data = copy.deepcopy(whole)
        for _ in range(rng.choice((1, 1, 1, 2, 4))):
            tampered(data, rng)
        try:
            loaded = Policy(from_bytes(resealed(data)))
        except FormatError:
            continue
        for case in of.cases[:3]:
            verdict = loaded.decide(case.action).to_dict()
            json.dumps(verdict)
            assert verdict["decision"] in ("allow", "deny", "require_approval")
            loaded.decide_interpreted(case.action).to_dict()
            loaded.decide_unindexed(case.action).to_dict()
            loaded.explain(case.action).to_text()


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"null", b"\x80\x04.", b"\xff", b"[" * 100_000, *(t.encode() for t in HOSTILE)]
)
def test_files_that_are_no_policy(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.policy"
    path.write_bytes(content)
    with pytest.raises(FormatError):
        load_saved(path)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["x.policy"]


@law(RULESETS // 20)
@given(worlds(), st.integers(0, 2**32))
def test_damaged_files(of: World, seed: int) -> None:
    """A file of which any byte has changed is refused: its checksum does not fit, or its header is none."""
    rng = Random(seed)
    content = to_bytes(policy(of).form)
    at = rng.randrange(len(content))
    damaged = content[:at] + bytes([(content[at] + rng.randrange(1, 256)) % 256]) + content[at + 1 :]
    with pytest.raises(FormatError):
        from_bytes(damaged)
