"""The command `assentry`: finds the subcommand, and turns whatever goes wrong into a message and an exit code."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

from assentry.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(args: Sequence[str] | None = None) -> int:
    """Run one command line (by default that of the process) and return its exit code."""
    args = sys.argv[1:] if args is None else args
    if list(args) == ["--version"]:  # answered before anything is loaded
        print(f"assentry {__version__}")  # noqa: T201
        return 0
    if hasattr(signal, "SIGPIPE"):  # `assentry ... | head` ends quietly, as other commands do
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    for stream in (sys.stdout, sys.stderr):  # a terminal that lacks a character shows its code
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    return run(args)


def run(args: Sequence[str]) -> int:
    """One command line inside this process: no signal, no stream is touched."""
    from assentry.cli.exit import Exit
    from assentry.cli.root import root

    try:
        result = root.main(list(args), prog_name="assentry", standalone_mode=False)
        sys.stdout.flush()
        return int(result) if isinstance(result, int) else Exit.FINE
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except Exception as error:  # noqa: BLE001 -- the last door before a traceback
        return _explained(error)


def _explained(error: Exception) -> int:
    import click

    from assentry.cli import failure
    from assentry.cli.exit import Exit
    from assentry.errors import AssentryError, CompileError

    if isinstance(error, click.exceptions.Abort):
        return Exit.INTERRUPTED
    if isinstance(error, click.exceptions.ClickException):
        failure.usage(error)
        return Exit.ERROR
    if isinstance(error, CompileError):
        failure.findings(error)
        return Exit.FINDINGS
    if isinstance(error, AssentryError | OSError) and not os.environ.get("ASSENTRY_DEBUG"):
        failure.known(error)
        return Exit.ERROR
    failure.internal(error)
    return Exit.ERROR
