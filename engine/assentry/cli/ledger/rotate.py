"""`assentry ledger rotate`: another key, or, for a restored log, another origin."""

from __future__ import annotations

from pathlib import Path

import click

from assentry.cli.exit import Exit
from assentry.cli.ledger.options import (
    key_folder,
    keys_option,
    open_to_read,
    open_to_write,
    place_argument,
    tenant_option,
)


@click.command(name="rotate", short_help="sign with another key; go on after a restore")
@place_argument
@click.option("--origin", metavar="NAME", help="A new origin: a log restored from a backup goes on only under one.")
@click.option("--reason", metavar="TEXT", required=True, help="Why; it stands in the log.")
@tenant_option
@keys_option
def command(place: str, tenant: str | None, keys: str | None, origin: str | None, reason: str) -> Exit:
    """Make a new log key, have the one in force sign for it in the log, and sign with the new one from then on.

    The retired key is kept as log.key.EPOCH. Verifiers who have the old public key follow by the log itself; give
    them the new one all the same, since a thief of the old key could fool those who have no other.

    \b
    Example:
      assentry ledger rotate ledger.db --reason "the yearly rotation"
      assentry ledger rotate ledger.db --origin log.example/acme-2 --reason "restored from the backup of Monday"
    """
    from assentry.cli.page import Page, Styled
    from assentry.ledger import keyfiles

    folder, page = key_folder(place, keys), Page()
    if _finished(place, tenant, folder):
        page.line(Styled("finished ", "allow"), "the rotation that was interrupted: the key in force is log.key again")
        return Exit.FINE
    with open_to_write(place, tenant, keys) as log:
        head = log.head()
        signer = keyfiles.rotate(folder, origin or head.origin)
        receipt = log.rotate(signer, reason)
    keyfiles.adopt(folder, head.epoch)
    page.line(Styled("rotated ", "allow"), f"to epoch {head.epoch + 1}; entry {receipt.index} says so")
    page.fields([("origin", signer.name), ("key", str(signer.verifier)), ("keys", str(folder))])
    return Exit.FINE


def _finished(place: str, tenant: str | None, folder: Path) -> bool:
    """Whether a rotation stood in the log and not yet in the folder; then it stands there now."""
    from assentry.ledger import keyfiles

    signer = keyfiles.pending(folder)
    if signer is None:
        return False
    with open_to_read(place, tenant) as log:
        head = log.head()
    if head.key != signer.verifier:
        return False
    keyfiles.adopt(folder, head.epoch - 1)
    return True
