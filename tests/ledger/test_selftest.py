"""The tamper matrix: every attack is found, named and placed; and what nobody can know is not claimed to be known."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from assentry.ledger.selftest.exports import FORGERIES, flipped, rehearse_export, spread
from assentry.ledger.selftest.faults import rehearse_faults
from assentry.ledger.selftest.run import Outcome, examine, rehearse
from assentry.ledger.selftest.scene import Scene
from assentry.ledger.selftest.stage import FileStage
from assentry.ledger.selftest.tampers import MATRIX, Attack
from assentry.ledger.verify.findings import Cause
from tests.support.postgres import Server
from tests.support.stages import ServerStage

FLIPS = int(os.environ.get("ASSENTRY_LEDGER_FLIPS", "400"))
"""How many bytes of an export are flipped; 0 is all of them."""


def missed(outcomes: Iterator[Outcome]) -> list[str]:
    return [
        f"{outcome.name}: found {[str(one) for one in outcome.found]}" for outcome in outcomes if not outcome.caught
    ]


def test_every_attack_on_a_file_is_found(tmp_path: Path) -> None:
    outcomes = list(rehearse(FileStage(tmp_path)))
    assert len(outcomes) == len(MATRIX)
    assert missed(iter(outcomes)) == []


def test_every_attack_on_a_server_is_found(postgres: Server) -> None:
    outcomes = list(rehearse(ServerStage.new(postgres), sets_clock=False))
    assert len(outcomes) == sum(not tamper.sets_clock for tamper in MATRIX)
    assert missed(iter(outcomes)) == []


def test_every_forgery_of_an_export_is_found(tmp_path: Path) -> None:
    stage = FileStage(tmp_path)
    outcomes = list(rehearse_export(stage, Scene(stage).build(), tmp_path / "exports", flips=8))
    assert len(outcomes) == len(FORGERIES) + 2
    assert missed(iter(outcomes)) == []


def test_any_flipped_byte_of_an_export_is_found(tmp_path: Path) -> None:
    from assentry.ledger import opening
    from assentry.ledger.export import export

    stage = FileStage(tmp_path)
    scene = Scene(stage).build()
    with opening.open_reader(stage.again("early").place, tenant="acme") as log:
        export(log, scene.second, tmp_path / "export")
    total = sum(path.stat().st_size for path in (tmp_path / "export").rglob("*") if path.is_file())
    places = spread(tmp_path / "export", FLIPS or total)
    # Every byte of what is signed, whatever the setting.
    for name in ("checkpoint", "manifest"):
        path = tmp_path / "export" / name
        places += [(path, offset) for offset in range(0, path.stat().st_size, 1 if not FLIPS else 7)]
    assert missed(iter([flipped(tmp_path / "export", scene, places)])) == []


def test_every_fault_leaves_what_was_acknowledged(tmp_path: Path) -> None:
    trials = list(rehearse_faults(FileStage(tmp_path)))
    assert len(trials) == 6
    assert [(trial.name, trial.wrong) for trial in trials if trial.wrong] == []


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene(FileStage(tmp_path_factory.mktemp("scene"))).build()


@pytest.mark.parametrize("name", ["restore an older file", "cut the tail", "fork with the real key"])
def test_without_evidence_nobody_could_know(scene: Scene, name: str) -> None:
    """What `verify` says of itself: these need a receipt, an older checkpoint or a witness."""
    (tamper,) = [tamper for tamper in MATRIX if tamper.name == name]
    copy = scene.stage.again(tamper.kept)
    tamper.do(Attack(scene, copy))
    assert examine(scene, copy, "").good
    assert not examine(scene, copy, "receipt").good


def test_a_report_of_an_untouched_ledger(scene: Scene) -> None:
    report = examine(scene, scene.stage.again("whole"), "witness")
    assert (report.good, report.size, report.epoch, report.erased, report.tenant) == (True, 560, 1, 1, "acme")
    assert [(seen.name, seen.size) for seen in report.witnessed] == [("witness.example/w1", 400)]
    assert report.evidence == 1


def test_all_causes_are_rehearsed() -> None:
    rehearsed = {cause for tamper in MATRIX for cause in tamper.causes}
    rehearsed |= {cause for forgery in FORGERIES for cause in forgery.causes}
    elsewhere = {Cause.KEY, Cause.LAYOUT, Cause.LAW, Cause.WITNESS}
    assert rehearsed | elsewhere == set(Cause)
