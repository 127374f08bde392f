"""`assentry ledger checkpoint`: the signed head, and witnesses for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from assentry.cli.exit import Exit
from assentry.cli.ledger.options import open_to_read, place_argument, tenant_option

if TYPE_CHECKING:
    from assentry.ledger.reader import Reader
    from assentry.ledger.witness.client import Remote


@click.command(name="checkpoint", short_help="print the signed head; ask witnesses")
@place_argument
@click.option("--size", type=click.IntRange(1), metavar="N", help="The checkpoint that covers N entries.")
@click.option("--witness", metavar="URL|DIR", help="Have the newest cosigned: over HTTP, or by a key over a folder.")
@click.option("--witness-key", metavar="KEY", help="For a URL its public key, for a DIR its private key's file.")
@click.option("-o", "--output", metavar="FILE", help="Where to write it. Default: standard output.")
@tenant_option
def command(place: str, tenant: str | None, size: int | None, **options: str | None) -> Exit:
    """Print the newest checkpoint (C2SP tlog-checkpoint) with its cosignatures. Keep it elsewhere.

    A witness signs only what continues all it has seen: it shows a restored, forked or backdated log. A DIR that
    is a git work tree gets a commit for each checkpoint.

    \b
    Example:
      assentry ledger checkpoint ledger.db -o monday.checkpoint
      assentry ledger checkpoint ledger.db --witness https://witness.example --witness-key w1.pub
      assentry ledger checkpoint ledger.db --witness /mnt/elsewhere/witness --witness-key w1.key
    """
    from assentry.ledger.witness.client import witnessed

    if (options["witness"] is None) != (options["witness_key"] is None):
        raise click.UsageError("--witness and --witness-key go together")
    with open_to_read(place, tenant) if options["witness"] is None else _to_cosign(place, tenant) as log:
        if options["witness"] is not None:
            checkpoint = witnessed(log, _remote(log, str(options["witness"]), str(options["witness_key"])))
        else:
            checkpoint = log.checkpoint(size)
    if options["output"] is None:
        click.echo(str(checkpoint), nl=False)
    else:
        Path(str(options["output"])).write_text(str(checkpoint), encoding="utf-8")
    return Exit.FINE


def _to_cosign(place: str, tenant: str | None) -> Reader:
    from assentry.ledger import opening

    return opening.open_reader(place, tenant=tenant, cosigns=True)


def _remote(log: Reader, where: str, key: str) -> Remote:
    from assentry.ledger import keyfiles
    from assentry.ledger.witness.client import Http, Local
    from assentry.ledger.witness.judge import Witness
    from assentry.ledger.witness.store import FileStore, GitStore

    if where.startswith(("http://", "https://")):
        return Http(where, keyfiles.read_verifier(key))
    folder = Path(where)
    store = GitStore(folder) if (folder / ".git").exists() else FileStore(folder)
    return Local(Witness(keyfiles.read_signer(Path(key)), [log.head().key], store))
