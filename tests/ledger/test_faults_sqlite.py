"""Full disks and crowds on an SQLite file: what was acknowledged stands, what was not leaves no half."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assentry.errors import LedgerUnavailable
from assentry.ledger.entry import Claim, Item, Receipt
from assentry.ledger.log import Log
from assentry.ledger.verify.run import verify
from assentry.ledger.verify.stored import Stored
from tests.support.ledgers import Ledgers, Place, appended, item
from tests.support.processes import Say, fork


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Ledgers("sqlite", tmp_path, None).place()
    made.create()
    return made


def whole(place: Place) -> Log:
    """The log, open, after it was verified."""
    log = place.open()
    report = verify(Stored(log), [place.signer.verifier])
    assert report.findings == []
    return log


def test_fifty_processes_race_for_one_claim(place: Place) -> None:
    def race(say: Say) -> object:
        with place.open() as log:
            (result,) = log.append([Item.of("consumed", {"by": os.getpid()}, claims=(Claim("consume", "g"),))])
        return ["won" if isinstance(result, Receipt) else "lost", result.index, os.getpid()]

    results = [child.result() for child in [fork(race) for _ in range(50)]]
    (winner,) = [result for result in results if result[0] == "won"]
    assert {result[1] for result in results} == {winner[1]}
    with whole(place) as log:
        assert log.head().size == 2
        assert log.entry(winner[1]).data["by"] == winner[2]


def test_processes_share_a_file_fairly_and_lose_nothing(place: Place) -> None:
    """The benchmark measures shares and waits; here nobody starves."""

    def work(say: Say) -> object:
        done = []
        with place.open() as log:
            end = time.monotonic() + 1.0
            while time.monotonic() < end:
                (receipt,) = appended(log.append([item(os.getpid())]))
                done.append(receipt.index)
        return done

    results = [child.result() for child in [fork(work) for _ in range(4)]]
    indices = sorted(index for done in results for index in done)
    assert indices == list(range(1, len(indices) + 1))
    assert min(len(done) for done in results) > len(indices) / 4 / 4
    with whole(place) as log:
        assert log.head().size == len(indices) + 1


# ---- a disk that fills up ----


def append_without_end(log: Log, taken: list[int]) -> None:
    while True:
        taken += [receipt.index for receipt in appended(log.append([item(len(taken))] * 8))]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes, where mounting is possible."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("mounting a small disk needs to be root")
    command = [mount, "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not possible here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_loses_nothing_and_goes_on_when_there_is_room(small_disk: Path) -> None:
    place = Ledgers("sqlite", small_disk, None).place()
    place.create()
    filler = small_disk / "filler"
    filler.write_bytes(bytes(400_000))
    taken: list[int] = []
    with place.open() as log:
        with pytest.raises(LedgerUnavailable, match="no room"):
            append_without_end(log, taken)
        size = log.head().size
        assert taken == list(range(1, size))
        with pytest.raises(LedgerUnavailable, match="no room"):
            log.append([Item.of("noted", {"text": "x" * 60_000})] * 4)
        filler.unlink()
        appended(log.append([item(1)]))
        assert log.head().size == size + 1
    with whole(place) as log:
        assert log.head().size == size + 1
