"""Whose signatures count, and when: the log's keys as its entries announce them, from a key that is trusted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from assentry.errors import LedgerKey, NoteError
from assentry.ledger.checkpoint import SignedCheckpoint
from assentry.ledger.encoding import from_base64
from assentry.ledger.jobs import rotation_statement
from assentry.ledger.note import Note, Verifier, parse_verifier
from assentry.ledger.verify.findings import Cause, Finding


@dataclass(frozen=True, slots=True)
class Announcement:
    """A log key that an entry announces; `index` is None for the key that the log was opened with."""

    index: int | None
    epoch: int
    key: Verifier
    signature: bytes

    @property
    def after(self) -> int:
        """It signs checkpoints of sizes above this."""
        return 0 if self.index is None else self.index


def announced(index: int | None, data: Mapping[str, object]) -> list[Announcement]:
    """The log key in an entry's data; none where the key is for something else. Raises ValueError when malformed."""
    if data.get("role") != "log":
        return []
    try:
        key = parse_verifier(str(data["key"]))
    except LedgerKey as error:
        raise ValueError(str(error)) from error
    return [Announcement(index, int(str(data["epoch"])), key, from_base64(str(data.get("signature", ""))))]


@dataclass
class Chain:
    """The log's keys in their order, and which of them are trusted."""

    trusted: Sequence[Verifier]
    keys: list[Announcement] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    _anchor: int = 0

    @classmethod
    def build(cls, announcements: Iterable[Announcement], trusted: Sequence[Verifier]) -> Chain:
        """Put announcements in order, and hold each to the signature of the key before it."""
        chain = cls(trusted)
        for one in sorted(set(announcements), key=lambda one: one.epoch):
            before = chain.keys[-1] if chain.keys else None
            if one.epoch != len(chain.keys) or (before is None) != (one.index is None):
                chain.findings.append(Finding(Cause.KEY, f"key epoch {one.epoch} is out of order", one.index))
                continue
            if before is not None:
                statement = rotation_statement(before.key, one.key, one.epoch)
                if not before.key.verify(statement, one.signature):
                    detail = f"key epoch {one.epoch} is not signed by the key before it"
                    chain.findings.append(Finding(Cause.KEY, detail, one.index))
                    continue
            chain.keys.append(one)
        chain._anchored()
        return chain

    def _anchored(self) -> None:
        known = [place for place, one in enumerate(self.keys) if one.key in self.trusted]
        self._anchor = known[0] if known else len(self.keys)
        if self.keys and not known:
            names = ", ".join(f"`{key}`" for key in self.trusted)
            self.findings.append(Finding(Cause.KEY, f"no key of this log is trusted: trusted is {names}"))

    @property
    def origins(self) -> set[str]:
        """The names that the log has had: a key is called by the origin that it signs for."""
        return {one.key.name for one in self.keys} or {key.name for key in self.trusted}

    def in_force(self, size: int) -> Verifier | None:
        """The trusted key that signs checkpoints of a size."""
        for one in reversed(self.keys[self._anchor :]):
            if size > one.after:
                return one.key
        return None

    def epoch_of(self, size: int) -> int:
        return max((one.epoch for one in self.keys if size > one.after), default=0)

    def signed(self, signed: SignedCheckpoint) -> Finding | None:
        """What is wrong with a checkpoint's signature, if anything."""
        wrong = self.note(signed.note, signed.size, "the checkpoint", Cause.CHECKPOINT)
        if wrong is None and signed.origin not in self.origins:
            wrong = Finding(
                Cause.CHECKPOINT, f"the checkpoint of size {signed.size} is of `{signed.origin}`, not of this log"
            )
        return wrong

    def note(self, note: Note, size: int, what: str, cause: Cause) -> Finding | None:
        """What is wrong with the signature of a note about the log at a size."""
        key = self.in_force(size)
        candidates = [key] if key is not None else list(self.trusted)
        try:
            note.verified(candidates)
        except NoteError as error:
            for one in self.keys if key is not None else ():
                if one.key != key and _signed_by(note, one.key):
                    detail = (
                        f"{what} of size {size} is signed by key epoch {one.epoch}; "
                        f"in force there is epoch {self.epoch_of(size)}"
                    )
                    return Finding(Cause.KEY_EPOCH, detail, max(size - 1, 0))
            return Finding(cause, f"{what} of size {size}: {error}")
        return None


def _signed_by(note: Note, key: Verifier) -> bool:
    try:
        return bool(note.verified([key]))
    except NoteError:
        return False
