"""Death by SIGKILL: what was acknowledged stands, what was not leaves no half, on a file and on a server.

ASSENTRY_LEDGER_KILLS sets how many processes are killed at random.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from types import ModuleType

import pytest

from assentry.ledger import postgres, sqlite
from assentry.ledger.entry import Claim, Item
from assentry.ledger.log import Log
from assentry.ledger.postgreswire import run
from assentry.ledger.verify.run import verify
from assentry.ledger.verify.stored import Stored
from tests.support.ledgers import Ledgers, Place, appended, item
from tests.support.processes import Say, fork

KILLS = int(os.environ.get("ASSENTRY_LEDGER_KILLS", "5"))


def whole(place: Place) -> Log:
    """The log, open, after it was verified."""
    log = place.open()
    report = verify(Stored(log), [place.signer.verifier])
    assert report.findings == []
    return log


def test_a_killed_process_takes_nothing_acknowledged_with_it(durable: Ledgers) -> None:
    place = durable.place()
    place.create()
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


def dying(monkeypatch: pytest.MonkeyPatch, kind: str, point: str) -> Callable[[], None]:
    """Makes the next commit of this process its last: before the writes, before COMMIT (signed), or behind it."""
    module: ModuleType
    transaction: type
    if kind == "postgres":
        module, writes, transaction, name = postgres, "commit", postgres.PostgresTransaction, "commit"
        write: Callable[..., None] = run  # the same statements, and no COMMIT
    else:
        module, writes, transaction, name = sqlite, "write", sqlite.SqliteTransaction, "_commit"
        write = sqlite.write
    commit = getattr(transaction, name)

    def die(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def write_and_die(*arguments: object) -> None:
        write(*arguments)
        die()

    def commit_and_die(*arguments: object) -> None:
        commit(*arguments)
        die()

    def arm() -> None:
        if point == "before the writes":
            monkeypatch.setattr(module, writes, die)
        elif point == "between sign and commit":
            monkeypatch.setattr(module, writes, write_and_die)
        else:
            monkeypatch.setattr(transaction, name, commit_and_die)

    return arm


@pytest.mark.parametrize(
    ("point", "size"), [("before the writes", 11), ("between sign and commit", 11), ("behind the commit", 12)]
)
def test_death_at_each_step_of_a_commit(
    durable: Ledgers, monkeypatch: pytest.MonkeyPatch, point: str, size: int
) -> None:
    place = durable.place()
    place.create()
    arm = dying(monkeypatch, durable.kind, point)

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
