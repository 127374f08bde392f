"""The door of the command line: fast to answer, and whatever goes wrong is a message with an exit code."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assentry.cli.exit import Exit
from assentry.cli.main import run
from assentry.cli.root import COMMANDS
from assentry.version import __version__
from tests.cli.conftest import Assentry

COMMAND = [sys.executable, "-m", "assentry"]


def test_the_version_costs_next_to_nothing() -> None:
    def spent() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([*COMMAND, "--version"], capture_output=True, text=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert done.stdout == f"assentry {__version__}\n"
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(spent() for _ in range(5)) < 0.080


def test_help_lists_every_command_and_the_exit_codes(assentry: Assentry) -> None:
    done = assentry("--help")
    assert done.code == 0
    for name in COMMANDS:
        assert f"\n  {name} " in done.out
    for code in Exit:
        assert re.search(rf"\n +{code.value} ", done.out)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_an_example(assentry: Assentry, name: str) -> None:
    done = assentry(name, "--help")
    assert done.code == 0
    assert f"Example:\n    assentry {name}" in done.out or "Example:\n" in done.out
    assert f"assentry {name}" in done.out.split("Example:")[1]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["evla"], "error: there is no command `evla`; did you mean `eval`?\ntry: assentry --help\n"),
        (["zzz"], "error: there is no command `zzz`; the commands are eval, explain, "),
        (["eval", "--fromat", "json"], "did you mean"),
        (["eval", "rules"], "error: nothing to decide: name a file with --input, or - for standard input\n"),
        (["check", "--format", "xml"], "'xml' is not one of 'text', 'json'"),
        (["check", "no/such/place"], "no/such/place"),
        (["check", "a\0b"], "a"),
        (["init"], "missing argument"),
    ],
)
def test_wrong_usage(
    assentry: Assentry, args: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = assentry(*args)
    assert done.code == Exit.ERROR
    assert done.out == ""
    assert message.lower() in done.err.lower()
    assert done.err.startswith("error: ")


def test_without_rules_and_without_configuration(
    assentry: Assentry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = assentry("check")
    assert done == (
        2,
        "",
        "error: no rules: name a file or a folder, or set `rules` in assentry.toml\ntry: assentry check --help\n",
    )
    (tmp_path / "assentry.toml").write_text("rulse = []")
    assert "unknown key `rulse`; did you mean `rules`?" in assentry("check").err


def test_an_internal_error_is_one_short_report(
    assentry: Assentry, monkeypatch: pytest.MonkeyPatch, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_args: object, **_options: object) -> None:
        raise ZeroDivisionError("secret of the user")

    monkeypatch.setattr("assentry.compiler.pipeline.check", broken)
    done = assentry("check")
    assert done.code == Exit.ERROR
    assert done.err == (
        f"error: internal error: ZeroDivisionError at test_main.py:{broken.__code__.co_firstlineno + 1}, "
        f"assentry {__version__}\n"
        "this is a fault of assentry, not of your files; ASSENTRY_DEBUG=1 shows the traceback\n"
    )
    monkeypatch.setenv("ASSENTRY_DEBUG", "1")
    assert run(["check"]) == Exit.ERROR
    assert "Traceback" in capsys.readouterr().err


def test_a_closed_pipe_ends_quietly() -> None:
    shell = f"{' '.join(COMMAND)} controls --framework nist | head -n 1"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=True)
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


def test_interrupting_ends_quietly(project: Path) -> None:
    # A shell starts background jobs with the signal ignored, and children inherit that: `env` gives it back.
    process = subprocess.Popen(
        ["env", "--default-signal=INT", *COMMAND, "eval", "--input", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"{}\n{}\n")
    process.stdin.flush()
    process.stdout.readline()  # it is deciding
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (Exit.INTERRUPTED, b"\n")


def test_output_that_cannot_be_written(project: Path) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run([*COMMAND, "controls"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "error: cannot use: no space left on device\n")


def test_a_terminal_without_the_letters_gets_escapes(project: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "check", "é.assent"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "1"},
    )
    assert done.returncode == 2
    assert b"\\xe9.assent" in done.stderr
