"""A witness: it cosigns a checkpoint only if that continues the newest one it knows."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assentry.errors import LedgerKey, NoteError
from assentry.ledger.merkle import EMPTY_ROOT, verify_consistency
from assentry.ledger.note import COSIGNATURE, Signature, Signer, Verifier, cosign
from assentry.ledger.witness.store import FileStore
from assentry.ledger.witness.wire import SIZE_TYPE, Submission, parse_submission


class Declined(Exception):
    """A submission that is not cosigned; `status` is HTTP's, as tlog-witness gives it."""

    def __init__(self, status: int, message: str, content_type: str = "text/plain; charset=utf-8") -> None:
        self.status = status
        self.content_type = content_type
        super().__init__(message)


@dataclass(frozen=True)
class Witness:
    """Its key, the logs it watches and what it remembers of them."""

    signer: Signer
    logs: Sequence[Verifier]
    store: FileStore
    now: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        if self.signer.kind != COSIGNATURE:
            raise LedgerKey("a witness needs a cosignature key")

    def add_checkpoint(self, data: bytes) -> Signature:
        """Judge the body of a request, and cosign. Raises Declined, or LedgerUnavailable when it cannot remember."""
        try:
            submission = parse_submission(data)
        except NoteError as error:
            raise Declined(400, str(error)) from error
        checkpoint = submission.checkpoint
        keys = [key for key in self.logs if key.name == checkpoint.origin]
        if not keys:
            raise Declined(404, "the log is not one of those watched here")
        try:
            checkpoint.note.verified(keys)
        except NoteError as error:
            raise Declined(403, str(error)) from error
        if submission.old > checkpoint.size:
            raise Declined(400, "the old size is beyond the checkpoint")
        with self.store.locked():
            self._continues(submission)
            line = cosign(checkpoint.note.text, self.signer, int(self.now()))
            own = [known for known in checkpoint.note.signatures if any(known.id == key.id for key in keys)]
            kept = type(checkpoint)(checkpoint.checkpoint, type(checkpoint.note)(checkpoint.note.text, tuple(own)))
            self.store.replace(kept.with_signatures([line]))
        return line

    def _continues(self, submission: Submission) -> None:
        new = submission.checkpoint
        known = self.store.newest(new.origin)
        size, root = (0, EMPTY_ROOT) if known is None else (known.size, known.root)
        if submission.old != size:
            raise Declined(409, f"{size}\n", SIZE_TYPE)
        if new.size == 0 and new.root != EMPTY_ROOT:
            raise Declined(422, "a log without entries has the root of the empty tree")
        if size == 0:
            if submission.proof:
                raise Declined(422, "the first checkpoint needs no proof")
        elif not verify_consistency(size, new.size, submission.proof, root, new.root):
            raise Declined(422, "the checkpoint does not continue the one that was cosigned before")
