"""Cedar by its own crate, in a small Rust program."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from versus.peer import Remote
from versus.texts import cedar
from workloads.reference import Action
from workloads.rulesets import Rule

_MANIFEST = Path(__file__).parent / "cedar_rust" / "Cargo.toml"


def make(rules: Sequence[Rule], actions: Sequence[Action], folder: Path) -> Remote:
    policies = folder / "bench.cedar"
    policies.write_text(cedar(rules), encoding="utf-8")
    found = re.search(r'cedar-policy = "=(.+?)"', _MANIFEST.read_text(encoding="utf-8"))
    return Remote("cedar_rust", policies, actions, f"cedar-policy {found[1] if found else ''}")
