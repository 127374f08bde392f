"""regopy, rego-cpp as a Python extension."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from versus.peer import InProcess, Said, imported, package_version, said
from versus.texts import rego
from workloads.reference import Action
from workloads.rulesets import Rule


def make(rules: Sequence[Rule], actions: Sequence[Action], _folder: Path) -> InProcess:
    version = package_version("regopy")
    regopy = imported("regopy")
    interpreter = regopy.Interpreter()
    interpreter.add_module("bench.rego", rego(rules))

    def decide(action: Action) -> Said:
        interpreter.set_input(regopy.Input(action))
        return said(interpreter.query("data.bench.verdict")[0][0])

    return InProcess(decide, actions, version)
