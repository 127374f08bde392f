"""No planted secret is in the log, in an error, a number, in what is logged or told to channels: each kind, in places."""

from __future__ import annotations

import logging
from random import Random
from typing import Any

import pytest

from assentry.errors import AssentryError, Denied
from assentry.gate import Tool
from tests.gate.house import House, denied, voter
from tests.support.canaries import Canary, base, canaries, leaks, planted, planted_elsewhere

CANARIES = canaries(Random(20261121))
EVERY = pytest.mark.parametrize("canary", CANARIES, ids=[canary.kind for canary in CANARIES])
PLACES = (
    ("action", "reason"),
    ("action", "destination", "host"),
    ("action", "parameters", "nested", 0, "a", 1, "b"),
    ("resource", "id"),
    ("context", "user_agent"),
)


def documents(canary: Canary) -> list[dict[str, Any]]:
    found = [planted(place, canary.text) for place in PLACES]
    return [*found, *(document for _, document in planted_elsewhere(canary.text))]


@EVERY
def test_a_whole_life_leaves_it_in_no_body_and_no_log(canary: Canary, caplog: pytest.LogCaptureFixture) -> None:
    house = House()
    said: list[str] = []
    with caplog.at_level(logging.DEBUG):
        for document in documents(canary):
            request = house.ask(document)
            card = house.card(request)
            said.append(str(house.gate.view(request)))
            with pytest.raises(AssentryError) as caught:
                house.gate.vote(request, voter("ann"), "approve", card, reason=canary.text)
            said.append(str(caught.value))
            house.approve(request, "bob", "cyd")
            permit = house.gate.redeem(house.gate.wait(request), "n" * 32)
            house.gate.report(permit, "raised", error="ValueError")
            said.append(repr(permit))
    assert not leaks(house.bodies().decode(), canary)
    assert not leaks(house.gate.metrics().text, canary)
    assert not leaks("\n".join(said), canary)
    assert not leaks(caplog.text, canary)


@EVERY
def test_neither_does_what_an_action_depends_on(canary: Canary) -> None:
    tool = Tool("export", "data.export", preconditions=lambda document: {"HEAD": canary.text})
    house = House(options={"tools": [tool]})
    request = house.ask()
    house.approve(request, "bob", "cyd")
    grant = house.gate.wait(request)
    house.gate.redeem(grant, "n" * 32)
    assert not leaks(house.bodies().decode(), canary)
    assert not leaks(house.gate.metrics().text, canary)
    assert not leaks(str(dict(grant.content)), canary)


@EVERY
def test_neither_does_what_is_denied(canary: Canary) -> None:
    house = House()
    said: list[str] = []
    for document in documents(canary):
        document["resource"]["labels"] = ["secret"]
        with denied("denied") as caught:
            house.gate.submit(document)
        said += [str(caught.value), repr(caught.value)]
    assert not leaks(house.bodies().decode(), canary)
    assert not leaks(house.gate.metrics().text, canary)
    assert not leaks("\n".join(said), canary)


@EVERY
def test_neither_does_what_a_guarded_function_raises(canary: Canary, caplog: pytest.LogCaptureFixture) -> None:
    house = House()

    @house.gate.guard("data.read", resource={"type": "table", "id": "t"})
    def read(text: str) -> None:
        raise RuntimeError(f"it failed with {text}")

    with caplog.at_level(logging.DEBUG), pytest.raises(RuntimeError):
        read(canary.text)
    assert not leaks(house.bodies().decode(), canary)
    assert not leaks(house.gate.metrics().text, canary)
    assert not leaks(caplog.text, canary)


@EVERY
def test_what_is_refused_before_it_is_decided_says_none(canary: Canary) -> None:
    house = House()
    document = base()
    document["action"]["parameters"] = {"text": {canary.text: 2**60}}
    with pytest.raises(Denied) as caught:
        house.gate.submit(document)
    assert not leaks(house.bodies().decode(), canary)
    assert not leaks(house.gate.metrics().text, canary)
    assert not leaks(str(caught.value), canary)
    assert caught.value.code == "canonical"
