"""What was promised is told from the results of a run."""

from __future__ import annotations

import json
from pathlib import Path

import targets


def _results(folder: Path, name: str, *rows: dict[str, object]) -> None:
    (folder / f"{name}.json").write_text(json.dumps({"rows": rows}), encoding="utf-8")


def test_a_ratio_is_met_up_to_its_budget(tmp_path: Path) -> None:
    _results(
        tmp_path,
        "scaling",
        {"kind": "mixed", "rules": 10, "ratio to 10": 1.0},
        {"kind": "mixed", "rules": 1000, "ratio to 10": 10.0},
        {"kind": "mixed", "rules": 10_000, "ratio to 10": 20.1},
        {"kind": "mixed", "rules": 100_000, "ratio to 10": None},
    )
    assert [(row["where"], row["target"], row["met"]) for row in targets.rows(tmp_path)] == [
        ("mixed, 1,000 rules", "at most 10", "yes"),
        ("mixed, 10,000 rules", "at most 20", "NO"),
        ("mixed, 100,000 rules", "at most 60", "NO"),
    ]


def test_other_engines_are_to_take_at_least_so_many_times_ours(tmp_path: Path) -> None:
    here = {"kind": "mixed", "rules": 10}
    _results(
        tmp_path,
        "peers",
        {**here, "engine": "Python by hand", "us": 2.0, "times ours": 1.0},
        {**here, "engine": "vakt", "us": 22.0, "times ours": 11.0},
        {**here, "engine": "OPA wasm", "us": None, "times ours": None},
    )
    found = {row["what"]: (row["met"], row["by hand"]) for row in targets.rows(tmp_path)}
    assert found == {"OPA wasm beside ours, times": ("NO", None), "vakt beside ours, times": ("yes", 11.0)}


def test_the_dearest_malformed_stream_is_held_to_ten_good_actions(tmp_path: Path) -> None:
    kind = {"kind": "mixed"}
    _results(
        tmp_path,
        "malformed",
        {**kind, "actions": "good", "us": 3.0},
        {**kind, "actions": "no map", "us": 1.0},
        {**kind, "actions": "no name", "us": 30.0},
    )
    (row,) = targets.rows(tmp_path)
    assert (row["value"], row["target"], row["met"]) == (30.0, "at most 30", "yes")
