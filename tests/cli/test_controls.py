"""`assentry controls`: the catalogues, and which controls the rules touch."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from assentry import schemas
from tests.cli.conftest import Assentry

SCHEMA = Draft202012Validator(json.loads(schemas.text("controls")))


@pytest.mark.parametrize(
    ("framework", "control", "at_least"),
    [
        ("iso27001", "A.8.12", 93),
        ("iso42001", "iso42001:A.8.2", 38),
        ("soc2", "soc2:CC6.1", 50),
        ("nist", "nist:AC-2", 300),
    ],
)
def test_catalogues(assentry: Assentry, framework: str, control: str, at_least: int) -> None:
    text = assentry("controls", "--framework", framework)
    assert (text.code, text.err) == (0, "")
    assert f"\n  {control} " in text.out
    document = json.loads(assentry("controls", "--framework", framework, "--format", "json").out)
    SCHEMA.validate(document)
    assert len(document["controls"]) >= at_least
    assert control in {row["id"] for row in document["controls"]}


def test_annex_a_has_93_controls(assentry: Assentry) -> None:
    assert assentry("controls").out.startswith("ISO/IEC 27001:2022 Annex A: 93 controls\n")


def test_coverage(assentry: Assentry, project: Path) -> None:
    text = assentry("controls", "--coverage", "rules")
    assert text.out.startswith("ISO/IEC 27001:2022 Annex A: 5 of 93 controls are cited by a rule\n")
    assert "\n  A.8.12  Data leakage prevention\n      exports.personal_data_leaves\n" in text.out
    assert "\n  A.8.28  Secure coding" in text.out.split("Cited by no rule")[1]
    document = json.loads(assentry("controls", "--coverage", "--format", "json").out)
    SCHEMA.validate(document)
    assert document["summary"] == {"controls": 93, "touched": 5}
    assert len(document["touched"]) + len(document["untouched"]) == 93


def test_paths_are_for_coverage(assentry: Assentry, project: Path) -> None:
    done = assentry("controls", "rules")
    assert done.code == 2
    assert done.err.startswith("error: PATHS are for --coverage")
