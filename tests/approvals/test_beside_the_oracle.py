"""Machine and oracle, step by step, chosen by hypothesis: whatever people do, both tell the same story.

ASSENTRY_APPROVALS_LIVES sets how many lives are played, new ones each time; the default is a handful.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from tests.approvals.walk import STEPS, Life, walk

T = TypeVar("T")

LIVES = int(os.environ.get("ASSENTRY_APPROVALS_LIVES", "0"))


class Drawn:
    """Choices that hypothesis makes, and can make smaller."""

    def __init__(self) -> None:
        self.data: st.DataObject | None = None

    def of(self, options: Sequence[T]) -> T:
        assert self.data is not None
        return self.data.draw(st.sampled_from(options))


class Approvals(RuleBasedStateMachine):
    """One life. Its rules are the steps of `walk.Life`; each compares what it touched."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn = Drawn()
        self.life = Life(self.drawn)

    def teardown(self) -> None:
        self.life.pair.compare_all()


def _step(name: str) -> Callable[[Approvals, st.DataObject], None]:
    def step(self: Approvals, data: st.DataObject) -> None:
        self.drawn.data = data
        getattr(self.life, name)()

    step.__name__ = name
    return step


ALONE = ("submit", "wait", "move", "regroup", "delegate", "disown", "rewiden", "fail")
"""What can happen before anybody asked for anything."""

for each in dict.fromkeys(STEPS):
    made = rule(data=st.data())(_step(each))
    if each not in ALONE:
        made = precondition(lambda self: bool(self.life.pair.model.asks))(made)
    setattr(Approvals, each, made)


def test_machine_and_oracle_agree_whatever_hypothesis_does() -> None:
    run_state_machine_as_test(
        Approvals,
        settings=settings(
            max_examples=LIVES or 25,
            stateful_step_count=60,
            deadline=None,
            database=None,
            derandomize=not LIVES,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("seed", range(LIVES or 12))
def test_machine_and_oracle_agree_in_long_lives(seed: int) -> None:
    walk(seed, 600)
