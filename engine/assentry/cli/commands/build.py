"""`assentry build`: compile once, decide anywhere."""

from __future__ import annotations

from pathlib import Path

import click

from assentry.cli.exit import Exit
from assentry.cli.rules import paths_argument


@click.command(name="build", short_help="save a compiled policy as one file")
@paths_argument
@click.option("-o", "--output", metavar="FILE", required=True, help="Where to save the policy.")
def command(paths: tuple[str, ...], output: str) -> Exit:
    """Compile rules and save the policy as one data file.

    `eval`, `explain` and the library read it in place of rules; deciding by it needs no parser.

    \b
    Example:
      assentry build rules -o policy.json
      assentry eval policy.json --input action.json
    """
    from assentry.cli.page import Page, Styled, count
    from assentry.cli.rules import open_policy, places
    from assentry.errors import ConfigError

    policy = open_policy(places(paths))
    try:
        policy.save(Path(output))
    except OSError as error:
        raise ConfigError(f"cannot write `{output}`: {(error.strerror or str(error)).lower()}") from error
    size = Path(output).stat().st_size
    Page().line(
        Styled("saved ", "allow"), output, f": {count(len(policy.form.rules), 'rule')}, {size:,} bytes, {policy.digest}"
    )
    return Exit.FINE
