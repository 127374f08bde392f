"""Building a card takes bounded work: a document of a megabyte well under a second, however it is made."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from assentry.review import Redactor, render
from tests.support.reviews import card, export, policy

RANDOM = Random(9)
MEGABYTE = 1 << 20
LIMIT = 5.0  # seconds of CPU, with room for a core that others share


def long_text(piece: str) -> str:
    return piece * (MEGABYTE // len(piece))


WORK: dict[str, Callable[[], Any]] = {
    "prose": lambda: long_text("the quick brown fox jumps over the lazy dog. "),
    "identifiers": lambda: long_text("customer_identifier_long other_name "),
    "random base64": lambda: base64.b64encode(RANDOM.randbytes(MEGABYTE * 3 // 4)).decode(),
    "random hex": lambda: RANDOM.randbytes(MEGABYTE // 2).hex(),
    "percent": lambda: long_text("%2541"),
    "digits": lambda: long_text("4111 "),
    "one letter": lambda: "a" * MEGABYTE,
    "addresses": lambda: long_text("kim@customer.example, "),
    "beginnings": lambda: long_text("-----BEGIN PRIVATE KEY-----password=eyJ"),
    "cyrillic": lambda: long_text("Привет, мир "),
    "invisible": lambda: long_text("a\u200b"),
    "marks over letters": lambda: long_text("e\u0301"),
    "look-alikes": lambda: long_text("p\u0430y "),
    "short texts": lambda: [f"customer {at}" for at in range(MEGABYTE // 20)],
    "rows": lambda: [{"name": f"Kim {at}", "city": "Berlin", "n": at} for at in range(MEGABYTE // 60)],
    "names": lambda: {f"member {at}": at for at in range(MEGABYTE // 20)},
    "nested encodings": lambda: [_nested(at) for at in range(MEGABYTE // 400)],
    "many lists": lambda: [["a", "bc", "def"] for _ in range(MEGABYTE // 30)],
}


def _nested(at: int) -> str:
    data = f"some words {at}".encode() * 4
    for _ in range(6):
        data = base64.b64encode(data)
    return data.decode()


@pytest.mark.parametrize("kind", WORK)
def test_a_megabyte_is_redacted_in_bounded_time(kind: str) -> None:
    document = export(parameters={"a": WORK[kind]()})
    start = time.process_time()
    Redactor(policy().form.shapes).document(document)
    # What is quadratic in anything takes minutes.
    assert time.process_time() - start < LIMIT


def test_many_hidden_values_are_looked_for_in_many_texts() -> None:
    sample = [f"Person Number {at}" for at in range(15_000)]
    document = export(sample=sample, parameters={"a": [f"about nobody {at}" for at in range(15_000)]})
    start = time.process_time()
    result = Redactor(policy().form.shapes).document(document)
    assert time.process_time() - start < LIMIT
    assert not result.unread


def test_a_card_of_a_megabyte_is_drawn_and_printed() -> None:
    document = export(parameters={"a": WORK["prose"]()}, query=WORK["rows"]())
    start = time.process_time()
    drawn = card(document, previous=document)
    assert not drawn.complete
    assert drawn.digest
    assert render(drawn)
    assert time.process_time() - start < LIMIT
