"""`assentry ledger hold`: entries that nobody prunes until a person lets go of them."""

from __future__ import annotations

import click

from assentry.cli.exit import Exit
from assentry.cli.ledger.options import keys_option, open_to_write, place_argument, tenant_option


@click.command(name="hold", short_help="keep entries from being pruned")
@place_argument
@click.option("--from", "start", type=int, default=0, show_default=True, metavar="N", help="The first entry.")
@click.option("--below", type=int, metavar="N", help="The first entry behind them. Default: all that there are.")
@click.option("--release", type=int, metavar="INDEX", help="Let go of what this entry holds.")
@click.option("--reason", metavar="TEXT", help="Why; it stands in the log.")
@tenant_option
@keys_option
def command(
    place: str,
    tenant: str | None,
    keys: str | None,
    start: int,
    below: int | None,
    release: int | None,
    reason: str | None,
) -> Exit:
    """Hold entries, as for a dispute or an audit, let go of them, or list what is held (without --reason).

    \b
    Example:
      assentry ledger hold ledger.db --from 256 --below 1024 --reason "case 2026-17"
      assentry ledger hold ledger.db
      assentry ledger hold ledger.db --release 1090 --reason "case 2026-17 is closed"
    """
    from assentry.cli.page import Page, Styled

    page = Page()
    with open_to_write(place, tenant, keys) as log:
        if reason is None:
            if release is not None or below is not None:
                raise click.UsageError("say why: --reason TEXT")
            for hold in log.holds():
                page.line(f"entry {hold.index:,} holds {hold.start:,} to {hold.stop - 1:,}: {hold.reason}")
        elif release is not None:
            receipt = log.unhold(release, reason)
            page.line(Styled("released ", "allow"), f"what entry {release:,} held; entry {receipt.index} says so")
        else:
            stop = log.head().size if below is None else below
            receipt = log.hold(start, stop, reason)
            page.line(Styled("held ", "allow"), f"{start:,} to {stop - 1:,}; entry {receipt.index} says so")
    return Exit.FINE
