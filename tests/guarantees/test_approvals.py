"""What people agreed to: that very action, once, by those who may, under a policy and conditions that still hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from assentry.errors import Denied, GateError, Rejected
from assentry.gate import Gate, Permit, Tool
from tests.gate.house import RULES, House, act, denied, export, people, policy, rejected, voter

NONCE = "n" * 32


@pytest.fixture
def house() -> Iterator[House]:
    made = House()
    yield made
    made.gate.close()


def agreed(house: House, action: Mapping[str, Any] | None = None) -> str:
    request = house.ask(action)
    house.approve(request, "bob", "cyd")
    return request


def test_a_changed_action_does_not_run_on_the_approval_of_another(house: House) -> None:
    request = agreed(house, export(parameters={"rows": 2000}))
    with pytest.raises(TimeoutError):
        house.gate.wait(house.ask(export(parameters={"rows": 5000})), timeout=0)
    grant = house.gate.wait(request)
    house.gate.redeem(grant, NONCE)
    assert house.gate.document(request)["action"]["parameters"] == {"rows": 2000}


def test_what_runs_is_what_was_stored_whatever_the_caller_does_meanwhile(house: House) -> None:
    done: list[object] = []

    @house.gate.guard("data.export", resource={"type": "table", "id": "crm.people"}, wait=False)
    def send(rows: list[int]) -> None:
        done.append(rows)

    rows = [1]
    pending = send(rows)
    rows.append(2)
    house.approve(pending.request, "bob", "cyd")
    pending.result()
    assert done == [[1]]


def test_an_approval_is_used_once(house: House) -> None:
    grant = house.gate.wait(agreed(house))
    permit = house.gate.redeem(grant, NONCE)
    with denied("used"):
        house.gate.redeem(grant, "m" * 32)
    house.gate.report(permit)
    with pytest.raises(Denied):
        house.gate.redeem(grant, NONCE)


def test_a_condition_that_moved_since_the_approval_refuses() -> None:
    head = {"HEAD": "a1"}
    tool = Tool("git", "data.export", preconditions=lambda document: head)
    house = House(options={"tools": [tool]})
    grant = house.gate.wait(agreed(house))
    head["HEAD"] = "b2"
    with denied("preconditions"):
        house.gate.redeem(grant, NONCE)
    head["HEAD"] = "a1"
    assert house.gate.redeem(grant, NONCE).nonce


def test_a_condition_that_cannot_be_read_refuses() -> None:
    def read(document: Mapping[str, Any]) -> Mapping[str, str]:
        raise OSError("no route to host")

    house = House(options={"tools": [Tool("git", "data.export", preconditions=read)]})
    with denied("preconditions"):
        house.gate.submit(export())


def test_who_is_not_entitled_does_not_approve(house: House) -> None:
    request = house.ask()
    card = house.card(request)
    for account, code in (("fay", "seat"), ("nobody@example.org", "person"), ("etl-7", "excluded")):
        with rejected(code):
            house.gate.vote(request, voter(account), "approve", card)


def test_who_is_no_longer_entitled_does_not_count() -> None:
    house = House()
    grant = house.gate.wait(agreed(house))
    left = people(teams={**house.directory.teams, **dict.fromkeys([next(iter(house.directory.teams))], ("bob", "dee"))})
    object.__setattr__(house.directory, "teams", left.teams)
    with pytest.raises(Denied):
        house.gate.redeem(grant, NONCE)


def test_the_requester_and_its_whole_chain_cannot_approve(house: House) -> None:
    request = house.ask()
    card = house.card(request)
    for account in ("etl-7", "ann", "eve"):  # the agent, whose credential it holds, and of the group that owns it
        with rejected("excluded"):
            house.gate.vote(request, voter(account), "approve", card)
    with pytest.raises(Rejected):
        house.gate.break_glass(request, voter("eve"), card, "I am in a hurry")


def test_one_person_counts_once_under_all_accounts(house: House) -> None:
    request = house.ask()
    card = house.card(request)
    for account in ("bob", "bob@laptop", "bob"):
        assert house.gate.vote(request, voter(account), "approve", card) == "pending"
    assert house.gate.vote(request, voter("cyd"), "approve", card) == "approved"


def test_a_policy_that_nobody_approved_decides_nothing() -> None:
    approved = policy().digest
    house = House(options={"policies": [approved]})
    assert isinstance(house.gate.submit(act("data.read")), Permit)
    laxer = policy(RULES + '\nallow more if action.name == "db.drop"\n')
    with pytest.raises(GateError, match="not one of those that may be put in force"):
        house.gate.use(laxer)
    with denied("denied"):
        house.gate.submit(act("db.drop"))
    with pytest.raises(GateError, match="not one of those that may be put in force"):
        House(rules=RULES + "\n# another\n" + 'allow x if action.name == "x"\n', options={"policies": [approved]})


def test_a_gate_whose_policy_is_no_longer_in_force_decides_nothing(house: House) -> None:
    other: Gate = house.open()
    other.use(policy(RULES + '\nallow more if action.name == "data.more"\n'))
    with denied("policy"):
        house.gate.submit(act("data.read"))
