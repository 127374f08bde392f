"""The group of all commands."""

from __future__ import annotations

import click

from assentry.cli import exit as exit_codes
from assentry.cli.lazy import LazyGroup
from assentry.version import __version__

COMMANDS = (
    "eval",
    "explain",
    "check",
    "test",
    "fmt",
    "controls",
    "functions",
    "build",
    "init",
    "scan",
    "doctor",
    "ledger",
    "grant",
    "resolve",
)


@click.group(
    cls=LazyGroup,
    package="assentry.cli.commands",
    names=COMMANDS,
    epilog=exit_codes.HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="assentry %(version)s")
def root() -> None:
    """Decide actions by policy: a verdict with its reasons and controls.

    \b
    Example:
      assentry init my-policy
      assentry test my-policy
      assentry eval my-policy/rules --input my-policy/examples/export.json
    """
