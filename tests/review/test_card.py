"""The card as data: canonical, digested, checked by its schema, and read back."""

from __future__ import annotations

import copy
import hashlib
import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from assentry import schemas
from assentry.errors import InputError
from assentry.review import Card, Viewer
from tests.review.test_redaction import DOCUMENTS, reordered
from tests.support.reviews import BUSY, SALT, card, export, review

SCHEMA = Draft202012Validator(json.loads(schemas.text("card")), format_checker=Draft202012Validator.FORMAT_CHECKER)
FULL = card(
    export(query="drop\ntable", sample=[1], fields=["p\u0430y", "\u202e"]),
    previous=export(rows=1),
    marks=("development",),
)


def test_a_card_is_what_its_schema_says() -> None:
    SCHEMA.validate(FULL.to_dict())
    SCHEMA.validate(card({"action": {}}).to_dict())


@BUSY
@given(DOCUMENTS, DOCUMENTS)
def test_the_card_of_anything_is_what_its_schema_says(value: Any, other: Any) -> None:
    document = export(parameters={"a": value}, reason=other, purpose=value)
    document["resource"]["id"] = other
    SCHEMA.validate(card(document, previous=export(parameters=other)).to_dict())


def test_the_schema_takes_no_line_that_hides_something() -> None:
    for text in ("a\nb", "a\x1b", "a\u202e", "a\u200b", "a\ufeff", "a\x85"):
        assert not SCHEMA.is_valid({**FULL.to_dict(), "action": text})
    assert not SCHEMA.is_valid({**FULL.to_dict(), "surprise": 1})


def test_the_digest_is_of_the_canonical_bytes() -> None:
    assert FULL.canonical == rfc8785.dumps(FULL.to_dict())
    assert FULL.digest == "sha256:" + hashlib.sha256(FULL.canonical).hexdigest()
    assert json.loads(FULL.canonical) == FULL.to_dict()


def test_a_card_is_read_back_as_it_was() -> None:
    again = Card.from_dict(json.loads(FULL.canonical))
    assert again == FULL
    assert again.digest == FULL.digest


def spoilt() -> list[Any]:
    plain = FULL.to_dict()
    found: list[Any] = [
        {},
        {**plain, "version": 2},
        {**plain, "surprise": 1},
        {**plain, "risk": "0"},
        {**plain, "risk": True},
    ]
    found += [{name: value for name, value in plain.items() if name != missing} for missing in plain]
    found += [
        {**plain, "rules": "x"},
        {**plain, "who": None},
        {**plain, "who": []},
        {**plain, "fields": [{}]},
        {**plain, "words": 1},
    ]
    deeper = copy.deepcopy(plain)
    deeper["seats"][0]["selector"] = "anybody"
    return [*found, deeper]


@pytest.mark.parametrize("data", spoilt())
def test_what_is_no_card_is_refused_without_saying_what_it_holds(data: Any) -> None:
    with pytest.raises(InputError, match=r"^no card of version 1$"):
        Card.from_dict(data)


@BUSY
@given(DOCUMENTS)
def test_the_order_of_members_does_not_change_the_digest(value: Any) -> None:
    document = export(parameters={"a": value, "b": {"y": 1, "x": 2}})
    assert card(document).digest == card(reordered(document)).digest


def test_another_card_has_another_digest() -> None:
    one = card(export())
    others = [
        card(export(rows=48211)),
        card(export(reason="another")),
        card(export(), request="q2"),
        card(export(), deadline=1),
        card(export(), salt="1" * 32),
        card(export(), marks=("development",)),
        card(export(), previous=export()),
        card(export(), Viewer(frozenset())),
    ]
    assert len({one.digest, *(each.digest for each in others)}) == len(others) + 1


def test_the_salt_is_drawn_anew_when_none_is_given() -> None:
    one, two = card(salt=None), card(salt=None)
    assert one.salt != two.salt
    assert len(bytes.fromhex(one.salt)) == 16
    assert one.digest != two.digest
    assert card().salt == SALT


def test_a_card_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        FULL.risk = 0  # type: ignore[misc]


@BUSY
@given(st.text(st.characters(), max_size=30))
def test_no_text_is_on_a_card_but_visibly(text: str) -> None:
    drawn = card(
        export(reason=text, purpose=text, parameters={text: [text]}), request=text or "q", previous_status=text
    )
    for line in _texts(drawn.to_dict()):
        assert line.isprintable()


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for each in below for text in _texts(each)]


def test_a_review_is_made_of_names() -> None:
    assert review().request == "q1"
