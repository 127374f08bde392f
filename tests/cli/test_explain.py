"""`assentry explain`: the rules that an action meets, their conditions and values, and the nearest change."""

from __future__ import annotations

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from assentry import schemas
from tests.cli.conftest import Assentry

SCHEMA = Draft202012Validator(json.loads(schemas.text("explain")))


def test_for_people(assentry: Assentry, project: Path) -> None:
    done = assentry("explain", "--input", "examples/export.json")
    assert (done.code, done.err) == (0, "")
    verdict, fired, silent, nearest = done.out.split("\n\n")
    assert verdict + "\n" == assentry("eval", "--input", "examples/export.json").out
    assert fired.splitlines()[:6] == [
        "Rules that fired",
        "  require approval  exports.personal_data_leaves  rules/exports.assent:46:18",
        '      true   action.name == "data.export"  rules/exports.assent:47:5',
        '               action.name  "data.export"',
        "      true   external  rules/exports.assent:48:5",
        "               has(action.destination)      true",
    ]
    assert silent.splitlines()[:4] == [
        "Rules that did not fire",
        "  deny  exports.secrets_never_leave  rules/exports.assent:35:6",
        '      false  "secret" in resource.labels  rules/exports.assent:39:5',
        "      3 other conditions true",
    ]
    assert nearest == (
        "Nearest change: allow, if\n"
        "  external  were false  exports.secrets_never_leave  rules/exports.assent:37:5\n"
        "1 other rule cannot speak here: the action's name excludes it\n"
    )


def test_for_machines(assentry: Assentry, project: Path) -> None:
    done = assentry("explain", "rules", "--input", "examples/export.json", "--format", "json")
    assert (done.code, done.err) == (0, "")
    document = json.loads(done.out)
    SCHEMA.validate(document)
    assert (document["version"], document["input"], document["excluded"]) == (1, "examples/export.json", 1)
    verdict = json.loads(assentry("eval", "--input", "examples/export.json", "--format", "json").out)
    assert {key: verdict[key] for key in document["verdict"]} == document["verdict"]


def test_errors_and_strange_actions(assentry: Assentry, project: Path) -> None:
    wrong = b'{"action": {"name": "data.export", "rows": "x"}}\n[1]\nrubbish\n'
    text = assentry("explain", "--input", "-", stdin=wrong)
    assert text.code == 2
    assert "Rules in error\n  risk  exports.bulk" in text.out
    assert "               action.rows: expected int >= 0, found string\n" in text.out
    assert "Nearest change: none, no condition alters the decision\n" in text.out
    assert text.err == "error: <stdin>:3:1: not JSON: expecting value\n"
    lines = assentry("explain", "--input", "-", "--format", "json", stdin=wrong).out.splitlines()
    assert len(lines) == 2
    for line in lines:
        SCHEMA.validate(json.loads(line))


def test_what_is_redacted_is_not_explained(assentry: Assentry, project: Path) -> None:
    rules = Path("rules/exports.assent")
    rules.write_text(rules.read_text().replace("[action.sample]", "[resource.labels]"))
    done = assentry("explain", "--input", "examples/export.json")
    assert '"pii"' not in done.out.replace("SENSITIVE", "")
    assert "[redacted]" in done.out
