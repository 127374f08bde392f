"""What was promised of the ledger is told from the results of a run."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def targets() -> ModuleType:
    """`ledger/targets.py`: decisions have a file of that name, too."""
    path = Path(__file__).parents[2] / "benchmarks" / "ledger" / "targets.py"
    spec = importlib.util.spec_from_file_location("ledger_targets", path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def _results(folder: Path, name: str, *rows: Mapping[str, object]) -> None:
    (folder / f"{name}.json").write_text(json.dumps({"rows": rows}), encoding="utf-8")


def test_a_promise_holds_for_the_rows_that_it_names(targets: ModuleType, tmp_path: Path) -> None:
    _results(
        tmp_path,
        "ledger-eight",
        {"log": "sqlite", "writers": "8 processes", "entries/s": 1.0},
        {"log": "postgres", "writers": "8 threads", "entries/s": 1.0},
        {"log": "postgres", "writers": "8 processes", "entries/s": 999.0, "disk ms p50": 0.1, "load": 3.0},
    )
    (row,) = targets.rows(tmp_path)
    assert (row["where"], row["target"], row["met"]) == ("postgres, 8 processes", "at least 1,000", "NO")
    assert (row["disk ms"], row["load"]) == (0.1, 3.0)


def test_least_and_most(targets: ModuleType, tmp_path: Path) -> None:
    _results(
        tmp_path, "ledger-fair", {"log": "sqlite", "writers": "4 processes", "least share": 0.5, "longest ms": 101}
    )
    assert [(row["target"], row["met"]) for row in targets.rows(tmp_path)] == [
        ("at least 0.5", "yes"),
        ("at most 100", "NO"),
    ]


def test_a_log_that_grows(targets: ModuleType, tmp_path: Path) -> None:
    small = {"entries": 1000, "append us": 100.0, "hashes of a proof": 10.0, "verify s": 0.1}
    middle = {"entries": 10_000, "append us": 100.0, "hashes of a proof": 14.0, "verify s": 0.5}
    large = {"entries": 100_000, "append us": 151.0, "hashes of a proof": 17.0, "verify s": 5.0}
    _results(tmp_path, "ledger-growth", small, middle, large)
    assert [(row["value"], row["met"]) for row in targets.rows(tmp_path)] == [(1.51, "NO"), (17.0, "yes"), (1.0, "yes")]
    _results(tmp_path, "ledger-growth", small)
    assert targets.rows(tmp_path) == []
