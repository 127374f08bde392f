"""Receipts (C2SP tlog-proof): that an entry stands at an index under a signed checkpoint, in one text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assentry.errors import NoteError
from assentry.ledger.checkpoint import SignedCheckpoint, open_checkpoint, parse_checkpoint
from assentry.ledger.encoding import from_base64, from_decimal, from_hashes, to_base64
from assentry.ledger.merkle import leaf_hash, verify_inclusion
from assentry.ledger.note import Verifier

HEADER = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class Proof:
    """An inclusion proof with its checkpoint; `extra` is the entry's body where the receipt carries it."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: SignedCheckpoint
    extra: bytes | None = None

    def __str__(self) -> str:
        lines = [HEADER]
        if self.extra is not None:
            lines.append(f"extra {to_base64(self.extra)}")
        lines.append(f"index {self.index}")
        lines += [to_base64(item) for item in self.path]
        return "\n".join(lines) + "\n\n" + str(self.checkpoint)

    def proves(self, leaf: bytes) -> bool:
        """Whether the path leads from this leaf hash to the checkpoint's root; signatures are another question."""
        return verify_inclusion(self.index, self.checkpoint.size, leaf, self.path, self.checkpoint.root)


def parse_proof(data: bytes | str) -> Proof:
    """Read a receipt without checking anything in it. Raises NoteError when it is malformed."""
    try:
        text = data if isinstance(data, str) else data.decode()
    except UnicodeDecodeError as error:
        raise NoteError("not a receipt: not UTF-8") from error
    head, separator, note = text.partition("\n\n")
    lines = head.split("\n")
    if not separator or lines.pop(0) != HEADER:
        raise NoteError(f"not a receipt: it does not begin with `{HEADER}`")
    extra = _bytes(lines.pop(0)[6:], "extra data") if lines and lines[0].startswith("extra ") else None
    index = lines.pop(0)[6:] if lines and lines[0].startswith("index ") else ""
    try:
        number = from_decimal(index)
    except ValueError as error:
        raise NoteError("not a receipt: it has no index") from error
    try:
        path = from_hashes(lines)
    except ValueError as error:
        raise NoteError(f"not a receipt: in its path, {error}") from error
    return Proof(number, path, parse_checkpoint(note), extra)


def verify_proof(data: bytes | str, body: bytes, keys: Iterable[Verifier]) -> Proof:
    """Read a receipt and check all of it: a trusted key signed the checkpoint, under which `body` stands at its index.

    Raises NoteError, saying what does not hold.
    """
    proof = parse_proof(data)
    opened = open_checkpoint(str(proof.checkpoint), keys)
    if opened.origin not in {key.name for key in opened.keys}:
        raise NoteError(f"the checkpoint is of `{opened.origin}`, which is not the log of the key that signed it")
    if not proof.proves(leaf_hash(body)):
        raise NoteError(f"the receipt does not prove that this body is entry {proof.index} of `{opened.origin}`")
    return Proof(proof.index, proof.path, opened, proof.extra)


def _bytes(text: str, what: str) -> bytes:
    try:
        return from_base64(text)
    except ValueError as error:
        raise NoteError(f"not a receipt: {what} is {error}") from error
