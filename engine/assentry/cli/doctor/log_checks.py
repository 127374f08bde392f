"""Guarantees of the ledger, tried on a scratch one with the project's actions in it."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from assentry.cli.doctor.bench import Bench, expect
from assentry.cli.doctor.outcome import hold
from assentry.cli.doctor.scratch import Scratch
from assentry.cli.ledger.laws import replay
from assentry.ledger import opening
from assentry.ledger.entry import Item
from assentry.ledger.verify.evidence import Evidence
from assentry.ledger.verify.findings import Report
from assentry.ledger.verify.run import verify
from assentry.ledger.verify.stored import Stored


def _verify(scratch: Scratch, *kept: tuple[str, bytes], place: str | None = None) -> Report:
    with opening.open_reader(place or scratch.path) as reader:
        return verify(Stored(reader), [scratch.signer.verifier], evidence=Evidence(list(kept)), replay=replay)


def _copy(scratch: Scratch, name: str) -> str:
    path = str(scratch.path.with_suffix(f".{name}.db"))
    with closing(sqlite3.connect(scratch.path)) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)
    return path


def altered(bench: Bench) -> str:
    """An entry that was altered is named."""
    candidate = bench.allowed()
    with bench.scratch() as scratch:
        permit = scratch.run(candidate)
        hold(_verify(scratch).good, "the log does not verify as it is")
        path = _copy(scratch, "altered")
        with closing(sqlite3.connect(path)) as file:
            file.execute(
                "UPDATE entry SET body = CAST(replace(CAST(body AS TEXT), '\"allowed\"', '\"allowee\"') AS BLOB) WHERE idx = ?",
                (permit.consumed,),
            )
            file.commit()
        found = [finding.place for finding in _verify(scratch, place=path).findings]
        hold(
            f"entry {permit.consumed}" in found, f"entry {permit.consumed} was altered, and {found or 'nothing'} found"
        )
    return candidate.name


def cut(bench: Bench) -> str:
    """A log that was cut behind what somebody kept, or restored from before, is seen."""
    candidate = bench.allowed()
    with bench.scratch() as scratch:
        old = _copy(scratch, "old")
        receipt = str(scratch.log.receipt(scratch.run(candidate).consumed)).encode()
        hold(_verify(scratch, ("receipt", receipt)).good, "the receipt does not verify")
        hold(not _verify(scratch, ("receipt", receipt), place=old).good, "the older log passes for the newer one")
    return candidate.name


def pruned(bench: Bench) -> str:
    """Pruning breaks no chain, keeps what others kept, and does not touch what is held."""
    candidate = bench.allowed()
    with bench.scratch() as scratch:
        receipt = str(scratch.log.receipt(scratch.run(candidate).consumed)).encode()
        scratch.log.append([Item.of("noted", {"n": number}) for number in range(300)])
        held = scratch.log.hold(0, 10, "for the sake of the examination")
        expect("error", lambda: scratch.log.prune(256, "old"), "pruning what is held")
        scratch.log.unhold(held.index, "done")
        scratch.log.prune(256, "old")
        report = _verify(scratch, ("receipt", receipt))
        hold(report.good and report.pruned == 256, f"after pruning: {report.findings[:1]}")
    return candidate.name


def clock(bench: Bench) -> str:
    """A clock that goes back stops everything until a person confirms it."""
    candidate = bench.allowed()
    with bench.scratch() as scratch:
        scratch.run(candidate)
        scratch.clock.step(-60_000)
        expect("ledger", lambda: scratch.submit(candidate), "an action a minute ago")
    return candidate.name


def one_walk(bench: Bench) -> str:
    """A log whose keys changed verifies with the first key."""
    from assentry.ledger.note import Signer

    with bench.scratch() as scratch:
        for number in range(2):
            scratch.log.rotate(Signer.generate(f"doctor.invalid/{number}"), "yearly")
        report = _verify(scratch)
        hold(report.good and report.epoch == 2, f"after two rotations: {report.findings[:1]}")
    return "three keys"
