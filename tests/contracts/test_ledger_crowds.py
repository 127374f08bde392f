"""Many processes with different minds on one log: an old policy beside a new one, a slow directory beside a crowd."""

from __future__ import annotations

import threading
import time

from assentry.ledger.entry import Claim, Conflict, Item, Receipt
from assentry.ledger.log import Log
from assentry.ledger.verify.run import verify
from assentry.ledger.verify.stored import Stored
from tests.support.ledgers import Ledgers, Place, appended, refused
from tests.support.processes import Say, fork

OLD, NEW = "sha256:old", "sha256:new"
EFFECTS, MORE = 60, 10


def decided_under(policy: str, effect: int) -> Item:
    made = Item.of("consumed", {"policy": policy}, claims=(Claim("effect", f"e-{effect}"),))
    return made._replace(if_policy=policy)


def work_through(place: Place, policy: str, effects: int) -> dict[str, int]:
    """What one process gets done that knows one policy: it tries so many effects, and stops at none."""
    seen = {"done": 0, "claim": 0, "policy": 0}
    with place.open() as log:
        for effect in range(effects):
            (result,) = log.append([decided_under(policy, effect)])
            seen["done" if isinstance(result, Receipt) else result.reason] += 1
            time.sleep(0.002)
    return seen


def test_two_policies_during_a_rolling_deploy(durable: Ledgers) -> None:
    """Whoever still decides by the old policy is refused as soon as the new one is in force; no effect happens twice."""
    place = durable.place()
    place.create()
    with place.open() as log:
        appended(log.append([Item.of("policy", {"digest": OLD})._replace(policy=OLD)]))

    def old(say: Say) -> object:
        return work_through(place, OLD, EFFECTS)

    def new(say: Say) -> object:
        return work_through(place, NEW, EFFECTS + MORE)

    first = [fork(old), fork(old)]
    time.sleep(0.15)
    with place.open() as log:
        (change,) = appended(log.append([Item.of("policy", {"digest": NEW})._replace(policy=NEW)]))
    seen = [child.result() for child in (*first, fork(new), fork(new))]
    with place.open() as log:
        ran = [entry for entry in log.entries() if entry.type == "consumed"]
        assert {entry.data["policy"] for entry in ran if entry.index < change.index} <= {OLD}
        assert {entry.data["policy"] for entry in ran if entry.index > change.index} == {NEW}
        assert len(ran) == sum(each["done"] for each in seen) == EFFECTS + MORE
        assert verify(Stored(log), [place.signer.verifier]).findings == []
    assert sum(sum(each.values()) for each in seen) == 4 * EFFECTS + 2 * MORE
    assert all(each["policy"] == 0 for each in seen[2:])


def test_a_directory_that_takes_seconds_holds_up_nobody(durable: Ledgers) -> None:
    """Who asks a slow directory does so before it appends; what changed meanwhile refuses it, and nobody waited."""
    log, waits = durable.new(), list[float]()
    appended(log.append([Item.of("requested", {}, request="r", if_last=-1)]))
    slow: list[Receipt | Conflict] = []

    def asks_a_slow_directory() -> None:
        last = log.last("r")
        time.sleep(2.0)
        slow.extend(log.append([Item.of("consumed", {}, request="r", if_last=last)]))

    asking = threading.Thread(target=asks_a_slow_directory)
    asking.start()
    time.sleep(0.1)
    begun = time.monotonic()
    crowd = [threading.Thread(target=_append, args=(log, number, waits)) for number in range(100)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    assert asking.is_alive(), f"a hundred appends took {time.monotonic() - begun:.1f} s beside it"
    assert len(waits) == 100
    (receipt,) = appended(log.append([Item.of("denied", {}, request="r", if_last=log.last("r"))]))
    asking.join()
    assert refused(slow) == Conflict("if_last", receipt.index)


def _append(log: Log, number: int, waits: list[float]) -> None:
    begun = time.monotonic()
    appended(log.append([Item.of("noted", {"number": number})]))
    waits.append(time.monotonic() - begun)
