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
    from assentry.ledger.selftest.faults import Trial
    from assentry.ledger.selftest.run import Outcome


@click.command(name="selftest", short_help="try all tampering and faults on scratch ledgers")
@json_option
def command(form: str) -> Exit:
    """Build a scratch ledger, tamper with copies of it in every way of the matrix, and verify each. Then kill
    writers, fill the disk and set the clock, and see that what was acknowledged stands.

    Exits with 1 when verification missed one, or named the wrong cause or place, or something was lost.

    \b
    Example:
      assentry ledger selftest
    """
    with tempfile.TemporaryDirectory(prefix="assentry-selftest-") as folder:
        outcomes, trials = list(_all(Path(folder))), list(_faults(Path(folder)))
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
        faults = [{"fault": one.name, "kept": not one.wrong, "note": one.note, "wrong": one.wrong} for one in trials]
        click.echo(json.dumps({"version": 1, "outcomes": rows, "faults": faults}, indent=2))
    else:
        _show(outcomes)
        _show_faults(trials)
    fine = all(one.caught for _, one in outcomes) and not any(one.wrong for one in trials)
    return Exit.FINE if fine else Exit.FINDINGS


def _faults(folder: Path) -> Iterator[Trial]:
    from assentry.ledger.selftest.faults import rehearse_faults
    from assentry.ledger.selftest.stage import FileStage

    (folder / "faults").mkdir()
    return rehearse_faults(FileStage(folder / "faults"))


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


def _show_faults(trials: list[Trial]) -> None:
    from assentry.cli.page import Page, Styled, count

    page = Page()
    if not trials:
        page.line("faults: this system cannot fork, so they were left out")
        return
    page.line()
    rows = []
    for one in trials:
        mark = Styled("LOST  ", "deny") if one.wrong else Styled("kept  ", "allow")
        rows.append((mark, one.name, "; ".join(one.wrong[:3]) or one.note))
    page.table(rows, heads=("", "fault", "what became of it"))
    page.line()
    lost = sum(bool(one.wrong) for one in trials)
    page.line(Styled(f"{lost} lost something of ", "deny") if lost else "all kept: ", count(len(trials), "fault"))
