"""The rehearsal: every attack on a copy of its own, and whether verification found it, named it and placed it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from assentry.ledger import opening
from assentry.ledger.selftest.scene import TENANT, Scene
from assentry.ledger.selftest.stage import Stage
from assentry.ledger.selftest.tampers import MATRIX, Attack, Tamper
from assentry.ledger.verify.evidence import Evidence
from assentry.ledger.verify.findings import Finding, Report
from assentry.ledger.verify.run import verify
from assentry.ledger.verify.stored import Stored


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attack. `finding` is the one that names cause and place as it should."""

    name: str
    needs: str
    finding: Finding | None
    found: tuple[Finding, ...]

    @property
    def caught(self) -> bool:
        return self.finding is not None


def rehearse(stage: Stage, *, sets_clock: bool = True, tampers: tuple[Tamper, ...] = MATRIX) -> Iterator[Outcome]:
    """Build the scene on a stage and try all attacks. Yields first that the untouched ledger is found good."""
    scene = Scene(stage) if sets_clock else Scene(stage, clock=None, gap=0)
    scene.build()
    for name in ("", "receipt", "witness"):
        report = examine(scene, stage.again("whole"), name)
        if not report.good:
            yield Outcome("leave it as it is", name, None, tuple(report.findings))
            return
    for tamper in tampers:
        if tamper.sets_clock and not sets_clock:
            continue
        copy = stage.again(tamper.kept)
        tamper.do(Attack(scene, copy))
        report = examine(scene, copy, tamper.needs)
        yield judged(tamper, report)


def examine(scene: Scene, stage: Stage, needs: str) -> Report:
    """Verify a copy with the key that the log was opened with, and the evidence that an attack needs."""
    evidence = Evidence()
    if needs == "receipt":
        evidence = Evidence([("receipt", scene.receipt), ("checkpoint", scene.checkpoint)])
    elif needs == "witness":
        evidence = Evidence([("witness", scene.witnessed)], [scene.witness.verifier])
    with opening.open_reader(stage.place, tenant=TENANT) as log:
        return verify(Stored(log), [scene.first.verifier], evidence=evidence)


def judged(tamper: Tamper, report: Report) -> Outcome:
    """The finding that names one of the causes at the place, if there is one."""
    right = [finding for finding in report.findings if finding.cause in tamper.causes and _placed(tamper, finding)]
    return Outcome(tamper.name, tamper.needs, right[0] if right else None, tuple(report.findings))


def _placed(tamper: Tamper, finding: Finding) -> bool:
    if tamper.start is None:
        return True
    if finding.start is None:
        return False
    stop = finding.start + 1 if finding.stop is None else finding.stop
    if tamper.stop is None:
        return finding.start == tamper.start
    return tamper.start <= finding.start < stop <= tamper.stop


Laws = Callable[[], Iterator[Outcome]]
"""Attacks that only the laws' replay shows, tried by whoever knows the laws."""
