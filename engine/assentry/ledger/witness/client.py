"""Asking witnesses for cosignatures, and holding a log to what they saw."""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from assentry.errors import LedgerError, LedgerForked, LedgerUnavailable, NoteError
from assentry.ledger.checkpoint import SignedCheckpoint, open_checkpoint
from assentry.ledger.note import Signature, Verifier, parse_signatures
from assentry.ledger.reader import Reader
from assentry.ledger.witness.judge import Declined, Witness
from assentry.ledger.witness.wire import MAX_REQUEST, Submission, origin_hash, parse_size


class Remote(Protocol):
    """A witness as its client sees it."""

    @property
    def key(self) -> Verifier: ...

    def submit(self, submission: Submission) -> list[Signature]:
        """The signature lines it answers with. Raises Declined, or LedgerUnavailable."""
        ...

    def newest(self, origin: str) -> SignedCheckpoint | None:
        """The newest checkpoint that it cosigned. Raises LedgerUnavailable, or NoteError when it is malformed."""
        ...


@dataclass(frozen=True)
class Local:
    """A witness in this process, over a folder."""

    witness: Witness

    @property
    def key(self) -> Verifier:
        return self.witness.signer.verifier

    def submit(self, submission: Submission) -> list[Signature]:
        return [self.witness.add_checkpoint(bytes(submission))]

    def newest(self, origin: str) -> SignedCheckpoint | None:
        return self.witness.store.newest(origin)


@dataclass(frozen=True)
class Http:
    """A witness behind HTTP(S); `url` is both prefixes of tlog-witness."""

    url: str
    key: Verifier
    timeout: float = 10.0

    def submit(self, submission: Submission) -> list[Signature]:
        status, data, content_type = self._ask("POST", "/add-checkpoint", bytes(submission))
        if status != 200:
            raise Declined(status, data.decode(errors="replace").strip()[:200], content_type)
        return list(parse_signatures(data.decode(errors="replace")))

    def newest(self, origin: str) -> SignedCheckpoint | None:
        status, data, _ = self._ask("GET", f"/{origin_hash(origin)}/checkpoint", None)
        if status == 404:
            return None
        if status != 200:
            raise LedgerUnavailable(f"the witness at `{self.url}` answers with status {status}")
        return open_checkpoint(data, [self.key])

    def _ask(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes, str]:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise LedgerError(f"`{self.url}` is not the address of a witness")
        make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = make(parts.hostname, parts.port, timeout=self.timeout)
        try:
            connection.request(method, parts.path.rstrip("/") + path, body)
            response = connection.getresponse()
            data = response.read(MAX_REQUEST)
        except (OSError, http.client.HTTPException) as error:
            raise LedgerUnavailable(f"the witness at `{self.url}` does not answer: {error}") from error
        finally:
            connection.close()
        return response.status, data, response.headers.get("Content-Type", "")


def witnessed(log: Reader, remote: Remote) -> SignedCheckpoint:
    """Have the newest checkpoint cosigned, keep the cosignature, and return the checkpoint with it.

    Raises LedgerForked when the witness has seen another history, or more of this one; LedgerUnavailable when it
    cannot be reached; LedgerError when it declines for another reason.
    """
    checkpoint = log.checkpoint()
    known = [size for size in log.backend.cosigned() if size <= checkpoint.size]
    old = known[-1] if known else 0
    for _ in range(3):  # twice when it tells us what it knows, once more for a race
        proof = tuple(log.prove_consistency(old, checkpoint.size)) if old else ()
        try:
            lines = remote.submit(Submission(old, proof, checkpoint))
        except Declined as declined:
            old = _told(declined, remote.key.name, checkpoint.size)
            continue
        return _kept(log, checkpoint, remote.key, lines)
    raise LedgerUnavailable(f"the witness `{remote.key.name}` changes its mind faster than we can follow")


def _told(declined: Declined, name: str, size: int) -> int:
    """The size that a witness knows, from its refusal."""
    if declined.status == 422:
        raise LedgerForked(f"the witness `{name}` has seen another history: {declined}") from declined
    if declined.status != 409:
        raise LedgerError(f"the witness `{name}` declines ({declined.status}): {declined}") from declined
    known = parse_size(str(declined).encode())
    if known > size:
        raise LedgerForked(
            f"the witness `{name}` has seen {known:,} entries, here are {size:,}: "
            "a restored log goes on only under a new origin"
        ) from declined
    return known


def _kept(log: Reader, checkpoint: SignedCheckpoint, key: Verifier, lines: list[Signature]) -> SignedCheckpoint:
    own = [line for line in lines if (line.name, line.id) == (key.name, key.id)]
    valid = [line for line in own if key.verify_text(checkpoint.note.text, line.signature)]
    if not valid:
        raise NoteError(f"the witness `{key.name}` answered without a valid cosignature of its own")
    log.cosign(checkpoint.size, valid)
    return checkpoint.with_signatures(valid)


def guard(log: Reader, remote: Remote) -> None:
    """Hold a log to what a witness saw, before anything is appended to it: a restored one must not go on.

    Raises LedgerForked.
    """
    head = log.head()
    seen = remote.newest(head.origin)
    if seen is None:
        return
    if seen.size > head.size:
        _told(Declined(409, str(seen.size)), remote.key.name, head.size)
    if log.root(seen.size) != seen.root:
        raise LedgerForked(f"the witness `{remote.key.name}` has seen another history at size {seen.size:,}")
