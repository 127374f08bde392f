"""`assentry ledger init`: make a log."""

from __future__ import annotations

import click

from assentry.cli.exit import Exit
from assentry.cli.ledger.options import key_folder, keys_option, place_argument


@click.command(name="init", short_help="make a log and its keys")
@place_argument
@click.option("--tenant", metavar="NAME", required=True, help="Whose log it is.")
@click.option(
    "--origin",
    metavar="NAME",
    required=True,
    help="The log's name for the world, such as log.example/acme: in every checkpoint, for ever.",
)
@keys_option
@click.option("--digests-only", is_flag=True, help="Keep no sealed documents, only their digests.")
@click.option("--development", is_flag=True, help="Mark the log, for ever, as one for development.")
def command(place: str, tenant: str, origin: str, keys: str | None, *, digests_only: bool, development: bool) -> Exit:
    """Make a tenant's log, with keys where there are none yet.

    Give the public key (log.pub) to whoever shall verify the log. Move the private keys away from the database:
    who has both can write another history.

    \b
    Example:
      assentry ledger init ledger.db --tenant acme --origin log.example/acme
    """
    from assentry.cli.page import Page, Styled
    from assentry.errors import LedgerKey
    from assentry.ledger import keyfiles, opening

    folder = key_folder(place, keys)
    signer, _ = keyfiles.make(folder, origin)
    if signer.name != origin:
        raise LedgerKey(f"the key in `{folder}` is of `{signer.name}`, not of `{origin}`: name another folder")
    opening.create(place, tenant, signer, development=development, documents=not digests_only)
    page = Page()
    page.line(Styled("made ", "allow"), f"the log of {tenant} in {opening.shown(place)}")
    page.fields([("origin", origin), ("key", str(signer.verifier)), ("keys", str(folder))])
    if development:
        page.line(Styled("for development: every verification will say so", "warning"))
    return Exit.FINE
