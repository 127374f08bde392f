"""`assentry ledger prove`: receipts, and their check."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from assentry.cli.exit import Exit
from assentry.cli.ledger.options import open_to_read, read_bytes, tenant_option


@click.command(name="prove", short_help="make or check a receipt")
@click.argument("place", envvar="ASSENTRY_LEDGER")
@click.argument("index", type=int, required=False)
@click.option("-o", "--output", metavar="FILE", help="Where to write the receipt. Default: standard output.")
@click.option("--check", is_flag=True, help="PLACE is a receipt: check it, offline, without the ledger.")
@click.option("--key", "keys", multiple=True, metavar="KEY", help="With --check: the log's public key, or its file.")
@click.option("--body", metavar="FILE", help="With --check: the entry's body, where the receipt does not carry it.")
@tenant_option
def command(place: str, index: int | None, tenant: str | None, **options: object) -> Exit:
    """Write a receipt (C2SP tlog-proof): that entry INDEX stands under the newest checkpoint. Keep it elsewhere.

    A receipt carries the entry's body, so that it can be checked by itself; and it shows a log that was cut or
    rewritten: `assentry ledger verify --receipt`.

    \b
    Example:
      assentry ledger prove ledger.db 17 -o entry-17.receipt
      assentry ledger prove entry-17.receipt --check --key log.pub
    """
    from assentry.cli.page import Page, Styled

    if options["check"]:
        return _check(place, options)
    if index is None:
        raise click.UsageError("which entry? PLACE INDEX")
    with open_to_read(place, tenant) as log:
        try:
            text = str(replace(log.receipt(index), extra=log.entry(index).body))
        except IndexError as error:
            raise click.UsageError(str(error)) from error
    if options["output"] is None:
        click.echo(text, nl=False)
        return Exit.FINE
    Path(str(options["output"])).write_text(text, encoding="utf-8")
    Page().line(Styled("wrote ", "allow"), str(options["output"]))
    return Exit.FINE


def _check(path: str, options: dict[str, object]) -> Exit:
    from assentry.cli.page import Page, Styled
    from assentry.errors import NoteError
    from assentry.ledger import keyfiles
    from assentry.ledger.proof import parse_proof, verify_proof

    keys = options["keys"]
    assert isinstance(keys, tuple)
    if not keys:
        raise click.UsageError("--check needs the log's public key: --key")
    data = read_bytes(path)
    body = parse_proof(data).extra if options["body"] is None else read_bytes(str(options["body"]))
    if body is None:
        raise click.UsageError("the receipt does not carry the entry's body: name it with --body")
    page = Page()
    try:
        proof = verify_proof(data, body, [keyfiles.read_verifier(key) for key in keys])
    except NoteError as error:
        page.line(Styled("does not hold: ", "deny"), str(error))
        return Exit.FINDINGS
    page.line(
        Styled("holds: ", "allow"),
        f"this is entry {proof.index} of {proof.checkpoint.origin}, under its checkpoint of size {proof.checkpoint.size:,}",
    )
    page.line(body.decode(errors="replace"))
    return Exit.FINE
