"""Some rules of a policy, ready to decide: which of them fire, and the ruling for each such set."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from assentry.evaluator.exact import Exact
from assentry.evaluator.outcome import Failure
from assentry.evaluator.ruling import Ruling, rule_on
from assentry.evaluator.verdict import Verdict

if TYPE_CHECKING:
    from assentry.evaluator.policy import Policy

MAX_RULINGS = 1024
"""Rulings kept for one set of candidates; when there are more, they are forgotten and made anew."""


class Candidates:
    """The rules that actions of one kind can meet.

    What they come to is one integer, the key: bit i is set when the i-th rule fired, bit n + i when it
    is in error.
    """

    def __init__(self, policy: Policy, rules: Iterable[int]) -> None:
        self.rules = tuple(rules)
        self._policy = policy
        self._rulings: dict[int, Verdict | Ruling] = {}

    def decide(self, action: dict[str, object]) -> Verdict:
        """The verdict on an action for which no other rule can fire or err."""
        key = self._key(action)
        found = self._rulings.get(key)
        if found is None:
            found = self._rule(key)
        return found if isinstance(found, Verdict) else Verdict(found, self._policy, action)

    def _key(self, action: dict[str, object]) -> int:
        exact = Exact(self._policy.world, action)
        key = 0
        for position, index in enumerate(self.rules):
            outcome = exact.rule(index)
            if outcome is not False:
                key |= 1 << (position + (len(self.rules) if isinstance(outcome, Failure) else 0))
        return key

    def _rule(self, key: int) -> Verdict | Ruling:
        count = len(self.rules)
        fired = [index for position, index in enumerate(self.rules) if key >> position & 1]
        erred = [index for position, index in enumerate(self.rules) if key >> (count + position) & 1]
        ruling = rule_on(self._policy.form, self._policy.world.sources, fired, erred)
        # Without reasons to fill in and errors to explain, one verdict serves every such action.
        found = ruling if self._policy.varies(ruling) else Verdict(ruling, self._policy, {})
        if len(self._rulings) >= MAX_RULINGS:
            self._rulings.clear()
        self._rulings[key] = found
        return found
