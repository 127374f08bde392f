"""What is on the card of a held call comes from the document, and from what its tool declares."""

from __future__ import annotations

import pytest

from assentry.gate import Pending, Tool
from assentry.review import Card, drawing
from tests.gate.house import House, denied, export, policy, rejected, voter

TOOL = Tool(
    "mailer",
    "data.export",
    schema={
        "properties": {
            "to": {"type": "string", "x-class": "personal", "x-effect": True},
            "card": {"properties": {"number": {"type": "string", "x-class": "secret"}}},
            "note": {"type": "string"},
        }
    },
)


def held(house: House) -> Card:
    """The card of a call of the tool."""

    @house.gate.guard("data.export", resource={"type": "table", "id": "t"}, tool=TOOL, wait=False)
    def send(to: str, card: dict[str, str], note: str) -> None: ...

    pending = send("Lee Example", card={"number": "not-4711-but-12"}, note="for Lee Example")
    assert isinstance(pending, Pending)
    return house.gate.card(pending.request, voter("bob"))


def test_what_a_tool_calls_personal_or_secret_is_hidden(house: House) -> None:
    shown = {field.path: field.lines[0] for field in held(house).fields}
    assert shown["action.parameters.to"].startswith("⟦personal ")
    assert shown["action.parameters.card.number"].startswith("⟦secret ")
    assert shown["action.parameters.note"] == f"for {shown['action.parameters.to']}"


def test_that_what_names_its_effect_is_hidden_raises_a_flag(house: House) -> None:
    card = held(house)
    assert {each.path: each.material for each in card.hidden}["action.parameters.to"]
    assert not {each.path: each.material for each in card.hidden}["action.parameters.card.number"]
    [flag] = [flag for flag in card.flags if flag.code == "material_hidden"]
    assert flag.text.endswith("action.parameters.to")


def test_classes_are_those_of_the_tools_schema() -> None:
    assert TOOL.classes == (
        (("action", "parameters", "to"), "personal"),
        (("action", "parameters", "card", "number"), "secret"),
    )
    assert Tool("reader", "data.read").classes == ()


def test_what_is_too_large_to_be_shown_whole_is_not_asked(house: House) -> None:
    with denied("card") as caught:
        house.ask(export(query="words " * 50_000))
    assert "a card holds 2,000 values and 200,000 characters" in str(caught.value)
    assert caught.value.verdict is not None
    assert house.kinds()[-1] == "refused"
    assert not house.gate.requests()


def test_nor_is_what_somebody_proposes_instead(house: House) -> None:
    request = house.ask(accepts_changes=True)
    card = house.card(request)
    with rejected("card"):
        changes = {"action": {"query": "words " * 50_000}}
        house.gate.counter(request, voter("bob"), changes, card)
    assert house.gate.view(request).status == "pending"
    house.approve(request, "bob", "cyd")


def test_what_nobody_can_see_whole_nobody_can_agree_to(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that came through where more fits a card, and is asked once more where less does."""
    monkeypatch.setattr(drawing, "MAX_CHARACTERS", 1_000_000)
    first = house.ask(export(query="words " * 50_000))
    house.approve(first, "bob", "cyd")
    monkeypatch.undo()
    house.gate.use(policy(house.rules.replace("approvers: 2 of", "approvers: 3 of")))
    with denied("superseded") as caught:
        house.gate.redeem(house.gate.wait(first), "n" * 32)
    request = caught.value.request
    assert request is not None
    card = house.gate.card(request, voter("bob"))
    assert not card.complete
    with rejected("card"):
        house.gate.vote(request, voter("bob"), "approve", card.digest)
    with rejected("card"):
        house.gate.break_glass(request, voter("fay"), card.digest, "it is urgent", minutes=5)
    assert house.gate.vote(request, voter("bob"), "deny", card.digest) == "denied"
    assert house.kinds().count("rejected") == 2
