"""`assentry check`: all findings at once, drawn for people or listed for machines."""

from __future__ import annotations

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from assentry import schemas
from tests.cli.conftest import Assentry

WRONG = """\
package exports

allow reads if action.nmae == "data.read" with { controls: [A.8.99] }

deny much if has(action.rows) && action.rows > "many"
"""


def test_rules_without_findings(assentry: Assentry, project: Path) -> None:
    assert assentry("check") == (0, "ok  rules: no findings\n", "")
    done = assentry("check", "rules", "--format", "json")
    assert json.loads(done.out) == {"version": 1, "findings": [], "summary": {"errors": 0, "warnings": 0}}


def test_all_findings_are_shown(assentry: Assentry, project: Path) -> None:
    Path("rules/exports.assent").write_text(WRONG)
    done = assentry("check", "rules")
    assert (done.code, done.err) == (1, "")
    assert done.out.count("--> rules/exports.assent:") >= 3
    assert "did you mean `name`?" in done.out
    assert done.out.splitlines()[-1].endswith(" errors")


def test_findings_for_machines(assentry: Assentry, project: Path) -> None:
    Path("rules/exports.assent").write_text(WRONG)
    done = assentry("check", "--format", "json")
    assert (done.code, done.err) == (1, "")
    document = json.loads(done.out)
    Draft202012Validator(json.loads(schemas.text("check"))).validate(document)
    assert document["summary"]["errors"] == len(document["findings"])
    assert {finding["line"] for finding in document["findings"]} == {3, 5}


def test_places_without_rules(assentry: Assentry, project: Path) -> None:
    Path("empty").mkdir()
    Path("loop").symlink_to("loop")
    for place, message in [
        ("absent", "absent"),
        ("empty", "there is no `*.assent` file in `empty`"),
        ("loop", "loop"),
    ]:
        done = assentry("check", place)
        assert (done.code, done.out) == (2, "")
        assert message in done.err


def test_a_schema_that_is_none(assentry: Assentry, project: Path) -> None:
    Path("schemas/action.schema.json").write_text("[")
    done = assentry("check")
    assert done.code == 2
    assert done.err.startswith("error: `schemas/action.schema.json` is not JSON")


def test_rules_of_projects_with_different_schemas_are_not_mixed(assentry: Assentry, project: Path) -> None:
    other = project / "other"
    (other / "rules").mkdir(parents=True)
    (other / "rules" / "o.assent").write_text("package o\n\nallow all if true\n")
    assert assentry("check", "rules", "other/rules").code == 0
    (other / "assentry.toml").write_text('rules = ["rules"]\n')
    for command in (("check",), ("eval", "--input", "examples/export.json"), ("test",), ("build", "-o", "p.json")):
        done = assentry(*command, "rules", "other/rules")
        assert done.code == 2
        assert "belong to projects with different schemas" in done.err
