"""`assentry grant`: statements that people agreed, checked without asking anybody."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

import click

from assentry.cli.exit import Exit
from assentry.cli.lazy import Group
from assentry.cli.rules import format_option

if TYPE_CHECKING:
    from assentry.gate.grant import Grant

NOT_SHOWN = "use and revocation not checked"


@click.group(name="grant", cls=Group, short_help="check what people agreed to", no_args_is_help=True)
def command() -> None:
    """Check grants: signed statements that people agreed to an action.

    \b
    Example:
      assentry grant verify export.grant --key grant.pub
    """


@command.command(name="verify", short_help="is a grant authentic?")
@click.argument("grant", metavar="GRANT")
@click.option("--key", "keys", multiple=True, required=True, metavar="KEY", help="A public key of grants, or its file.")
@click.option(
    "--log-key", "log_keys", multiple=True, metavar="KEY", help="A public key of the log, to hold the proof to."
)
@click.option("--audience", metavar="NAME", help="The executor that it has to be for.")
@format_option
def verify(grant: str, keys: tuple[str, ...], log_keys: tuple[str, ...], audience: str | None, form: str) -> Exit:
    """Verify a grant offline, with public keys alone. GRANT is a file, or `-` for standard input.

    Shows that it is authentic and within its time, and with --log-key that its approval stands in the log. Whether
    it was used or revoked since, only its gate knows. Exits with 1 when it is not authentic or out of its time.

    \b
    Example:
      assentry grant verify export.grant --key keys/grant.pub --log-key keys/log.pub
    """
    from assentry.cli import extras
    from assentry.cli.ledger.options import read_bytes

    extras.ledger()
    from assentry.errors import GrantError
    from assentry.gate.grant import check_proof, check_times, read_grant
    from assentry.ledger import keyfiles

    trusted = tuple(keyfiles.read_verifier(text) for text in keys)
    logs = tuple(keyfiles.read_verifier(text) for text in log_keys)
    text: bytes = sys.stdin.buffer.read() if grant == "-" else read_bytes(grant)
    found: Grant | None = None
    try:
        found = read_grant(text.strip(), trusted)
        if logs:
            check_proof(found, logs)
        if audience is not None and audience != found.content["audience"]:
            raise GrantError(f"the grant is for `{found.content['audience']}`")
        check_times(found.content, time.time_ns() // 1_000_000)
    except GrantError as error:
        _show(found, str(error), form, proved=False)
        return Exit.FINDINGS
    _show(found, None, form, proved=bool(logs))
    return Exit.FINE


def _show(grant: Grant | None, wrong: str | None, form: str, *, proved: bool) -> None:
    content = None if grant is None else dict(grant.content)
    if form == "json":
        found = {"authentic": wrong is None, "error": wrong, "not_shown": NOT_SHOWN, "grant": content}
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    from assentry.cli.page import Page, Styled
    from assentry.ledger.entry import to_at

    page = Page()
    if wrong is not None:
        page.line(Styled("refused: ", "deny"), wrong)
        return
    assert content is not None
    page.line(Styled("authentic", "allow"), f"; {NOT_SHOWN}")
    page.line("  ", Styled(content["id"], "strong"), f" of {content['tenant']}, for {content['audience']}")
    page.line("  ", f"action {content['digest']}")
    page.line("  ", f"policy {content['policy']}")
    if content["controls"]:
        page.line("  ", f"controls {', '.join(content['controls'])}")
    for seat in content["seats"]:
        page.line("  ", f"{seat['seat']} by {seat['person']}, entry {seat['vote']}")
    page.line("  ", f"from {to_at(content['nbf'])} to {to_at(content['exp'])}")
    if proved:
        page.line("  ", "its approval stands in the log")
    for mark in content["marks"]:
        page.line("  ", Styled(str(mark), "warning"))
