"""docs/reference/cli.md: every command's own help, and the exit codes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from assentry.cli.commands import ledger
from assentry.cli.exit import Exit
from assentry.cli.root import COMMANDS
from tests.docs.generate import markdown
from tests.docs.generate.markdown import box, table
from tests.docs.shell import Shell


def page() -> str:
    return markdown.page(
        "Commands",
        "One program, `assentry`, with one command for each job. `assentry COMMAND --help` prints what stands here.\n"
        "Colour, tables and progress bars appear on a terminal only; elsewhere all output is plain text.",
        box(_help("--help")),
        *(f"{'#' * len(name.split()) + '#'} assentry {name}\n\n{box(_help(f'{name} --help'))}" for name in _names()),
        "## Exit codes\n\nOne table for all commands.",
        table(("code", "means"), ((str(int(code)), _MEANINGS[code]) for code in Exit)),
    )


def _names() -> Iterator[str]:
    """All commands; those of a group behind it."""
    for name in COMMANDS:
        yield name
        if name == "ledger":
            yield from (f"ledger {under}" for under in ledger.COMMANDS)


def _help(arguments: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        shell = Shell(Path(folder))
        text = shell.run(f"assentry {arguments}")
    assert shell.code == 0, text
    return text


_MEANINGS = {
    Exit.FINE: "it did what was asked, and found nothing to complain about",
    Exit.FINDINGS: "findings in the rules, or failed tests, or too little coverage",
    Exit.ERROR: "wrong usage, configuration or input, or an internal error",
    Exit.DENY: "`eval --exit-code` only: at least one action is denied",
    Exit.REQUIRE_APPROVAL: "`eval --exit-code` only: none is denied, at least one needs approval",
    Exit.INTERRUPTED: "stopped by Ctrl-C",
}
