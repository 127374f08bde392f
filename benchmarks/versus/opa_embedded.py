"""OPA as a library in a small Go program: a prepared query, the action as decoded JSON."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from versus.peer import Remote
from versus.texts import rego
from workloads.reference import Action
from workloads.rulesets import Rule

_MODULE = Path(__file__).parent / "opa_embedded" / "go.mod"


def opa_version() -> str:
    """`opa version`, as it is pinned."""
    found = re.search(r"open-policy-agent/opa v([\d.]+)", _MODULE.read_text(encoding="utf-8"))
    return f"opa {found[1] if found else ''}"


def make(rules: Sequence[Rule], actions: Sequence[Action], folder: Path) -> Remote:
    module = folder / "embedded.rego"
    module.write_text(rego(rules), encoding="utf-8")
    return Remote("opa_embedded", module, actions, opa_version())
