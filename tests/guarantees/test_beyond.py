"""What others of this kind say that they do not promise, and this one does."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from assentry.cli.ledger.laws import replay
from assentry.errors import Denied, GrantError
from assentry.gate import GateKeys, Permit, Voter
from assentry.gate.grant import check_proof, read_grant, read_permit
from assentry.ledger.verify.run import verify
from assentry.ledger.verify.stored import Stored
from tests.gate.house import House, act, export, rejected, voter

SECRET = "AKIA" + "Q3EGVZJ7KNXPLTWM"


@pytest.fixture
def house() -> Iterator[House]:
    made = House()
    yield made
    made.gate.close()


def test_grants_and_permits_are_signed_and_verified_without_the_log(house: House) -> None:
    request = house.ask()
    house.approve(request, "bob", "cyd")
    grant = house.gate.wait(request)
    keys = house.gate.keys
    read = read_grant(grant.text, keys)
    assert house.ledger is not None
    check_proof(read, (house.ledger.head().key,))
    permit = house.gate.redeem(grant, "n" * 32)
    assert read_permit(house.gate.signed(permit), keys) == permit
    stranger = GateKeys.generate("log.example/acme").grants.verifier
    with pytest.raises(GrantError):
        read_grant(grant.text, (stranger,))
    for place in range(0, len(grant.text) - 1, 97):
        other = "A" if grant.text[place] != "A" else "B"
        with pytest.raises(GrantError):
            read_grant(grant.text[:place] + other + grant.text[place + 1 :], keys)


def test_seats_are_matched_to_distinct_people(house: House) -> None:
    """Whoever could take either of two seats takes the one that leaves the other to somebody else."""
    rules = (
        'package house\nrequire approval both if action.name == "data.export" with {\n'
        '    title: "Both"\n    controls: [A.5.14]\n'
        '    approvers: 1 of group("data-protection") and 1 of group("ops")\n    within: 30m\n}\n'
    )
    from assentry.approvals import Who
    from tests.gate.house import people

    directory = people(
        teams={
            Who("group", "data-protection"): ("bob", "fay"),
            Who("group", "ops"): ("fay",),
            Who("group", "etl"): ("eve",),
        }
    )
    house = House(rules=rules, directory=directory)
    request = house.ask(export())
    card = house.card(request)
    assert house.gate.vote(request, voter("fay"), "approve", card) == "pending"
    assert house.gate.vote(request, voter("bob"), "approve", card) == "approved"


def test_a_counter_proposal_is_decided_and_asked_anew(house: House) -> None:
    request = house.ask(export(parameters={"rows": 5000}), accepts_changes=True)
    changed = house.gate.counter(
        request, voter("bob"), {"action": {"parameters": {"rows": 100}}}, house.card(request), reason="100 will do"
    )
    assert house.gate.document(changed)["action"]["parameters"] == {"rows": 100}
    with rejected("excluded"):
        house.gate.vote(changed, voter("bob"), "approve", house.card(changed))
    house.approve(changed, "cyd", "dee")
    assert house.gate.redeem(house.gate.wait(request), "n" * 32).request == changed


def test_what_people_see_is_redacted_and_its_hash_is_what_they_answer(house: House) -> None:
    spelt = base64.b64encode(SECRET.encode()).decode()
    request = house.ask(export(parameters={"note": f"key {SECRET}", "other": spelt}))
    card = house.gate.card(request, voter("bob"))
    assert SECRET not in str(card)
    assert spelt not in str(card)
    assert SECRET.encode() not in house.bodies()
    with rejected("stale_card"):
        house.gate.vote(request, voter("bob"), "approve", "sha256:" + "0" * 64)
    house.gate.vote(request, voter("bob"), "approve", card.digest)
    assert house.ledger is not None
    votes = [entry.data for entry in house.ledger.entries() if entry.type == "voted"]
    assert votes[-1]["card"] == card.digest


def test_every_decision_names_its_controls(house: House) -> None:
    permit = house.gate.submit(act("data.read"))
    assert isinstance(permit, Permit)
    with pytest.raises(Denied) as caught:
        house.gate.submit(export(resource={"labels": ["secret"]}))
    assert caught.value.verdict.controls == ("A.8.12",)
    request = house.ask()
    house.approve(request, "bob", "cyd")
    house.gate.redeem(house.gate.wait(request), "n" * 32)
    assert house.ledger is not None
    found = {entry.type: entry.data["controls"] for entry in house.ledger.entries() if "controls" in entry.data}
    assert found == {"allowed": ["A.5.15"], "refused": ["A.8.12"], "requested": ["A.5.14"], "consumed": ["A.5.14"]}


def test_a_person_may_sign_a_vote_and_the_log_says_which_was_signed(house: House) -> None:
    request = house.ask()
    card = house.card(request)
    house.gate.vote(request, voter("bob"), "approve", card)
    house.gate.vote(request, Voter("cyd", by="ed25519:cyd", signature="c2lnbmVk"), "approve", card)
    assert house.ledger is not None
    kinds = [entry.data["proof"]["kind"] for entry in house.ledger.entries() if entry.type == "voted"]  # type: ignore[index]
    assert kinds == ["attested", "signed"]


def test_the_laws_are_replayed_by_whoever_verifies(house: House) -> None:
    request = house.ask()
    house.approve(request, "bob", "cyd")
    house.gate.redeem(house.gate.wait(request), "n" * 32)
    assert house.ledger is not None
    report = verify(Stored(house.ledger), [house.ledger.head().key], replay=replay)  # type: ignore[arg-type]
    assert report.good, report.findings
    assert report.replayed
