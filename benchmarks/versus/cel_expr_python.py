"""cel-expr-python, Google's C++ implementation of CEL as a Python extension."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from versus.cel_rules import Program, decider, guarded
from versus.peer import InProcess, imported, package_version
from workloads.reference import Action
from workloads.rulesets import Rule


def make(rules: Sequence[Rule], actions: Sequence[Action], _folder: Path) -> InProcess:
    version = package_version("cel-expr-python")
    cel = imported("cel_expr_python.cel")
    record = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
    environment = cel.NewEnv(variables=dict.fromkeys(("subject", "action", "resource", "context"), record))

    def compile_(text: str) -> Program:
        evaluate = environment.compile(text).eval
        return lambda activation: evaluate(activation).value()

    def activate(action: Action) -> Any:
        return environment.Activation(action)

    return InProcess(decider(rules, guarded, compile_, activate), actions, version)
