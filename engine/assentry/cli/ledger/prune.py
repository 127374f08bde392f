"""`assentry ledger prune`: retention that keeps proofs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from assentry.cli.exit import Exit
from assentry.cli.ledger.options import keys_option, open_to_write, place_argument, tenant_option

if TYPE_CHECKING:
    from assentry.ledger.log import Log


@click.command(name="prune", short_help="destroy old bodies, keep proofs")
@place_argument
@click.option("--below", type=int, metavar="N", help="Entries below this index.")
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Entries from before this day, UTC.")
@click.option("--reason", metavar="TEXT", required=True, help="Why; it stands in the log.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@tenant_option
@keys_option
def command(place: str, tenant: str | None, keys: str | None, reason: str, *, yes: bool, **options: object) -> Exit:
    """Destroy the bodies and sealed documents of old entries, in whole tiles of 256, and say so in the log.

    Hashes, checkpoints, claims and receipts stay and still verify; what the entries said is gone, and the laws can
    only be replayed from there on. Idempotency keys of pruned entries are forgotten.

    \b
    Example:
      assentry ledger prune ledger.db --before 2023-01-01 --reason "three years are over"
    """
    from assentry.cli.page import Page, Styled, count

    if (options["below"] is None) == (options["before"] is None):
        raise click.UsageError("say which entries: --below N or --before DATE")
    with open_to_write(place, tenant, keys) as log:
        below = options["below"] if isinstance(options["below"], int) else _index_at(log, options["before"])
        stop = min(below, log.head().size) // 256 * 256
        cut = sum(birth < stop for birth in _unsettled(log))
        warning = f"{count(cut, 'request')} not settled began there: to be answered, used or resolved no more"
        if not yes:
            more = f"; {warning}" if cut else ""
            click.confirm(f"destroy the bodies of entries below {stop:,}, for ever{more}?", abort=True, err=True)
        receipt = log.prune(below, reason)
        pruned = log.head().pruned
    page = Page()
    page.line(Styled("pruned ", "allow"), f"bodies below entry {pruned:,}; entry {receipt.index} says so")
    if cut:
        page.line(Styled(warning, "warning"))
    return Exit.FINE


def _unsettled(log: Log) -> list[int]:
    """Where the requests begin that are not settled, as a gate on this log would find them."""
    from assentry.approvals.settled import unsettled
    from assentry.gate.metrics import Meter
    from assentry.gate.mirror import Mirror

    mirror = Mirror(log, Meter())
    births = (mirror.birth(name) for name in unsettled(mirror.catch_up()))
    return [birth for birth in births if birth is not None]


def _index_at(log: Log, day: object) -> int:
    """The first entry that is not before a day: times never go back, so that halving finds it."""
    from datetime import UTC, datetime

    assert isinstance(day, datetime)
    time = int(day.replace(tzinfo=UTC).timestamp() * 1000)
    head = log.head()
    low, high = head.pruned, head.size
    while low < high:
        middle = (low + high) // 2
        if log.entry(middle).time < time:
            low = middle + 1
        else:
            high = middle
    return low
