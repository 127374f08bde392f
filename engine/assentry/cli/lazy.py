"""Groups of commands: those that say what they have, and those whose files are loaded when a command is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click


class Group(click.Group):
    """Says which commands there are when there is none of that name; asked for nothing, it shows its help."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args and self.no_args_is_help and not ctx.resilient_parsing:
            click.echo(ctx.get_help())
            ctx.exit()
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = self.list_commands(ctx)
        if args and args[0] not in known and not args[0].startswith("-"):
            from assentry.diagnostics import did_you_mean

            hint = did_you_mean(args[0], known) or f"the commands are {', '.join(known)}"
            group = "" if ctx.parent is None else f"{self.name} "
            ctx.fail(f"there is no command `{group}{args[0]}`; {hint}")
        return super().resolve_command(ctx, args)


class LazyGroup(Group):
    """Its commands are the modules of one package, each with a `command`, in the order of `names`."""

    def __init__(self, *args: Any, package: str, names: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._package = package
        self._names = tuple(names)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._names:
            return None
        command: click.Command = import_module(f"{self._package}.{cmd_name.replace('-', '_')}").command
        return command
