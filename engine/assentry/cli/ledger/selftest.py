"""`assentry ledger selftest`: the tamper matrix, tried out."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assentry.cli.exit import Exit
from assentry.cli.ledger.options import json_option

if TYPE_CHECKING:
    from assentry.ledger.selftest.run import Outcome


@click.command(name="selftest", short_help="try all tampering on a scratch ledger")
@json_option
def command(form: str) -> Exit:
    """Build a scratch ledger, tamper with copies of it in every way of the matrix, and verify each.

    Exits with 1 when verification missed one, or named the wrong cause or place.

    \b
    Example:
      assentry ledger selftest
    """
    with tempfile.TemporaryDirectory(prefix="assentry-selftest-") as folder:
        outcomes = list(_all(Path(folder)))
    if form == "json":
        rows = [
            {
                "part": part,
                "tamper": one.name,
                "needs": one.needs,
                "caught": one.caught,
                "finding": str(one.finding or ""),
            }
            for part, one in outcomes
        ]
        click.echo(json.dumps({"version": 1, "outcomes": rows}, indent=2))
    else:
        _show(outcomes)
    return Exit.FINE if all(one.caught for _, one in outcomes) else Exit.FINDINGS


def _all(folder: Path) -> Iterator[tuple[str, Outcome]]:
    from assentry.cli.ledger.laws import rehearse_laws
    from assentry.ledger.selftest.exports import rehearse_export
    from assentry.ledger.selftest.run import rehearse
    from assentry.ledger.selftest.scene import Scene
    from assentry.ledger.selftest.stage import FileStage

    for name in ("database", "laws", "export"):
        (folder / name).mkdir()
    yield from (("database", one) for one in rehearse(FileStage(folder / "database")))
    yield from (("laws", one) for one in rehearse_laws(FileStage(folder / "laws")))
    stage = FileStage(folder / "export")
    yield from (("export", one) for one in rehearse_export(stage, Scene(stage).build(), folder / "exports"))


def _show(outcomes: list[tuple[str, Outcome]]) -> None:
    from assentry.cli.page import Page, Styled, count

    page = Page()
    rows = []
    for part, one in outcomes:
        mark = Styled("found ", "allow") if one.caught else Styled("MISSED", "deny")
        finding = one.finding
        cause = finding.cause.value if finding is not None else "; ".join(str(other) for other in one.found[:3])
        place = finding.place if finding is not None else ""
        rows.append((mark, part, one.name, cause, place, Styled(one.needs, "dim")))
    page.table(rows, heads=("", "where", "tampering", "cause", "place", "needs"))
    page.line()
    missed = sum(not one.caught for _, one in outcomes)
    page.line(Styled(f"{missed} missed of ", "deny") if missed else "all found: ", count(len(outcomes), "attack"))
