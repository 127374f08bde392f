"""`assentry ledger append`: one entry from the prompt."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING

import click

from assentry.cli.exit import Exit
from assentry.cli.ledger.options import keys_option, open_to_write, place_argument, read_bytes, tenant_option

if TYPE_CHECKING:
    from assentry.ledger.entry import Item, Sealed


@click.command(name="append", short_help="append an entry")
@place_argument
@click.option("--type", "kind", metavar="WORD", default="noted", show_default=True, help="What the entry is.")
@click.option("--data", metavar="JSON", default="{}", help="What it says: an object, or @FILE.")
@click.option("--request", metavar="ID", help="The request it belongs to.")
@click.option("--if-last", type=int, metavar="N", help="Only if entry N is the request's newest (-1: it has none).")
@click.option("--claim", "claims", multiple=True, metavar="SPACE:KEY", help="Only if nobody ever claimed this.")
@click.option("--idempotency", metavar="KEY", help="The same call again appends nothing.")
@click.option("--seal", metavar="FILE", help="A document to be sealed beside the entry.")
@click.option("--subject", "subjects", multiple=True, metavar="ID", help="Whom the sealed document is about.")
@click.option("--confirm-clock", metavar="REASON", help="First say that the clock, which was doubted, is right.")
@tenant_option
@keys_option
def command(place: str, tenant: str | None, keys: str | None, **options: object) -> Exit:
    """Append one entry; it is durable when the command ends. Exits with 1 when something stands in its way.

    Entries that the gate and the ledger write themselves cannot be written by hand.

    \b
    Example:
      assentry ledger append ledger.db --type noted --data '{"text": "the auditor was here"}'
      assentry ledger append ledger.db --type noted --seal report.pdf --subject p-17
    """
    from assentry.cli.page import Page, Styled
    from assentry.ledger.entry import Receipt

    with open_to_write(place, tenant, keys) as log:
        if options["confirm_clock"]:
            log.confirm_clock(str(options["confirm_clock"]))
        seal, subjects = options["seal"], options["subjects"]
        assert isinstance(subjects, tuple)
        sealed = log.seal(read_bytes(str(seal)), subjects) if seal is not None else None
        (result,) = log.append([_item(options, sealed)])
    page = Page()
    if isinstance(result, Receipt):
        note = " (it stood there already)" if result.replayed else ""
        page.line(Styled("appended ", "allow"), f"entry {result.index} at {result.at}{note}")
        return Exit.FINE
    where = f" by entry {result.index}" if result.index is not None else ""
    page.line(Styled("refused ", "deny"), f"{result.reason}{where}{f': {result.detail}' if result.detail else ''}")
    return Exit.FINDINGS


def _item(options: Mapping[str, object], sealed: Sealed | None) -> Item:
    from assentry.ledger.entry import Claim, Item

    kind, request, if_last = str(options["kind"]), options["request"], options["if_last"]
    _by_hand(kind, None if request is None else str(request))
    names = options["claims"]
    assert isinstance(names, tuple)
    pairs = [str(name).partition(":") for name in names]
    if not all(space and key for space, _, key in pairs):
        raise click.UsageError("a claim has the form SPACE:KEY")
    data = _data(str(options["data"]))
    item = Item.of(
        kind,
        data,
        request=None if request is None else str(request),
        if_last=if_last if isinstance(if_last, int) else None,
        claims=tuple(Claim(space, key) for space, _, key in pairs),
        sealed=sealed,
    )
    if options["idempotency"] is None:
        return item
    payload = sha256(json.dumps([kind, data, request], sort_keys=True).encode()).digest()
    return item._replace(idempotency=(str(options["idempotency"]), payload))


def _by_hand(kind: str, request: str | None) -> None:
    """Raises UsageError for what would read as the gate's or the ledger's own word."""
    from assentry.approvals.events import EVENTS
    from assentry.gate import folded
    from assentry.gate.authority.book import KINDS
    from assentry.gate.clerk import NOTES
    from assentry.ledger.jobs import OWN_TYPES

    if not re.fullmatch("[a-z][a-z_]{0,40}", kind):
        raise click.UsageError("a type is a word of small letters and `_`")
    if kind in OWN_TYPES | KINDS | NOTES | {folded.KIND} | {event.kind for event in EVENTS}:
        raise click.UsageError(f"entries of type `{kind}` are written by the gate or the ledger, not by hand")
    if request is not None and request.startswith("assentry:"):
        raise click.UsageError(f"entries of `{request}` are written by the gate or the ledger, not by hand")


def _data(text: str) -> dict[str, object]:
    from assentry.errors import InputError
    from assentry.ledger.encoding import parsed

    source = read_bytes(text[1:]).decode(errors="replace") if text.startswith("@") else text
    try:
        data = parsed(source)
    except ValueError as error:
        raise InputError(f"the data is not JSON: {error}") from error
    if not isinstance(data, dict):
        raise InputError("the data is not a JSON object")
    return data
