"""Assentry itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from versus.peer import InProcess, Said
from workloads.assent import assent
from workloads.reference import Action
from workloads.rulesets import Rule

from assentry import __version__
from assentry.compiler import load_sources


class Ours(InProcess):
    """`mean_us` is that of `Policy.decide` alone: its verdict is the answer."""

    def __init__(self, rules: Sequence[Rule], actions: Sequence[Action]) -> None:
        self.policy = load_sources(assent(rules))
        super().__init__(self.policy.decide, actions, f"assentry {__version__}")  # type: ignore[arg-type]

    def answers(self, count: int) -> list[Said]:
        verdicts = map(self.policy.decide, self._actions[:count])
        return [(v.decision, tuple(sorted(rule.id.removeprefix("bench.") for rule in v.rules))) for v in verdicts]


def make(rules: Sequence[Rule], actions: Sequence[Action], _folder: Path) -> Ours:
    return Ours(rules, actions)
