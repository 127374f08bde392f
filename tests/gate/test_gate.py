"""The gate from end to end: allow, deny, approval, grant, permit, and what the log says of it."""

from __future__ import annotations

import pytest

from assentry.cli.ledger.laws import replay
from assentry.errors import Denied, GateError, GrantError
from assentry.gate import Caller, Gate, GateKeys, Permit
from assentry.gate.grant import read_permit
from assentry.ledger import opening
from assentry.ledger.sealing import SealingKey
from tests.gate.house import AGENT, House, act, denied, export, memory, people, policy, rejected, voter

NONCE = "n" * 32


def test_an_allow_runs_at_once_and_its_entry_says_why(house: House) -> None:
    permit = house.gate.submit(act("data.read"))
    assert isinstance(permit, Permit)
    assert house.ledger is not None
    entry = house.ledger.entry(permit.consumed)
    assert (entry.type, entry.request) == ("allowed", permit.request)
    assert entry.data["controls"] == ["A.5.15"]
    assert entry.data["rules"] == ["house.reads"]
    house.gate.report(permit)
    assert house.gate.view(permit.request).status == "committed"


def test_a_deny_raises_the_verdict_and_leaves_an_entry(house: House) -> None:
    with pytest.raises(Denied) as caught:
        house.gate.submit(export(resource={"labels": ["secret"]}))
    assert caught.value.code == "denied"
    assert caught.value.verdict.decision == "deny"
    assert caught.value.verdict.controls == ("A.8.12",)
    assert house.kinds()[-1] == "refused"
    assert house.ledger is not None
    last = house.ledger.entry(house.ledger.head().size - 1)
    assert last.data["rules"] == ["house.secrets"]
    assert "sealed" in last.content


def test_what_no_rule_speaks_of_is_denied(house: House) -> None:
    with denied("denied"):
        house.gate.submit(act("db.drop"))


def test_two_people_agree_and_it_runs_once(house: House) -> None:
    request = house.ask()
    card = house.card(request)
    for account, code in (("etl-7", "excluded"), ("ann", "excluded"), ("eve", "excluded"), ("fay", "seat")):
        with rejected(code):
            house.gate.vote(request, voter(account), "approve", card)
    assert house.gate.vote(request, voter("bob"), "approve", card) == "pending"
    assert house.gate.vote(request, voter("bob@laptop"), "approve", card) == "pending"
    with pytest.raises(TimeoutError):
        house.gate.wait(request, timeout=0)
    assert house.gate.vote(request, voter("cyd"), "approve", card) == "approved"
    grant = house.gate.wait(request)
    permit = house.gate.redeem(grant, NONCE)
    assert house.gate.redeem(grant, NONCE) == permit
    with denied("used"):
        house.gate.redeem(grant, "m" * 32)
    house.gate.report(permit)
    assert house.gate.view(request).status == "committed"
    assert house.kinds()[-3:] == ["approved", "consumed", "committed"]


def test_the_history_is_legal(house: House) -> None:
    request = house.ask()
    house.approve(request, "bob", "cyd")
    house.gate.redeem(house.gate.wait(request), NONCE)
    assert house.ledger is not None
    assert list(replay(house.ledger.entries())) == []


def test_another_process_sees_the_same(house: House) -> None:
    request = house.ask()
    second = house.open()
    card = second.card(request, voter("bob")).digest
    second.vote(request, voter("bob"), "approve", card)
    house.gate.vote(request, voter("cyd"), "approve", card)
    grant = second.wait(request)
    assert grant.text == house.gate.wait(request).text
    permit = second.redeem(grant, NONCE)
    assert house.gate.redeem(grant, NONCE) == permit
    assert second.document(request) == house.gate.document(request)
    assert read_permit(second.signed(permit), house.gate.keys) == permit


def test_one_nay_ends_it_and_a_pause_follows(house: House) -> None:
    request = house.ask()
    card = house.card(request)
    house.gate.vote(request, voter("bob"), "approve", card)
    assert house.gate.vote(request, voter("cyd"), "deny", card, reason="not today") == "denied"
    with denied("denied"):
        house.gate.wait(request)
    with denied("cool_off"):
        house.gate.submit(export())
    house.tick(10 * 60_000)
    assert isinstance(house.gate.submit(export()), str)


def test_deadlines_and_grants_end_by_the_clock(house: House) -> None:
    request = house.ask()
    house.tick(30 * 60_000)
    with denied("expired"):
        house.gate.wait(request)
    with rejected("status"):
        house.gate.vote(request, voter("bob"), "approve", house.gate.view(request).card)
    again = house.ask(renews=request)
    house.approve(again, "bob", "cyd")
    grant = house.gate.wait(again)
    house.tick(5 * 60_000)
    with pytest.raises(GrantError, match="expired"):
        house.gate.redeem(grant, NONCE)
    with denied("lapsed"):
        house.gate.wait(again)
    assert house.gate.sweep() > 0
    assert {"expired", "lapsed"} <= set(house.kinds())


def test_revoked_before_its_end(house: House) -> None:
    request = house.ask()
    house.approve(request, "bob", "cyd")
    grant = house.gate.wait(request)
    house.gate.revoke(request, voter("bob"), "I was wrong")
    with denied("status"):
        house.gate.redeem(grant, NONCE)


def test_a_vote_on_another_card_is_stale(house: House) -> None:
    request = house.ask()
    with rejected("stale_card"):
        house.gate.vote(request, voter("bob"), "approve", "sha256:0")
    assert house.ledger is not None
    house.ledger.append([])
    house.gate.card(request, voter("bob"))
    assert "rejected" in house.kinds()


def test_nobody_acts_unproved() -> None:
    gate = Gate(policy(), ledger=memory(House().clock), directory=people(), keys=GateKeys.generate("log.example/acme"))
    with denied("subject"):
        gate.submit(act("data.read"))
    with gate.acting(AGENT):
        gate.submit(act("data.read"))
    with denied("subject"):
        gate.submit(act("data.read"))
    for subject in ({}, {"type": "agent"}, {"type": "agent", "id": 7}, {"type": "agent", "id": ""}):
        with denied("subject"):
            Caller(subject)
    for odd in ("bob", [{"type": "user"}], [7], [{"id": "bob", "owner": 7}]):
        with denied("subject"):
            gate.submit(act("data.read"), caller=Caller({"type": "agent", "id": "etl-7", "on_behalf_of": odd}))


def test_an_agent_that_nobody_owns_is_refused(house: House) -> None:
    with denied("owner"):
        house.gate.submit(act("data.read"), caller=Caller({"type": "agent", "id": "stray"}))


def test_what_an_action_says_of_its_subject_is_overwritten(house: House) -> None:
    said = act("data.read") | {"subject": {"type": "user", "id": "root"}}
    permit = house.gate.submit(said)
    assert isinstance(permit, Permit)
    assert house.gate.document(permit.request)["subject"] == {"type": "agent", "id": "etl-7"}


def test_the_gate_stamps_time_and_nonce(house: House) -> None:
    said = act("data.read") | {"context": {"time": "1999-01-01T00:00:00Z", "nonce": "mine", "network": "vpn"}}
    permit = house.gate.submit(said)
    assert isinstance(permit, Permit)
    context = house.gate.document(permit.request)["context"]
    assert context["time"] == "2026-11-20T12:00:00.000Z"
    assert len(context["nonce"]) == 32
    assert context["network"] == "vpn"


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (export(parameters={"rows": 2**53}), "`action.parameters.rows` is an integer beyond 2^53"),
        (export(parameters={"rows": float("nan")}), "`action.parameters.rows` is not finite"),
        (export(parameters={"raw": b"x"}), "`action.parameters.raw` is a bytes"),
        ({"action": {"name": 7}, "resource": {}, "context": {}}, "`action.name` is no text"),
        ({"resource": {}}, "`action.name` is no text"),
        (act("data.read") | {"context": 7}, "`context` is no object"),
    ],
)
def test_what_has_no_canonical_form_is_denied_by_name(house: House, action: dict[str, object], message: str) -> None:
    with pytest.raises(Denied) as caught:
        house.gate.submit(action)
    assert caught.value.code == "canonical"
    assert str(caught.value).startswith(message)


def test_a_gate_whose_policy_lets_the_canary_pass_does_not_start() -> None:
    rules = "package open\n\nallow all if has(action.name)\n"
    with pytest.raises(GateError, match="does not deny its canary"):
        House(rules=rules)
    ours = {"action": {"name": "db.drop"}, "resource": {"type": "database", "id": "prod"}, "context": {}}
    House(rules=rules + '\ndeny drops if action.name == "db.drop"\n', options={"canary": ours})


def test_a_gate_does_not_start_without_what_it_needs() -> None:
    log = opening.memory("acme")
    with pytest.raises(GateError, match="without its sealing key"):
        Gate(policy(), ledger=log, directory=people())
    with pytest.raises(GateError, match="only a log for development goes without keys"):
        Gate(policy(), ledger=memory(House().clock), directory=people())
    house = House()
    with pytest.raises(GateError, match="grants of this log are signed by"):
        Gate(policy(), ledger=house.ledger, directory=people(), keys=GateKeys.generate("log.example/acme"))


def test_a_gate_of_its_own_is_for_development() -> None:
    gate = Gate(policy(), directory=people(), caller=AGENT)
    permit = gate.submit(act("data.read"))
    assert isinstance(permit, Permit)
    assert permit.marks == ("development",)
    request = gate.submit(export())
    assert isinstance(request, str)
    card = gate.card(request, voter("eve")).digest
    gate.vote(request, voter("eve"), "approve", card)
    gate.vote(request, voter("bob"), "approve", card)
    grant = gate.wait(request)
    assert grant.marks == ("development",)
    assert grant.key.name.endswith("/development")
    gate.close()


def test_the_sealing_key_is_another_than_the_gate_s() -> None:
    log = opening.memory("acme", sealing=SealingKey.generate())
    keys = GateKeys.generate("log.example/acme")
    assert "TENANT" not in repr(keys)
    Gate(policy(), ledger=log, directory=people(), keys=keys).close()


def test_a_gate_goes_on_behind_what_was_pruned(house: House) -> None:
    assert house.ledger is not None
    old = house.ask(act("data.share"))
    effect = house.gate.guard("ticket.write", resource={"type": "t", "id": "1"}, effect=("number",))
    write = effect(lambda number: number)
    write(7)
    while house.ledger.head().size < 256:
        permit = house.gate.submit(act("data.read"))
        assert isinstance(permit, Permit)
        house.gate.report(permit)
    house.ledger.prune(256, "retention")
    second = House(ledger=house.ledger, clock=house.clock, keys=house.keys)
    effect = second.gate.guard("ticket.write", resource={"type": "t", "id": "1"}, effect=("number",))
    with denied("effect"):
        effect(lambda number: number)(7)
    assert effect(lambda number: number)(8) == 8
    with pytest.raises(GateError, match="there is no request"):
        second.gate.view(old)
    request = second.ask()
    second.approve(request, "bob", "cyd")
    second.gate.redeem(second.gate.wait(request), NONCE)
    assert second.gate.keys == house.gate.keys
    House(ledger=house.ledger, clock=house.clock, keys=house.keys)
