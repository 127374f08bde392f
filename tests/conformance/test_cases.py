"""The official conformance cases, when their file is there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conformance import run

FILE = Path(__file__).parents[2] / ".." / "shared" / "data" / "cel-conformance.json"


def test_all_cases_pass_on_every_path() -> None:
    if not FILE.is_file():
        pytest.skip("the conformance cases are not beside this checkout (../shared/data/cel-conformance.json)")
    results = run.run(json.loads(FILE.read_text(encoding="utf-8"))["cases"], run.paths())
    assert [(result.id, result.problem) for result in results if result.problem is not None] == []
    assert len(results) == 1112


CASE = {"id": "x", "expr": "1", "expect": {"value": {"type": "int", "value": "1"}}}


@pytest.mark.parametrize(
    ("changes", "passes"),
    [
        ({}, True),
        ({"expr": "1.0"}, False),
        ({"expr": "1u"}, False),
        ({"expect": {"value": {"type": "int", "value": "1"}, "deduced_type": "int"}}, True),
        ({"expect": {"value": {"type": "int", "value": "1"}, "deduced_type": "uint"}}, False),
        ({"expect": {"error": ["divide by zero"]}}, False),
        ({"expr": "1 / 0", "expect": {"error": ["divide by zero"]}}, True),
        ({"expr": "1 / 0", "expect": {"error": ["no such key"]}}, False),
        ({"expr": "nothing(1)", "expect": {"error": ["invalid argument"]}}, False),
        ({"expr": "nothing(1)", "disable_check": True, "expect": {"error": ["unbound function"]}}, True),
        ({"expr": "nothing(1)", "disable_check": True, "expect": {"error": ["foo"]}}, False),
        (
            {
                "expr": "[0.0 / 0.0]",
                "expect": {"value": {"type": "list", "value": [{"type": "double", "value": "NaN"}]}},
            },
            True,
        ),
        ({"expr": "true", "expect": {"implicit": True}}, True),
    ],
)
def test_the_runner_judges_kinds_and_types(changes: dict[str, object], passes: bool) -> None:
    [result] = run.run([{**CASE, **changes}], {"compiled": run.compiled})
    assert (result.problem is None) is passes, result.problem


def test_the_runner_prints_its_sum_last(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "cases.json"
    file.write_text(json.dumps({"cases": [CASE, {**CASE, "id": "wrong", "expr": "2"}]}), encoding="utf-8")
    assert run.main([str(file)]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "1 passed, 1 failed"
    assert run.main([str(file), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["failed"] == 1
