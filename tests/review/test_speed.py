"""Building a card takes bounded work, linear in the document however it is made.

Work is counted in calls, of Python functions and of C ones, so that nothing depends on what else the machine does.
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from assentry.review import Redactor, render
from tests.support.reviews import card, export, policy

RANDOM = Random(9)
SMALL = 1 << 16
TIMES = 4
SLACK = 1.5
"""Quadratic work takes TIMES as much again."""
FIXED = 20_000
"""Calls that do not grow with a document."""


def text(piece: str) -> Callable[[int], str]:
    return lambda size: piece * (size // len(piece))


def nested(size: int) -> list[str]:
    found = []
    for at in range(size // 400):
        data = f"some words {at}".encode() * 4
        for _ in range(6):
            data = base64.b64encode(data)
        found.append(data.decode())
    return found


WORK: dict[str, Callable[[int], Any]] = {
    "prose": text("the quick brown fox jumps over the lazy dog. "),
    "identifiers": text("customer_identifier_long other_name "),
    "random base64": lambda size: base64.b64encode(RANDOM.randbytes(size * 3 // 4)).decode(),
    "random hex": lambda size: RANDOM.randbytes(size // 2).hex(),
    "percent": text("%2541"),
    "digits": text("4111 "),
    "one letter": text("a"),
    "addresses": text("kim@customer.example, "),
    "beginnings": text("-----BEGIN PRIVATE KEY-----password=eyJ"),
    "cyrillic": text("Привет, мир "),
    "invisible": text("a\u200b"),
    "marks over letters": text("e\u0301"),
    "look-alikes": text("p\u0430y "),
    "short texts": lambda size: [f"customer {at}" for at in range(size // 20)],
    "rows": lambda size: [{"name": f"Kim {at}", "city": "Berlin", "n": at} for at in range(size // 60)],
    "names": lambda size: {f"member {at}": at for at in range(size // 20)},
    "many lists": lambda size: [["a", f"bc{at}", "def"] for at in range(size // 30)],
    "hidden values": lambda size: {"secret": [f"Person Number {at}" for at in range(size // 40)], "x": [f"nobody {at}" for at in range(size // 40)]},
    "nested encodings": lambda size: nested(size // 4),
}  # fmt: skip


def calls(work: Callable[[], object]) -> int:
    """How many functions are called."""
    found = 0

    def count(_: object, event: str, __: object) -> None:
        nonlocal found
        found += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return found


def redact(value: Any) -> Callable[[], object]:
    document = export(parameters={"a": value})
    return lambda: Redactor(policy().form.shapes).document(document)


@pytest.mark.parametrize("kind", WORK)
def test_work_grows_as_the_document_does(kind: str) -> None:
    redact(WORK[kind](1 << 10))()
    small, large = redact(WORK[kind](SMALL)), redact(WORK[kind](SMALL * TIMES))
    before, after = calls(small), calls(large)
    assert after < TIMES * SLACK * before + FIXED


HUGE = 1 << 22


@pytest.mark.parametrize("kind", WORK)
def test_more_than_a_card_can_hold_is_not_looked_through(kind: str) -> None:
    """Whoever sends the largest document there can be costs no more than one that is too large for a card."""
    value = WORK[kind](HUGE)
    assert calls(redact(value)) < SLACK * calls(redact(WORK[kind](1 << 20))) + FIXED
    assert not card(export(parameters={"a": value})).complete


def test_a_card_of_a_megabyte_is_drawn_and_printed() -> None:
    document = export(parameters={"a": WORK["prose"](1 << 20)}, query=WORK["rows"](1 << 16))
    drawn = card(document, previous=document)
    assert not drawn.complete
    assert drawn.digest
    assert len(render(drawn)) < 1 << 20
