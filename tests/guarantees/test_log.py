"""The log: what was written stays as it was written, and whoever changes, cuts or backdates it is seen."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from assentry.cli.ledger.laws import replay
from assentry.errors import Denied, LedgerError
from assentry.gate import Gate, GateKeys, Permit
from assentry.ledger import opening
from assentry.ledger.clock import SetClock
from assentry.ledger.entry import Item
from assentry.ledger.log import Log
from assentry.ledger.merkle import leaf_hash
from assentry.ledger.note import Signer
from assentry.ledger.sealing import SealingKey
from assentry.ledger.verify.evidence import Evidence
from assentry.ledger.verify.findings import Report
from assentry.ledger.verify.run import verify
from assentry.ledger.verify.stored import Stored
from tests.gate.house import AGENT, NOON, act, denied, people, policy

_NUMBERS = itertools.count()


@dataclass
class Site:
    """A gate on a ledger in a file."""

    path: Path
    clock: SetClock
    signer: Signer
    log: Log
    gate: Gate

    def read(self, times: int = 1) -> Permit:
        permits = [self.gate.submit(act("data.read", f"crm.t{next(_NUMBERS)}")) for _ in range(times)]
        for permit in permits:
            assert isinstance(permit, Permit)
            self.gate.report(permit)
            newest = permit
        return newest

    def verify(self, path: Path | None = None, *kept: tuple[str, bytes]) -> Report:
        source = Stored(opening.open_reader(path or self.path))
        return verify(source, [self.signer.verifier], evidence=Evidence(list(kept)), replay=replay)

    def copy(self) -> Path:
        """A copy of the file as it is, by the database's own means."""
        path = self.path.with_name(f"copy-{next(_NUMBERS)}.db")
        with sqlite3.connect(self.path) as source, sqlite3.connect(path) as target:
            source.backup(target)
        return path


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    path, clock, signer = tmp_path / "ledger.db", SetClock(NOON), Signer.generate("log.example/acme")
    opening.create(path, "acme", signer, clock=clock)
    log = opening.open_log(path, signer, sealing=SealingKey.generate(), clock=clock)
    gate = Gate(policy(), ledger=log, directory=people(), keys=GateKeys.generate("log.example/acme"), caller=AGENT)
    yield Site(path, clock, signer, log, gate)
    gate.close()
    log.close()


def test_an_altered_entry_is_named(site: Site) -> None:
    permit = site.read()
    assert site.verify().good
    path = site.copy()
    with sqlite3.connect(path) as file:
        body = bytes(file.execute("SELECT body FROM entry WHERE idx = ?", (permit.consumed,)).fetchone()[0])
        file.execute(
            "UPDATE entry SET body = ? WHERE idx = ?", (body.replace(b"house.reads", b"house.roads"), permit.consumed)
        )
    report = site.verify(path)
    assert not report.good
    assert any(finding.place == f"entry {permit.consumed}" for finding in report.findings)


def test_a_cut_behind_what_somebody_kept_is_seen(site: Site) -> None:
    old = site.copy()
    permit = site.read(3)
    receipt = str(site.log.receipt(permit.consumed)).encode()
    assert site.verify(None, ("receipt", receipt)).good
    assert site.verify(old).good, "by itself an older log is a log"
    report = site.verify(old, ("receipt", receipt))
    assert not report.good


def test_a_clock_that_went_back_or_jumped_is_named_and_nothing_is_written(site: Site) -> None:
    site.read()
    size = site.log.head().size
    for step in (-60_000, 3_600_000):
        site.clock.step(step)
        with denied("ledger"):
            site.gate.submit(act("data.read"))
        with pytest.raises(LedgerError, match="clock"):
            site.log.append([Item.of("noted", {})])
        site.clock.step(-step)
    assert site.log.head().size == size
    assert site.read().nonce


def test_a_ledger_that_cannot_write_lets_nothing_run(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    @site.gate.guard("data.read", resource={"type": "table", "id": "t"})
    def read(name: str) -> None:
        done.append(name)

    site.log.close()
    with pytest.raises(Denied) as caught:
        read("crm")
    assert caught.value.code == "ledger"
    assert done == []


def test_pruning_breaks_no_chain_and_keeps_what_others_keep(site: Site) -> None:
    permit = site.read(150)
    receipt = str(site.log.receipt(permit.consumed)).encode()
    checkpoint = str(site.log.checkpoint()).encode()
    first = site.log.entry(1)
    before = site.verify()
    assert before.good
    site.log.prune(300, "three years are over")
    after = site.verify(None, ("receipt", receipt), ("checkpoint", checkpoint))
    assert after.good, after.findings
    assert after.pruned == 256
    assert site.log.receipt(1).proves(leaf_hash(first.body)), "what was pruned can still be proved by who kept it"
    assert site.read().nonce


def test_a_held_range_is_not_pruned(site: Site) -> None:
    site.read(150)
    hold = site.log.hold(0, 200, "case 2026-17")
    with pytest.raises(LedgerError, match="are held"):
        site.log.prune(256, "three years are over")
    assert site.verify().pruned == 0
    site.log.unhold(hold.index, "closed")
    site.log.prune(256, "three years are over")
    assert site.verify().pruned == 256


def test_one_walk_verifies_keys_policies_and_everything_else_that_changed(site: Site) -> None:
    """Entries under three log keys and origins, erasures and a pruned beginning verify with the first key alone."""
    receipts = [str(site.log.receipt(site.read(60).consumed)).encode()]
    for number in range(2):
        site.log.rotate(Signer.generate(f"log.example/acme-{number}"), "yearly")
        receipts.append(str(site.log.receipt(site.read(60).consumed)).encode())
    site.gate.erase("ann", "asked for it")
    site.log.prune(256, "old")
    report = site.verify(None, *((f"receipt {number}", receipt) for number, receipt in enumerate(receipts)))
    assert report.good, report.findings
    assert (report.epoch, report.pruned) == (2, 256)
    assert report.erased > 0
