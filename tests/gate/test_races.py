"""Many at once: one winner, nothing lost, and a history that is legal, in threads and in processes."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from assentry.approvals import Settings
from assentry.approvals.directory import Directory
from assentry.cli.ledger.laws import replay
from assentry.errors import Denied, Rejected
from assentry.gate import Gate, GateKeys
from assentry.gate.directory.source import DirectorySource
from assentry.ledger.store import Ledger
from tests.gate.house import AGENT, RULES, House, act, export, people, policy, voter
from tests.support.ledgers import Ledgers, Place
from tests.support.processes import Say, fork

KEYS = GateKeys.generate("log.example/acme")
PLENTY = Settings(actor_open=1000, actor_hourly=1000, approver_open=1000)


def gate_on(log: Ledger, **options: Any) -> Gate:
    fixed: dict[str, Any] = {"directory": people(), "keys": KEYS, "caller": AGENT, "settings": PLENTY}
    return Gate(policy(), ledger=log, **(fixed | options))


@dataclass(frozen=True)
class Slow(DirectorySource):
    """A directory that takes two seconds to answer, and then as long as it is let."""

    answer: Directory
    over: threading.Event

    def snapshot(self) -> Directory:
        time.sleep(2)
        self.over.wait(60)
        return self.answer


def outcome(call: Callable[[], object]) -> str:
    """`done`, or the code of the refusal."""
    try:
        call()
    except (Denied, Rejected) as refused:
        return refused.code
    return "done"


def in_threads(number: int, work: Callable[[int], object]) -> Counter[str]:
    """What came of `number` threads that start together."""
    barrier = threading.Barrier(number)
    found: list[str] = []

    def run(place: int) -> None:
        barrier.wait()
        found.append(outcome(lambda: work(place)))

    threads = [threading.Thread(target=run, args=(place,)) for place in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(found)


def in_processes(place: Place, number: int, work: Callable[[Gate, int], object]) -> Counter[str]:
    """What came of `number` processes, each with a gate of its own."""

    def run(say: Say, which: int) -> str:
        with place.open() as log:
            gate = gate_on(log)
            return outcome(lambda: work(gate, which))

    children = [fork(lambda say, which=which: run(say, which)) for which in range(number)]  # type: ignore[misc]
    return Counter(child.result() for child in children)


def approved(gate: Gate) -> str:
    """A request that two people agreed to."""
    request = gate.submit(export())
    assert isinstance(request, str)
    card = gate.card(request, voter("bob")).digest
    gate.vote(request, voter("bob"), "approve", card)
    gate.vote(request, voter("cyd"), "approve", card)
    return request


def test_fifty_threads_and_one_grant() -> None:
    house = House(settings=PLENTY)
    gates = [house.gate, house.open()]
    grant = gates[0].wait(approved(gates[0]))
    found = in_threads(50, lambda place: gates[place % 2].redeem(grant, f"{place:032d}"))
    assert found == {"done": 1, "used": 49}
    assert house.kinds().count("consumed") == 1
    assert house.ledger is not None
    assert list(replay(house.ledger.entries())) == []


def test_fifty_threads_with_one_nonce_have_one_permit() -> None:
    house = House(settings=PLENTY)
    grant = house.gate.wait(approved(house.gate))
    permits = []
    found = in_threads(50, lambda _: permits.append(house.gate.redeem(grant, "n" * 32)))
    assert found == {"done": 50}
    assert len(set(permits)) == 1
    assert house.kinds().count("consumed") == 1


@pytest.mark.parametrize("number", [50])
def test_processes_race_for_one_grant(durable: Ledgers, number: int) -> None:
    place = durable.place()
    place.create()
    with place.open() as log:
        gate = gate_on(log)
        grant = gate.wait(approved(gate)).text
    found = in_processes(place, number, lambda gate, which: gate.redeem(grant, f"{which:032d}"))
    assert found == {"done": 1, "used": number - 1}
    with place.open() as log:
        assert [entry.type for entry in log.entries()].count("consumed") == 1
        assert list(replay(log.entries())) == []


def test_processes_race_for_one_effect(durable: Ledgers) -> None:
    place = durable.place()
    place.create()

    def work(gate: Gate, which: int) -> None:
        guarded = gate.guard("ticket.write", resource={"type": "t", "id": "1"}, effect=("number",))
        guarded(lambda number, text: None)(7, f"text {which}")

    found = in_processes(place, 12, work)
    assert found == {"done": 1, "effect": 11}
    with place.open() as log:
        assert list(replay(log.entries())) == []


def test_threads_on_a_file_share_commits_and_keep_the_law(durable: Ledgers) -> None:
    place = durable.place()
    place.create()
    with place.open() as log:
        gate = gate_on(log)
        found = in_threads(32, lambda place: gate.submit(act("data.read", f"table {place}")))
        assert found == {"done": 32}
        found = in_threads(32, lambda place: gate.submit(export(f"table {place}")))
        assert found == {"done": 32}
        assert len(gate.requests("pending")) == 32
        assert list(replay(log.entries())) == []


def test_the_same_asked_at_once_is_one_request() -> None:
    house = House(settings=PLENTY)
    gates = [house.gate, house.open()]
    ids: list[Any] = []
    assert in_threads(20, lambda place: ids.append(gates[place % 2].submit(export()))) == {"done": 20}
    assert len(set(ids)) == 20
    assert len(house.gate.requests("pending")) == 1
    assert house.kinds().count("joined") == 19


def test_votes_at_once_are_all_counted() -> None:
    house = House(settings=PLENTY)
    request = house.ask()
    card = house.card(request)
    accounts = ["bob", "bob@laptop", "cyd", "dee", "eve", "fay", "ann", "etl-7"] * 4
    found = in_threads(32, lambda place: house.gate.vote(request, voter(accounts[place]), "approve", card))
    assert (found["done"], found["seat"], found["excluded"]) == (16, 4, 12)
    assert house.gate.view(request).status == "approved"
    assert house.kinds().count("approved") == 1
    assert house.ledger is not None
    assert list(replay(house.ledger.entries())) == []


@pytest.mark.parametrize("turn", range(5))
def test_a_nay_and_the_same_asked_again_at_once(turn: int) -> None:
    """A pause binds also what is written in the very commit of the deny."""
    house = House(settings=PLENTY)
    gates = [house.gate, house.open()]
    request = house.ask(act("data.share"))
    card = house.card(request)

    def work(place: int) -> object:
        if place == 0:
            return gates[0].vote(request, voter("bob"), "deny", card)
        return gates[place % 2].submit(act("data.share"))

    found = in_threads(16, work)
    assert set(found) <= {"done", "cool_off"}
    assert house.ledger is not None
    assert list(replay(house.ledger.entries())) == []
    assert not house.gate.requests("pending")


def test_a_deny_races_with_a_use() -> None:
    for _ in range(10):
        house = House(settings=PLENTY)
        request = approved(house.gate)
        grant, card = house.gate.wait(request), house.card(request)

        def work(place: int, house: House = house, request: str = request, grant: Any = grant, card: str = card) -> Any:
            if place == 0:
                return house.gate.vote(request, voter("dee"), "deny", card)
            return house.gate.redeem(grant, "n" * 32)

        assert in_threads(2, work) == {"done": 1, "status": 1}
        assert house.gate.view(request).status in {"denied", "consumed"}


def test_a_policy_changes_while_everybody_works() -> None:
    house = House(settings=PLENTY)
    other = policy(house.rules + '\nallow lists if action.name == "data.list"\n')

    def work(place: int) -> object:
        if place == 0:
            house.gate.use(other)
            return None
        return house.gate.submit(act("data.read", f"table {place}"))

    assert in_threads(24, work) == {"done": 24}
    assert house.gate.policy is other
    house.gate.submit(act("data.list"))


def test_two_policies_during_a_rolling_deploy() -> None:
    house = House(settings=PLENTY)
    old = house.gate
    request = approved(old)
    house.rules += '\nallow lists if action.name == "data.list"\n'
    new = house.open()
    new.submit(act("data.list"))
    for call in (lambda: old.submit(act("data.read")), lambda: old.redeem(old.wait(request), "n" * 32)):
        assert outcome(call) == "policy"
    new.redeem(new.wait(request), "n" * 32)
    old.use(new.policy)
    old.submit(act("data.list"))


def test_gates_of_another_process_deny_until_they_use_the_policy_in_force(durable: Ledgers) -> None:
    """A rolling deploy: one process brings a new policy, others find out with the next action they attempt."""
    place = durable.place()
    place.create()
    newer = policy(RULES + '\nallow lists if action.name == "data.list"\n')

    def work(say: Say) -> list[str]:
        with place.open() as log:
            gate, codes, end = gate_on(log), list[str](), time.monotonic() + 30
            say("open")
            while codes.count("policy") < 3 and time.monotonic() < end:
                codes.append(outcome(lambda: gate.submit(act("data.read"))))
            gate.use(newer)
            return [*codes, *(outcome(lambda: gate.submit(act("data.list"))) for _ in range(3))]

    children = [fork(work), fork(work)]
    assert [child.line() for child in children] == ["open", "open"]
    with place.open() as log:
        before = log.head().size
        assert log.wait(before + 20, timeout=30) > before + 20
        new = Gate(newer, ledger=log, directory=people(), keys=KEYS, caller=AGENT, settings=PLENTY)
        new.submit(act("data.list"))
        for child in children:
            codes = child.result()
            assert codes == ["done"] * (len(codes) - 6) + ["policy"] * 3 + ["done"] * 3
        in_force = [entry.data["digest"] for entry in log.entries() if entry.type == "policy"]
        assert in_force == [policy().digest, newer.digest]
        (change,) = (entry.index for entry in log.entries() if entry.data.get("digest") == newer.digest)
        for entry in log.entries():
            if entry.type == "allowed":
                assert entry.data["policy"] == in_force[entry.index > change]


def test_a_directory_that_takes_seconds_holds_up_no_other_gate(durable: Ledgers) -> None:
    """It is asked before the log's lock is taken: a hundred actions elsewhere go on while somebody's vote waits."""
    log, over = durable.new(), threading.Event()
    over.set()
    quick, slow = gate_on(log), gate_on(log, directory=Slow(people(), over))
    over.clear()
    request = quick.submit(act("data.share"))
    assert isinstance(request, str)
    card = quick.card(request, voter("bob")).digest
    voting = threading.Thread(target=slow.vote, args=(request, voter("bob"), "approve", card))
    voting.start()
    assert in_threads(100, lambda number: quick.submit(act("data.read", f"table {number}"))) == {"done": 100}
    assert voting.is_alive()
    assert quick.view(request).status == "pending"
    over.set()
    voting.join()
    assert quick.view(request).status == "approved"
    assert list(replay(log.entries())) == []
