"""cel-python, CEL in pure Python, with either of its runners: one that interprets, one that compiles to Python.

The one that compiles refuses `has(a) && has(b)` ("no such overload"), so the guards are left out: the actions here
carry all fields, and the answers are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from versus.cel_rules import Program, decider, unguarded
from versus.peer import InProcess, imported, package_version
from workloads.reference import Action
from workloads.rulesets import Rule


def make(rules: Sequence[Rule], actions: Sequence[Action], _folder: Path, runner: str = "CompiledRunner") -> InProcess:
    version = package_version("cel-python")
    celpy = imported("celpy")
    environment = celpy.Environment(runner_class=getattr(celpy, runner))

    def compile_(text: str) -> Program:
        program: Program = environment.program(environment.compile(text)).evaluate
        return program

    def activate(action: Action) -> dict[str, Any]:
        return {noun: celpy.json_to_cel(fields) for noun, fields in action.items()}

    return InProcess(decider(rules, unguarded, compile_, activate), actions, version)
