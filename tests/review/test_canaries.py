"""No planted secret is on any card, in no form: each kind, in each place, in each encoding."""

from __future__ import annotations

import logging
from random import Random

import pytest

from assentry.approvals.request import Chain
from assentry.review import Redactor, Viewer
from assentry.review.detectors import scan
from tests.support.canaries import ENCODINGS, Canary, base, canaries, leaks, places, planted, planted_elsewhere
from tests.support.reviews import CHAIN, card, everything, policy

CANARIES = canaries(Random(20261120))
SHOWN_IDENTITIES = {"IBAN", "e-mail address"}
"""What is personal and no secret: somebody of the chain may be known by it, and is named."""
KINDS = [canary.kind for canary in CANARIES]
EVERY = pytest.mark.parametrize("canary", CANARIES, ids=KINDS)


@EVERY
def test_in_every_place(canary: Canary) -> None:
    assert not [place for place in places() if leaks(everything(card(planted(place, canary.text))), canary)]


@EVERY
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_in_every_encoding(canary: Canary, encoding: str) -> None:
    document = planted(("action", "parameters", "nested", 0, "a", 1, "b"), ENCODINGS[encoding](canary.text))
    assert not leaks(everything(card(document)), canary)


@EVERY
def test_as_a_name_deep_below_cut_in_pieces_and_twice(canary: Canary) -> None:
    assert not [name for name, document in planted_elsewhere(canary.text) if leaks(everything(card(document)), canary)]


@EVERY
def test_in_the_earlier_action(canary: Canary) -> None:
    for place in (("action", "query"), ("resource", "id"), ("action", "parameters", "nested", 0, "a", 0)):
        assert not leaks(everything(card(base(), previous=planted(place, canary.text))), canary), place


@pytest.mark.parametrize("canary", [each for each in CANARIES if each.kind not in SHOWN_IDENTITIES], ids=str)
def test_in_who_asks_and_in_the_requests_own_name(canary: Canary) -> None:
    document = planted(("subject", "id"), canary.text)
    drawn = card(document, chain=Chain(canary.text, "dana", (canary.text,)), request=canary.text)
    assert not leaks(everything(drawn), canary)


@EVERY
def test_what_the_schema_or_a_rule_hides_is_hidden_in_the_agents_words_too(canary: Canary) -> None:
    for hiding in ("sample", "message"):
        document = base()
        document["action"][hiding] = {"body": f"it is {canary.secret}"} if hiding == "message" else [canary.secret]
        document["action"]["reason"] = f"since {canary.secret} says so"
        hidden = card(document)
        told = "\n".join(hidden.words.lines) if hidden.words else ""
        if hiding == "sample":
            assert not leaks(everything(hidden), canary)
        else:
            assert f"it is {canary.secret}" not in everything(hidden)
            assert told


@EVERY
def test_nothing_is_logged_and_nothing_raised_says_it(canary: Canary, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for document in ({canary.text: canary.text}, {"action": canary.text}, {"action": {"name": [canary.text]}}):
            assert not leaks(everything(card(document)), canary)
    assert not caplog.records
    with pytest.raises(ValueError, match="nobody sees others") as caught:
        Viewer(frozenset({canary.text}))
    assert not leaks(str(caught.value), canary)


@EVERY
def test_in_one_text_alone(canary: Canary) -> None:
    redactor = Redactor(policy().form.shapes, known=CHAIN.names)
    assert not leaks(redactor.text(f"it failed: {canary.text}!"), canary)


@EVERY
def test_a_viewer_who_may_see_all_there_is_sees_no_secret(canary: Canary) -> None:
    everybody = Viewer(frozenset({"personal", "proprietary"}))
    shown = leaks(everything(card(planted(("action", "query"), canary.text), everybody)), canary)
    assert bool(shown) == (canary.kind in SHOWN_IDENTITIES)


def test_what_a_card_says_is_found_no_secret_in() -> None:
    for canary in CANARIES:
        for line in everything(card(planted(("action", "query"), canary.text))).splitlines():
            assert canary.secret not in line
            assert all(
                each.cls == "personal" or canary.secret not in line[each.start : each.end] for each in scan(line)
            )


@pytest.mark.parametrize("seed", range(40))
def test_other_secrets_of_these_kinds(seed: int) -> None:
    random = Random(seed)
    for canary in canaries(random):
        encoding = random.choice(sorted(ENCODINGS))
        place = random.choice(list(places()))
        assert not leaks(everything(card(planted(place, ENCODINGS[encoding](canary.text)))), canary), (encoding, place)
