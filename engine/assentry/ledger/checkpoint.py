"""Checkpoints (C2SP tlog-checkpoint): a log's origin, size and root, signed as a note."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assentry.errors import NoteError
from assentry.ledger.encoding import from_base64, from_decimal, to_base64
from assentry.ledger.note import Note, Signature, Signer, Verifier, parse_note, sign


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: `root` is that of RFC 6962 over its first `size` entries."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()
    """Lines that other logs add; ours have none."""

    @property
    def text(self) -> str:
        """The text that is signed."""
        lines = (self.origin, str(self.size), to_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint with the note it stands in; `keys` are the trusted keys that signed it."""

    checkpoint: Checkpoint
    note: Note
    keys: tuple[Verifier, ...] = ()

    @property
    def size(self) -> int:
        return self.checkpoint.size

    @property
    def root(self) -> bytes:
        return self.checkpoint.root

    @property
    def origin(self) -> str:
        return self.checkpoint.origin

    def __str__(self) -> str:
        return str(self.note)

    def with_signatures(self, lines: Iterable[Signature]) -> SignedCheckpoint:
        """The same with more signature lines, those it has not yet."""
        more = tuple(line for line in dict.fromkeys(lines) if line not in self.note.signatures)
        return SignedCheckpoint(self.checkpoint, Note(self.note.text, self.note.signatures + more), self.keys)


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> SignedCheckpoint:
    """Sign a checkpoint with the log's key."""
    return SignedCheckpoint(checkpoint, Note(checkpoint.text, (sign(checkpoint.text, signer),)), (signer.verifier,))


def parse_text(text: str) -> Checkpoint:
    """Read a checkpoint's text. Raises NoteError for anything else."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise NoteError("not a checkpoint: expected an origin, a size and a root, a line each")
    origin, size, root = lines[:3]
    try:
        number = from_decimal(size)
    except ValueError as error:
        raise NoteError(f"not a checkpoint: `{size[:20]}` is not a size") from error
    try:
        raw = from_base64(root)
    except ValueError as error:
        raise NoteError(f"not a checkpoint: the root is {error}") from error
    if len(raw) != 32:
        raise NoteError("not a checkpoint: the root is not of 32 bytes")
    return Checkpoint(origin, number, raw, tuple(lines[3:-1]))


def parse_checkpoint(data: bytes | str) -> SignedCheckpoint:
    """Read a checkpoint without looking at its signatures. Raises NoteError when it is malformed."""
    note = parse_note(data)
    return SignedCheckpoint(parse_text(note.text), note)


def open_checkpoint(data: bytes | str, keys: Iterable[Verifier]) -> SignedCheckpoint:
    """Read a checkpoint that a trusted key signed.

    Raises NoteError when it is malformed, a known key's signature is wrong, or no known key signed.
    """
    read = parse_checkpoint(data)
    return SignedCheckpoint(read.checkpoint, read.note, read.note.verified(keys))


# ---- many checkpoints in one file ----


def to_line(signed: SignedCheckpoint) -> str:
    """A checkpoint of one log's key in one line: origin, size, root, and key id with signature."""
    checkpoint, line = signed.checkpoint, signed.note.signatures[0]
    return f"{checkpoint.origin} {checkpoint.size} {to_base64(checkpoint.root)} {to_base64(line.id + line.signature)}\n"


def from_line(line: str) -> SignedCheckpoint:
    """Read such a line, without its newline. Raises NoteError when it is malformed; the signature is not checked."""
    parts = line.split(" ")
    if len(parts) != 4:
        raise NoteError("not a line of checkpoints")
    origin, size, root, signature = parts
    return parse_checkpoint(f"{origin}\n{size}\n{root}\n\n\u2014 {origin} {signature}\n")
