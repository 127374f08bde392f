"""What goes to a witness and comes back: the bodies of `add-checkpoint`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from assentry.errors import NoteError
from assentry.ledger.checkpoint import SignedCheckpoint, parse_checkpoint
from assentry.ledger.encoding import from_base64, to_base64

MAX_PROOF = 63
MAX_REQUEST = 256 * 1024
"""Bytes of a request: a proof, a checkpoint and room for large signatures."""

SIZE_TYPE = "text/x.tlog.size"

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


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
    if not separator or not first.startswith("old ") or not _SIZE.fullmatch(first[4:]):
        raise NoteError("not a request to a witness: it does not begin with `old` and a size")
    return Submission(int(first[4:]), parse_hashes(lines), parse_checkpoint(note))


def parse_hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    """Read the hashes of a proof. Raises NoteError when one is malformed, or there are too many."""
    if len(lines) > MAX_PROOF:
        raise NoteError(f"a proof of {len(lines)} hashes: at most {MAX_PROOF} are sent")
    try:
        hashes = tuple(from_base64(line) for line in lines)
    except ValueError as error:
        raise NoteError(f"a hash of the proof is {error}") from error
    if any(len(item) != 32 for item in hashes):
        raise NoteError("a hash of the proof is not of 32 bytes")
    return hashes


def parse_size(data: bytes) -> int:
    """Read the size that a witness answers a conflict with. Raises NoteError when it is none."""
    text = data.decode("ascii", errors="replace").removesuffix("\n")
    if not _SIZE.fullmatch(text):
        raise NoteError("the witness answered with a size that is none")
    return int(text)


def origin_hash(origin: str) -> str:
    """What names a log in paths."""
    return sha256(origin.encode()).hexdigest()
