"""What goes to a witness and comes back: the bodies of `add-checkpoint`."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from assentry.errors import NoteError
from assentry.ledger.checkpoint import SignedCheckpoint, parse_checkpoint
from assentry.ledger.encoding import from_decimal, from_hashes, to_base64

MAX_REQUEST = 256 * 1024
"""Bytes of a request: a proof, a checkpoint and room for large signatures."""

SIZE_TYPE = "text/x.tlog.size"


@dataclass(frozen=True, slots=True)
class Submission:
    """A checkpoint, and the proof that it continues the one of size `old`."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: SignedCheckpoint

    def __bytes__(self) -> bytes:
        lines = [f"old {self.old}", *(to_base64(item) for item in self.proof)]
        return ("\n".join(lines) + "\n\n" + str(self.checkpoint)).encode()


def parse_submission(data: bytes) -> Submission:
    """Read the body of a request. Raises NoteError when it is malformed."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise NoteError("not a request to a witness: not UTF-8") from error
    head, separator, note = text.partition("\n\n")
    first, *lines = head.split("\n")
    try:
        if not separator or not first.startswith("old "):
            raise ValueError("not a size")
        old = from_decimal(first[4:])
    except ValueError as error:
        raise NoteError("not a request to a witness: it does not begin with `old` and a size") from error
    try:
        proof = from_hashes(lines)
    except ValueError as error:
        raise NoteError(f"not a request to a witness: in its proof, {error}") from error
    return Submission(old, proof, parse_checkpoint(note))


def parse_size(data: bytes) -> int:
    """Read the size that a witness answers a conflict with. Raises NoteError when it is none."""
    text = data.decode("ascii", errors="replace").removesuffix("\n")
    try:
        return from_decimal(text)
    except ValueError as error:
        raise NoteError("the witness answered with a size that is none") from error


def origin_hash(origin: str) -> str:
    """What names a log in paths."""
    return sha256(origin.encode()).hexdigest()
