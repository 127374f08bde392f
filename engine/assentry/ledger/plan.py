"""From items to a plan: who is appended under this head, and who stands aside. No database, no clock, no lock here."""

from __future__ import annotations

import itertools
import os
import struct
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from assentry.errors import InputError, LedgerDamaged, LedgerError
from assentry.ledger import layout
from assentry.ledger.backend import (
    TILE,
    Asked,
    CheckpointRow,
    DocumentRow,
    EntryRow,
    Known,
    LogRow,
    Plan,
    SeenRow,
    Transaction,
)
from assentry.ledger.checkpoint import Checkpoint
from assentry.ledger.clock import Reading
from assentry.ledger.entry import AT, NO_ENTRY, Conflict, Item, Moment, Receipt, Refused, from_at, to_at
from assentry.ledger.merkle import Frontier, leaf_hash
from assentry.ledger.note import Signer
from assentry.ledger.tree import completed

_V = TypeVar("_V")


def asked(items: Sequence[Item]) -> Asked:
    """What the items ask about, to be looked up together."""
    requests = {item.request for item in items if item.if_last is not None and item.request is not None}
    claims = {claim.name for item in items for claim in item.claims}
    keys = {item.idempotency[0] for item in items if item.idempotency is not None}
    return Asked(_storable(requests), _storable(claims), _storable(keys))


def _storable(names: Collection[str]) -> Sequence[str]:
    return sorted(filter(storable, names)) if names else ()


def storable(name: str) -> bool:
    """Whether a name is text to every database: without NUL, and without half a surrogate pair."""
    return "\0" not in name and (name.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in name))


@dataclass(slots=True)
class Batch:
    """The entries of one commit, as they are taken one after the other."""

    transaction: Transaction
    time: int
    known: Known = field(init=False)
    entries: list[EntryRow] = field(default_factory=list)
    claims: list[tuple[str, int]] = field(default_factory=list)
    documents: list[DocumentRow] = field(default_factory=list)
    erased: list[int] = field(default_factory=list)
    prune: tuple[int, int] | None = None
    rekey: tuple[str, str, int] | None = None
    """Origin, verifier key and epoch from this commit on."""
    slack: int | None = None
    policy: str | None = field(init=False)
    number: int = field(default_factory=itertools.count(1).__next__)
    _undo: list[Callable[[], object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.policy = self.transaction.log.policy
        self.known = self.transaction.known

    def take(self, items: Sequence[Item], *, together: bool = False) -> list[Receipt | Conflict]:
        """Take the items of one call. When a builder raises, nothing of the call stays and the exception goes on."""
        mark = (len(self.entries), len(self.claims), len(self.documents), self.policy)
        self._undo.clear()
        try:
            results = [self._take(item) for item in items]
        except BaseException:
            self._back(*mark)
            raise
        if together and any(isinstance(result, Conflict) for result in results):
            self._back(*mark)
            return [result if isinstance(result, Conflict) else Conflict("together") for result in results]
        return results

    def _take(self, item: Item) -> Receipt | Conflict:
        _named(item)
        hindered = self._replayed(item) or self._hindered(item)
        if hindered is not None:
            return hindered
        log = self.transaction.log
        moment = Moment(self.time, log.size + len(self.entries), log.tenant, self.policy, log.size, self.number)
        if isinstance(item.body, bytes):
            body = item.body
            if not self._previous() <= body[AT] <= moment.at.encode():
                return Conflict("time", None, f"its `at` has to lie between the newest entry's and {moment.at}")
        else:
            try:
                body = item.body(moment)
            except Refused as refused:
                return Conflict("refused", None, refused.reason)
        layout.check(body, item, moment)
        return self._enter(item, moment.index, body)

    def _previous(self) -> bytes:
        return self.entries[-1].body[AT] if self.entries else to_at(self.transaction.log.time).encode()

    def _replayed(self, item: Item) -> Receipt | Conflict | None:
        if item.idempotency is None:
            return None
        key, payload = item.idempotency
        seen = self.known.seen.get(key)
        if seen is None:
            return None
        if seen.payload != payload:
            return Conflict("idempotency", seen.idx, "the key was used for another payload")
        return Receipt(seen.idx, from_at(seen.body[AT].decode()), seen.leaf, replayed=True)

    def _hindered(self, item: Item) -> Conflict | None:
        if item.if_last is not None:
            if item.request is None:
                raise LedgerError("`if_last` needs a request")
            last = self.known.last.get(item.request, NO_ENTRY)
            if last != item.if_last:
                return Conflict("if_last", None if last == NO_ENTRY else last)
        for claim in item.claims:
            holder = self.known.claims.get(claim.name)
            if holder is not None:
                return Conflict("claim", holder, claim.name)
        if item.if_policy is not None and item.if_policy != self.policy:
            return Conflict("policy", None, self.policy or "")
        return None

    def _enter(self, item: Item, index: int, body: bytes) -> Receipt:
        leaf = leaf_hash(body)
        key, payload = item.idempotency if item.idempotency is not None else (None, None)
        self.entries.append(EntryRow(index, item.request, body, leaf, key, payload))
        if item.request is not None:
            self._set(self.known.last, item.request, index)
        for claim in item.claims:
            self._set(self.known.claims, claim.name, index)
            self.claims.append((claim.name, index))
        if key is not None and payload is not None:
            self._set(self.known.seen, key, SeenRow(index, payload, leaf, body))
        sealed = item.sealed
        if sealed is not None and sealed.ciphertext is not None:
            self.documents.append(DocumentRow(index, sealed.ciphertext, sealed.wrapped_key, sealed.subjects))
        if item.policy is not None:
            self.policy = item.policy
        return Receipt(index, from_at(body[AT].decode()) if isinstance(item.body, bytes) else self.time, leaf)

    def _set(self, table: dict[str, _V], key: str, value: _V) -> None:
        if key in table:
            before = table[key]
            self._undo.append(lambda: table.__setitem__(key, before))
        else:
            self._undo.append(lambda: table.pop(key))
        table[key] = value

    def _back(self, entries: int, claims: int, documents: int, policy: str | None) -> None:
        del self.entries[entries:], self.claims[claims:], self.documents[documents:]
        self.policy = policy
        for undo in reversed(self._undo):
            undo()


def _named(item: Item) -> None:
    """Raises InputError for names that no database keeps."""
    key = None if item.idempotency is None else item.idempotency[0]
    for name in (item.request, key, *[claim.name for claim in item.claims]):
        if name is not None and not storable(name):
            raise InputError(f"{name!r} is no name: it holds NUL, or half a surrogate pair")


def seal(
    batch: Batch, now: Reading, signer: Signer, *, tail: Sequence[bytes] | None = None, lazy: bool = False
) -> Plan:
    """The plan of a batch: tiles, the new head, and its checkpoint signed; `lazy` leaves root and signature empty.

    `tail` are the leaves of the log's unfinished tile, where they are known.

    Raises LedgerDamaged when the head and the stored hashes do not fit together.
    """
    log = batch.transaction.log
    leaves = [entry.leaf for entry in batch.entries]
    frontier = unpack(log)
    tiles = completed(batch.transaction, log.size, leaves, tail)
    frontier.extend(leaves)
    root = b"" if lazy else frontier.root()
    origin, key, epoch = batch.rekey or (log.origin, log.key, log.epoch)
    slack = log.slack if batch.slack is None else batch.slack
    head = log._replace(
        origin=origin,
        key=key,
        epoch=epoch,
        size=frontier.size,
        root=root,
        frontier=b"".join(frontier.hashes),
        time=batch.time,
        policy=batch.policy,
        pruned=batch.prune[1] if batch.prune else log.pruned,
        slack=slack if now.wall < batch.time else 0,
        boot=now.boot,
        mono=now.mono,
        clock=now.wall,
    )
    plan = Plan(head, checkpoint(head, signer, lazy=lazy), signer)
    plan.entries, plan.claims, plan.documents, plan.tiles = batch.entries, batch.claims, batch.documents, tiles
    plan.erased, plan.prune = batch.erased, batch.prune
    return plan


def tail_behind(plan: Plan, before: Sequence[bytes] | None) -> Sequence[bytes] | None:
    """The leaves of the unfinished tile when a plan is written; `before` are those that it had, where known."""
    width = plan.log.size % TILE
    leaves = [entry.leaf for entry in plan.entries[-width:]] if width else []
    if len(leaves) == width:
        return leaves
    return None if before is None else [*before, *leaves][-width:]


def checkpoint(head: LogRow, signer: Signer, *, lazy: bool = False) -> CheckpointRow:
    """The checkpoint of a head."""
    signature = b"" if lazy else signer.sign(Checkpoint(head.origin, head.size, head.root).text.encode())
    return CheckpointRow(head.size, head.root, head.epoch, head.key, signature, os.urandom(16))


def unpack(log: LogRow) -> Frontier:
    """The frontier of a head. Raises LedgerDamaged when it does not fit the size."""
    try:
        return Frontier(log.size, [subtree for (subtree,) in struct.iter_unpack("32s", log.frontier)])
    except (ValueError, struct.error) as error:
        raise LedgerDamaged(f"the head of `{log.tenant}` is damaged: {error}") from error
