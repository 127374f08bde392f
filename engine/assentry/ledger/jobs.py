"""Work that is more than appending: each job has a commit of its own, and leaves an entry that says what was done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import cast

from assentry.errors import LedgerDamaged, LedgerError
from assentry.ledger import holds
from assentry.ledger.backend import Asked
from assentry.ledger.encoding import to_base64
from assentry.ledger.entry import NO_ENTRY, Conflict, Entry, Item, Receipt, to_at
from assentry.ledger.group import Job
from assentry.ledger.note import Signer, Verifier
from assentry.ledger.plan import Batch

OWN_TYPES = frozenset(("opened", "key", "erased", "pruned", "held", "unheld", "clock", "policy"))
"""What entries of the log about itself are called."""

ERASED_AT_ONCE = 2000
"""Indices that one erasure entry names, so that its body stays within its limit."""


def erase(subject: str, reason: str) -> Job:
    """Destroy the documents about a subject, and say which; without any there is nothing to say."""

    def job(batch: Batch) -> list[Receipt]:
        documents = batch.transaction.documents_about(subject)
        receipts = []
        for place in range(0, len(documents), ERASED_AT_ONCE):
            portion = documents[place : place + ERASED_AT_ONCE]
            data = {"documents": portion, "reason": reason, "subject": subject}
            receipts.append(_enter(batch, "erased", data))
        batch.erased += documents
        return receipts

    return job


def prune(start: int, stop: int, entries: Iterable[Entry], reason: str, held: int = NO_ENTRY) -> Job:
    """Destroy the bodies and documents of `entries`, which are those of `[start, stop)`, a range of whole tiles.

    `held` is the newest entry about holds that was looked at.

    What they say of the log itself (how it was opened, its keys) is said again by the entry that remains.
    """
    opened: object = None
    keys: list[dict[str, object]] = []
    for entry in entries:
        match entry.type:
            case "opened":
                opened = entry.data
            case "key" if entry.data.get("role") == "log":
                keys.append({**entry.data, "index": entry.index})
            case "pruned":
                if "opened" not in entry.data or "keys" not in entry.data:
                    raise LedgerDamaged(f"entry {entry.index} does not say what was pruned: verify the log")
                opened = entry.data["opened"] or opened
                keys += cast(list[dict[str, object]], entry.data["keys"])

    def job(batch: Batch) -> Receipt:
        if batch.transaction.log.pruned != start:
            raise LedgerError("somebody else pruned the log at the same time")
        if batch.transaction.look_up(Asked([holds.REQUEST])).last.get(holds.REQUEST, NO_ENTRY) != held:
            raise LedgerError("somebody held entries, or let go of them, at the same time")
        batch.prune = (start, stop)
        data = {"below": stop, "from": start, "keys": keys, "opened": opened, "reason": reason}
        return _enter(batch, "pruned", data)

    return job


def rotate(old: Signer, new: Signer, reason: str) -> Job:
    """Announce the next log key, signed by the one in force; from this entry on the new one signs."""

    def job(batch: Batch) -> Receipt:
        epoch = batch.transaction.log.epoch + 1
        statement = rotation_statement(old.verifier, new.verifier, epoch)
        data = {
            "epoch": epoch,
            "key": str(new.verifier),
            "reason": reason,
            "role": "log",
            "signature": to_base64(old.sign(statement)),
        }
        batch.rekey = (new.name, str(new.verifier), epoch)
        return _enter(batch, "key", data)

    return job


def rotation_statement(old: Verifier, new: Verifier, epoch: int) -> bytes:
    """What the old key signs when the new one takes over."""
    return f"assentry/log-key/v1\n{old}\n{new}\n{epoch}\n".encode()


def confirm_clock(wall: Callable[[], int], reason: str) -> Job:
    """Take the clock as it is; time stands still until it has caught up with the newest entry."""

    def job(batch: Batch) -> Receipt:
        log = batch.transaction.log
        now = wall()
        batch.slack = max(0, log.time - now)
        return _enter(batch, "clock", {"clock": to_at(now), "newest": to_at(log.time), "reason": reason})

    return job


def opening(origin: str, key: Verifier, *, development: bool, documents: bool) -> Mapping[str, object]:
    """The data of entry 0."""
    return {
        "development": development,
        "documents": "sealed" if documents else "digests",
        "keys": [{"epoch": 0, "key": str(key), "role": "log"}],
        "origin": origin,
    }


def _enter(batch: Batch, kind: str, data: Mapping[str, object]) -> Receipt:
    results: Sequence[Receipt | Conflict] = batch.take([Item.of(kind, data)])
    receipt = results[0]
    assert isinstance(receipt, Receipt)  # it has no conditions that anything could conflict with
    return receipt
