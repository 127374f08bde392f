"""What is starred out in a text for logs and terminals."""

from __future__ import annotations

from random import Random

import pytest

from assentry.review.masking import masked
from tests.support.canaries import Canary, canaries, leaks


@pytest.mark.parametrize("canary", canaries(Random(20261122)), ids=lambda canary: str(canary.kind))
def test_nothing_of_a_secret_stays_and_nothing_moves(canary: Canary) -> None:
    text = f"before {canary.text} after\nand the next line"
    found = masked(text)
    assert not leaks(found, canary)
    assert [len(line) for line in found.split("\n")] == [len(line) for line in text.split("\n")]
    assert found.startswith("before ")
    assert found.endswith("and the next line")


def test_what_is_no_secret_stays() -> None:
    assert masked("requests.post(url, json=body)\n") == "requests.post(url, json=body)\n"
