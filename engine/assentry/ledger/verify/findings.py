"""What verification finds: causes with their places, and what stands when there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Cause(StrEnum):
    """What is wrong; the value is what people and machines read."""

    MANIFEST = "manifest"
    FILE = "file"
    CHECKPOINT = "checkpoint"
    KEY = "key"
    KEY_EPOCH = "key epoch"
    HEAD = "head"
    BODY = "body"
    LEAF = "leaf"
    TILE = "tile"
    MISSING = "missing entry"
    BEYOND = "entry beyond the checkpoint"
    REWRITTEN = "rewritten"
    LAYOUT = "layout"
    TENANT = "tenant"
    TIME = "time"
    DOCUMENT = "document"
    CLAIM = "claim"
    COLUMN = "column"
    TRUNCATED = "truncated"
    FORK = "fork"
    BACKDATED = "backdated"
    WITNESS = "witness"
    LAW = "law"


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause. It lies at the entries `[start, stop)`, where the place is known; `stop` is None for one entry."""

    cause: Cause
    detail: str
    start: int | None = None
    stop: int | None = None

    @property
    def place(self) -> str:
        if self.start is None:
            return ""
        if self.stop is None or self.stop == self.start + 1:
            return f"entry {self.start}"
        return f"entries {self.start} to {self.stop - 1}"

    def __str__(self) -> str:
        place = f"{self.place}: " if self.start is not None else ""
        return f"{self.cause}: {place}{self.detail}"

    def to_dict(self) -> dict[str, object]:
        return {"cause": self.cause.value, "start": self.start, "stop": self.stop, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A witness's cosignature that holds: it saw the log at `size` at `time`, in seconds since 1970."""

    name: str
    size: int
    time: int


@dataclass
class Report:
    """What was verified, and what was found."""

    origin: str = ""
    tenant: str = ""
    size: int = 0
    root: bytes = b""
    epoch: int = 0
    development: bool = False
    pruned: int = 0
    erased: int = 0
    documents: bool = True
    replayed: bool = False
    witnessed: list[Witnessed] = field(default_factory=list)
    evidence: int = 0
    """Receipts and older checkpoints that the log was held against."""
    findings: list[Finding] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.findings

    def to_dict(self) -> dict[str, object]:
        return {
            "version": 1,
            "good": self.good,
            "origin": self.origin,
            "tenant": self.tenant,
            "size": self.size,
            "root": self.root.hex(),
            "epoch": self.epoch,
            "development": self.development,
            "pruned": self.pruned,
            "erased": self.erased,
            "documents": "included" if self.documents else "omitted",
            "laws": "replayed" if self.replayed else "not replayed",
            "witnessed": [{"name": seen.name, "size": seen.size, "time": seen.time} for seen in self.witnessed],
            "evidence": self.evidence,
            "findings": [finding.to_dict() for finding in self.findings],
        }


def merged(cause: Cause, indices: Sequence[int], detail: str) -> list[Finding]:
    """One finding for each run of consecutive indices."""
    found: list[Finding] = []
    for index in sorted(set(indices)):
        last = found[-1] if found else None
        if last is not None and last.stop == index and last.start is not None:
            found[-1] = Finding(cause, detail, last.start, index + 1)
        else:
            found.append(Finding(cause, detail, index, index + 1))
    return found
