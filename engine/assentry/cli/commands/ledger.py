"""`assentry ledger`: the log that remembers so that tampering shows."""

from __future__ import annotations

import click

from assentry.cli import extras
from assentry.cli.lazy import LazyGroup

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


class LedgerGroup(LazyGroup):
    """The commands of the ledger need its packages."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        extras.ledger()
        return super().get_command(ctx, cmd_name)


@click.group(
    name="ledger",
    cls=LedgerGroup,
    package="assentry.cli.ledger",
    names=COMMANDS,
    short_help="keep, prove and verify the log",
    no_args_is_help=True,
)
def command() -> None:
    """Keep, prove and verify the log that remembers so that tampering shows.

    PLACE is an SQLite file or postgresql://user@host/database; it holds one log for each tenant.

    \b
    Example:
      assentry ledger init ledger.db --tenant acme --origin log.example/acme
      assentry ledger append ledger.db --type noted --data '{"text": "hello"}'
      assentry ledger verify ledger.db --key ledger.db-keys/log.pub
    """
