"""Death, full disks and crowds on an SQLite file: what was acknowledged stands, what was not leaves no half.

ASSENTRY_LEDGER_KILLS sets how many processes are killed at random.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assentry.errors import LedgerUnavailable
from assentry.ledger import sqlite as module
from assentry.ledger.entry import Claim, Item, Receipt
from assentry.ledger.log import Log
from assentry.ledger.verify.run import verify
from assentry.ledger.verify.stored import Stored
from tests.support.ledgers import Ledgers, Place, appended, item
from tests.support.processes import Say, fork

KILLS = int(os.environ.get("ASSENTRY_LEDGER_KILLS", "5"))


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


def test_a_killed_process_takes_nothing_acknowledged_with_it(place: Place) -> None:
    acknowledged: list[tuple[int, int]] = []
    for turn in range(KILLS):

        def work(say: Say, turn: int = turn) -> None:
            with place.open() as log:
                for number in range(100_000):
                    (receipt,) = appended(log.append([item(turn * 1_000_000 + number)]))
                    say([receipt.index, turn * 1_000_000 + number])

        child = fork(work)
        time.sleep(random.uniform(0.02, 0.25))
        child.kill()
        acknowledged += [(index, number) for index, number in child.lines()]
        with whole(place) as log:
            numbers = {entry.index: entry.data["number"] for entry in log.entries(1)}
        assert all(numbers[index] == number for index, number in acknowledged)
        assert len(numbers) <= len(acknowledged) + turn + 1  # at most the one that each was about to hear of
    assert acknowledged


def dying(monkeypatch: pytest.MonkeyPatch, point: str) -> Callable[[], None]:
    """Makes the next commit of this process its last: before the writes, before COMMIT (signed), or behind it."""
    transaction = module.SqliteTransaction
    write, commit = module.write, transaction._commit

    def die(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def write_and_die(*arguments: object) -> None:
        write(*arguments)  # type: ignore[arg-type]
        die()

    def commit_and_die(self: module.SqliteTransaction) -> None:
        commit(self)
        die()

    def arm() -> None:
        if point == "before the writes":
            monkeypatch.setattr(module, "write", die)
        elif point == "between sign and commit":
            monkeypatch.setattr(module, "write", write_and_die)
        else:
            monkeypatch.setattr(transaction, "_commit", commit_and_die)

    return arm


@pytest.mark.parametrize(
    ("point", "size"), [("before the writes", 11), ("between sign and commit", 11), ("behind the commit", 12)]
)
def test_death_at_each_step_of_a_commit(place: Place, monkeypatch: pytest.MonkeyPatch, point: str, size: int) -> None:
    arm = dying(monkeypatch, point)

    def work(say: Say) -> None:
        with place.open() as log:
            appended(log.append([item(n) for n in range(10)]))
            arm()
            log.append([Item.of("consumed", {}, claims=(Claim("consume", "g"),))])

    child = fork(work)
    child.lines()
    monkeypatch.undo()
    with whole(place) as log:
        assert log.head().size == size
        stands = log.claimed(Claim("consume", "g")) is not None
        assert stands is (size == 12)
        appended(log.append([item(1)]))


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
