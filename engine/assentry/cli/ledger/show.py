"""`assentry ledger show`: read entries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from assentry.cli.exit import Exit
from assentry.cli.ledger.options import json_option, keys_option, open_to_read, place_argument, tenant_option

if TYPE_CHECKING:
    from assentry.cli.page import Page
    from assentry.ledger.entry import Entry
    from assentry.ledger.reader import Reader


@click.command(name="show", short_help="read entries")
@place_argument
@click.option("--from", "start", type=int, metavar="N", help="The first entry. Default: the last twenty.")
@click.option("--to", "stop", type=int, metavar="N", help="The entry behind the last.")
@click.option("--request", metavar="ID", help="All entries of a request.")
@click.option("--type", "kind", metavar="WORD", help="Only entries of this type.")
@click.option("--unseal", type=int, metavar="N", help="Write the sealed document of entry N to standard output.")
@tenant_option
@keys_option
@json_option
def command(place: str, tenant: str | None, keys: str | None, form: str, **options: object) -> Exit:
    """Show the head of the log and some entries. As JSON: one body a line, byte for byte.

    \b
    Example:
      assentry ledger show ledger.db
      assentry ledger show ledger.db --request r-17 --format json | jq .data
      assentry ledger show ledger.db --unseal 3 > report.pdf
    """
    from assentry.cli.page import Page, Styled

    number = options["unseal"]
    with open_to_read(place, tenant, keys, sealing=number is not None) as log:
        if isinstance(number, int):
            try:
                click.echo(log.unseal(number), nl=False)
            except IndexError as error:
                raise click.UsageError(str(error)) from error
            return Exit.FINE
        if form == "json":
            for entry in _chosen(log, options):
                click.echo(entry.body)
            return Exit.FINE
        page, head = Page(), log.head()
        page.line(Styled(head.tenant, "strong"), f"  {head.origin}  {head.size:,} entries")
        if head.development:
            page.line(Styled("for development", "warning"))
        page.line()
        for entry in _chosen(log, options):
            _line(page, entry)
    return Exit.FINE


def _chosen(log: Reader, options: dict[str, object]) -> Iterator[Entry]:
    request, start, stop, kind = options["request"], options["start"], options["stop"], options["kind"]
    size = log.head().size
    if request is not None:
        entries: Iterator[Entry] = iter(log.request_entries(str(request)))
    else:
        first = start if isinstance(start, int) else max(0, (stop if isinstance(stop, int) else size) - 20)
        entries = log.entries(first, min(stop, size) if isinstance(stop, int) else size)
    return (entry for entry in entries if kind is None or _is(entry, str(kind)))


def _is(entry: Entry, kind: str) -> bool:
    """Whether an entry is of a type; one that cannot be read is of none."""
    from assentry.errors import InputError

    try:
        return entry.type == kind
    except InputError:
        return False


def _line(page: Page, entry: Entry) -> None:
    from assentry.cli.page import Styled
    from assentry.errors import InputError

    try:
        at, kind, request = entry.at, entry.type, entry.request
        data = json.dumps(entry.data, ensure_ascii=False, sort_keys=True)
    except InputError as error:
        page.line(Styled(f"{entry.index:>6}  ", "accent"), Styled(str(error), "deny"))
        return
    short = data if len(data) <= 120 else f"{data[:117]}..."
    page.line(
        Styled(f"{entry.index:>6}  ", "accent"),
        Styled(f"{at}  ", "dim"),
        Styled(f"{kind:<12}", "strong"),
        f"  {request or '-'}  {short}",
    )
