"""Sealed documents: opened by their own key only, and by nobody once it is destroyed."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assentry.errors import LedgerKey, SealedError
from assentry.ledger.sealing import SealingKey, parse_sealing_key

KEY = SealingKey.generate()


@given(st.binary(max_size=200))
def test_what_was_sealed_is_opened(document: bytes) -> None:
    sealed = KEY.seal("acme", document, ["p-2", "p-1"])
    assert sealed.ciphertext is not None
    assert sealed.wrapped_key is not None
    assert KEY.open("acme", sealed.ciphertext, sealed.wrapped_key, sealed.commitment) == document
    assert sealed.digest == sha256(sealed.ciphertext).digest()
    assert len(document) < 8 or document not in sealed.ciphertext
    assert sealed.reference()["subjects"] == ["p-1", "p-2"]


def test_equal_documents_do_not_look_alike() -> None:
    one, two = (KEY.seal("acme", b"yes") for _ in range(2))
    assert one.digest != two.digest
    assert one.commitment != two.commitment != sha256(b"yes").digest()


def test_anything_else_does_not_open() -> None:
    one, two = (KEY.seal("acme", text) for text in (b"one", b"two"))
    assert one.ciphertext is not None
    assert one.wrapped_key is not None
    assert two.wrapped_key is not None
    with pytest.raises(LedgerKey):
        SealingKey.generate().open("acme", one.ciphertext, one.wrapped_key, one.commitment)
    with pytest.raises(LedgerKey):
        KEY.open("acme", one.ciphertext, two.wrapped_key, one.commitment)
    with pytest.raises(LedgerKey):
        KEY.open("other", one.ciphertext, one.wrapped_key, one.commitment)
    with pytest.raises(LedgerKey):
        KEY.open("acme", one.ciphertext, b"short", one.commitment)
    with pytest.raises(SealedError, match="commits to"):
        KEY.open("acme", one.ciphertext, one.wrapped_key, two.commitment)


def test_only_digests() -> None:
    sealed = KEY.seal("acme", b"document", keep=False)
    assert (sealed.ciphertext, sealed.wrapped_key) == (None, None)
    assert sealed.reference()["stored"] is False


def test_the_key_in_its_file() -> None:
    assert parse_sealing_key(f"{KEY.private_text()}\n") == KEY
    assert repr(KEY) == "SealingKey()"
    for text in ("", "SEALING+KEY+", "SEALING+KEY+AAAA", "SEALING+KEY+????", KEY.private_text()[1:]):
        with pytest.raises(LedgerKey):
            parse_sealing_key(text)
