"""Mandates at a gate: given by people, passed on by agents, taken back, and held while they are used."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assentry.approvals import Who
from assentry.errors import Denied, GateError, Rejected
from assentry.gate import Caller, Gate, GateKeys, Tool
from assentry.gate.authority.mandate import USES, Terms
from assentry.gate.authority.mandates import Authority
from assentry.ledger import opening
from assentry.ledger.clock import SetClock
from assentry.ledger.note import Signer
from assentry.ledger.sealing import SealingKey
from tests.gate.house import NOON, House, act, denied, voter
from tests.support.processes import Say, fork

HOUR = 3_600_000
ROWS = "action.parameters.rows"
OPS = Authority(Who("group", "ops"))
READS = Terms(frozenset({"data.*"}), frozenset({"table:crm.*"}), NOON + HOUR, depth=3)
AGENT = Caller({"type": "agent", "id": "etl-7", "task": "t-1"}, holder="ann")
HELPER = Caller({"type": "agent", "id": "mail-1", "task": "t-1"})


@pytest.fixture
def house() -> Iterator[House]:
    made = House(options={"authority": OPS})
    yield made
    made.gate.close()


def give(house: House, terms: Terms = READS, holder: str = "etl-7") -> str:
    return house.gate.mandates.give(voter("fay"), holder, terms)


def read(gate: Gate, caller: Caller = AGENT, rows: Any = 1, table: str = "crm.people", **options: Any) -> Any:
    return gate.submit(act("data.read", table, parameters={"rows": rows}), caller=caller, **options)


def refused(gate: Gate, caller: Caller = AGENT, **options: Any) -> str:
    with pytest.raises(Denied) as caught:
        read(gate, caller, **options)
    assert caught.value.code == "mandate", caught.value
    return str(caught.value)


# ---- giving ----


def test_an_agent_without_a_mandate_is_denied_and_with_one_it_acts(house: House) -> None:
    assert "the caller holds none" in refused(house.gate)
    give(house)
    assert read(house.gate).nonce
    assert "the caller holds none" in refused(house.gate, HELPER)


def test_a_person_needs_none(house: House) -> None:
    assert read(house.gate, Caller({"type": "user", "id": "ann"})).nonce


def test_policy_still_decides(house: House) -> None:
    give(house)
    with pytest.raises(Denied) as caught:
        house.gate.submit(act("data.delete"), caller=AGENT)
    assert caught.value.code == "denied"
    assert isinstance(house.gate.submit(act("data.export"), caller=AGENT), str), "and people are asked all the same"


@pytest.mark.parametrize("account", ["bob", "ann", "etl-7", "stranger"])
def test_only_givers_give(house: House, account: str) -> None:
    with pytest.raises(Rejected) as caught:
        house.gate.mandates.give(voter(account), "etl-7", READS)
    assert caught.value.code == "seat"


def test_people_get_none(house: House) -> None:
    with pytest.raises(Rejected):
        give(house, holder="bob")


def test_a_gate_without_authority_knows_no_mandates() -> None:
    with pytest.raises(GateError, match="without an authority"):
        House().gate.mandates  # noqa: B018 -- asking is the test


# ---- covering ----


def test_what_is_outside_is_denied(house: House) -> None:
    give(house)
    assert "does not cover this resource" in refused(house.gate, table="hr.people")
    house.tick(HOUR)
    assert "it has expired" in refused(house.gate)


def test_off_its_task_it_is_nothing(house: House) -> None:
    give(house, replace(READS, task="t-1"))
    assert read(house.gate).nonce
    other = Caller({**AGENT.subject, "task": "t-2"})
    none = Caller({"type": "agent", "id": "etl-7"})
    assert "another task" in refused(house.gate, other)
    assert "another task" in refused(house.gate, none)


def test_the_action_cannot_name_its_own_task(house: House) -> None:
    give(house, replace(READS, task="t-1"))
    forged = {**act("data.read", parameters={"rows": 1}), "subject": {"type": "user", "id": "ann", "task": "t-1"}}
    with pytest.raises(Denied) as caught:
        house.gate.submit(forged, caller=Caller({"type": "agent", "id": "etl-7"}))
    assert caught.value.code == "mandate"


def test_only_its_tool() -> None:
    tools = [Tool("psql", "data.read"), Tool("curl", "data.read")]
    house = House(options={"authority": OPS, "tools": tools})
    give(house, replace(READS, tools=frozenset({"psql"})))
    action = act("data.read", parameters={"rows": 1}, tool={"name": "psql"})
    assert house.gate.submit(action, caller=AGENT)
    with pytest.raises(Denied, match="does not cover this tool"):
        house.gate.submit(act("data.read", tool={"name": "curl"}), caller=AGENT)


# ---- passing on ----


def test_it_narrows_from_hand_to_hand(house: House) -> None:
    root = give(house, replace(READS, limits={ROWS: 100}))
    narrow = replace(READS, actions=frozenset({"data.read"}), limits={ROWS: 10}, depth=2)
    child = house.gate.mandates.delegate(AGENT, root, "mail-1", narrow)
    assert read(house.gate, HELPER, rows=10).nonce
    assert "beyond its limit" in refused(house.gate, HELPER, rows=11)
    assert read(house.gate, AGENT, rows=100).nonce
    with pytest.raises(Denied, match="covers no more than it did"):
        house.gate.mandates.delegate(HELPER, child, "bot-9", replace(narrow, limits={ROWS: 11}, depth=1))
    with pytest.raises(Denied, match="that the caller holds"):
        house.gate.mandates.delegate(HELPER, root, "bot-9", replace(narrow, depth=1))
    assert [each.id for each in house.gate.mandates.book.chain(child)] == [child, root]


def test_it_is_passed_on_as_often_as_it_says(house: House) -> None:
    root = give(house, replace(READS, depth=0))
    with pytest.raises(Denied, match="how often"):
        house.gate.mandates.delegate(AGENT, root, "mail-1", replace(READS, depth=0))


@pytest.mark.parametrize("holder", ["etl-7", "bob"])
def test_it_is_passed_on_to_another_agent_only(house: House, holder: str) -> None:
    root = give(house)
    with pytest.raises(Denied, match="another agent"):
        house.gate.mandates.delegate(AGENT, root, holder, replace(READS, depth=1))


# ---- taking back ----


@pytest.mark.parametrize("who", [voter("fay"), voter("gus"), AGENT, HELPER])
def test_it_is_taken_back_before_it_expires_with_all_that_came_of_it(house: House, who: Any) -> None:
    root = give(house)
    child = house.gate.mandates.delegate(AGENT, root, "mail-1", replace(READS, depth=1))
    assert read(house.gate, HELPER).nonce
    target = child if who is HELPER else root
    house.gate.mandates.withdraw(who, target, "no longer needed")
    assert "holds none" in refused(house.gate, HELPER)
    if target == root:
        assert "holds none" in refused(house.gate, AGENT)
        with pytest.raises(Denied):
            house.gate.mandates.delegate(AGENT, root, "mail-1", replace(READS, depth=1))
    else:
        assert read(house.gate, AGENT).nonce


@pytest.mark.parametrize("who", [voter("bob"), voter("stranger"), Caller({"type": "agent", "id": "other"})])
def test_strangers_take_nothing_back(house: House, who: Any) -> None:
    root = give(house)
    with pytest.raises(Rejected):
        house.gate.mandates.withdraw(who, root, "because")
    with pytest.raises(Rejected):
        house.gate.mandates.withdraw(voter("fay"), "m-nothing", "because")


def test_what_was_approved_does_not_run_after_it_was_taken_back(house: House) -> None:
    root = give(house)
    request = house.gate.submit(act("data.export"), caller=AGENT)
    assert isinstance(request, str)
    house.approve(request, "bob", "cyd")
    grant = house.gate.wait(request)
    house.gate.mandates.withdraw(voter("fay"), root, "enough")
    with pytest.raises(Denied) as caught:
        house.gate.redeem(grant, "n" * 16)
    assert caught.value.code == "mandate"
    give(house)
    assert house.gate.redeem(grant, "n" * 16).request == request


# ---- budgets ----


def test_a_budget_is_spent_by_use_and_freed_by_failure_only() -> None:
    tool = Tool("psql", "data.read", harmless=(ValueError,))
    house = House(options={"authority": OPS, "tools": [tool]})
    root = give(house, replace(READS, budgets={ROWS: 10, USES: 4}))
    gate = house.gate

    def used() -> int:
        gate.mandates.book.catch_up()
        return gate.mandates.book.used(root, ROWS)

    done = read(gate, rows=4)
    gate.report(done)
    assert used() == 4
    failed = read(gate, rows=6)
    assert "spent or held" in refused(gate, rows=1), "held while it runs"
    gate.report(failed, "raised", "ValueError")
    assert used() == 4
    unknown = read(gate, rows=6)
    gate.report(unknown, "raised", "OSError")
    assert used() == 10
    assert "spent or held" in refused(gate, rows=1), "held while nobody knows"
    gate.resolve(unknown.request, voter("gus"), "failed", "looked it up")
    assert read(gate, rows=6)
    assert "`uses`" not in refused(gate, rows=1)


def test_a_nonce_that_is_in_use_spends_no_other_s_budget(house: House) -> None:
    """An executor that names one nonce for many actions holds and frees no more than what it uses."""
    root = give(house, replace(READS, budgets={ROWS: 10}))
    nonce = "n" * 16
    permit = read(house.gate, rows=10, nonce=nonce)
    for name in ("data.read", "data.export"):  # one that would run, and one that would wait and free what it held
        with denied("permit"):
            house.gate.submit(act(name, parameters={"rows": 10}), caller=AGENT, nonce=nonce)
    assert "spent or held" in refused(house.gate, rows=1)
    house.gate.report(permit, "died")
    assert "spent or held" in refused(house.gate, rows=1)
    house.gate.mandates.release(house.gate._parts.mark(nonce))  # as an attempt does that lost a race with itself
    assert house.gate.mandates.book.used(root, ROWS) == 10, "what runs, or nobody knows of, is not freed like that"


def test_a_nonce_that_runs_one_request_spends_for_another(house: House) -> None:
    give(house, replace(READS, budgets={ROWS: 10}))
    grants = []
    for rows in (10, 9):
        request = house.gate.submit(act("data.export", parameters={"rows": rows}), caller=AGENT)
        assert isinstance(request, str)
        house.approve(request, "bob", "cyd")
        grants.append(house.gate.wait(request))
    nonce = "n" * 16
    permit = house.gate.redeem(grants[0], nonce)
    assert house.gate.redeem(grants[0], nonce) == permit
    with denied("permit"):
        house.gate.redeem(grants[1], nonce)
    with denied("mandate"):
        house.gate.redeem(grants[1], "m" * 16)


def test_what_no_mandate_covers_leaves_a_trace(house: House) -> None:
    refused(house.gate)
    with denied("canonical"):
        house.gate.submit(act("data.read", parameters={"rows": {1}}), caller=AGENT)
    assert house.ledger is not None
    codes = [entry.data["code"] for entry in house.ledger.entries() if entry.type == "refused"]
    assert codes == ["denied", "mandate", "canonical"], "the canary's, and these"


def test_uses_are_counted_by_themselves(house: House) -> None:
    give(house, replace(READS, budgets={USES: 2}))
    assert read(house.gate, rows=1)
    assert read(house.gate, rows=2)
    assert "`uses` is spent or held" in refused(house.gate, rows=3)


def test_what_is_denied_or_waits_holds_nothing(house: House) -> None:
    root = give(house, replace(READS, budgets={USES: 1}))
    request = house.gate.submit(act("data.export"), caller=AGENT)
    assert isinstance(request, str)
    with pytest.raises(Denied):
        house.gate.submit(act("data.share", resource={"labels": ["secret"]}), caller=AGENT)
    house.gate.mandates.book.catch_up()
    assert house.gate.mandates.book.used(root, USES) == 0
    house.approve(request, "bob", "cyd")
    permit = house.gate.redeem(house.gate.wait(request), "n" * 16)
    assert permit.request == request
    assert "spent or held" in refused(house.gate)


def test_what_is_passed_on_spends_the_budget_of_both(house: House) -> None:
    root = give(house, replace(READS, budgets={ROWS: 10}))
    for holder in ("mail-1", "mail-2"):
        house.gate.mandates.delegate(AGENT, root, holder, replace(READS, budgets={ROWS: 10}, depth=1))
    assert read(house.gate, HELPER, rows=8)
    assert "spent or held" in refused(house.gate, AGENT, rows=3)
    assert read(house.gate, AGENT, rows=2)


def test_the_log_names_both_sides_of_every_hop_and_no_name(house: House) -> None:
    root = give(house)
    child = house.gate.mandates.delegate(AGENT, root, "mail-1", replace(READS, depth=1))
    read(house.gate, HELPER)
    assert house.ledger is not None
    entries = [entry for entry in house.ledger.entries() if entry.type in {"mandated", "reserved"}]
    first, second, used = (entry.data for entry in entries)
    assert second["giver"] == first["holder"]
    assert second["parent"] == first["id"] == root
    assert used["mandates"] == [child, root]
    for name in (b"fay", b"etl-7", b"mail-1", b"crm."):
        assert name not in house.bodies()


def test_another_gate_on_the_log_knows_it_all(house: House) -> None:
    root = give(house, replace(READS, budgets={USES: 2}))
    read(house.gate, rows=1)
    other = house.open()
    assert read(other, rows=2)
    assert "spent or held" in refused(house.gate, rows=3)
    other.mandates.withdraw(voter("fay"), root, "enough")
    assert "holds none" in refused(house.gate)


def test_many_at_once_never_overspend(tmp_path: Path) -> None:
    """Four gates on one file, two threads each, for a budget of twelve rows."""
    signer, sealing = Signer.generate("log.example/acme"), SealingKey.generate()
    place = tmp_path / "ledger.db"
    clock = SetClock(NOON)
    opening.create(place, "acme", signer, clock=clock)
    logs = [opening.open_log(place, signer, sealing=sealing, clock=clock) for _ in range(4)]
    first = House(ledger=logs[0], clock=clock, options={"authority": OPS})
    root = give(first, replace(READS, budgets={ROWS: 12}))
    gates = [
        first.gate,
        *(House(ledger=log, clock=clock, keys=first.keys, options={"authority": OPS}).gate for log in logs[1:]),
    ]
    allowed: list[int] = []
    codes: set[str] = set()

    def work(gate: Gate, number: int) -> None:
        for turn in range(4):
            try:
                read(gate, rows=2, table=f"crm.t{number}-{turn}")
                allowed.append(2)
            except Denied as denied:
                codes.add(denied.code)

    threads = [threading.Thread(target=work, args=(gates[number % 4], number)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(allowed) == 12
    assert codes == {"mandate"}
    first.gate.mandates.book.catch_up()
    assert first.gate.mandates.book.used(root, ROWS) == 12
    for log in logs:
        log.close()


def test_what_a_dead_process_held_stays_held_until_a_person_frees_it(tmp_path: Path) -> None:
    """SIGKILL between the reservation and the attempt."""
    signer, sealing, clock = Signer.generate("log.example/acme"), SealingKey.generate(), SetClock(NOON)
    place = tmp_path / "ledger.db"
    opening.create(place, "acme", signer, clock=clock)
    keys = GateKeys.generate("log.example/acme")

    def site() -> House:
        log = opening.open_log(place, signer, sealing=sealing, clock=clock)
        return House(ledger=log, clock=clock, keys=keys, options={"authority": OPS})

    house = site()
    root = give(house, replace(READS, budgets={USES: 1}))
    assert house.ledger is not None
    house.ledger.close()

    def die(say: Say) -> None:
        child = site()
        mandates = child.gate.mandates
        reserve = mandates.reserve

        def last(*held: Any) -> None:
            reserve(*held)
            os.kill(os.getpid(), signal.SIGKILL)

        mandates.reserve = last  # type: ignore[assignment, method-assign]
        read(child.gate)

    assert fork(die).lines() == []
    house = site()
    assert house.kinds().count("reserved") == 1
    assert "allowed" not in house.kinds()
    assert "spent or held" in refused(house.gate)
    assert house.gate.mandates.free(voter("gus"), root, "the machine died") == 0, "not before its lease is over"
    with pytest.raises(Rejected):
        house.gate.mandates.free(voter("bob"), root, "I may not")
    house.tick(15 * 60_000 + 1)
    assert house.gate.mandates.free(voter("gus"), root, "the machine died") == 1
    permit = read(house.gate)
    house.tick(20 * 60_000)
    assert house.gate.mandates.free(voter("gus"), root, "it ran") == 0, "what began is resolved, not freed"
    house.gate.resolve(permit.request, voter("gus"), "failed", "looked it up")
    assert read(house.gate).nonce
    house.ledger.close()  # type: ignore[union-attr]


# ---- policies that somebody approved ----


def test_a_policy_that_nobody_approved_decides_nothing() -> None:
    from tests.gate.house import RULES, policy

    approved = policy(RULES).digest
    house = House(options={"policies": [approved]})
    assert read(house.gate).nonce
    with pytest.raises(GateError, match="not one of those"):
        house.gate.use(policy(RULES + '\nallow more if action.name == "data.more"\n'))
    assert house.gate.policy.digest == approved
    with pytest.raises(GateError, match="not one of those"):
        House(options={"policies": ["sha256:other"]})
