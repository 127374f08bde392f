"""The requester's own chain, in every disguise that it could vote in, with a real directory: nobody approves their own."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pytest

from assentry.gate import Caller, opaque
from assentry.gate.directory.file import FileDirectory
from tests.gate.house import House, act, denied, rejected, voter

ZOE = unicodedata.normalize("NFC", "zoë")
PEOPLE = f"""\
people:
  ann: {{accounts: [Ann@Example.org]}}
  bob: {{accounts: [bob@example.org]}}
  cyd: {{}}
  dee: {{}}
  eve: {{accounts: [eve@home.example]}}
  fay: {{}}
  gus: {{}}
  {ZOE}: {{}}
groups:
  data-protection: {{members: [ann, bob, cyd, dee, eve, {ZOE}], escalates_to: {{group: board}}, after: 10m}}
  board: {{members: [eve, gus]}}
  "ETL-Owners@Example.org": {{groups: [etl]}}
  etl: {{members: [eve]}}
owners:
  etl-7: ["ETL-Owners@Example.org", fay]
  ci-bot: [{ZOE}]
deputies:
  - {{for: eve, by: [dee], from: 2026-01-01T00:00:00Z, until: 2027-01-01T00:00:00Z}}
  - {{for: cyd, by: [eve], from: 2026-01-01T00:00:00Z, until: 2027-01-01T00:00:00Z}}
services: [ci-bot, etl-7]
"""
CALLER = Caller(
    {
        "type": "agent",
        "id": "etl-7",
        "on_behalf_of": [{"type": "user", "id": "bob@EXAMPLE.org"}, {"type": "service", "id": "ci-bot"}],
    },
    holder="ANN@example.org",
)
CHAIN = {
    "who holds the credential": "ann",
    "who holds it, under an address in another case": "aNN@example.ORG",
    "on whose behalf": "bob",
    "on whose behalf, under an address": "Bob@Example.org",
    "of a group in the group that owns it": "eve",
    "the same under another account": "eve@home.example",
    "who owns it besides": "fay",
    "who owns the service on whose behalf": ZOE,
    "the same, spelt in two code points": unicodedata.normalize("NFD", ZOE),
    "the agent": "etl-7",
    "the service": "ci-bot",
    "the group": "ETL-Owners@Example.org",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "people.yaml"
    made.write_text(PEOPLE, encoding="utf-8")
    return made


@pytest.fixture
def house(path: Path) -> House:
    return House(directory=FileDirectory(path))


def ask(house: House, **more: Any) -> str:
    return house.ask(act("data.share", **more), caller=CALLER, accepts_changes=True)


@pytest.mark.parametrize("account", CHAIN.values(), ids=CHAIN.keys())
def test_nobody_of_the_chain_has_a_say(house: House, account: str) -> None:
    request = ask(house)
    card = house.card(request, "cyd")
    for choice in ("approve", "deny"):
        with rejected("excluded"):
            house.gate.vote(request, voter(account), choice, card)
    with rejected("excluded"):
        house.gate.counter(request, voter(account), {"action": {"parameters": {"n": 1}}}, card)
    with rejected("excluded"):
        house.gate.break_glass(request, voter(account), card, "mine")
    with rejected("excluded"):
        house.gate.vote(request, voter("cyd"), "approve", card, principal=account)
    assert house.gate.view(request).answerers == ("cyd", "dee")


@pytest.mark.parametrize("account", CHAIN.values(), ids=CHAIN.keys())
def test_nobody_of_the_chain_says_what_became_of_it(house: House, account: str) -> None:
    permit: Any = house.gate.submit(act("data.read"), caller=CALLER)
    house.gate.report(permit, "died")
    with rejected("excluded"):
        house.gate.resolve(permit.request, voter(account), "failed", "mine")
    request = ask(house)
    house.gate.break_glass(request, voter("gus"), house.card(request, "gus"), "it burns")
    with rejected("excluded"):
        house.gate.review(request, voter(account), "all is well")


def test_who_looks_like_somebody_is_nobody(house: House) -> None:
    """Another script, full-width letters, an invisible character: another account, and no person's."""
    request = ask(house)
    card = house.card(request, "cyd")
    for account in ("суd", "ｃｙｄ", "cyd\u200b", "CYD", " cyd", "cyd "):
        with rejected("person"):
            house.gate.vote(request, voter(account), "approve", card)


def test_a_deputy_is_no_disguise(house: House) -> None:
    """Neither does somebody outside speak for the chain, nor somebody of the chain for one outside."""
    request = ask(house)
    card = house.card(request, "cyd")
    for actor, principal in (("dee", "eve"), ("eve", "cyd")):
        with rejected("excluded"):
            house.gate.vote(request, voter(actor), "approve", card, principal=principal)


def test_what_it_is_widened_to_is_none_either(house: House) -> None:
    request = ask(house)
    house.tick(10 * 60_000)
    house.gate.sweep()
    assert house.gate.view(request).answerers == ("cyd", "dee", "gus")
    with rejected("excluded"):
        house.gate.vote(request, voter("eve"), "approve", house.card(request, "cyd"))


def test_who_proposed_a_change_has_no_say_in_it_under_any_name(house: House, path: Path) -> None:
    request = ask(house)
    changed = house.gate.counter(
        request, voter("cyd"), {"action": {"parameters": {"n": 1}}}, house.card(request, "cyd")
    )
    path.write_text(PEOPLE.replace("cyd: {}", "cyd: {accounts: [cyd@example.org]}"), encoding="utf-8")
    for account in ("cyd", "CYD@example.org"):
        with rejected("excluded"):
            house.gate.vote(changed, voter(account), "approve", house.card(changed, "dee"))


def test_who_becomes_an_owner_by_way_of_a_group_is_out_and_stays_out(house: House, path: Path) -> None:
    request = ask(house)
    card = house.card(request, "dee")
    assert house.gate.vote(request, voter("dee"), "approve", card) == "approved"
    path.write_text(PEOPLE.replace("etl: {members: [eve]}", "etl: {members: [eve, dee]}"), encoding="utf-8")
    house.gate.sweep()
    path.write_text(PEOPLE, encoding="utf-8")
    with rejected("excluded"):
        house.gate.vote(request, voter("dee"), "deny", card)
    with denied("superseded"):
        house.gate.redeem(house.gate.wait(request), "n" * 32)


def test_a_crowd_of_names_hides_nobody(house: House, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gate that met too many names to keep them meets those of a request again."""
    request = ask(house)
    card = house.card(request, "cyd")
    house.gate.document(request)
    monkeypatch.setattr(opaque, "MAX_NAMES", 20)
    for number in range(40):
        house.gate._parts.names.id(f"name {number}")
    path.write_text(PEOPLE.replace("etl: {members: [eve]}", "etl: {members: [eve, dee]}"), encoding="utf-8")
    with rejected("excluded"):
        house.gate.vote(request, voter("dee"), "approve", card)


def test_a_credential_in_another_spelling_is_the_same_one(house: House) -> None:
    """A person's deny binds what is proposed instead, too, however the transport spells the chain."""
    first = ask(house, parameters={"n": 1})
    house.gate.vote(first, voter("cyd"), "deny", house.card(first, "cyd"))
    second = ask(house, parameters={"n": 2})
    with rejected("cool_off"):
        house.gate.counter(second, voter("cyd"), {"action": {"parameters": {"n": 1}}}, house.card(second, "cyd"))
