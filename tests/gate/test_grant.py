"""Grants and permits: what is signed, who believes it, and that no byte of it is free."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from assentry.errors import GrantError
from assentry.gate import Gate, GateKeys, Permit
from assentry.gate.dsse import encoding, parse, seal
from assentry.gate.grant import GRANT, PERMIT, check_proof, check_times, read_grant, read_permit
from assentry.ledger.encoding import canonical, from_base64, to_base64
from assentry.ledger.note import Signer
from tests.gate.house import AGENT, NOON, House, act, denied, export, people, policy, voter

NONCE = "n" * 32


@pytest.fixture
def grant(house: House) -> str:
    """The text of a grant."""
    request = house.ask()
    house.approve(request, "bob", "cyd")
    return house.gate.wait(request).text


def log_keys(house: House) -> Any:
    assert house.ledger is not None
    return (house.ledger.head().key,)


def test_it_says_what_was_agreed_to(house: House, grant: str) -> None:
    content = read_grant(grant, house.gate.keys).content
    request = house.gate._parts.request(content["id"])
    assert content["digest"] == request.proposal.digest
    assert content["policy"] == house.gate.policy.digest
    assert content["controls"] == ["A.5.14"]
    assert content["terms"] == {"seats": [{"count": 2, "seat": 'group("data-protection")'}], "within_s": 1800}
    assert (content["iat"], content["nbf"], content["exp"]) == (NOON, NOON, NOON + 5 * 60_000)
    assert (content["marks"], content["epoch"], content["audience"]) == ([], 0, "acme")
    assert house.ledger is not None
    for seat in content["seats"]:
        entry = house.ledger.entry(seat["vote"])
        assert (entry.type, entry.data["actor"], entry.data["card"]) == ("voted", seat["by"], seat["card"])
    assert len({seat["person"] for seat in content["seats"]}) == 2
    assert "bob" not in grant


def test_its_proof_holds_against_the_log_s_key_alone(house: House, grant: str) -> None:
    read = read_grant(grant, house.gate.keys)
    check_proof(read, log_keys(house))
    with pytest.raises(GrantError, match="no signature of a trusted key"):
        check_proof(read, (Signer.generate("log.example/acme").verifier,))
    other = house.ask(export("crm.orders"))
    house.approve(other, "bob", "dee")
    borrowed = house.gate.wait(other)
    with pytest.raises(GrantError, match="not of the approval of this request"):
        check_proof(replace(read, content={**read.content, "proof": borrowed.content["proof"]}), log_keys(house))


def test_the_envelope_is_dsse(grant: str, house: House) -> None:
    envelope = json.loads(grant)
    assert envelope["payloadType"] == GRANT
    payload = from_base64(envelope["payload"])
    message = b"DSSEv1 %d %s %d %s" % (len(GRANT), GRANT.encode(), len(payload), payload)
    assert message == encoding(GRANT, payload)
    (signature,) = envelope["signatures"]
    assert house.gate.keys[0].verify(message, from_base64(signature["sig"]))


def test_no_character_of_it_is_free(grant: str, house: House) -> None:
    read_grant(grant, house.gate.keys)
    dice = random.Random(7)
    for place in range(len(grant)):
        other = dice.choice([each for each in 'Ab9+/= {}"\n' if each != grant[place]])
        with pytest.raises(GrantError):
            read_grant(grant[:place] + other + grant[place + 1 :], house.gate.keys)
    for length in range(0, len(grant), 7):
        with pytest.raises(GrantError):
            read_grant(grant[:length], house.gate.keys)


def forged(change: Callable[[dict[str, Any]], object], grant: str, signer: Signer) -> str:
    """A grant with a change, signed by whoever."""
    content = json.loads(from_base64(json.loads(grant)["payload"]))
    change(content)
    return str(seal(GRANT, content, signer))


def test_forgeries_are_refused_at_the_gate(house: House, grant: str) -> None:
    rogue = Signer(house.keys.grants.name, Signer.generate("x")._key)
    with pytest.raises(GrantError, match="not signed by a trusted key"):
        house.gate.redeem(forged(lambda content: None, grant, rogue), NONCE)
    assert house.kinds().count("consumed") == 0
    # Even the key's holder cannot make the gate run what the log does not say.
    cases: list[tuple[Callable[[dict[str, Any]], object], str]] = [
        (lambda content: content.update(id="r-unknown"), "there is no request"),
        (lambda content: content.update(origin="log.example/other"), "of another log"),
        (lambda content: content.update(tenant="other"), "of another log"),
        (lambda content: content.update(audience="other"), "for another executor"),
        (lambda content: content.update(exp=NOON), "has expired"),
        (lambda content: content.update(nbf=NOON + 40_000), "not valid yet"),
        (lambda content: content.update(v=2), "another version"),
        (lambda content: content.pop("digest"), "`digest` is missing"),
        (lambda content: content.update(exp="never"), "`exp` is missing"),
        (lambda content: content.pop("marks"), "lacks a field"),
    ]
    for change, message in cases:
        with pytest.raises(Exception, match=message):
            house.gate.redeem(forged(change, grant, house.keys.grants), NONCE)
    house.gate.redeem(grant, NONCE)


def test_the_end_has_no_leeway_and_the_beginning_has_thirty_seconds() -> None:
    content = {"iat": NOON, "nbf": NOON, "exp": NOON + 1000}
    check_times(content, NOON - 30_000)
    check_times(content, NOON + 999)
    for now in (NOON - 30_001, NOON + 1000):
        with pytest.raises(GrantError):
            check_times(content, now)


def test_a_permit_is_for_one_nonce_one_lease_one_audience(house: House, grant: str) -> None:
    permit = house.gate.redeem(grant, NONCE)
    text = house.gate.signed(permit)
    for forged in (
        replace(permit, digest="sha256:" + "0" * 64),
        replace(permit, nonce="m" * 32),
        replace(permit, lease_until=permit.lease_until + 1),
        replace(permit, audience="another"),
        replace(permit, marks=("anything",)),
    ):
        with denied("permit"):
            house.gate.signed(forged)
    assert read_permit(text, house.gate.keys) == permit
    assert (permit.nonce, permit.lease_until) == (NONCE, NOON + 15 * 60_000)
    with pytest.raises(GrantError):
        read_permit(grant, house.gate.keys)
    with pytest.raises(GrantError):
        read_grant(text, house.gate.keys)
    with pytest.raises(GrantError):
        read_permit(text, (GateKeys.generate("log.example/acme").grants.verifier,))
    with pytest.raises(GrantError):
        read_permit(str(seal(PERMIT, {**permit.content(), "v": 2}, house.keys.grants)), house.gate.keys)
    for name in permit.content():
        less = {key: value for key, value in permit.content().items() if key != name}
        with pytest.raises(GrantError):
            read_permit(str(seal(PERMIT, less, house.keys.grants)), house.gate.keys)


def test_the_same_nonce_gets_the_same_permit_while_the_lease_lasts(house: House, grant: str) -> None:
    permit = house.gate.redeem(grant, NONCE)
    house.tick(14 * 60_000)
    assert house.gate.signed(house.gate.redeem(grant, NONCE)) == house.gate.signed(permit)
    with pytest.raises(GrantError, match="expired"):
        house.gate.redeem(grant, "m" * 32)
    house.tick(60_000)
    with denied("status"):
        house.gate.redeem(grant, NONCE)
    for nonce in ("short", "ü" * 32, "x" * 129, "a\n" * 16):
        with denied("permit"):
            house.gate.redeem(grant, nonce)


def test_who_reads_the_log_cannot_take_an_executor_s_place(house: House, grant: str) -> None:
    permit = house.gate.redeem(grant, NONCE)
    assert house.ledger is not None
    assert NONCE.encode() not in house.bodies()
    known = house.ledger.entry(permit.consumed).data["nonce"]
    with denied("used"):
        house.gate.redeem(grant, str(known))
    with denied("permit"):
        house.gate.report(replace(permit, nonce=str(known)))
    allowed = house.gate.submit(act("data.read"))
    assert isinstance(allowed, Permit)
    assert allowed.nonce.encode() not in house.bodies()


def test_an_executor_is_who_its_transport_says(house: House, grant: str) -> None:
    with denied("permit"):
        house.gate.redeem(grant, NONCE, audience="somebody else")
    house.gate.redeem(grant, NONCE, audience="acme")


def test_keys_of_another_kind_and_nonsense() -> None:
    key = Signer.generate("log.example/acme").verifier
    nonsense: list[str | bytes] = [
        "",
        "{}",
        "[]",
        "null",
        "{",
        '{"payload":7}',
        "x" * 2_000_000,
        "\ud800",
        '{"signatures":[]}',
        "[" * 9999,
    ]
    for text in [*nonsense, b"\xff\xfe", b""]:
        with pytest.raises(GrantError):
            read_grant(text, (key,))
    with pytest.raises(GrantError, match="not of type"):
        parse(str(seal(PERMIT, {}, Signer.generate("a"))), GRANT)


def test_a_payload_in_another_spelling_is_refused() -> None:
    signer = Signer.generate("a")
    payload = b'{"v": 1}'
    envelope = {
        "payload": to_base64(payload),
        "payloadType": GRANT,
        "signatures": [
            {"keyid": f"a+{signer.verifier.id.hex()}", "sig": to_base64(signer.sign(encoding(GRANT, payload)))}
        ],
    }
    with pytest.raises(GrantError, match="no canonical JSON"):
        read_grant(canonical(envelope), (signer.verifier,))


def test_a_grant_of_development_is_no_real_one(house: House) -> None:
    gate = Gate(policy(), directory=people(), caller=AGENT, keys=house.keys)
    request = gate.submit(act("data.share"))
    assert isinstance(request, str)
    gate.vote(request, voter("bob"), "approve", gate.card(request, voter("bob")).digest)
    text = gate.wait(request).text
    with pytest.raises(GrantError):
        read_grant(text, house.gate.keys)
    with pytest.raises(GrantError):
        house.gate.redeem(text, NONCE)


def test_a_broken_glass_marks_the_grant(house: House) -> None:
    request = house.ask()
    house.gate.break_glass(request, voter("fay"), house.card(request), "the house is on fire", minutes=5)
    grant = house.gate.wait(request)
    assert grant.marks == ("break-glass",)
    assert grant.content["seats"] == []
    permit = house.gate.redeem(grant, NONCE)
    assert isinstance(permit, Permit)
    assert permit.marks == ("break-glass",)
