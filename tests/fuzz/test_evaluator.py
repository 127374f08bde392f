"""Whatever Python object comes in as an action: a verdict, the same by every way, never an access out of confusion."""

from __future__ import annotations

import json
from collections import OrderedDict, UserDict, defaultdict
from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oracle.place import Place
from tests.support.actions import put, spots
from tests.support.generate import World
from tests.support.laws import oracle, policy, strictness, verdict, worlds
from tests.support.repair import copied, misfits, repaired

FUZZ = settings(
    max_examples=100, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


class Hostile:
    """Raises whatever is asked of it."""

    def _refuse(self, *_: object) -> NoReturn:
        raise RuntimeError("touched")

    __eq__ = __ne__ = __lt__ = __gt__ = __le__ = __ge__ = __hash__ = _refuse
    __bool__ = __len__ = __iter__ = __contains__ = __getitem__ = __int__ = __str__ = __repr__ = _refuse
    __getattr__ = _refuse


class Liar(str):
    """A text that claims to be every other text."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash("data.read")

    def startswith(self, *_: object) -> bool:
        return True


class Yes(dict[str, Any]):
    """A map that has everything."""

    def __contains__(self, key: object) -> bool:
        return True

    def get(self, key: object, default: object = None) -> Any:
        return True

    def __getitem__(self, key: object) -> Any:
        return True

    def __missing__(self, key: object) -> Any:
        return True


class Big(int):
    def __gt__(self, other: object) -> bool:
        return True

    def __ge__(self, other: object) -> bool:
        return True

    def __lt__(self, other: object) -> bool:
        return False


def cycle() -> Any:
    inside: dict[str, Any] = {"a": 1}
    inside["k"] = [inside]
    return inside


OBJECTS: tuple[Callable[[], Any], ...] = (
    Hostile,
    lambda: Liar("x"),
    lambda: Yes(a=1),
    lambda: Big(3),
    lambda: OrderedDict(a=1),
    lambda: defaultdict(list),
    lambda: UserDict(a=1),
    lambda: Decimal(3),
    lambda: 3 + 0j,
    lambda: range(3),
    lambda: (1, "a"),
    lambda: frozenset({"a"}),
    lambda: b"data.read",
    lambda: bytearray(b"a"),
    lambda: memoryview(b"a"),
    lambda: (value for value in "ab"),
    lambda: Hostile,
    lambda: len,
    lambda: "\ud800",
    lambda: "\x00",
    lambda: float("nan"),
    lambda: -float("inf"),
    lambda: -0.0,
    lambda: 10**1000,
    lambda: -(2**63) - 1,
    lambda: 2**63,
    cycle,
    lambda: [cycle(), [Hostile()]],
    lambda: {Liar("a"): 1},
    lambda: {None: 1, 2: 3, "a": 4, (): 5},
    lambda: {"a": Hostile(), "b": Liar("b")},
)

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.binary(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=3) | st.sampled_from(["action", "name", "subject", "id"]), inner, max_size=5)
        | st.dictionaries(st.integers() | st.booleans() | st.none(), inner, max_size=2)
        | st.tuples(inner)
    ),
    max_leaves=25,
)


def decided(of: World, action: Any) -> dict[str, Any]:
    """The verdict, after checking that it is one and that every way comes to it."""
    found = verdict(policy(of), action)
    assert found["decision"] in ("allow", "deny", "require_approval")
    json.dumps(found)
    assert policy(of).decide_interpreted(action).to_dict() == found
    assert policy(of).decide_unindexed(action).to_dict() == found
    assert {**oracle(of).decide(action), "policy": found["policy"]} == found
    explanation = policy(of).explain(action)
    json.dumps(explanation.to_dict())
    assert explanation.verdict.to_dict() == found
    if type(action) is not dict:
        assert found["decision"] == "deny"
    return found


@FUZZ
@given(worlds(), plain)
def test_any_data(of: World, action: Any) -> None:
    decided(of, action)


@pytest.mark.parametrize("make", OBJECTS)
def test_any_object(make: Callable[[], Any]) -> None:
    @settings(FUZZ, max_examples=3)
    @given(worlds())
    def holds(of: World) -> None:
        assert decided(of, make())["decision"] == "deny" or type(make()) is dict

    holds()


@FUZZ
@given(worlds(), st.integers(0, 2**32))
def test_objects_inside_an_action(of: World, seed: int) -> None:
    """Anything anywhere in an action: never less strict than with a fitting value there."""
    rng = Random(seed)
    for case in of.cases[:4]:
        if case.fitting is None:
            continue
        action = copied(case.fitting)
        for spot in rng.sample(list(spots(of.spec, action)), 1):
            put(action, spot.steps, rng.choice(OBJECTS)())
        found = strictness(decided(of, action))
        for other in repaired(action, list(misfits(Place("", of.spec, action))), rng):
            assert found >= strictness(verdict(policy(of), other))


SECRET = "Xyzzy7Plugh"


@FUZZ
@given(worlds(), st.integers(0, 2**32))
def test_what_is_redacted_is_nowhere_shown(of: World, seed: int) -> None:
    """A text under a redacted path stands neither in the verdict nor in its explanation, nor in lower case."""
    rng = Random(seed)
    for case in of.cases:
        if case.fitting is None:
            continue
        texts = [spot for spot in spots(of.spec, case.fitting) if spot.spec.kind == "string" and not spot.spec.allowed]
        action, spot = copied(case.fitting), rng.choice(texts)
        if not put(action, spot.steps, SECRET):
            continue
        explanation = policy(of).explain(action)
        names = [str(step) for step in spot.steps]
        hidden = [path.split(".") for path in explanation.verdict.redact]
        if any(names[: len(path)] == path for path in hidden):
            shown = json.dumps([explanation.verdict.to_dict(), explanation.to_dict()])
            assert SECRET.lower() not in shown.lower(), spot.steps
