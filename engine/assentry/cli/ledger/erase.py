"""`assentry ledger erase`: destroy what is sealed about a person."""

from __future__ import annotations

import click

from assentry.cli.exit import Exit
from assentry.cli.ledger.options import keys_option, open_to_write, place_argument, tenant_option


@click.command(name="erase", short_help="destroy sealed documents about a person")
@place_argument
@click.argument("subject")
@click.option("--reason", metavar="TEXT", required=True, help="Why; it stands in the log, so name nobody.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@tenant_option
@keys_option
def command(place: str, subject: str, reason: str, tenant: str | None, keys: str | None, *, yes: bool) -> Exit:
    """Destroy all sealed documents about SUBJECT (an opaque id) with their keys, and append an entry that says so.

    Bodies and hashes stay: the log still verifies. Backups made before hold the wrapped keys until they expire.

    \b
    Example:
      assentry ledger erase ledger.db p-17 --reason "request of 2026-11-20"
    """
    from assentry.cli.page import Page, Styled, count

    if not yes:
        click.confirm(f"destroy all sealed documents about `{subject}`, for ever?", abort=True, err=True)
    page = Page()
    with open_to_write(place, tenant, keys) as log:
        receipts = log.erase(subject, reason)
        documents = [number for receipt in receipts for number in _documents(log.entry(receipt.index).data)]
    if not receipts:
        page.line(f"nothing is sealed about `{subject}`")
        return Exit.FINE
    where = ", ".join(f"entry {receipt.index}" for receipt in receipts)
    page.line(Styled("erased ", "allow"), f"{count(len(documents), 'sealed document')}; {where} says so")
    return Exit.FINE


def _documents(data: dict[str, object]) -> list[object]:
    documents = data["documents"]
    return documents if isinstance(documents, list) else []
