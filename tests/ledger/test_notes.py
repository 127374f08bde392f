"""Signed notes, checkpoints, receipts: written, read back, and refused when anything is amiss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assentry.errors import LedgerKey, NoteError
from assentry.ledger.checkpoint import (
    Checkpoint,
    from_line,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
    to_line,
)
from assentry.ledger.encoding import from_base64, to_base64
from assentry.ledger.merkle import leaf_hash, node_hash
from assentry.ledger.note import (
    COSIGNATURE,
    Note,
    Signer,
    cosign,
    cosignature_time,
    parse_note,
    parse_signer,
    parse_verifier,
    sign,
)
from assentry.ledger.proof import Proof, parse_proof, verify_proof

SIGNER = Signer.generate("log.example/acme")
WITNESS = Signer.generate("witness.example/w1", COSIGNATURE)
CHECKPOINT = Checkpoint("log.example/acme", 2, node_hash(leaf_hash(b"a"), leaf_hash(b"b")))


def test_keys_survive_their_texts() -> None:
    for signer in (SIGNER, WITNESS):
        again = parse_signer(signer.private_text())
        assert (again.verifier, again.kind) == (signer.verifier, signer.kind)
        assert parse_verifier(f" {signer.verifier}\n") == signer.verifier
        assert signer.private_text() not in repr(signer)
    assert SIGNER.renamed("other.example").verifier.public == SIGNER.verifier.public
    assert SIGNER.renamed("other.example").verifier.id != SIGNER.verifier.id


@pytest.mark.parametrize(
    "bend",
    [
        lambda text: text.replace("+", "", 1),
        lambda text: text.replace("log.", "lot."),
        lambda text: text[:-4],
        lambda text: f"{text}A===",
        lambda text: text.replace("log.example", "log example"),
        lambda text: "",
        lambda text: f"++{text}",
    ],
)
def test_keys_that_are_none(bend: Callable[[str], str]) -> None:
    with pytest.raises(LedgerKey):
        parse_verifier(bend(str(SIGNER.verifier)))
    with pytest.raises(LedgerKey) as caught:
        parse_signer(bend(SIGNER.private_text()))
    assert SIGNER.private_text()[-20:] not in str(caught.value)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\nb"])
def test_names_that_a_note_cannot_carry(name: str) -> None:
    with pytest.raises(LedgerKey, match="empty, or holds a blank"):
        Signer.generate(name)


@given(st.text(st.characters(min_codepoint=32, codec="utf-8"), max_size=40), st.integers(0, 3))
def test_a_note_is_read_as_it_was_written(words: str, empty: int) -> None:
    text = f"{words}{chr(10) * empty}end\n"
    note = Note(text, (sign(text, SIGNER),))
    read = parse_note(str(note).encode())
    assert read == note
    assert read.verified([SIGNER.verifier, WITNESS.verifier]) == (SIGNER.verifier,)


def test_signatures_of_others_are_ignored_and_wrong_ones_are_not() -> None:
    text = "hello\n"
    stranger = Signer.generate("stranger.example")
    both = Note(text, (sign("else\n", stranger), sign(text, SIGNER)))
    assert both.verified([SIGNER.verifier]) == (SIGNER.verifier,)
    with pytest.raises(NoteError, match="not valid for this text"):
        both.verified([SIGNER.verifier, stranger.verifier])
    with pytest.raises(NoteError, match="no signature of a trusted key"):
        both.verified([WITNESS.verifier])
    with pytest.raises(NoteError, match="no signature of a trusted key"):
        both.verified([Signer.generate(SIGNER.name).verifier])  # the name alone says nothing


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n\n\xe2\x80\x94 name AAAAAAAA",
        b"text\n\n- name AAAAAAAA\n",
        b"text\n\n\xe2\x80\x94 name AAAA\n",
        b"text\n\n\xe2\x80\x94 name !!!!\n",
        b"text\n\n\xe2\x80\x94  AAAAAAAA\n",
        b"te\txt\n\n\xe2\x80\x94 name AAAAAAAA\n",
        b"\xff\n\n\xe2\x80\x94 name AAAAAAAA\n",
        b"text\n\n" + b"\xe2\x80\x94 name AAAAAAAA\n" * 65,
    ],
)
def test_notes_that_are_none(data: bytes) -> None:
    with pytest.raises(NoteError):
        parse_note(data)


def test_base64_has_one_spelling() -> None:
    assert from_base64(to_base64(b"ab")) == b"ab"
    for text in ("YWJ=", "YWI", "YWI=\n", " YWI=", "YW I=", "Y-I=", "YWI==", "é"):
        with pytest.raises(ValueError, match="base64"):
            from_base64(text)


def test_a_checkpoint_is_read_as_it_was_written() -> None:
    signed = sign_checkpoint(CHECKPOINT, SIGNER)
    assert open_checkpoint(str(signed), [SIGNER.verifier]) == signed
    assert from_line(to_line(signed).rstrip("\n")).note == signed.note
    extended = replace(CHECKPOINT, extensions=("more",))
    assert open_checkpoint(str(sign_checkpoint(extended, SIGNER)), [SIGNER.verifier]).checkpoint == extended


@pytest.mark.parametrize(
    "text",
    [
        "origin\n1\n",
        "origin\n01\nAAAA\n",
        "origin\n-1\nAAAA\n",
        "origin\n1\nAAAA\n",
        "\n1\n" + "A" * 43 + "=\n",
        "origin\n1\n" + "A" * 43 + "=\n\nextension\n",
        "origin\n" + "9" * 30 + "\n" + "A" * 43 + "=\n",
    ],
)
def test_checkpoints_that_are_none(text: str) -> None:
    with pytest.raises(NoteError, match="not a checkpoint"):
        parse_checkpoint(str(Note(text, (sign(text, SIGNER),))))


def test_a_line_of_checkpoints_that_is_none() -> None:
    for line in ("", "a b c", "a b c d e", "a 1 AAAA AAAAAAAA"):
        with pytest.raises(NoteError):
            from_line(line)


def test_who_has_the_key_knows_what_it_signed() -> None:
    signature = SIGNER.sign(b"a head")
    assert SIGNER.has_signed(b"a head", signature)
    assert not SIGNER.has_signed(b"another", signature)
    assert not SIGNER.has_signed(b"a head", Signer.generate(SIGNER.name).sign(b"a head"))
    assert not any(SIGNER.has_signed(b"a head", wrong) for wrong in (b"", signature[:-1], signature + b"\0", bytes(64)))


def test_cosignatures_state_a_time() -> None:
    line = cosign(CHECKPOINT.text, WITNESS, 1_679_315_147)
    assert cosignature_time(line) == 1_679_315_147
    signed = sign_checkpoint(CHECKPOINT, SIGNER).with_signatures([line, line])
    assert len(signed.note.signatures) == 2
    assert set(signed.note.verified([SIGNER.verifier, WITNESS.verifier])) == {SIGNER.verifier, WITNESS.verifier}
    for wrong in (
        replace(line, signature=(1).to_bytes(8, "big") + line.signature[8:]),
        replace(line, signature=line.signature[:-1]),
        replace(line, signature=b"\xff" * 8 + line.signature[8:]),
        cosign(CHECKPOINT.text, WITNESS, 2**63),  # beyond what tlog-cosignature allows
    ):
        with pytest.raises(NoteError, match="not valid"):
            Note(CHECKPOINT.text, (wrong,)).verified([WITNESS.verifier])


PROOF = Proof(0, (leaf_hash(b"b"),), sign_checkpoint(CHECKPOINT, SIGNER))


def test_a_receipt_is_read_as_it_was_written() -> None:
    for proof in (PROOF, replace(PROOF, extra=b"a")):
        text = str(proof)
        assert str(parse_proof(text)) == text
        checked = verify_proof(text.encode(), b"a", [SIGNER.verifier])
        assert (checked.index, checked.extra) == (0, proof.extra)
        assert checked.checkpoint.keys == (SIGNER.verifier,)


@pytest.mark.parametrize(
    "bend",
    [
        lambda text: text.replace("@v1", "@v2"),
        lambda text: text.replace("index 0", "index 00"),
        lambda text: text.replace("index 0\n", ""),
        lambda text: text.replace("\n\n", "\n", 1),
        lambda text: text.replace("index 0\n", "index 0\nAAAA\n"),
        lambda text: text.replace("index 0\n", "index 0\n" + f"{'A' * 43}=\n" * 64),
        lambda text: text.replace("index 0\n", "extra ?\nindex 0\n"),
        lambda text: "",
    ],
)
def test_receipts_that_are_none(bend: Callable[[str], str]) -> None:
    with pytest.raises(NoteError, match="not a receipt"):
        parse_proof(bend(str(PROOF)))


def test_receipts_that_prove_something_else() -> None:
    text = str(PROOF)
    with pytest.raises(NoteError, match="does not prove"):
        verify_proof(text, b"b", [SIGNER.verifier])
    with pytest.raises(NoteError, match="does not prove"):
        verify_proof(text.replace("index 0", "index 1"), b"a", [SIGNER.verifier])
    with pytest.raises(NoteError, match="no signature"):
        verify_proof(text, b"a", [WITNESS.verifier])
    with pytest.raises(NoteError, match="not a receipt: not UTF-8"):
        parse_proof(b"\xff")
