"""The promise: what a ledger does, whatever it stands on.

`append` is the one write. When it returns, its receipts are durable; what it could not append left no trace and took
no index. Indices are dense from 0. Entries are never changed; time, which is the ledger's own, never goes back. Many
threads and many processes may append at once; what they append stands in one order, and every commit is signed.
Entry 0 says under which origin, key and mode the log was opened.

One suite in tests/contracts holds every ledger to it: in memory, in SQLite, in PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from assentry.ledger.checkpoint import SignedCheckpoint
from assentry.ledger.entry import Claim, Conflict, Entry, Item, Moment, Receipt, Sealed
from assentry.ledger.holds import Hold
from assentry.ledger.note import Signature, Signer, Verifier
from assentry.ledger.proof import Proof


@dataclass(frozen=True, slots=True)
class Head:
    """The state of a log after a commit. `time` is in milliseconds since 1970; bodies below `pruned` are gone."""

    tenant: str
    origin: str
    size: int
    root: bytes
    time: int
    policy: str | None
    development: bool
    epoch: int
    key: Verifier
    pruned: int


class Ledger(Protocol):
    """One tenant's log.

    Every method may raise LedgerUnavailable, LedgerUnknown, LedgerDamaged or LedgerForked, those that write also
    LedgerReadOnly, LedgerUnsafe, LedgerClock and LedgerKey.
    """

    @property
    def tenant(self) -> str: ...

    @property
    def development(self) -> bool:
        """Whether the log was opened for development; verifiers report it."""
        ...

    def append(self, items: Sequence[Item], *, together: bool = False) -> list[Receipt | Conflict]:
        """Append items, each by itself or, `together`, all or none; the results stand in the order of the items.

        An exception that a body's builder raises (other than Refused) reaches this caller, and nothing of this call
        stands. Raises LedgerUnknown when the connection broke at the commit and its outcome cannot be learned.
        """
        ...

    def defer(self, items: Sequence[Item]) -> None:
        """Append items with the next commit, or soon, and do not wait: for what recovery can do without."""
        ...

    def now(self) -> Moment:
        """The ledger's time, the index to come and the policy in force, as of this moment and without a lock."""
        ...

    def head(self) -> Head: ...

    def entry(self, index: int) -> Entry:
        """Raises IndexError when there is no such entry, LedgerError when its body was pruned."""
        ...

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[Entry]:
        """The entries of `[start, stop)` that are there, in order; `stop` is by default the size at the call."""
        ...

    def request_entries(self, request: str) -> list[Entry]:
        """All entries of a request, in order."""
        ...

    def last(self, request: str) -> int:
        """The index of a request's newest entry, or NO_ENTRY."""
        ...

    def claimed(self, claim: Claim) -> int | None:
        """The index of the entry that has a claim, or None."""
        ...

    def wait(self, size: int, timeout: float) -> int:
        """Wait until the log is larger than `size`, at most `timeout` seconds; returns its size."""
        ...

    def prove_inclusion(self, index: int, size: int) -> list[bytes]:
        """The audit path of an entry in the tree of `size`. Raises ValueError when there is none."""
        ...

    def prove_consistency(self, old: int, new: int) -> list[bytes]:
        """The proof that the tree of `new` continues that of `old`. Raises ValueError when it cannot."""
        ...

    def receipt(self, index: int) -> Proof:
        """The proof that an entry stands under the newest checkpoint, to be kept elsewhere."""
        ...

    def checkpoint(self, size: int | None = None) -> SignedCheckpoint:
        """The newest checkpoint, with the cosignatures it has; or the smallest that covers `size` entries."""
        ...

    def cosign(self, size: int, lines: Sequence[Signature]) -> None:
        """Keep witnesses' signatures beside the checkpoint of this very size; verifying them is the caller's."""
        ...

    def seal(self, document: bytes, subjects: Sequence[str] = ()) -> Sealed:
        """Encrypt a document under a key of its own. Raises LedgerKey when the ledger was opened without its sealing key."""
        ...

    def unseal(self, index: int) -> bytes:
        """The document beside an entry. Raises SealedError when there is none, it was erased, or it does not open."""
        ...

    def erase(self, subject: str, reason: str) -> list[Receipt]:
        """Destroy the keys of all documents about a subject; the receipts are of the entries that say so."""
        ...

    def prune(self, below: int, reason: str) -> Receipt:
        """Destroy bodies and documents below an index, rounded down to whole tiles; hashes, proofs and claims stay.

        Raises LedgerError where one of them is held, LedgerDamaged where one is not as it was signed.
        """
        ...

    def hold(self, start: int, stop: int, reason: str) -> Receipt:
        """Keep entries `[start, stop)` from being pruned until somebody lets go. Raises LedgerError for what is gone."""
        ...

    def unhold(self, hold: int, reason: str) -> Receipt:
        """Let go of what the entry with this index holds. Raises LedgerError when it holds nothing."""
        ...

    def holds(self) -> list[Hold]:
        """What is held, in the order of its entries."""
        ...

    def rotate(self, signer: Signer, reason: str) -> Receipt:
        """Sign with another key from now on, announced in the log and signed by the old one; its name is the origin."""
        ...

    def confirm_clock(self, reason: str) -> Receipt:
        """A person says that the clock is right after all; the log says that, and time stands until it catches up."""
        ...

    def close(self) -> None:
        """Commit what was deferred, and let go of the database. A closed ledger refuses everything."""
        ...
