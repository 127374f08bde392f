"""Hand-written Python, which finds all rules that fire."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from pathlib import Path

from versus.peer import InProcess, Said
from workloads.handwritten import collect_all
from workloads.reference import Action
from workloads.rulesets import Rule


class ByHand(InProcess):
    """Its answers are in the rules' order."""

    def answers(self, count: int) -> list[Said]:
        return [(decision, tuple(sorted(rules or ()))) for decision, rules in super().answers(count)]


def make(rules: Sequence[Rule], actions: Sequence[Action], _folder: Path) -> ByHand:
    return ByHand(collect_all(rules), actions, f"CPython {platform.python_version()}")  # type: ignore[arg-type]
