"""`assentry fmt`: one shape, shown or written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Assentry

UGLY = 'package   exports # why\nallow reads if action.name=="data.read"\n'


@pytest.fixture
def ugly(project: Path) -> Path:
    path = project / "rules" / "ugly.assent"
    path.write_text(UGLY.replace("exports", "ugly"))
    path.chmod(0o640)
    return path


def test_the_starter_is_in_shape(assentry: Assentry, project: Path) -> None:
    assert assentry("fmt", "--check") == (0, "0 files would change, 1 already in shape\n", "")


def test_check_lists_and_writes_nothing(assentry: Assentry, ugly: Path) -> None:
    before = ugly.read_text()
    done = assentry("fmt", "--check", "rules")
    assert done == (1, "rules/ugly.assent\n1 file would change, 1 already in shape\n", "")
    assert ugly.read_text() == before


def test_diff_shows_and_writes_nothing(assentry: Assentry, ugly: Path) -> None:
    before = ugly.read_text()
    done = assentry("fmt", "--diff")
    assert (done.code, done.err) == (1, "")
    assert done.out.startswith("--- rules/ugly.assent\n+++ rules/ugly.assent (formatted)\n@@ ")
    assert '+allow reads if action.name == "data.read"' in done.out
    assert ugly.read_text() == before


def test_formatting_writes_once(assentry: Assentry, ugly: Path) -> None:
    done = assentry("fmt", "rules")
    assert done == (0, "formatted rules/ugly.assent\n1 file changed, 1 already in shape\n", "")
    assert 'action.name == "data.read"' in ugly.read_text()
    assert "# why" in ugly.read_text()
    assert ugly.stat().st_mode & 0o777 == 0o640
    assert assentry("fmt", "rules").out == "0 files changed, 2 already in shape\n"
    assert [path.name for path in ugly.parent.iterdir() if path.name.startswith(".")] == []


def test_standard_input(assentry: Assentry, project: Path) -> None:
    done = assentry("fmt", "-", stdin=UGLY.encode())
    assert (done.code, done.err) == (0, "")
    assert 'allow reads if action.name == "data.read"' in done.out
    assert assentry("fmt", "-", "--check", stdin=UGLY.encode()) == (1, "<stdin>\n", "")
    assert assentry("fmt", "-", stdin=b"\xff") == (2, "", "error: <stdin> is not UTF-8: byte 0\n")


def test_a_file_with_errors_stops_all_writing(assentry: Assentry, ugly: Path) -> None:
    before = ugly.read_text()
    (ugly.parent / "broken.assent").write_text("package broken\nallow if if\n")
    done = assentry("fmt", "rules")
    assert (done.code, done.out) == (1, "")
    assert "--> rules/broken.assent:2:" in done.err
    assert ugly.read_text() == before
