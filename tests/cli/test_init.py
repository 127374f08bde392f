"""`assentry init`: what it makes works at once, and overwrites nothing."""

from __future__ import annotations

from pathlib import Path

import yaml

from assentry import schemas
from tests.cli.conftest import Assentry


def test_the_starter_works(assentry: Assentry, project: Path) -> None:
    assert assentry("check").code == 0
    assert assentry("fmt", "--check").code == 0
    assert assentry("eval", "--input", "examples/export.json").code == 0
    tests = assentry("test")
    assert tests.code == 0
    assert "(100 %)" in tests.out
    assert (project / "schemas/action.schema.json").read_text() == schemas.text("action")
    steps = yaml.safe_load((project / ".github/workflows/policy.yml").read_text())["jobs"]["policy"]["steps"]
    for step in steps:
        command = step.get("run", "").split()
        if command[:1] == ["assentry"]:
            assert assentry(*command[1:]).code == 0


def test_it_overwrites_nothing(assentry: Assentry, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "exports.assent").write_text("mine")
    done = assentry("init", tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.err == f"error: `{tmp_path}/rules/exports.assent` exists already: init overwrites nothing\n"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["exports.assent", "rules"]


def test_it_says_what_it_wrote(assentry: Assentry, tmp_path: Path) -> None:
    done = assentry("init", tmp_path / "new")
    wrote = {Path(line.removeprefix("wrote ")) for line in done.out.splitlines() if line.startswith("wrote ")}
    assert wrote == {path for path in (tmp_path / "new").rglob("*") if path.is_file()}
    assert f"assentry test {tmp_path}/new" in done.out


def test_a_place_that_cannot_be_written(assentry: Assentry, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = assentry("init", tmp_path / "file" / "below")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: cannot use `")
