"""A property for each law, over random lives: an onlooker who knows the facts never sees it broken."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assentry.approvals.events import Event
from assentry.approvals.state import State
from tests.approvals.invariants import LAWS, Onlooker
from tests.approvals.pair import Pair
from tests.approvals.walk import RULES, Dice, Life, people

LIVES = int(os.environ.get("ASSENTRY_APPROVALS_LIVES", "10"))
"""Lives for each law; set it for more, and for new ones each time."""

STEPS = 150


def watched(seed: int, law: str) -> None:
    """A life of the machine alone under the eyes of an onlooker."""
    facts = people()
    onlooker = Onlooker(facts)

    def onlook(state: State, event: Event) -> None:
        onlooker.look(state, event, LAWS[law])

    life = Life(Dice(seed), Pair(facts, RULES, compared=False, onlook=onlook))
    for _ in range(STEPS):
        life.step()


@pytest.mark.parametrize("law", LAWS)
def test_the_law_holds_in_every_life(law: str) -> None:
    @settings(
        max_examples=LIVES,
        deadline=None,
        database=None,
        derandomize="ASSENTRY_APPROVALS_LIVES" not in os.environ,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, 2**32))
    def holds(seed: int) -> None:
        watched(seed, law)

    holds()
