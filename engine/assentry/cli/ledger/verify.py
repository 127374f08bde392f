"""`assentry ledger verify`: does it hold?"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assentry.cli.exit import Exit
from assentry.cli.ledger.options import json_option, place_argument, progress, read_bytes, tenant_option

if TYPE_CHECKING:
    from assentry.ledger.verify.findings import Report
    from assentry.ledger.verify.source import Source


@click.command(name="verify", short_help="does the log hold?")
@place_argument
@click.option("--key", "keys", multiple=True, required=True, metavar="KEY", help="The log's public key, or its file.")
@click.option("--receipt", "receipts", multiple=True, metavar="FILE", help="A receipt that was kept elsewhere.")
@click.option(
    "--checkpoint", "checkpoints", multiple=True, metavar="FILE", help="A checkpoint that was kept elsewhere."
)
@click.option("--witness", "witnesses", multiple=True, metavar="KEY", help="A witness's public key, or its file.")
@click.option("--quorum", type=click.IntRange(0), default=0, help="How many witnesses must have cosigned the newest.")
@click.option("--no-laws", is_flag=True, help="Do not replay the laws of approvals over the entries.")
@tenant_option
@json_option
def command(place: str, tenant: str | None, form: str, **options: object) -> Exit:
    """Verify a ledger, or an export of one (a folder), offline, with the public key alone.

    Names what is wrong and the entry where it is, or the entries between two checkpoints. Exits with 1 when
    something is wrong.

    \b
    Example:
      assentry ledger verify ledger.db --key log.pub
      assentry ledger verify export/ --key log.pub --receipt r-17.receipt --witness w1.pub
    """
    from assentry.cli.ledger.laws import replay
    from assentry.ledger import keyfiles
    from assentry.ledger.verify.evidence import Evidence
    from assentry.ledger.verify.run import verify

    trusted = [keyfiles.read_verifier(text) for text in _texts(options["keys"])]
    evidence = Evidence(
        [(name, read_bytes(name)) for name in (*_texts(options["receipts"]), *_texts(options["checkpoints"]))],
        [keyfiles.read_verifier(text) for text in _texts(options["witnesses"])],
        int(str(options["quorum"])),
    )
    begun = time.perf_counter()
    with progress("verifying") as move:
        source = _source(place, tenant)
        report = verify(
            source, trusted, evidence=evidence, replay=None if options["no_laws"] else replay, progress=move
        )
    seconds = time.perf_counter() - begun
    if form == "json":
        click.echo(json.dumps(report.to_dict(), indent=2, ensure_ascii=False))
    else:
        show(report, seconds)
    return Exit.FINE if report.good else Exit.FINDINGS


def _texts(value: object) -> tuple[str, ...]:
    assert isinstance(value, tuple)
    return value


def _source(place: str, tenant: str | None) -> Source:
    from assentry.ledger import opening
    from assentry.ledger.verify.exported import Export
    from assentry.ledger.verify.stored import Stored

    if Path(place).is_dir():
        return Export(Path(place))
    return Stored(opening.open_reader(place, tenant=tenant))


def show(report: Report, seconds: float) -> None:
    """Print a report for people."""
    from assentry.cli.page import Page, Styled, count
    from assentry.ledger.verify.run import LIMITS

    page = Page()
    rate = f", {report.size / seconds:,.0f} a second" if report.size >= 10_000 else ""
    page.line(Styled(report.tenant, "strong"), f"  {report.origin}  {count(report.size, 'entry', 'entries')}{rate}")
    for finding in report.findings[:50]:
        place = f"{finding.place}: " if finding.place else ""
        page.line(Styled(f"{finding.cause.value}: ", "deny"), Styled(place, "accent"), finding.detail)
    if len(report.findings) > 50:
        page.line(f"and {len(report.findings) - 50:,} more")
    if not report.good:
        page.line()
        page.line(Styled(f"does not hold: {count(len(report.findings), 'finding')}", "deny"))
        return
    facts = [f"root {report.root.hex()}", f"key epoch {report.epoch}"]
    facts += [f"bodies below entry {report.pruned:,} pruned"] if report.pruned else []
    facts += [f"{count(report.erased, 'document')} erased"] if report.erased else []
    facts += [] if report.documents else ["sealed documents left out"]
    for fact in facts:
        page.line("  ", fact)
    for seen in report.witnessed:
        at = datetime.fromtimestamp(seen.time, UTC)
        page.line("  ", f"witnessed by {seen.name} at size {seen.size:,}, {at:%Y-%m-%dT%H:%M:%SZ}")
    if report.development:
        page.line("  ", Styled("a log for development", "warning"))
    laws = "and their fold is legal" if report.replayed else "the laws were not replayed"
    page.line(Styled("holds: ", "allow"), f"all entries are as signed, {laws}")
    page.line(Styled("not shown by a log itself: ", "dim"), Styled("; ".join(LIMITS), "dim"))
