"""What people see when a command cannot do its work: a message on standard error, never a traceback."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from assentry.cli.page import Page, Styled, count
from assentry.version import __version__

if TYPE_CHECKING:
    import click

    from assentry.diagnostics import Diagnostic
    from assentry.errors import AssentryError, CompileError


def usage(error: click.ClickException) -> None:
    """A wrong option or argument."""
    context = getattr(error, "ctx", None)
    message = error.format_message().rstrip(".")
    known(message if message[1:2].isupper() else message[:1].lower() + message[1:])
    if context is not None:
        Page(sys.stderr).line(Styled(f"try: {context.command_path} --help", "dim"))


def known(error: AssentryError | OSError | str) -> None:
    """A failure that the user can put right: one line."""
    text = str(error)
    if isinstance(error, OSError):
        name = f" `{error.filename}`" if error.filename is not None else ""
        text = f"cannot use{name}: {(error.strerror or str(error)).lower()}"
    page = Page(sys.stderr)
    page.line(Styled("error: ", "deny"), text)


def findings(error: CompileError) -> None:
    """Rules that do not compile: every finding, and how many."""
    page = Page(sys.stderr)
    for finding in error.diagnostics:
        draw(page, finding)
        page.line()
    page.line(Styled(count(len(error.diagnostics), "error"), "deny"))


def draw(page: Page, finding: Diagnostic) -> None:
    """One finding with its line drawn."""
    from assentry.diagnostics import render

    first, *rest = render(finding).split("\n")
    label, separator, message = first.partition(": ")
    page.line(
        Styled(label, "deny" if finding.severity == "error" else "warning"), Styled(separator + message, "strong")
    )
    for line in rest:
        head = line.lstrip()
        if head.startswith(("-->", "= ")):
            page.line(Styled(line, "dim") if head.startswith("-->") else line)
        else:
            bar, mark, drawn = line.partition("| ")
            page.line(Styled(bar + mark, "dim"), Styled(drawn, "accent") if set(drawn) <= set(" ^") else drawn)


def internal(error: Exception) -> None:
    """A mistake of this program: where, and how to see more."""
    if os.environ.get("ASSENTRY_DEBUG"):
        traceback.print_exception(error)
        return
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    known(f"internal error: {type(error).__name__}{place}, assentry {__version__}")
    Page(sys.stderr).line(
        Styled("this is a fault of assentry, not of your files; ASSENTRY_DEBUG=1 shows the traceback", "dim")
    )
