"""`assentry ledger`: the log that remembers so that tampering shows."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = (
    "init",
    "append",
    "show",
    "verify",
    "prove",
    "checkpoint",
    "export",
    "erase",
    "prune",
    "hold",
    "rotate",
    "serve-witness",
    "selftest",
)


class LedgerGroup(click.Group):
    """A group whose commands are the modules of `assentry.cli.ledger`, in the order of `COMMANDS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        _needs_packages()
        command: click.Command = import_module(f"assentry.cli.ledger.{cmd_name.replace('-', '_')}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from assentry.diagnostics import did_you_mean

            hint = did_you_mean(args[0], COMMANDS) or f"the commands are {', '.join(COMMANDS)}"
            ctx.fail(f"there is no command `ledger {args[0]}`; {hint}")
        return super().resolve_command(ctx, args)


def _needs_packages() -> None:
    """The ledger's packages are an extra: say so, rather than fail to import."""
    from importlib.util import find_spec

    from assentry.errors import ConfigError

    missing = [name for name in ("sqlalchemy", "alembic", "cryptography") if find_spec(name) is None]
    if missing:
        raise ConfigError(f"the ledger needs {', '.join(f'`{name}`' for name in missing)}: install `assentry[ledger]`")


@click.group(name="ledger", cls=LedgerGroup, short_help="keep, prove and verify the log", no_args_is_help=True)
def command() -> None:
    """Keep, prove and verify the log that remembers so that tampering shows.

    PLACE is an SQLite file or postgresql://user@host/database; it holds one log for each tenant.

    \b
    Example:
      assentry ledger init ledger.db --tenant acme --origin log.example/acme
      assentry ledger append ledger.db --type noted --data '{"text": "hello"}'
      assentry ledger verify ledger.db --key ledger.db-keys/log.pub
    """
