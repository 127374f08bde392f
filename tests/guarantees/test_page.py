"""The page of guarantees and these tests name each other."""

from __future__ import annotations

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs/guides/guarantees.md").read_text(encoding="utf-8")


def test_every_guarantee_has_its_test_and_every_test_its_line() -> None:
    tests = {
        f"{path.name}::{node.name}"
        for path in HERE.glob("test_*.py")
        if path.name != "test_page.py"
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    named = re.findall(r"`(test_\w+\.py::test_\w+)`", PAGE)
    assert sorted(named) == sorted(tests)


def test_each_of_the_rival_s_guarantees_has_a_test_of_ours() -> None:
    """G1 to G32, as `ctrlrun verify` numbers them, stand in the last column."""
    rows = re.findall(r"`test_\w+\.py::test_\w+` \| (G[^|]+) \|", PAGE)
    numbers = {number for row in rows for number in row.split(", ")}
    assert numbers == {f"G{number}" for number in range(1, 33)}
