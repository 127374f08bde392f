"""`assentry doctor`: the guarantees, tried on one's own rules, people and ledger."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from assentry.cli.exit import Exit
from assentry.cli.rules import format_option, paths_argument

if TYPE_CHECKING:
    from assentry.cli.doctor.outcome import Outcome
    from assentry.cli.doctor.project import Project


@click.command(name="doctor", short_help="try the guarantees on one's own rules, people and ledger")
@paths_argument
@click.option("--only", metavar="ID,...", help="Try only these.")
@click.option("--list", "lists", is_flag=True, help="List the guarantees, and try none.")
@format_option
def command(paths: tuple[str, ...], only: str | None, lists: bool, form: str) -> Exit:
    """Try what the gate guarantees, with the rules, the directory and the actions of a project, in a scratch ledger.

    PATHS are rule files and folders, or a project's folder; without any, the configured rules. Actions to try things
    with come from the tests beside the rules, and from examples/. The directory is asked and the configured ledger is
    read; nothing is written to either, and no action is executed. Exits with 1 when a guarantee does not hold.

    \b
    Example:
      assentry doctor
      assentry doctor my-policy --only seats,own-request
      assentry doctor --format json | jq '.guarantees[] | select(.status == "failed")'
    """
    from assentry.cli import extras

    extras.ledger()
    from assentry.cli.doctor.run import GUARANTEES, examine

    chosen = _chosen(only, [each.id for each in GUARANTEES])
    if lists:
        for each in GUARANTEES:
            click.echo(f"{each.id:<16} {each.title}")
        return Exit.FINE
    outcomes = []
    for outcome in examine(_project(paths), chosen):
        outcomes.append(outcome)
        if form == "text":
            _line(outcome)
    if form == "json":
        click.echo(json.dumps(_document(outcomes), indent=2, ensure_ascii=False))
    else:
        _sum(outcomes)
    return Exit.FINDINGS if _count(outcomes, "failed") else Exit.FINE


def _chosen(only: str | None, known: Sequence[str]) -> list[str]:
    from assentry.diagnostics import did_you_mean

    chosen = [name.strip() for name in (only or "").split(",") if name.strip()]
    for name in chosen:
        if name not in known:
            raise click.UsageError(f"there is no guarantee `{name}`; {did_you_mean(name, known) or 'see --list'}")
    return chosen


def _project(paths: tuple[str, ...]) -> Project:
    from assentry.cli.doctor.project import Project
    from assentry.cli.rules import open_policy, places
    from assentry.config import config_of

    found = places(paths)
    return Project(config_of(found), open_policy(found), found, time.time_ns() // 1_000_000)


def _line(outcome: Outcome) -> None:
    from assentry.cli.page import Page, Styled

    mark = {
        "passed": Styled("passed", "allow"),
        "failed": Styled("FAILED", "deny"),
        "not applicable": Styled("n/a   ", "dim"),
    }[outcome.status]
    why = Styled(f"  ({outcome.why})", "dim") if outcome.why else ""
    Page().line(mark, f"  {outcome.id:<16} ", outcome.title, why)


def _sum(outcomes: Sequence[Outcome]) -> None:
    from assentry.cli.page import Page, Styled, count

    failed, missing = _count(outcomes, "failed"), _count(outcomes, "not applicable")
    tried = len(outcomes) - missing
    page = Page()
    page.line()
    head = Styled(f"{failed} failed", "deny") if failed else Styled("all hold", "allow")
    page.line(head, f": {count(tried, 'guarantee')} tried, {missing} not applicable")


def _count(outcomes: Sequence[Outcome], status: str) -> int:
    return sum(outcome.status == status for outcome in outcomes)


def _document(outcomes: Sequence[Outcome]) -> dict[str, object]:
    return {
        "version": 1,
        "guarantees": [outcome.to_dict() for outcome in outcomes],
        "summary": {
            "passed": _count(outcomes, "passed"),
            "failed": _count(outcomes, "failed"),
            "not_applicable": _count(outcomes, "not applicable"),
        },
    }
