"""Running commands: inside this process, as `main` does, with what they print."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from assentry.cli.main import run


class Done(NamedTuple):
    """What a command left: its exit code, standard output and standard error."""

    code: int
    out: str
    err: str


Assentry = Callable[..., Done]


@pytest.fixture
def assentry(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Assentry:
    """`assentry("eval", "rules", "--input", "-", stdin=b"{}")`."""

    def call(*args: str | Path, stdin: bytes = b"") -> Done:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        code = run([str(arg) for arg in args])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return Done(code, out, err)

    return call


@pytest.fixture
def project(tmp_path: Path, assentry: Assentry, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project as `assentry init` makes it, which is also where one stands."""
    assert assentry("init", tmp_path / "project").code == 0
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"
