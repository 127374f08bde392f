"""Evidence from elsewhere: receipts, older checkpoints, witnesses. It shows what the key's holder could hide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from assentry.errors import InputError, NoteError
from assentry.ledger.backend import TILE
from assentry.ledger.checkpoint import SignedCheckpoint, parse_checkpoint
from assentry.ledger.entry import AT, from_at
from assentry.ledger.merkle import leaf_hash
from assentry.ledger.note import Verifier, cosignature_time
from assentry.ledger.proof import HEADER, Proof, parse_proof
from assentry.ledger.verify.findings import Cause, Finding, Witnessed
from assentry.ledger.verify.keys import Chain
from assentry.ledger.verify.source import Source

SKEW = 300
"""Seconds that a witness's clock and the ledger's may be apart."""


@dataclass
class Evidence:
    """What a verifier holds besides the log itself."""

    documents: Sequence[tuple[str, bytes]] = ()
    """Receipts and checkpoints, each with the name it is reported by."""
    witnesses: Sequence[Verifier] = ()
    quorum: int = 0
    """How many different witnesses must have cosigned the newest checkpoint."""


@dataclass
class Examination:
    """Holds a log against evidence; `root_at` gives the log's root at a size, or None beyond its end."""

    source: Source
    chain: Chain
    root_at: Callable[[int], bytes | None]
    evidence: Evidence
    findings: list[Finding] = field(default_factory=list)
    witnessed: list[Witnessed] = field(default_factory=list)
    examined: int = 0
    _agreed: int = 0

    def run(self, own: Iterable[SignedCheckpoint], newest: SignedCheckpoint | None) -> None:
        """Examine all evidence, and the cosignatures that the log itself brings."""
        outside = [read for name, data in self.evidence.documents if (read := self._read(name, data)) is not None]
        for name, checkpoint, proof in sorted(outside, key=lambda one: one[1].size):
            self.examined += 1
            self._hold(name, checkpoint, proof)
        for checkpoint in own:
            self._witnesses(checkpoint)
        if newest is not None:
            names = self._witnesses(newest)
            if len(names) < self.evidence.quorum:
                detail = (
                    f"{len(names)} of the {self.evidence.quorum} witnesses asked for cosigned the newest checkpoint"
                )
                self.findings.append(Finding(Cause.WITNESS, detail))

    def _read(self, name: str, data: bytes) -> tuple[str, SignedCheckpoint, Proof | None] | None:
        try:
            if data.startswith(HEADER.encode()):
                proof = parse_proof(data)
                return name, proof.checkpoint, proof
            return name, parse_checkpoint(data), None
        except NoteError as error:
            self.findings.append(Finding(Cause.CHECKPOINT, f"`{name}`: {error}"))
            return None

    def _hold(self, name: str, checkpoint: SignedCheckpoint, proof: Proof | None) -> None:
        """One checkpoint from elsewhere: is this log its continuation?"""
        if not self._known(name, checkpoint):
            return
        root = self.root_at(checkpoint.size)
        if root is None and checkpoint.size <= self.source.size:
            detail = f"`{name}` covers {checkpoint.size} entries, of which some that it needs are not there"
            self.findings.append(Finding(Cause.MISSING, detail))
        elif root is None:
            detail = f"`{name}` proves that there were {checkpoint.size} entries; here are {self.source.size}"
            self.findings.append(Finding(Cause.TRUNCATED, detail, self.source.size, checkpoint.size))
        elif root != checkpoint.root:
            detail = f"`{name}` was signed over another history: the root at size {checkpoint.size} differs"
            self.findings.append(Finding(Cause.FORK, detail, self._agreed, checkpoint.size))
        else:
            self._agreed = checkpoint.size
            self._witnesses(checkpoint)
        if proof is not None and proof.index < self.source.size:
            chunk = self.source.chunk(proof.index // TILE)
            body = chunk.bodies[proof.index % TILE]
            if body is not None and not proof.proves(leaf_hash(body)):
                detail = f"`{name}` is a receipt for another entry than the one that stands here"
                self.findings.append(Finding(Cause.FORK, detail, proof.index))

    def _known(self, name: str, checkpoint: SignedCheckpoint) -> bool:
        """Whether a key of this log, or a witness, signed it; a key that was retired by then is a finding."""
        keys = [*(one.key for one in self.chain.keys), *self.chain.trusted, *self.evidence.witnesses]
        try:
            signers = checkpoint.note.verified(keys)
        except NoteError as error:
            self.findings.append(Finding(Cause.CHECKPOINT, f"`{name}`: {error}"))
            return False
        if checkpoint.origin not in self.chain.origins:
            self.findings.append(Finding(Cause.CHECKPOINT, f"`{name}` is of `{checkpoint.origin}`, not of this log"))
            return False
        for one, following in zip(self.chain.keys, self.chain.keys[1:], strict=False):
            if one.key in signers and checkpoint.size > following.after:
                detail = (
                    f"`{name}` has {checkpoint.size} entries under key epoch {one.epoch}, which ended at entry "
                    f"{following.after}: what it had beyond was cut when the log went on under another key"
                )
                self.findings.append(Finding(Cause.TRUNCATED, detail, following.after, checkpoint.size))
                return False
        return True

    # ---- witnesses ----

    def _witnesses(self, checkpoint: SignedCheckpoint) -> set[str]:
        """The witnesses whose cosignature holds; what they say of time is held against the entries."""
        names = set()
        for line in checkpoint.note.signatures:
            for key in self.evidence.witnesses:
                if (line.name, line.id) != (key.name, key.id):
                    continue
                if not key.verify_text(checkpoint.note.text, line.signature):
                    self.findings.append(Finding(Cause.WITNESS, f"the cosignature of `{key.name}` is not valid"))
                    continue
                names.add(key.name)
                seen = Witnessed(key.name, checkpoint.size, cosignature_time(line))
                if seen not in self.witnessed:
                    self.witnessed.append(seen)
                    self._timely(seen, checkpoint)
        return names

    def _timely(self, seen: Witnessed, checkpoint: SignedCheckpoint) -> None:
        root = self.root_at(checkpoint.size)
        if root is not None and root != checkpoint.root:
            detail = f"`{seen.name}` cosigned another history: the root at size {checkpoint.size} differs"
            self.findings.append(Finding(Cause.FORK, detail, self._agreed, checkpoint.size))
            return
        before, behind = self._time(checkpoint.size - 1), self._time(checkpoint.size)
        if before is not None and before > seen.time + SKEW:
            detail = f"its time lies {before - seen.time:.0f} s behind the moment when `{seen.name}` saw it"
            self.findings.append(Finding(Cause.BACKDATED, detail, checkpoint.size - 1))
        if behind is not None and behind < seen.time - SKEW:
            detail = f"its time lies {seen.time - behind:.0f} s before the moment when `{seen.name}` did not see it yet"
            self.findings.append(Finding(Cause.BACKDATED, detail, checkpoint.size))

    def _time(self, index: int) -> float | None:
        """The time of an entry, in seconds since 1970."""
        if not 0 <= index < self.source.size:
            return None
        body = self.source.chunk(index // TILE).bodies[index % TILE]
        try:
            return None if body is None else from_at(body[AT].decode()) / 1000
        except (InputError, UnicodeDecodeError):
            return None
