"""`assentry ledger export`: a folder for verifiers."""

from __future__ import annotations

from pathlib import Path

import click

from assentry.cli.exit import Exit
from assentry.cli.ledger.options import key_folder, keys_option, open_to_read, place_argument, progress, tenant_option


@click.command(name="export", short_help="write a folder for verifiers")
@place_argument
@click.option("-o", "--output", metavar="DIR", required=True, help="The new folder.")
@click.option("--no-documents", is_flag=True, help="Leave sealed documents out.")
@tenant_option
@keys_option
def command(place: str, output: str, tenant: str | None, keys: str | None, *, no_documents: bool) -> Exit:
    """Write the log into a folder that can be verified offline: entries and hashes as C2SP tlog-tiles lays them
    out, checkpoints, sealed documents (never their keys), and a signed manifest of it all.

    \b
    Example:
      assentry ledger export ledger.db -o export-2026-11
      assentry ledger verify export-2026-11 --key log.pub
    """
    from assentry.cli.page import Page, Styled
    from assentry.ledger import keyfiles
    from assentry.ledger.export import export

    signer = keyfiles.read_signer(key_folder(place, keys) / keyfiles.LOG_KEY)
    with open_to_read(place, tenant) as log, progress("exporting") as move:
        checkpoint = export(log, signer, Path(output), documents=not no_documents, progress=move)
    Page().line(Styled("wrote ", "allow"), f"{output}: {checkpoint.size:,} entries of {checkpoint.origin}")
    return Exit.FINE
