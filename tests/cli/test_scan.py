"""`assentry scan`: findings drawn for people or listed for machines, and exit codes that CI can use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from assentry import schemas
from tests.cli.conftest import Assentry

WRONG = """\
import shutil

shutil.rmtree(x)
open(y, "w")
shutil.rmtree(z)  # assentry: ignore[unguarded-delete] a scratch folder
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").write_text(WRONG)
    return tmp_path


def test_findings_are_drawn(assentry: Assentry) -> None:
    done = assentry("scan")
    assert done.code == 1
    assert done.out.startswith(
        "error[unguarded-delete]: `shutil.rmtree` deletes files, and no guard covers it\n --> app.py:3:1\n"
    )
    assert done.out.endswith("1 error, 1 warning in 1 file, 3 calls, 0 under a guard, 1 finding ignored\n")


def test_json_follows_its_schema(assentry: Assentry) -> None:
    done = assentry("scan", "app.py", "--format", "json")
    document = json.loads(done.out)
    Draft202012Validator(json.loads(schemas.text("scan"))).validate(document)
    assert [finding["code"] for finding in document["findings"]] == ["unguarded-delete", "unguarded-write"]
    assert [finding["reason"] for finding in document["ignored"]] == ["a scratch folder"]


def test_warnings_count_when_asked(assentry: Assentry, here: Path) -> None:
    (here / "app.py").write_text('open(y, "w")\n')
    assert assentry("scan").code == 0
    assert assentry("scan", "--strict").code == 1
    (here / "app.py").write_text("open(y)\n")
    assert assentry("scan", "--strict") == (0, "ok  1 file, 1 call, 0 under a guard: nothing without a guard\n", "")


def test_wrong_use(assentry: Assentry) -> None:
    assert assentry("scan", "nothing.py").code == 2
    assert (
        assentry("scan", "--exclude", "*.py").out == "ok  0 files, 0 calls, 0 under a guard: nothing without a guard\n"
    )


def test_every_code_is_in_the_guide() -> None:
    from assentry.scanner.scan import CODES

    guide = (Path(__file__).parents[2] / "docs/guides/scanning.md").read_text(encoding="utf-8")
    known = {*CODES, "python-syntax", "python-file", "ignore-code", "ignore-reason", "ignore-unused"}
    assert [code for code in known if f"`{code}`" not in guide] == []


def test_secrets_in_the_lines_that_are_drawn_are_starred_out(assentry: Assentry, here: Path) -> None:
    """What stands in a build's log is read by many."""
    (here / "app.py").write_text(
        "import requests\n"
        'requests.post("https://u:hunter2secret@api.example/", headers={"Authorization": "Bearer ghp_'
        + "aB12" * 9
        + '"})\n'
    )
    for words in ((), ("--format", "json")):
        done = assentry("scan", *words)
        assert done.code == 1
        assert "hunter2secret" not in done.out
        assert "aB12aB12" not in done.out
    assert 'requests.post("https://u:****' in assentry("scan").out
