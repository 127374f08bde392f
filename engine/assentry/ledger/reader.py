"""What can be read from a log without any private key; only sealed documents need one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Self

from assentry.errors import LedgerDamaged, LedgerError, LedgerKey, SealedError
from assentry.ledger import merkle
from assentry.ledger.backend import Backend, CheckpointRow, CosignatureRow, LogRow
from assentry.ledger.checkpoint import Checkpoint, SignedCheckpoint
from assentry.ledger.encoding import from_base64
from assentry.ledger.entry import Claim, Entry
from assentry.ledger.note import Note, Signature, Verifier, parse_verifier
from assentry.ledger.plan import unpack
from assentry.ledger.proof import Proof
from assentry.ledger.sealing import SealingKey
from assentry.ledger.store import Head
from assentry.ledger.tree import node_reader


class Reader:
    """The reading half of the promise in store.py."""

    def __init__(self, backend: Backend, *, sealing: SealingKey | None = None) -> None:
        self._backend = backend
        self._sealing = sealing
        row = backend.log()
        self._tenant = row.tenant
        self._development = row.development
        self._documents = row.documents

    @property
    def tenant(self) -> str:
        return self._tenant

    @property
    def development(self) -> bool:
        return self._development

    @property
    def backend(self) -> Backend:
        """The rows below, for verification."""
        return self._backend

    def head(self) -> Head:
        return head_of(self._backend.log())

    # ---- entries ----

    def entry(self, index: int) -> Entry:
        for idx, _, body, _ in self._backend.entries(index, index + 1):
            return Entry(idx, body)
        size = self._backend.log().size
        if not 0 <= index < size:
            raise IndexError(f"there is no entry {index}: the log has {size:,}")
        raise LedgerError(f"the body of entry {index} is gone: it was pruned")

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[Entry]:
        last = self._backend.log().size if stop is None else stop
        for idx, _, body, _ in self._backend.entries(max(start, 0), last):
            yield Entry(idx, body)

    def request_entries(self, request: str) -> list[Entry]:
        return [Entry(idx, body) for idx, _, body, _ in self._backend.request_entries(request)]

    def last(self, request: str) -> int:
        return self._backend.last_of(request)

    def claimed(self, claim: Claim) -> int | None:
        return self._backend.claim(claim.name)

    # ---- proofs ----

    def prove_inclusion(self, index: int, size: int) -> list[bytes]:
        self._within(size)
        return merkle.prove_inclusion(index, size, node_reader(self._backend))

    def prove_consistency(self, old: int, new: int) -> list[bytes]:
        self._within(new)
        return merkle.prove_consistency(old, new, node_reader(self._backend))

    def _within(self, size: int) -> None:
        actual = self._backend.log().size
        if size > actual:
            raise ValueError(f"the log has {actual:,} entries, not {size:,}")

    def root(self, size: int) -> bytes:
        """The root over the first `size` entries. Raises ValueError when there are fewer."""
        self._within(size)
        return merkle.range_root(0, size, node_reader(self._backend)) if size else merkle.EMPTY_ROOT

    def checkpoint(self, size: int | None = None) -> SignedCheckpoint:
        row = self._backend.checkpoint(size)
        if row is None:
            raise LedgerDamaged(
                "the log has no checkpoint" if size is None else f"no checkpoint covers {size:,} entries"
            )
        signed = signed_checkpoint(row)
        return signed.with_signatures(
            Signature(line.name, line.key_id, line.signature) for line in self._backend.cosignatures(row.size)
        )

    def receipt(self, index: int) -> Proof:
        checkpoint = self.checkpoint()
        if not 0 <= index < checkpoint.size:
            raise IndexError(f"there is no entry {index}: the log has {checkpoint.size:,}")
        try:
            return Proof(index, tuple(self.prove_inclusion(index, checkpoint.size)), checkpoint)
        except ValueError as error:
            raise LedgerDamaged(f"the head and the newest checkpoint disagree: {error}") from error

    def cosign(self, size: int, lines: Sequence[Signature]) -> None:
        self._backend.add_cosignatures([CosignatureRow(size, line.name, line.id, line.signature) for line in lines])

    # ---- documents ----

    def unseal(self, index: int) -> bytes:
        if self._sealing is None:
            raise LedgerKey("the ledger was opened without its sealing key")
        reference = self.entry(index).content.get("sealed")
        if not isinstance(reference, dict):
            raise SealedError(f"entry {index} has no sealed document")
        row = self._backend.document(index)
        if row is None or row.ciphertext is None or row.wrapped_key is None:
            raise SealedError(f"the document of entry {index} is {'erased' if reference.get('stored') else 'not kept'}")
        try:
            commitment = from_base64(str(reference.get("commitment")))
        except ValueError as error:
            raise SealedError(f"entry {index} does not say what its document is: {error}") from error
        return self._sealing.open(self._tenant, row.ciphertext, row.wrapped_key, commitment)

    def close(self) -> None:
        self._backend.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def head_of(row: LogRow) -> Head:
    """The public view of a head's row."""
    return Head(
        tenant=row.tenant,
        origin=row.origin,
        size=row.size,
        root=row.root or unpack(row).root(),
        time=row.time,
        policy=row.policy,
        development=row.development,
        epoch=row.epoch,
        key=key_of(row.key),
        pruned=row.pruned,
    )


def key_of(text: str) -> Verifier:
    """A verifier key that the database holds. Raises LedgerDamaged when it is none."""
    try:
        return parse_verifier(text)
    except LedgerKey as error:
        raise LedgerDamaged(f"the database holds a key that is none: {error}") from error


def signed_checkpoint(row: CheckpointRow) -> SignedCheckpoint:
    """The checkpoint of a row, as a note; the key's name is the origin."""
    key = key_of(row.key)
    checkpoint = Checkpoint(key.name, row.size, row.root)
    return SignedCheckpoint(checkpoint, Note(checkpoint.text, (Signature(key.name, key.id, row.signature),)))
