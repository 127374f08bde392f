"""Bodies written in parts are those that the ledger would draft."""

from __future__ import annotations

import base64

from hypothesis import given
from hypothesis import strategies as st

from assentry.approvals.codec import body
from assentry.approvals.events import EVENTS, Event, Head, Shown
from assentry.gate import bodies
from assentry.ledger.entry import Claim, Moment, Sealed, draft
from tests.gate.house import House, voter

texts = st.text(st.characters(codec="utf-8"), max_size=20)
hashes = st.binary(min_size=32, max_size=32)
seals = st.builds(Sealed, hashes, hashes, st.none() | st.just(b"x"), st.none(), st.lists(texts, max_size=3).map(tuple))
claims = st.lists(st.builds(Claim, texts, texts), max_size=3).map(tuple)
events = st.sampled_from(EVENTS).flatmap(st.from_type)


@given(events, texts, st.integers(0, 4_000_000_000_000), claims, st.none() | seals)
def test_any_event(event: Event, tenant: str, time: int, claimed: tuple[Claim, ...], sealed: Sealed | None) -> None:
    moment = Moment(time, 7, tenant)
    try:
        drafted = draft(event.kind, body(event), event.head.request, claims=claimed, sealed=sealed)(moment)
    except Exception:  # noqa: BLE001 -- what the log would not take is not the question
        return
    assert bodies.write(event, moment, claimed, sealed) == drafted


@given(texts, texts, texts)
def test_any_text(request: str, viewer: str, card: str) -> None:
    event, moment = Shown(Head(request, 0), viewer, card), Moment(0, 0, request)
    assert bodies.write(event, moment, (), None) == draft("shown", body(event), request)(moment)


def test_a_whole_story() -> None:
    house = House()
    request = house.ask(accepts_changes=True)
    card = house.card(request)
    proposed = house.gate.counter(request, voter("dee"), {"action": {"purpose": "x"}}, card, reason="better")
    house.approve(proposed, "bob", "cyd")
    house.gate.report(house.gate.redeem(house.gate.wait(proposed), "n" * 32))
    assert house.ledger is not None
    for entry in house.ledger.entries(3):
        content = entry.content
        if content["request"] is None:
            continue
        sealed = content.get("sealed")
        document = None
        if isinstance(sealed, dict):
            digest, commitment = (base64.b64decode(sealed[name]) for name in ("ciphertext", "commitment"))
            document = Sealed(digest, commitment, b"x", None, tuple(sealed["subjects"]))
        named = tuple(Claim(*name.split(":", 1)) for name in content.get("claims", ()))  # type: ignore[attr-defined]
        drafted = draft(entry.type, entry.data, entry.request, claims=named, sealed=document)
        assert drafted(Moment(entry.time, entry.index, "acme")) == entry.body
