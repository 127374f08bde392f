"""`assentry test`: cases, coverage, JUnit, mutants."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator

from assentry import schemas
from tests.cli.conftest import Assentry

SCHEMA = Draft202012Validator(json.loads(schemas.text("test")))
SUITE = Path("rules/exports.test.yaml")


@pytest.fixture
def failing(project: Path) -> Path:
    text = (
        SUITE.read_text()
        .replace("{decision: deny, rules: []}", "deny", 1)
        .replace("rules: [exports.risky]", "rules: []")
    )
    SUITE.write_text(text)
    return project


def test_all_pass(assentry: Assentry, project: Path) -> None:
    done = assentry("test")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0] == "ok    exports  24 cases  rules/exports.test.yaml"
    assert "24 cases passed\n7 of 7 rules covered (100 %), conditions " in done.out
    verbose = assentry("test", "rules", "--verbose")
    assert "      ok    a partner receives internal data\n" in verbose.out
    assert '      ok    outside: action.name = "data.read", resource.labels = ["internal", "pii"]\n' in verbose.out


def test_failures_are_told_at_their_place(assentry: Assentry, failing: Path) -> None:
    done = assentry("test", "rules")
    assert (done.code, done.err) == (1, "")
    assert done.out.startswith(
        """\
FAIL  exports  24 cases, 2 failed  rules/exports.test.yaml
      FAIL  a stranger receives nothing  rules/exports.test.yaml:16
            no rule speaks here, only the default; say `rules: []` when that is meant
      FAIL  a large export at night pauses  rules/exports.test.yaml:41
            `exports.risky` fired, which is not expected

2 failed, 22 cases passed
"""
    )


def test_results_for_machines(assentry: Assentry, failing: Path) -> None:
    done = assentry("test", "--format", "json", "--junit", "junit.xml")
    assert (done.code, done.err) == (1, "")
    document = json.loads(done.out)
    SCHEMA.validate(document)
    assert document["summary"] == {"suites": 1, "cases": 24, "passed": 22, "failed": 2}
    failed = [case for case in document["suites"][0]["cases"] if case["outcome"] == "failed"]
    assert [failure["code"] for case in failed for failure in case["failures"]] == ["vacuous", "rules"]
    root = ET.parse("junit.xml").getroot()
    assert root.attrib | {"time": ""} == {
        "name": "assentry", "tests": "24", "failures": "2", "errors": "0", "skipped": "0", "time": "",
    }  # fmt: skip
    assert [case.get("name") for case in root.iter("testcase") if case.find("failure") is not None] == [
        "a stranger receives nothing",
        "a large export at night pauses",
    ]
    assert {case.get("file") for case in root.iter("testcase")} == {"rules/exports.test.yaml"}


def test_coverage_has_a_minimum(assentry: Assentry, project: Path) -> None:
    text = SUITE.read_text()
    start = text.index("  - name: secrets never")
    text = text[:start] + text[text.index("  - name: a large") :]
    SUITE.write_text(
        text.replace("[secret]]", "[other]]").replace("require_approval, deny]", "require_approval, allow]")
    )
    low = assentry("test")  # the configuration asks for 100
    assert low.code == 1
    assert "6 of 7 rules covered (85.7 %)" in low.out
    assert "  rules/exports.assent:35  exports.secrets_never_leave  never fires\n" in low.out
    assert low.out.endswith("rule coverage is below 100 %\n")
    assert assentry("test", "--coverage-min", "85").code == 0
    assert assentry("test", "--coverage-min", "101").code == 2
    uncovered = assentry("test", "--uncovered", "--coverage-min", "0")
    assert '  rules/exports.assent:39  never true (but errs)   "secret" in resource.labels\n' in uncovered.out


def test_single_files_and_project_folders(assentry: Assentry, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert assentry("test", SUITE).code == 0
    monkeypatch.chdir(project.parent)
    assert assentry("test", "project").code == 0
    assert assentry("test", "project/rules/exports.test.yaml").code == 0


def test_mistakes_in_test_files(assentry: Assentry, project: Path) -> None:
    SUITE.write_text(SUITE.read_text().replace("expect:", "expct:", 1))
    done = assentry("test")
    assert (done.code, done.out) == (1, "")
    assert "--> rules/exports.test.yaml:14:5" in done.err
    assert "did you mean `expect`?" in done.err
    SUITE.unlink()
    assert assentry("test") == (2, "", "error: there is no `*.test.yaml` file in `rules`\n")


def test_an_error_that_no_case_expects_is_noted(assentry: Assentry, project: Path) -> None:
    SUITE.write_text(
        SUITE.read_text().replace(
            "set: {resource.labels: [secret]}", "set: {resource.labels: [secret], action.rows: x}"
        )
    )
    done = assentry("test")
    assert "      note  secrets never leave, not even to a partner  rules/exports.test.yaml:" in done.out
    assert "in error here: say so in `errors`, or correct the action" in done.out


def test_mutants(assentry: Assentry, project: Path) -> None:
    done = assentry("test", "--mutate", "--format", "json")
    document = json.loads(done.out)
    SCHEMA.validate(document)
    mutation = document["mutation"]
    assert mutation["mutants"] > 30
    assert mutation["killed"] + len(mutation["survivors"]) == mutation["mutants"]
    changes = {(row["owner"], row["change"]) for row in mutation["survivors"]}
    assert ("exports.secrets_never_leave", "`deny` became `allow`") not in changes
    # No case has a risk of exactly 60.
    assert changes >= {("exports.risky", "`>=` became `>`")}
    text = assentry("test", "--mutate").out
    assert f"{mutation['killed']} of {mutation['mutants']} mutants noticed by a case\n" in text
    assert "exports.risky" in text
