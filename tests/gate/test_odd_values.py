"""What no door should be given: it is refused by its name, and the log stays one that verifies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest

from assentry.cli.ledger.laws import replay
from assentry.errors import AssentryError, Denied, GateError, Rejected
from assentry.gate import Caller, Permit, Tool, Voter
from assentry.ledger.verify.run import verify
from assentry.ledger.verify.stored import Stored
from tests.gate.house import AGENT, House, act, denied, export, rejected, voter

HALF = "half a pair \udc80"
ODD: tuple[Any, ...] = ("bogus", "", HALF, None, 0, 1.5, True, b"approve", ("deny",), {"choice": "deny"}, "counter")


def verifies(house: House) -> bool:
    assert house.ledger is not None
    report = verify(Stored(house.ledger), [house.ledger.head().key], replay=replay)  # type: ignore[arg-type]
    return report.good


def ran(house: House) -> Permit:
    permit = house.gate.submit(act("data.read"))
    assert isinstance(permit, Permit)
    return permit


def asked(house: House) -> tuple[str, str]:
    request = house.ask()
    return request, house.card(request)


Door = Callable[[House, Any], object]

DOORS: dict[str, Door] = {
    "an answer": lambda house, odd: house.gate.vote(*_to(house, "bob", odd)),
    "a card": lambda house, odd: house.gate.vote(house.ask(), voter("bob"), "approve", odd),
    "a reason": lambda house, odd: house.gate.vote(*_to(house, "bob", "approve"), reason=odd),
    "whom somebody answers for": lambda house, odd: house.gate.vote(*_to(house, "bob", "deny"), principal=odd),
    "a voter": lambda house, odd: house.gate.vote(*_to(house, odd, "approve")),
    "a transport": lambda house, odd: house.gate.card(house.ask(), Voter("bob", by=odd)),
    "a signature": lambda house, odd: house.gate.card(house.ask(), Voter("bob", by="key", signature=odd)),
    "a viewer": lambda house, odd: house.gate.card(house.ask(), Voter(odd, by="console")),
    "minutes": lambda house, odd: house.gate.break_glass(
        *asked_by(house, "fay"), "it burns", minutes=15 if odd is True else odd
    ),
    "an end": lambda house, odd: house.gate.report(ran(house), odd),
    "an error": lambda house, odd: house.gate.report(ran(house), "raised", odd),
    "a wish": lambda house, odd: house.ask(accepts_changes=odd),
    "a request to renew": lambda house, odd: house.ask(renews=odd or "r-0"),
    "whom it is about": lambda house, odd: house.ask(about=[str(odd)]),
    "a name": lambda house, odd: house.ask(export(parameters={str(odd): odd})),
    "an agent": lambda house, odd: house.gate.submit(export(), caller=Caller({"type": "agent", "id": odd})),
    "a holder": lambda house, odd: house.ask(caller=Caller(AGENT.subject, holder=odd)),
    "a principal": lambda house, odd: house.ask(caller=on_behalf_of(odd)),
    "a nonce": lambda house, odd: house.gate.redeem(approved(house), odd or "x"),
    "a grant": lambda house, odd: house.gate.redeem(odd, "n" * 32),
}


def _to(house: House, account: Any, choice: Any) -> tuple[str, Voter, Any, str]:
    request, card = asked(house)
    return request, Voter(account, by="console"), choice, card


def asked_by(house: House, account: str) -> tuple[str, Voter, str]:
    request, card = asked(house)
    return request, voter(account), card


def on_behalf_of(name: Any) -> Caller:
    return Caller({**AGENT.subject, "on_behalf_of": [{"type": "user", "id": name}]})


def approved(house: House) -> str:
    request = house.ask()
    house.approve(request, "bob", "cyd")
    return house.gate.wait(request).text


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_whatever_a_door_is_given_the_log_verifies(door: str) -> None:
    for odd in ODD:
        house = House()
        with suppress(AssentryError, TypeError, AttributeError):  # a no; or not even of the type that is written there
            DOORS[door](house, odd)
        assert verifies(house), odd
        assert ran(house).request, "and the gate goes on"


class Fickle(Mapping[str, Any]):
    """An action that is another one each time it is looked at."""

    def __init__(self, *names: str) -> None:
        self._names = iter(names)

    def __getitem__(self, key: str) -> Any:
        if key == "action":
            return {"name": next(self._names)}
        return {"resource": {"type": "table", "id": "t"}, "context": {}}[key]

    def __iter__(self) -> Iterator[str]:
        return iter(("action", "resource", "context"))

    def __len__(self) -> int:
        return 3


def test_an_action_that_changes_while_it_is_read_is_no_action() -> None:
    """Else it would be decided as an action that no tool was declared for, and reserve no effect."""
    house = House(options={"tools": [Tool("read", "data.read", schema={"properties": {"n": {"x-effect": True}}})]})
    for names in (("data.list", "data.read"), ("data.read", "data.read", "ticket.write")):
        with denied("canonical"):
            house.gate.submit(Fickle(*names))
    assert isinstance(house.gate.submit(Fickle(*["data.read"] * 5)), Permit)


def test_words_that_there_are_none_of_are_refused_by_their_code(house: House) -> None:
    request, card = asked(house)
    choice: Any = "counter"
    with rejected("word"):
        house.gate.vote(request, voter("bob"), choice, card)
    how: Any = "exploded"
    permit = ran(house)
    with denied("word"):
        house.gate.report(permit, how)
    house.gate.report(permit, "died")
    outcome: Any = "perhaps"
    with rejected("word"):
        house.gate.resolve(permit.request, voter("fay"), outcome, "a look")
    half_a_minute: Any = 0.5
    with rejected("glass"):
        house.gate.break_glass(request, voter("fay"), card, "it burns", minutes=half_a_minute)


def test_names_that_no_log_could_hold_are_nobody(house: House) -> None:
    for field, error in (("account", Rejected), ("by", Rejected), ("signature", Rejected)):
        with pytest.raises(error):
            Voter(**{"account": "bob", "by": "console", field: HALF})
    for subject in ({"type": "agent", "id": HALF}, {"type": HALF, "id": "etl-7"}, {"type": "agent", "id": ""}):
        with pytest.raises(Denied):
            Caller(subject)
    with pytest.raises(Denied):
        Caller(AGENT.subject, holder=HALF)
    with denied("subject"):
        on_behalf_of(HALF)


def test_a_caller_is_who_it_was_when_it_was_proved(house: House) -> None:
    """Else the chain that is excluded would be another than the one that people see."""
    principals: list[dict[str, str]] = [{"type": "user", "id": "bob"}]
    subject: dict[str, Any] = {"type": "agent", "id": "etl-7", "on_behalf_of": principals}
    caller = Caller(subject, holder="ann")
    principals.clear()
    subject["id"] = "mail-1"
    request = house.ask(caller=caller)
    assert house.gate.document(request)["subject"]["id"] == "etl-7"
    assert house.gate.view(request).answerers == ("cyd", "dee")


@pytest.mark.parametrize("harmless", [(KeyboardInterrupt,), ("ValueError",), (ValueError(),)])
def test_only_classes_of_exceptions_are_harmless(harmless: Any) -> None:
    with pytest.raises(GateError):
        Tool("t", "data.read", harmless=harmless)
    assert Tool("t", "data.read", harmless=[ValueError]).is_harmless(ValueError())  # type: ignore[arg-type]
