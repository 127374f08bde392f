"""Canonical JSON held against a library, and what has no canonical form."""

from __future__ import annotations

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from assentry.errors import InputError
from assentry.ledger.encoding import MAX_INTEGER, canonical, canonical_text, from_decimal, from_hashes, to_base64

texts = st.text(st.characters(codec="utf-8"))
keys = st.text(st.characters(max_codepoint=0xD7FF))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_canonical_is_rfc_8785(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@given(texts)
def test_the_short_way_for_strings_is_the_same(text: str) -> None:
    assert canonical_text(text) == canonical(text)


def test_controls_quotes_and_the_last_planes() -> None:
    text = "".join(map(chr, range(0x21))) + '"\\/\x7f\u2028\ufeff\U0001f600'
    assert canonical(text) == rfc8785.dumps(text)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (1.5, "is a float"),
        ({"a": [1, {"b": 1.0}]}, r"`a\[1\].b` is a float"),
        (2**53, "integer beyond"),
        (-(2**53), "integer beyond"),
        ({"a": {1: 2}}, "`a` has a key"),
        ({"\ue000": 1}, "has a key"),
        ({"\U0001f600": 1}, "has a key"),
        ("\ud800", "surrogate"),
        (b"bytes", "is a bytes"),
        ({1, 2}, "is a set"),
    ],
)
def test_what_has_no_canonical_form(value: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        canonical(value)


def test_half_a_surrogate_pair_has_no_canonical_form() -> None:
    with pytest.raises(InputError, match="surrogate"):
        canonical_text("\udc00")


@pytest.mark.parametrize("text", ["", "00", "01", "+1", "-1", " 1", "1 ", "1_0", "\u0661", "1" * 20, "1e3"])
def test_numbers_have_one_spelling(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        from_decimal(text)
    assert (from_decimal("0"), from_decimal("9" * 19)) == (0, 10**19 - 1)


def test_hashes_of_a_proof() -> None:
    line = to_base64(bytes(32))
    assert from_hashes([line] * 63) == (bytes(32),) * 63
    for lines in ([line] * 64, [to_base64(bytes(31))], [line.rstrip("=")], [""]):
        with pytest.raises(ValueError, match=r"hash|base64"):
            from_hashes(lines)
