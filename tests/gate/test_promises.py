"""What the gate promises besides its everyday: decided again at use, no without a ledger, no secret anywhere."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assentry.approvals import Escalation, Settings, Who
from assentry.approvals.events import Event
from assentry.errors import (
    Denied,
    GateError,
    LedgerClock,
    LedgerError,
    LedgerForked,
    LedgerReadOnly,
    LedgerUnavailable,
    LedgerUnknown,
    Rejected,
    SealedError,
)
from assentry.gate import Caller, Gate, GateKeys, Tool, Voter
from assentry.gate.grant import read_grant
from assentry.gate.keys import TenantKey, make, read
from assentry.ledger.entry import Item
from assentry.ledger.note import Signer
from tests.gate.house import AGENT, RULES, House, act, denied, export, people, policy, rejected, voter
from tests.support.ledgers import Ledgers

NONCE = "n" * 32

# ---- law 1: what was approved is what runs ----


def test_a_policy_that_denies_by_now_refuses_the_use(house: House) -> None:
    request = house.ask()
    house.approve(request, "bob", "cyd")
    grant = house.gate.wait(request)
    house.gate.use(policy(RULES + '\ndeny freeze if action.name == "data.export"\n'))
    with denied("denied"):
        house.gate.redeem(grant, NONCE)
    house.gate.use(policy())
    house.gate.redeem(grant, NONCE)


def test_it_is_decided_again_with_the_time_of_use(house: House) -> None:
    late = (
        'deny late if {\n    action.name == "data.export"\n    context.time >= timestamp("2026-11-20T12:03:00Z")\n}\n'
    )
    house.gate.use(policy(f"{RULES}\n{late}"))
    request = house.ask()
    house.approve(request, "bob", "cyd")
    grant = house.gate.wait(request)
    house.tick(3 * 60_000)
    with denied("denied"):
        house.gate.redeem(grant, NONCE)


def test_terms_that_grew_are_asked_once_more_and_no_third_time(house: House) -> None:
    def rules(more: str) -> Any:
        return policy(
            f'{RULES}\nrequire approval more if action.name == "data.export" with {{\n'
            f'    approvers: 1 of group("{more}")\n    within: 30m\n}}\n'
        )

    request = house.ask()
    house.approve(request, "bob", "cyd")
    grant = house.gate.wait(request)
    house.gate.use(rules("ops"))
    with pytest.raises(Denied) as caught:
        house.gate.redeem(grant, NONCE)
    assert caught.value.code == "superseded"
    again = str(caught.value.request)
    assert house.gate.view(again).deadline == house.gate.view(request).deadline
    house.approve(again, "bob", "cyd")
    assert house.gate.view(again).status == "pending"
    house.approve(again, "gus")
    grant = house.gate.wait(request)
    assert grant.request == again
    house.gate.use(rules("etl"))
    with denied("expired"):
        house.gate.redeem(grant, NONCE)


def test_terms_that_grew_behind_the_deadline_ask_nobody_and_say_so(house: House) -> None:
    """The grant outlives the deadline, and what is asked once more has no minute longer."""
    request = house.ask()
    house.tick(29 * 60_000)
    house.approve(request, "bob", "cyd")
    grant = house.gate.wait(request)
    house.tick(2 * 60_000)
    house.gate.use(policy(RULES.replace("2 of group", "3 of group")))
    with pytest.raises(Denied) as caught:
        house.gate.redeem(grant, NONCE)
    assert caught.value.code == "superseded"
    with denied("expired"):
        house.gate.wait(str(caught.value.request))


def test_an_equal_policy_under_another_digest_asks_nobody_again(house: House) -> None:
    request = house.ask()
    house.approve(request, "bob", "cyd")
    grant = house.gate.wait(request)
    other = policy(RULES + '\nallow lists if action.name == "data.list"\n')
    house.gate.use(other)
    assert house.gate.redeem(grant, NONCE).policy == other.digest != grant.content["policy"]


def test_preconditions_are_read_again(house: House) -> None:
    rows = ["12"]
    tool = Tool("share", "data.share", preconditions=lambda document: {"rows": rows[0]})
    house.options = {"tools": [tool]}
    gate = house.open()
    request: Any = gate.submit(act("data.share"))
    gate.vote(request, voter("bob"), "approve", gate.card(request, voter("bob")).digest)
    grant = gate.wait(request)
    assert list(grant.content["preconditions"]) == ["rows"]
    rows[0] = "13"
    with denied("preconditions"):
        gate.redeem(grant, NONCE)
    rows.clear()
    with denied("preconditions"):
        gate.redeem(grant, NONCE)
    with denied("preconditions"):  # what the gate cannot read, an executor's word does not replace
        gate.redeem(grant, NONCE, preconditions={"rows": "12"})
    rows.append("12")
    gate.redeem(grant, NONCE, preconditions={"rows": "13"})


def test_what_reads_a_condition_changes_nothing() -> None:
    def read(document: Any) -> dict[str, str]:
        document["action"]["parameters"].clear()
        return {"rows": "12"}

    house = House(options={"tools": [Tool("share", "data.share", preconditions=read)]})
    pending = house.gate.guard("data.share", resource={"type": "table", "id": "t"}, wait=False)(lambda rows: rows)([1])
    house.approve(pending.request, "bob")
    assert pending.result() == [1]


def test_an_executor_reads_what_a_gate_without_the_reader_cannot(house: House) -> None:
    house.options = {"tools": [Tool("share", "data.share", preconditions=lambda document: {"rows": "12"})]}
    request: Any = house.open().submit(act("data.share"))
    house.options = {"tools": [Tool("share", "data.share")]}
    gate = house.open()
    gate.vote(request, voter("bob"), "approve", gate.card(request, voter("bob")).digest)
    for moved in (None, {"rows": "13"}, {"rows": "12", "more": "1"}):
        with denied("preconditions"):
            gate.redeem(gate.wait(request), NONCE, preconditions=moved)
    assert gate.redeem(gate.wait(request), NONCE, preconditions={"rows": "12"}).nonce == NONCE


def test_a_tool_that_changed_is_not_the_one_that_was_approved(house: House) -> None:
    tool = Tool("share", "data.share")
    house.options = {"tools": [tool]}
    gate = house.open()
    request: Any = gate.submit(act("data.share"))
    gate.vote(request, voter("bob"), "approve", gate.card(request, voter("bob")).digest)
    grant = gate.wait(request).text
    for changed in (replace(tool, version="2"), replace(tool, schema={"properties": {"n": {"x-effect": True}}})):
        house.options = {"tools": [changed]}
        with denied("judgement"):
            house.open().redeem(grant, NONCE)
    gate.redeem(grant, NONCE)


def test_what_is_erased_cannot_run_and_cannot_be_read(house: House) -> None:
    request = house.ask(about=("customer-7",))
    house.approve(request, "bob", "cyd")
    grant, other = house.gate.wait(request), house.open()
    assert other.document(request) == house.gate.document(request)
    assert house.gate.erase("customer-7", "asked to") == 1
    for gate in (house.gate, other, house.open()):
        with denied("erased"):
            gate.redeem(grant, NONCE)
        with pytest.raises(SealedError):
            gate.document(request)


def test_a_person_s_erasure_takes_the_cards_along(house: House) -> None:
    request = house.ask(accepts_changes=True)
    card = house.card(request)
    proposed = house.gate.counter(request, voter("dee"), {"action": {"purpose": "billing"}}, card)
    house.card(proposed)
    house.gate.erase("ann", "left")
    assert house.ledger is not None
    for entry in house.ledger.entries():
        if entry.request in {request, proposed} and "sealed" in entry.content and entry.type != "countered":
            with pytest.raises(SealedError):
                house.ledger.unseal(entry.index)
    with pytest.raises(SealedError):
        house.card(proposed)


def test_a_log_that_keeps_digests_only_runs_where_it_was_asked(durable: Ledgers) -> None:
    place = durable.place()
    place.create(documents=False)
    keys = GateKeys.generate("log.example/acme")
    with place.open() as log:
        gate = Gate(policy(), ledger=log, directory=people(), keys=keys, caller=AGENT)
        request: Any = gate.submit(act("data.share"), about=("customer-7",))
        gate.vote(request, voter("bob"), "approve", gate.card(request, voter("bob")).digest)
        elsewhere = Gate(policy(), ledger=log, directory=people(), keys=keys, caller=AGENT)
        with denied("erased"):
            elsewhere.redeem(gate.wait(request), NONCE)
        second: Any = gate.submit(act("data.share", "other"), about=("customer-7",))
        gate.redeem(gate.wait(request), NONCE)
        gate.erase("customer-7", "asked to")
        with pytest.raises(SealedError):
            gate.document(second)


def test_a_change_runs_in_the_place_of_what_was_asked(house: House) -> None:
    seen: list[Any] = []

    @house.gate.guard("data.share", resource={"type": "table", "id": "t"}, wait=False, accepts_changes=True)
    def share(rows: int, note: str = "") -> None:
        seen.append((rows, note))

    pending = share(1000, note="all of them")
    card = house.card(pending.request)
    with rejected("changes"):
        house.gate.counter(pending.request, voter("bob"), {"subject": {"id": "root"}}, card)
    with rejected("canonical"):
        house.gate.counter(pending.request, voter("bob"), {"action": {"parameters": {"rows": 2**60}}}, card)
    changes = {"action": {"parameters": {"rows": 10}}}
    proposed = house.gate.counter(pending.request, voter("bob"), changes, card, reason="ten will do")
    with rejected("excluded"):
        house.gate.vote(proposed, voter("bob"), "approve", house.card(proposed, "cyd"))
    house.approve(proposed, "cyd")
    pending.result()
    assert seen == [(10, "all of them")]
    assert house.gate.view(proposed).supersedes is not None


def test_a_change_is_for_those_who_accept_changes(house: House) -> None:
    request = house.ask(act("data.share"))
    with rejected("changes"):
        house.gate.counter(request, voter("bob"), {"action": {"purpose": "billing"}}, house.card(request))
    assert house.gate.view(request).status == "pending"


# ---- law 8: the card ----


def test_what_each_viewer_saw_is_recorded(house: House) -> None:
    request = house.ask()
    card = house.gate.card(request, voter("bob"))
    assert house.ledger is not None
    shown = [entry for entry in house.ledger.request_entries(request) if entry.type == "shown"]
    assert [entry.data["card"] for entry in shown] == [card.digest]
    assert shown[0].data["viewer"] == house.gate._parts.names.id("bob")
    assert house.open().card(request, voter("cyd")) == card


def test_an_answer_to_another_card_does_not_count(house: House) -> None:
    first, second = house.ask(), house.ask(export("crm.orders"))
    with rejected("stale_card"):
        house.gate.vote(first, voter("bob"), "approve", house.card(second))
    with rejected("status"):
        permit: Any = house.gate.submit(act("data.read"))
        house.gate.card(permit.request, voter("bob"))


# ---- law 9: commit before verdict ----


class Broken:
    """A ledger that fails in one way, while it is told to."""

    def __init__(self, ledger: Any) -> None:
        self._ledger = ledger
        self.error: type[LedgerError] | None = None
        self.method = "append"

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._ledger, name)
        if name != self.method:
            return found

        def maybe(*args: Any, **kwargs: Any) -> Any:
            if self.error is not None:
                raise self.error("it is broken")
            return found(*args, **kwargs)

        return maybe


@pytest.mark.parametrize("method", ["append", "now", "entries", "seal"])
@pytest.mark.parametrize("error", [LedgerUnavailable, LedgerReadOnly, LedgerForked, LedgerClock, LedgerUnknown])
def test_without_its_ledger_the_gate_says_no(method: str, error: type[LedgerError]) -> None:
    house = House()
    broken = Broken(house.ledger)
    house.ledger = broken
    gate = house.open()
    calls: list[str] = []

    @gate.guard("data.read", resource={"type": "table", "id": "t"})
    def read(table: str) -> None:
        calls.append(table)

    request: Any = gate.submit(act("data.share"))
    card = gate.card(request, voter("bob")).digest
    read("t")
    other: Any = gate.submit(act("data.share", "other"))
    gate.vote(other, voter("bob"), "approve", gate.card(other, voter("bob")).digest)
    grant = gate.wait(other)
    broken.method, broken.error = method, error
    broken._ledger.append([Item.of("noted", {})])  # something that the gate has to read
    with denied("ledger"):
        read("t")
    with pytest.raises((LedgerError, Rejected)):
        gate.vote(request, voter("bob"), "approve", card)
    with denied("ledger"):
        gate.redeem(grant, NONCE)
    before = len(calls)
    broken.error = None
    assert gate.view(request).status == "pending"
    read("t")
    assert len(calls) == before + 1


def test_a_clock_that_went_back_is_a_no(house: House) -> None:
    request = house.ask()
    house.approve(request, "bob", "cyd")
    grant = house.gate.wait(request)
    house.clock.step(-10_000)
    with denied("ledger"):
        house.gate.submit(act("data.read"))
    with denied("ledger"):
        house.gate.redeem(grant, NONCE)
    with denied("ledger"):
        house.gate.wait(request, timeout=0)


def test_a_failing_directory_is_a_no(house: House) -> None:
    request = house.ask()
    card = house.card(request)
    grant_request = house.ask(export("crm.orders"))
    house.approve(grant_request, "bob", "cyd")
    grant = house.gate.wait(grant_request)

    class Down:
        def snapshot(self) -> Any:
            raise TimeoutError("no answer")

    house.gate._parts.clerk._snapshot = Down().snapshot
    with rejected("directory"):
        house.gate.vote(request, voter("bob"), "approve", card)
    with denied("directory"):
        house.gate.redeem(grant, NONCE)
    for action in (act("data.read"), export("x")):
        with denied("directory"):
            house.gate.submit(action)
    assert house.gate.sweep() == 0


def test_what_was_done_is_not_undone_by_a_ledger_that_fails_behind_it(caplog: pytest.LogCaptureFixture) -> None:
    house = House()
    broken = Broken(house.ledger)
    house.ledger = broken
    gate = house.open()

    @gate.guard("data.share", resource={"type": "table", "id": "t"}, wait=False)
    def share(table: str) -> str:
        broken.error = LedgerUnavailable
        return "it is done"

    pending = share("t")
    gate.vote(pending.request, voter("bob"), "approve", gate.card(pending.request, voter("bob")).digest)
    assert pending.result() == "it is done"
    assert "could not be recorded" in caplog.text
    broken.error = None
    house.tick(15 * 60_000)
    gate.sweep()
    assert pending.status == "unknown"


def test_a_slow_directory_holds_up_nobody_else(durable: Ledgers) -> None:
    place = durable.place()
    place.create()

    class Slow:
        waiting = threading.Event()
        going = threading.Event()

        def snapshot(self) -> Any:
            self.waiting.set()
            assert self.going.wait(20)
            return people()

    keys = GateKeys.generate("log.example/acme")
    with place.open() as log:
        quick = Gate(policy(), ledger=log, directory=people(), keys=keys, caller=AGENT)
        slow = Gate(policy(), ledger=log, directory=people(), keys=keys, caller=AGENT)
        slow._parts.clerk._snapshot = Slow().snapshot
        thread = threading.Thread(target=lambda: slow.submit(act("data.read")))
        thread.start()
        assert Slow.waiting.wait(10)
        for number in range(100):
            quick.submit(act("data.read", f"table {number}"))
        assert thread.is_alive()
        Slow.going.set()
        thread.join(20)
        assert [entry.type for entry in log.entries()].count("allowed") == 101


def test_what_could_not_be_decided_leaves_a_trace_too(house: House) -> None:
    with denied("canonical"):
        house.gate.submit(export(parameters={"token": {"hunter2"}}))
    assert house.ledger is not None
    last = house.ledger.entry(house.ledger.head().size - 1)
    assert (last.type, last.data["code"], last.data["digest"]) == ("refused", "canonical", None)
    assert "sealed" not in last.content


def test_what_was_erased_meanwhile_can_still_be_reported(house: House) -> None:
    tool = Tool("write", "ticket.write", harmless=(ValueError,))
    house.options = {"tools": [tool]}
    gate = house.open()
    permit: Any = gate.submit(act("ticket.write"), about=("customer-7",))
    gate.erase("customer-7", "asked to")
    gate.report(permit, "raised", "ValueError")
    assert gate.view(permit.request).status == "unknown"


def test_read_only_files_grant_nothing(durable: Ledgers) -> None:
    place = durable.place()
    place.create()
    keys = GateKeys.generate("log.example/acme")
    with place.open() as log:
        gate = Gate(policy(), ledger=log, directory=people(), keys=keys, caller=AGENT)
        gate.submit(act("data.read"))
        broken = Broken(log)
        broken.method, broken.error = "append", LedgerReadOnly
        gate._parts.clerk.ledger = broken
        with denied("ledger"):
            gate.submit(act("data.read"))


# ---- secrets ----


def test_no_secret_leaves_the_seals(caplog: pytest.LogCaptureFixture, durable: Ledgers, tmp_path: Path) -> None:
    canary = "hunter2canary"
    caplog.set_level(logging.DEBUG)
    place = durable.place()
    place.create()
    said: list[str] = []

    def attempt(call: Callable[[], object]) -> object:
        try:
            found = call()
        except (GateError, LedgerError, TypeError) as error:
            said.append(f"{error!r} {error}")
            return None
        said.append(f"{found!r} {found}")
        return found

    with place.open() as log:
        gate = Gate(policy(), ledger=log, directory=people(), keys=GateKeys.generate("a/b"), caller=AGENT)
        caller = Caller(
            {"type": "agent", "id": "etl-7", "session": {"id": canary}, "credential": {"kind": "x", "id": canary}}
        )
        person = Voter("bob", by="console", session=canary)
        action = act("data.share", canary, parameters={canary: canary, "list": [canary]}, reason=canary)
        attempt(lambda: gate.submit(act("data.read", parameters={"token": canary}), caller=caller))
        attempt(lambda: gate.submit(act("db.drop", parameters={"token": canary}), caller=caller))
        attempt(lambda: gate.submit(act("data.read", parameters={"token": canary, "n": 2**60}), caller=caller))
        attempt(lambda: gate.submit(act("data.read", parameters={"token": {canary}}), caller=caller))
        request: Any = gate.submit(action, caller=caller, about=(canary,), accepts_changes=True)
        card = gate.card(request, person).digest
        attempt(lambda: gate.vote(request, voter("eve"), "approve", card, reason=canary))
        proposed: Any = gate.counter(request, voter("cyd"), {"action": {"reason": canary * 2}}, card, reason=canary)
        attempt(lambda: gate.vote(proposed, person, "approve", gate.card(proposed, person).digest, reason=canary))
        grant: Any = attempt(lambda: gate.wait(proposed))
        permit: Any = attempt(lambda: gate.redeem(grant, NONCE))
        attempt(lambda: gate.report(permit, "raised", canary))
        attempt(lambda: gate.resolve(proposed, voter("gus"), "failed", canary))
        attempt(lambda: gate.view(proposed))
        said.append(gate.signed(permit))
        bodies = b"".join(entry.body for entry in log.entries())
    assert canary not in "".join(said)
    assert canary not in caplog.text
    for name in (canary, "etl-7", "crm.people", '"bob"', '"cyd"', '"eve"'):
        assert name.encode() not in bodies
    if place.kind == "sqlite":
        path = Path(place.address)
        files = [path, *path.parent.glob(f"{path.name}-*")]
        assert all(canary.encode() not in file.read_bytes() for file in files if file.is_file())


def test_keys_are_never_shown(tmp_path: Path) -> None:
    keys = make(tmp_path / "keys", "log.example/acme")
    for again in (read(tmp_path / "keys"), make(tmp_path / "keys", "log.example/acme")):
        assert again.tenant == keys.tenant
        assert (again.grants.verifier, again.development.verifier) == (keys.grants.verifier, keys.development.verifier)
    secret = keys.tenant.private_text()
    assert secret not in repr(keys)
    assert TenantKey.parse(secret) == keys.tenant
    for text in ("", "TENANT+KEY+", "TENANT+KEY+AAAA", "nonsense", secret[:-2], secret.removeprefix("TENANT+KEY+")):
        with pytest.raises(LedgerError) as caught:
            TenantKey.parse(text)
        assert secret[12:20] not in str(caught.value)
    (tmp_path / "keys" / "tenant.key").chmod(0o644)
    with pytest.raises(LedgerError, match="can be read by others"):
        read(tmp_path / "keys")


# ---- keys, channels, time ----


def test_with_another_secret_of_the_tenant_a_gate_does_not_start(house: House) -> None:
    """Nobody would be who they are in the log: an owner could approve what her agent asked for."""
    house.ask()
    keys = house.keys
    house.keys = replace(keys, tenant=TenantKey.generate())
    with pytest.raises(GateError, match="the tenant's key is another"):
        house.open()
    house.keys = keys
    signer = Signer.generate("log.example/acme/grants-2")
    house.gate.rotate(signer, "yearly")
    house.keys = replace(keys, grants=signer)
    assert house.open().keys[0] == signer.verifier
    house.keys = replace(house.keys, tenant=TenantKey.generate())
    with pytest.raises(GateError, match="the tenant's key is another"):
        house.open()


def test_another_key_signs_and_the_one_before_it_says_so(house: House) -> None:
    request = house.ask()
    house.approve(request, "bob", "cyd")
    before = house.gate.wait(request)
    fresh = Signer.generate("log.example/acme/grants")
    house.gate.rotate(fresh, "yearly")
    after = house.gate.wait(request)
    assert (before.content["epoch"], after.content["epoch"]) == (0, 1)
    assert after.key == fresh.verifier
    house.gate.redeem(before, NONCE)
    with pytest.raises(GateError, match="grants of this log are signed by"):
        house.open()
    house.keys = GateKeys(house.keys.tenant, fresh, house.keys.development)
    second = house.open()
    assert second.keys == house.gate.keys
    assert read_grant(before.text, second.keys) == before
    assert house.kinds().count("key") == 2


def test_a_key_that_the_one_before_did_not_sign_stops_the_gate(house: House) -> None:
    from assentry.gate import announce

    assert house.ledger is not None
    rogue = Signer.generate("log.example/acme/grants")
    known = announce.read([entry for entry in house.ledger.entries() if entry.type == "key"], "grant")
    announce.announce(house.ledger, "grant", known, rogue, rogue, "mine", "")
    with pytest.raises(GateError, match="the one before it did not sign"):
        house.open()


class Ear:
    """A channel that remembers, and fails."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def tell(self, events: Sequence[Event]) -> None:
        self.heard += [event.kind for event in events]
        raise ConnectionError("hunter2")


def test_channels_are_told_what_is_durable_and_cannot_do_harm(caplog: pytest.LogCaptureFixture) -> None:
    ear = Ear()
    house = House(options={"channels": [ear]})
    request = house.ask()
    house.approve(request, "bob", "cyd")
    house.gate.redeem(house.gate.wait(request), NONCE)
    assert ear.heard == ["requested", "shown", "voted", "voted", "approved", "consumed"]
    assert "hunter2" not in caplog.text


def test_seats_are_widened_and_people_reminded_when_somebody_looks() -> None:
    wider = Escalation(Who("group", "ops"), 5 * 60_000)
    directory = people(escalations={Who("group", "data-protection"): wider})
    house = House(directory=directory, settings=Settings(remind_ms=60_000))
    request = house.ask(act("data.share"))
    with rejected("seat"):
        house.gate.vote(request, voter("gus"), "approve", house.card(request))
    house.tick(6 * 60_000)
    house.gate.sweep()
    assert {"reminded", "escalated"} <= set(house.kinds())
    assert house.gate.vote(request, voter("gus"), "approve", house.card(request)) == "approved"


def test_a_waiting_call_notices_the_deadline_by_itself() -> None:
    house = House()
    request = house.ask()
    found: list[str] = []

    def wait() -> None:
        try:
            house.gate.wait(request)
        except Denied as refused:
            found.append(refused.code)

    thread = threading.Thread(target=wait)
    thread.start()
    house.tick(30 * 60_000)
    thread.join(5)
    assert found == ["expired"]


def test_who_broke_the_glass_owes_a_review(house: House) -> None:
    request = house.ask()
    card = house.card(request)
    for account, minutes, reason, code in (
        ("eve", 5, "fire", "excluded"),
        ("fay", 16, "fire", "glass"),
        ("fay", 0, "fire", "glass"),
        ("fay", 5, " ", "reason"),
    ):
        with rejected(code):
            house.gate.break_glass(request, voter(account), card, reason, minutes=minutes)
    assert house.gate.break_glass(request, voter("fay"), card, "fire", minutes=5) == "approved"
    second = house.ask(export("crm.orders"))
    again = house.open()
    with rejected("review"):
        again.break_glass(second, voter("fay"), again.card(second, voter("fay")).digest, "fire", minutes=5)
    assert again.view(request).owes_review
    with rejected("review"):
        again.review(request, voter("fay"), "all is well")
    again.review(request, voter("gus"), "all is well")
    assert not again.view(request).owes_review


def test_the_same_thing_is_shown_together_and_answered_apart(house: House) -> None:
    """Another chain has another request, since others have no say in it; people see that both ask for the same."""
    other = Caller({"type": "agent", "id": "mail-1"})
    first, second, third = house.ask(), house.ask(caller=other), house.ask(export("crm.orders"))
    assert len({first, second, third}) == 3
    content = {each.id: each.content for each in house.gate.requests()}
    assert content[first] == content[second] != content[third]
    house.approve(first, "bob", "cyd")
    assert house.gate.view(second).status == "pending"
    house.gate.erase("mail-1", "asked for it")
    assert house.gate.view(second).content == ""


def test_answers_to_what_is_over_or_never_was(house: House) -> None:
    request = house.ask()
    card = house.card(request)
    house.gate.vote(request, voter("bob"), "deny", card)
    calls: list[Callable[[], object]] = [
        lambda: house.gate.vote(request, voter("cyd"), "approve", card),
        lambda: house.gate.revoke(request, voter("cyd"), "no"),
        lambda: house.gate.break_glass(request, voter("fay"), card, "fire"),
        lambda: house.gate.resolve(request, voter("gus"), "failed", "x"),
        lambda: house.gate.counter(request, voter("cyd"), {"action": {"purpose": "x"}}, card),
    ]
    for call in calls:
        with rejected("status"):
            call()
    for name in ("r-unknown", "", "~", "r-" + "0" * 32, "\x00"):
        with rejected("request"):
            house.gate.vote(name, voter("bob"), "approve", card)
        with pytest.raises(GateError):
            house.gate.view(name)
        with pytest.raises(GateError):
            house.gate.wait(name)
    with denied("waiter"):
        house.gate.cancel(house.ask(act("data.share")), caller=Caller({"type": "agent", "id": "mail-1"}))
