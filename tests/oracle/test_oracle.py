"""The oracle itself is held to the official conformance cases of CEL."""

from __future__ import annotations

import ast
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from assentry.errors import CompileError
from assentry.values.literals import from_data, to_data
from tests.oracle.cel import evaluate
from tests.oracle.outcome import Failed

CASES = Path(__file__).parents[3] / "shared" / "data" / "cel-conformance.json"


@cache
def cases() -> list[dict[str, Any]]:
    if not CASES.exists():
        pytest.skip(f"the conformance cases are not here: {CASES.name} belongs into ../shared/data")
    found: list[dict[str, Any]] = json.loads(CASES.read_text(encoding="utf-8"))["cases"]
    return [case for case in found if not (case.get("check_only") or case.get("function_decls"))]


def outcome(case: dict[str, Any]) -> object:
    """The value as typed data, with a map's entries in a fixed order, or `error`."""
    bindings = {name: from_data(value) for name, value in case.get("bindings", {}).items()}
    try:
        return ordered(to_data(evaluate(case["expr"], bindings, case.get("container", ""))))
    except (Failed, CompileError):
        return "error"


def ordered(data: Any) -> Any:
    if isinstance(data, dict):
        parts = {key: ordered(value) for key, value in data.items()}
        return {**parts, "value": sorted(parts["value"], key=repr)} if data.get("type") == "map" else parts
    return [ordered(each) for each in data] if isinstance(data, list) else data


def test_conformance() -> None:
    wrong = []
    for case in cases():
        expected = case["expect"].get("value")
        wanted = "error" if "error" in case["expect"] else ordered(expected)
        found = outcome(case)
        if (found != wanted) if wanted is not None else (found == "error"):
            wrong.append(f"{case['id']}: `{case['expr']}` should be {wanted}, is {found}")
    assert not wrong, "\n".join(wrong)
    assert len(cases()) > 1_000


ALLOWED = ("cel.nodes", "cel.parse", "language", "values", "controls", "diagnostics", "errors", "source")


def test_the_oracle_is_independent() -> None:
    """It shares the parsers and the leaf functions with the engine, and nothing that types, compiles or decides."""
    imported = set()
    for file in Path(__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("assentry"):
                imported |= {f"{node.module}.{alias.name}" for alias in node.names}
    assert imported
    for name in imported:
        assert name.removeprefix("assentry.").startswith(ALLOWED), name
        assert not name.startswith(("assentry.values.fit", "assentry.values.shapes")), name
