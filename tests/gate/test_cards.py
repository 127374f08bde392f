"""What is on the card of a held call comes from the document, and from what its tool declares."""

from __future__ import annotations

from assentry.gate import Pending, Tool
from assentry.review import Card
from tests.gate.house import House, export, rejected, voter

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


def test_what_nobody_can_see_whole_nobody_can_agree_to(house: House) -> None:
    request = house.ask(export(query="words " * 50_000))
    card = house.gate.card(request, voter("bob"))
    assert not card.complete
    with rejected("card"):
        house.gate.vote(request, voter("bob"), "approve", card.digest)
    with rejected("card"):
        house.gate.break_glass(request, voter("fay"), card.digest, "it is urgent", minutes=5)
    assert house.gate.vote(request, voter("bob"), "deny", card.digest) == "denied"
    assert house.kinds().count("rejected") == 2
