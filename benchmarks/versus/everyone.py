"""Who is compared, in the order of the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from versus.peer import Peer
from workloads.reference import Action
from workloads.rulesets import Rule


@dataclass(frozen=True)
class Entry:
    """A module of this folder; `most` is the largest rule set that it decides in a time worth waiting for."""

    module: str
    title: str
    most: int = 10_000

    def make(self, rules: Sequence[Rule], actions: Sequence[Action], folder: Path) -> Peer:
        """The rule set made ready by this engine. Raises Absent when it is not installed."""
        made: Peer = import_module(f"versus.{self.module}").make(rules, actions, folder)
        return made


OURS = Entry("assentry", "Assentry")
EVERYONE = [
    OURS,
    Entry("by_hand", "Python by hand"),
    Entry("cedarpy", "Cedar (cedarpy)"),
    Entry("cedar_rust", "Cedar (Rust)"),
    Entry("opa_embedded", "OPA in Go"),
    Entry("opa_wasm", "OPA wasm"),
    Entry("opa_server", "OPA server, HTTP"),
    Entry("vakt", "vakt"),
    Entry("cel_expr_python", "cel-expr-python"),
    Entry("cel_python", "cel-python, compiled", 1000),
    Entry("cel_python_interpreted", "cel-python, interpreted", 100),
    Entry("casbin", "casbin", 100),
    Entry("regopy", "regopy", 100),
]
