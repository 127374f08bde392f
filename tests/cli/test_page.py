"""Plain text where nobody looks, colour and a progress bar on a terminal, and nothing that steers it."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from assentry.cli.page import Page, Styled, count
from tests.cli.conftest import Assentry

RED = b"\x1b[1;31m"


def on_terminal(*args: str, **environment: str) -> bytes:
    """What a command shows on a terminal of 100 columns."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "assentry", *args],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", **environment},
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        shown += part
    os.close(ours)
    assert process.wait() == 0
    return shown


@pytest.fixture
def denied(project: Path) -> str:
    document = json.loads(Path("examples/export.json").read_text())
    document["resource"]["labels"] = ["secret"]
    document["resource"]["id"] = "a\x1b[2Jb"
    Path("denied.json").write_text(json.dumps(document))
    return "denied.json"


def test_a_terminal_gets_colour(denied: str) -> None:
    shown = on_terminal("eval", "--input", denied)
    assert shown.startswith(RED + b"deny")
    assert b"a\\u{1b}[2Jb" in shown
    assert b"\x1b[2J" not in shown


def test_no_color_is_honoured(denied: str) -> None:
    shown = on_terminal("eval", "--input", denied, NO_COLOR="1")
    assert b"deny" in shown
    assert b"[31m" not in shown
    assert b"[1;31m" not in shown


def test_elsewhere_it_is_plain(assentry: Assentry, denied: str) -> None:
    assert "\x1b" not in assentry("eval", "--input", denied).out


def test_json_is_plain_on_a_terminal_too(denied: str) -> None:
    shown = on_terminal("eval", "--input", denied, "--format", "json")
    assert json.loads(shown)["decision"] == "deny"


def test_records_come_with_a_progress_bar(project: Path) -> None:
    Path("trail.json").write_text(json.dumps({"Records": []}) + "\n")
    shown = on_terminal("eval", "--from", "cloudtrail", "trail.json")
    assert b"bytes" in shown
    assert shown.endswith(b"\x1b[2K")  # and it is gone at the end


def test_plain_tables_are_aligned() -> None:
    stream = io.StringIO()
    page = Page(stream)
    page.table(
        [("a", Styled("bb", "deny"), "c"), ("aaa", ("b", Styled("b", "dim"), "b"), "c")], heads=("x", "y"), indent=1
    )
    page.table([])
    page.fields([("label", "text"), ("", "more")])
    page.line("end", "  ")
    page.lines("1\n2")
    assert stream.getvalue() == (
        " x    y\n a    bb   c\n aaa  bbb  c\n  label       text\n              more\nend\n1\n2\n"
    )  # fmt: skip


def test_counts() -> None:
    assert [count(0, "rule"), count(1, "rule"), count(1234, "rule"), count(2, "entry", "entries")] == [
        "0 rules",
        "1 rule",
        "1,234 rules",
        "2 entries",
    ]
