"""The ledger that is attacked: two full tiles and a tail, a rotated key, sealed and erased documents, claims,
a neighbour, and the evidence that was kept elsewhere.

    size   0 ........ 300 .......... 400 ................. 560
           opened     kept "early"   kept "middle"         kept "whole"
                key rotated at 200   receipt, checkpoint, witness
"""

from __future__ import annotations

from dataclasses import dataclass, field

from assentry.ledger import opening
from assentry.ledger.clock import SetClock
from assentry.ledger.entry import Claim, Item
from assentry.ledger.log import Log
from assentry.ledger.note import COSIGNATURE, Signer, cosign
from assentry.ledger.sealing import SealingKey
from assentry.ledger.selftest.stage import Stage

START = 1_795_176_000_000
"""2026-11-20T12:00:00Z in milliseconds."""

EARLY, MIDDLE, WHOLE = 300, 400, 560
ROTATED = 200
COMMIT = 10
"""Entries a commit: the interval that a rewritten tail is narrowed down to."""

SEALED = (30, 31, 32, 450)
"""Entries with a sealed document; that of ERASED is erased."""
ERASED = 31
CLAIMED = 40

TENANT, NEIGHBOUR = "acme", "other"


@dataclass
class Scene:
    """The actors and what they hold."""

    stage: Stage
    first: Signer = field(default_factory=lambda: Signer.generate("log.example/acme"))
    second: Signer = field(default_factory=lambda: Signer.generate("log.example/acme"))
    rogue: Signer = field(default_factory=lambda: Signer.generate("log.example/acme"))
    witness: Signer = field(default_factory=lambda: Signer.generate("witness.example/w1", COSIGNATURE))
    sealing: SealingKey = field(default_factory=SealingKey.generate)
    clock: SetClock | None = field(default_factory=lambda: SetClock(START))
    """None is the database's own."""
    gap: int = 4 * 3600
    """Seconds between size MIDDLE and what follows; the witness saw the log in the middle of them."""
    erased: bytes = b""
    """The ciphertext of the erased document, as a backup may still have it."""
    receipt: bytes = b""
    """Of entry 399, under the checkpoint of size 400."""
    checkpoint: bytes = b""
    """The checkpoint of size 400."""
    witnessed: bytes = b""
    """The same, cosigned by the witness."""

    def build(self) -> Scene:
        """Write the ledger, and keep it at each stage."""
        neighbour = Signer.generate("log.example/other")
        opening.create(self.stage.place, TENANT, self.first, clock=self.clock)
        opening.create(self.stage.place, NEIGHBOUR, neighbour, clock=self.clock)
        with opening.open_log(self.stage.place, neighbour, tenant=NEIGHBOUR, clock=self.clock) as other:
            other.append([plain(number) for number in range(50)])
        with self.open(self.first) as log:
            self.grow(log, ROTATED)
            log.rotate(self.second, "a yearly rotation")
            self.grow(log, EARLY)
        self.stage.keep("early")
        with self.open(self.second) as log:
            self.grow(log, MIDDLE)
            self._evidence(log)
        self.stage.keep("middle")
        self._tick(self.gap * 1000)
        with self.open(self.second) as log:
            self.grow(log, WHOLE)
        self.stage.keep("whole")
        return self

    def open(self, signer: Signer, stage: Stage | None = None, clock: SetClock | None = None) -> Log:
        place = (stage or self.stage).place
        return opening.open_log(place, signer, tenant=TENANT, sealing=self.sealing, clock=clock or self.clock)

    def grow(self, log: Log, size: int, salt: str = "") -> None:
        """Append until the log has a size, a commit at a time."""
        while (have := log.head().size) < size:
            self._tick(1000)
            stop = min(size, have - have % COMMIT + COMMIT)
            log.append([self._item(log, index, salt) for index in range(have, stop)])
            if have <= 50 < stop:
                document = log.backend.document(ERASED)
                self.erased = (document.ciphertext if document is not None else None) or b""
                log.erase("person-b", "asked for it")

    def _tick(self, milliseconds: int) -> None:
        if self.clock is not None:
            self.clock.tick(milliseconds)

    def _item(self, log: Log, index: int, salt: str) -> Item:
        if index in SEALED:
            subject = "person-b" if index == ERASED else "person-a"
            return Item.of("requested", {"n": index}, request=f"r-{index}", sealed=log.seal(b"a document", [subject]))
        if index == CLAIMED:
            return Item.of("consumed", {"n": index}, request="r-30", claims=(Claim("consume", "grant-30"),))
        return plain(index, salt)

    def _evidence(self, log: Log) -> None:
        newest = log.checkpoint()
        self.receipt = str(log.receipt(MIDDLE - 1)).encode()
        self.checkpoint = str(newest).encode()
        seen = log.head().time // 1000 + self.gap // 2
        self.witnessed = str(newest.with_signatures([cosign(newest.note.text, self.witness, seen)])).encode()


def plain(index: int, salt: str = "") -> Item:
    """An entry of no meaning."""
    return Item.of("noted", {"n": index, "salt": salt}, request=f"r-{index % 16}")
