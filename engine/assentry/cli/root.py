"""The group of all commands; a command's file is loaded when the command is asked for."""

from __future__ import annotations

from importlib import import_module

import click

from assentry.cli import exit as exit_codes
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


class LazyGroup(click.Group):
    """A group whose commands are the modules of `assentry.cli.commands`, in the order of `COMMANDS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"assentry.cli.commands.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from assentry.diagnostics import did_you_mean

            hint = did_you_mean(args[0], COMMANDS) or f"the commands are {', '.join(COMMANDS)}"
            ctx.fail(f"there is no command `{args[0]}`; {hint}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup,
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
