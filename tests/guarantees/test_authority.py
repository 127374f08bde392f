"""Authority: who acts is known, what it was sent to do is bounded, and what was passed on is narrower."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from assentry.approvals import Who
from assentry.approvals.directory import Directory
from assentry.errors import Denied, GateError
from assentry.gate import Caller, Gate, Permit, Tool
from assentry.gate.authority.mandate import USES, Terms
from assentry.gate.authority.mandates import Authority
from tests.gate.house import NOON, House, act, denied, export, people, policy, voter

HOUR = 3_600_000
AMOUNT = "action.parameters.amount"
AGENT = Caller({"type": "agent", "id": "etl-7", "task": "t-1"}, holder="ann")
HELPER = Caller({"type": "agent", "id": "mail-1", "task": "t-1"})
TERMS = Terms(frozenset({"data.*"}), frozenset({"table:*"}), NOON + HOUR, limits={AMOUNT: 25_000}, task="t-1", depth=2)
HOP = replace(TERMS, limits={AMOUNT: 2_000}, depth=1)


@pytest.fixture
def house() -> Iterator[House]:
    made = House(options={"authority": Authority(Who("group", "ops"))})
    yield made
    made.gate.close()


def pay(house: House, amount: int = 1, caller: Caller = AGENT) -> Permit:
    found = house.gate.submit(act("data.read", parameters={"amount": amount}), caller=caller)
    assert isinstance(found, Permit)
    return found


def give(house: House, terms: Terms = TERMS) -> str:
    return house.gate.mandates.give(voter("fay"), "etl-7", terms)


def test_an_unknown_action_is_refused() -> None:
    with denied("denied"):
        House().gate.submit(act("nobody.thought.of.this"))


def test_nobody_acts_without_being_known() -> None:
    house = House()
    with Gate(policy(), ledger=house.ledger, directory=people(), keys=house.keys) as gate, denied("subject"):
        gate.submit(act("data.read"))
    forged = {**act("data.read"), "subject": {"type": "user", "id": "root"}}
    permit = house.gate.submit(forged)
    assert isinstance(permit, Permit)
    assert house.gate.document(permit.request)["subject"]["id"] == "etl-7"


def test_authority_that_expired_is_refused(house: House) -> None:
    give(house)
    assert pay(house).nonce
    house.tick(HOUR)
    with pytest.raises(Denied, match="it has expired"):
        pay(house)


def test_what_is_passed_on_cannot_be_more(house: House) -> None:
    root = give(house)
    for wider in (
        {"limits": {AMOUNT: 50_000}},
        {"actions": frozenset({"*"})},
        {"expires": NOON + 2 * HOUR},
        {"task": None},
    ):
        with pytest.raises(Denied, match="covers no more than it did"):
            house.gate.mandates.delegate(AGENT, root, "mail-1", replace(HOP, **wider))


def test_a_hop_narrows_and_the_narrower_binds(house: House) -> None:
    house.gate.mandates.delegate(AGENT, give(house), "mail-1", HOP)
    assert pay(house, 2_000, HELPER).nonce
    with pytest.raises(Denied, match="beyond its limit"):
        pay(house, 2_001, HELPER)
    assert pay(house, 25_000, AGENT).nonce


def test_a_hop_is_named_on_both_sides(house: House) -> None:
    root = give(house)
    child = house.gate.mandates.delegate(AGENT, root, "mail-1", HOP)
    pay(house, 1, HELPER)
    assert house.ledger is not None
    entries = {entry.type: entry.data for entry in house.ledger.entries() if entry.type in {"mandated", "reserved"}}
    assert (entries["mandated"]["id"], entries["mandated"]["parent"]) == (child, root)
    assert entries["reserved"]["mandates"] == [child, root]


def test_authority_that_was_taken_back_is_refused_before_it_expires(house: House) -> None:
    root = give(house)
    house.gate.mandates.delegate(AGENT, root, "mail-1", HOP)
    house.gate.mandates.withdraw(voter("gus"), root, "the laptop was stolen")
    for caller in (AGENT, HELPER):
        with denied("mandate"):
            pay(house, 1, caller)


def test_a_grant_that_was_revoked_is_refused_before_it_expires() -> None:
    house = House()
    request = house.ask()
    house.approve(request, "bob", "cyd")
    grant = house.gate.wait(request)
    house.gate.revoke(request, voter("bob"), "I saw something")
    with denied("revoked"):
        house.gate.wait(request)
    with pytest.raises(Denied):
        house.gate.redeem(grant, "n" * 32)


def test_a_budget_that_is_held_refuses_the_next(house: House) -> None:
    give(house, replace(TERMS, budgets={AMOUNT: 1_000, USES: 9}))
    permit = pay(house, 800)
    house.gate.report(permit, "died")
    with pytest.raises(Denied, match="spent or held"):
        pay(house, 300)
    house.gate.resolve(permit.request, voter("gus"), "failed", "nothing was booked")
    assert pay(house, 1_000).nonce


def test_a_mandate_is_nothing_off_its_task(house: House) -> None:
    give(house)
    with pytest.raises(Denied, match="another task"):
        pay(house, 1, Caller({**AGENT.subject, "task": "t-2"}))


def test_a_directory_that_fails_refuses() -> None:
    house = House()

    class Broken:
        def snapshot(self) -> Directory:
            raise OSError("the directory is down")

    gate = Gate(policy(), ledger=house.ledger, directory=Broken(), keys=house.keys, caller=AGENT)
    with denied("directory"):
        gate.submit(export())
    gate.close()


def test_a_swapped_upstream_is_denied() -> None:
    """An approval for one server's tool is none for another server's, nor for other parameters of it."""
    mine = Tool("files", "data.export", server="mcp://files.example#sha256:aa")
    for other in (
        Tool("files", "data.export", server="mcp://elsewhere.example#sha256:bb"),
        Tool("files", "data.export", server="mcp://files.example#sha256:aa", schema={"properties": {"x": {}}}),
        Tool("files", "data.export", server="mcp://files.example#sha256:aa", version="2"),
    ):
        house = House(options={"tools": [mine]})
        request = house.ask(export(tool={"name": "files"}))
        house.approve(request, "bob", "cyd")
        grant = house.gate.wait(request)
        swapped = Gate(policy(), ledger=house.ledger, directory=people(), keys=house.keys, caller=AGENT, tools=[other])
        with pytest.raises((Denied, GateError)):
            swapped.redeem(grant, "n" * 32)
        assert house.gate.redeem(grant, "n" * 32).nonce
