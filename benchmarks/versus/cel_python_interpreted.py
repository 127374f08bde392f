"""cel-python with the runner that interprets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from versus import cel_python
from versus.peer import InProcess
from workloads.reference import Action
from workloads.rulesets import Rule


def make(rules: Sequence[Rule], actions: Sequence[Action], folder: Path) -> InProcess:
    return cel_python.make(rules, actions, folder, "InterpretedRunner")
