"""A property for each law, over random lives: an onlooker who knows the facts never sees it broken."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assentry.approvals.events import Event
from assentry.approvals.state import State
from tests.approvals.invariants import LAWS, Onlooker
from tests.approvals.mutants import MORE, READINGS, UNCHECKED
from tests.approvals.mutation import applied
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


TAKEN_AWAY = {
    "what was approved is what runs": "only the terms in force counting",
    "once": "an effect unreserved at consume",
    "distinct people": "one person takes two seats",
    "nobody approves their own": "exclusion not asked",
    "identity": "a vote that nothing vouches for",
    "denial dominates": "another's deny after quorum ignored",
    "a change is a new action": "a counter-proposal without the original's terms",
    "answers name their card": "a stale card is answered",
    "flood": "coalescing on content, with the first requester's chain",
    "escalation and break-glass": "a glass broken without a reason",
}
"""For each law a mutant that takes it away; the fold looks away."""


def lived(law: str, lives: int) -> None:
    for seed in range(lives):
        watched(seed, law)


@pytest.mark.parametrize("law", LAWS)
def test_a_law_that_is_taken_away_is_missed(law: str) -> None:
    [mutant] = [each for each in (*READINGS, *MORE) if each.reading == TAKEN_AWAY[law]]
    with applied((*UNCHECKED, *mutant.edits)), pytest.raises(AssertionError):
        lived(law, 50)


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
