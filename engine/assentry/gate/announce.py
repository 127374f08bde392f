"""The gate's public keys, announced in the log; a new one is signed by the one before it.

{"type": "key", "data": {"role": "grant", "epoch": 1, "key": "<verifier>", "signature": "<base64>", "reason": "...",
                         "tenant": "<mark of the tenant's secret>"}}
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assentry.errors import GateError, LedgerKey
from assentry.ledger.encoding import from_base64, to_base64
from assentry.ledger.entry import Claim, Conflict, Entry, Item
from assentry.ledger.note import Signer, Verifier, parse_verifier
from assentry.ledger.store import Ledger

Role = str
"""`grant`, or `development` for a log of that mode."""


@dataclass(frozen=True)
class Announced:
    """The keys of one role in order of their epochs; `first` is the epoch of the first that is left in the log.

    `tenant` is the mark of the secret under which names and effects stand in the log, where one is announced.
    """

    keys: tuple[Verifier, ...] = ()
    first: int = 0
    tenant: str | None = None

    @property
    def epoch(self) -> int:
        """The epoch of the newest key; -1 when there is none."""
        return self.first + len(self.keys) - 1


def statement(role: Role, old: Verifier | None, new: Verifier, epoch: int) -> bytes:
    """What is signed when a key is announced: by itself when it is the first, else by the one before it."""
    return f"assentry/{role}-key/v1\n{old or ''}\n{new}\n{epoch}\n".encode()


def read(entries: Iterable[Entry], role: Role) -> Announced:
    """The keys that a log announces for a role. Raises GateError for one that the key before it did not sign."""
    keys: list[Verifier] = []
    first, tenant = 0, None
    for entry in entries:
        data = entry.data
        if data.get("role") != role:
            continue
        try:
            key, signature = parse_verifier(str(data["key"])), from_base64(str(data["signature"]))
        except (LedgerKey, KeyError, ValueError) as error:
            raise GateError(f"entry {entry.index} announces a key that is none") from error
        before, epoch = keys[-1] if keys else None, data.get("epoch")
        first = first if keys or type(epoch) is not int else epoch
        signed = (before or key).verify(statement(role, before, key, first + len(keys)), signature)
        if epoch != first + len(keys) or not signed:
            raise GateError(f"entry {entry.index} announces a key that the one before it did not sign")
        keys.append(key)
        tenant = str(data["tenant"]) if "tenant" in data else tenant
    return Announced(tuple(keys), first, tenant)


def announce(
    ledger: Ledger, role: Role, known: Announced, old: Signer | None, new: Signer, reason: str, tenant: str
) -> bool:
    """Announce a key; False when somebody else announced one at the same time. Raises LedgerError."""
    epoch = known.epoch + 1
    while (index := ledger.claimed(Claim(f"{role}-key", str(epoch)))) is not None:
        if index >= ledger.head().pruned:
            return False
        epoch += 1  # what was announced before was pruned
    signed = (old or new).sign(statement(role, None if old is None else old.verifier, new.verifier, epoch))
    data = {
        "epoch": epoch,
        "key": str(new.verifier),
        "reason": reason,
        "role": role,
        "signature": to_base64(signed),
        "tenant": tenant,
    }
    claim = Claim(f"{role}-key", str(epoch))
    (result,) = ledger.append([Item.of("key", data, claims=(claim,))])
    return not isinstance(result, Conflict)
