"""A policy that is replaced while decisions run."""

from __future__ import annotations

from assentry.evaluator.policy import Policy
from assentry.evaluator.verdict import Verdict


class LivePolicy:
    """Decides by the newest policy. Safe to share between threads.

    A decision is made by one policy from start to end: the one in force when it began, which its verdict names
    (`verdict.policy`).
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self._policy

    def replace(self, policy: Policy) -> Policy:
        """Puts another policy in force, at once for all decisions that begin from now on; gives back the former one.

        Load it before, and prepare it (`Policy.prepare`) where no decision may wait for it: what cannot be loaded
        then replaces nothing.
        """
        former, self._policy = self._policy, policy
        return former

    def decide(self, action: object) -> Verdict:
        """As `Policy.decide`: never raises."""
        return self._policy.decide(action)
