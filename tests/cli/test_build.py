"""`assentry build`: a saved policy decides as its rules do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Assentry


def test_a_saved_policy_stands_in_for_its_rules(assentry: Assentry, project: Path) -> None:
    done = assentry("build", "rules", "-o", "policy.json")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("saved policy.json: 7 rules, ")
    for command in ("eval", "explain"):
        by_rules = assentry(command, "rules", "--input", "examples/export.json", "--format", "json")
        by_policy = assentry(command, "policy.json", "--input", "examples/export.json", "--format", "json")
        assert by_rules.code == 0
        assert by_policy == by_rules
    assert assentry("controls", "--coverage", "policy.json").out == assentry("controls", "--coverage", "rules").out


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "{}",
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"deny"', '"allow"'),
        lambda text: text.replace('"version":2', '"version":99', 1),
    ],
)
def test_a_damaged_policy_is_refused(assentry: Assentry, project: Path, change: object) -> None:
    assert assentry("build", "rules", "-o", "policy.json").code == 0
    path = Path("policy.json")
    assert callable(change)
    path.write_text(change(path.read_text()))
    done = assentry("eval", "policy.json", "--input", "examples/export.json")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: ")
    assert "internal error" not in done.err


def test_a_place_that_cannot_be_written(assentry: Assentry, project: Path) -> None:
    done = assentry("build", "rules", "-o", "no/such/folder/policy.json")
    assert done == (2, "", "error: cannot write `no/such/folder/policy.json`: no such file or directory\n")
