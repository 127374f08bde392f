"""`assentry resolve`: a person says what became of an execution whose outcome nobody knows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import click

from assentry.cli.exit import Exit
from assentry.cli.ledger.options import key_folder, keys_option, tenant_option

if TYPE_CHECKING:
    from assentry.approvals import Request
    from assentry.config import Config
    from assentry.gate.directory.opening import People as Signed
    from assentry.gate.parts import Parts
    from assentry.ledger.log import Log


@click.command(name="resolve", short_help="say what became of an action whose outcome is unknown")
@click.argument("request", required=False)
@click.option("--committed", "outcome", flag_value="committed", help="It was done.")
@click.option("--failed", "outcome", flag_value="failed", help="It was not done, and may be tried again.")
@click.option("--reason", metavar="TEXT", help="How you know.")
@click.option("--ledger", "place", envvar="ASSENTRY_LEDGER", metavar="PLACE", help="Default: what assentry.toml says.")
@click.option("--token-file", metavar="FILE", help="Your ID token. Default: the user of the operating system.")
@tenant_option
@keys_option
def command(request: str | None, outcome: str | None, reason: str | None, **options: str | None) -> Exit:
    """Say what became of an execution that broke off, timed out or raised; without REQUEST, list those that wait.

    Until somebody says so, nothing with the same effect runs. Nobody of the chain that asked can say it. Rules,
    directory and ledger are those of assentry.toml.

    \b
    Example:
      assentry resolve
      assentry resolve r-0f3c --failed --reason 'the table has no new rows'
    """
    from assentry.cli import extras
    from assentry.cli.signedin import voter

    extras.ledger()
    from assentry.config import find_config
    from assentry.gate.people import People

    if (request is None) != (outcome is None) or (request is None) != (reason is None):
        raise click.UsageError("name the request, one of --committed and --failed, and a --reason; or nothing at all")
    config = find_config(Path.cwd())
    with _log(config, options) as log:
        parts, signed = _parts(config, log, key_folder(str(options["place"]), options["keys"]))
        if request is None:
            _list(parts)
            return Exit.FINE
        said = cast(Literal["committed", "failed"], outcome)
        status = People(parts).resolve(request, voter(signed, options["token_file"]), said, str(reason))
    click.echo(f"{request} {status}")
    return Exit.FINE


def _log(config: Config, options: dict[str, str | None]) -> Log:
    from assentry.cli.ledger.options import open_to_write

    settings = config.ledger
    place = options["place"] or (None if settings is None else settings.place)
    if place is None:
        raise click.UsageError("say where the ledger is: --ledger PLACE, or `[ledger]` in assentry.toml")
    if settings is not None and settings.keys is not None:
        options["keys"] = options["keys"] or str(settings.keys)
    options["place"] = place
    tenant = options["tenant"] or (None if settings is None else settings.tenant)
    return open_to_write(place, tenant, options["keys"])


def _parts(config: Config, log: Log, keys: Path) -> tuple[Parts, Signed]:
    """A gate's parts without the gate: nothing is put in force, and no canary is fired."""
    from assentry.approvals import Settings
    from assentry.cli.rules import open_policy, places
    from assentry.errors import ConfigError
    from assentry.gate import keys as gate_keys
    from assentry.gate import opening
    from assentry.gate.directory.opening import open_directory

    if config.directory is None:
        raise ConfigError("`[directory]` in assentry.toml has to say who people are")
    signed = open_directory(config.directory)
    policy = open_policy(places(()))
    made = opening.parts(policy, log, signed.directory, gate_keys.read(keys), Settings(), None, (), ())
    return made, signed


def _list(parts: Parts) -> None:
    from assentry.approvals.request import judged
    from assentry.cli.page import Page
    from assentry.ledger.entry import to_at

    page = Page()
    now, state = parts.clerk.now()
    waiting = [request for _, request in state.requests.items() if judged(request, now) == "unknown"]
    for request in sorted(waiting, key=lambda each: each.asked_at):
        page.line(f"{request.id}  asked {to_at(request.asked_at)}  {_what(parts, request)}")
    if not waiting:
        page.line("no outcome is unknown")


def _what(parts: Parts, request: Request) -> str:
    """Who asked, and for what: as far as it was not erased, and without secrets."""
    from assentry.errors import SealedError
    from assentry.review import Redactor
    from assentry.review.rows import one_line

    try:
        action = parts.documents.file(request.id).action
    except SealedError:
        return "(erased)"
    who = parts.names.name(request.chain.requester) or request.chain.requester
    resource = action.get("resource", {})
    text = f"{who}: {action['action']['name']} on {resource.get('type')} {resource.get('id')}"
    return one_line(Redactor(()).text(text))
