"""Verification from beginning to end.

With the public key alone it proves that all entries under the newest checkpoint it was given are as signed and,
where the laws are replayed, that their fold is legal. What it cannot know is in `LIMITS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from assentry.ledger.backend import TILE
from assentry.ledger.checkpoint import SignedCheckpoint
from assentry.ledger.entry import Entry
from assentry.ledger.export import Progress
from assentry.ledger.merkle import Frontier
from assentry.ledger.note import Verifier
from assentry.ledger.verify import judge
from assentry.ledger.verify.evidence import Evidence, Examination
from assentry.ledger.verify.findings import Cause, Finding, Report, merged
from assentry.ledger.verify.keys import Chain
from assentry.ledger.verify.narrow import narrow, root_at
from assentry.ledger.verify.source import Source
from assentry.ledger.verify.structure import Structure
from assentry.ledger.verify.sweep import Sweep

Replay = Callable[[Iterable[Entry]], Iterable[Finding]]
"""Replays the laws over all entries in order, and yields what breaks one."""

LIMITS = (
    (
        "a cut to an older checkpoint, a restored file, a fork or backdating by the key's holder "
        "(a receipt, an older checkpoint or a witness shows them)"
    ),
    "entries that were never written, votes that the operator invented, and whose key it is",
)
"""What a log cannot show by itself."""


def verify(
    source: Source,
    keys: Sequence[Verifier],
    *,
    evidence: Evidence | None = None,
    replay: Replay | None = None,
    progress: Progress | None = None,
) -> Report:
    """Verify a log against the keys that are trusted, and the evidence there is."""
    sweep, structure = Sweep(), Structure(source.tenant)
    for index in range((source.size + TILE - 1) // TILE):
        chunk = source.chunk(index)
        sweep.read(chunk)
        structure.read(chunk.start, chunk.bodies, chunk.documents)
        if progress is not None:
            progress(min(chunk.start + TILE, source.size), source.size)
    structure.learn(source.meanwhile())
    chain = Chain.build(structure.announcements, keys)
    report = Report(tenant=source.tenant, size=source.size, documents=source.documents, erased=len(structure.erased))
    report.development, report.pruned = structure.development, structure.pruned
    report.findings += chain.findings
    signed = _held_to_checkpoint(source, sweep, chain, report)
    report.findings += structure.findings()
    report.findings += _missing(sweep, structure)
    report.findings += _not_erased(source, structure)
    _examine(source, sweep, chain, evidence or Evidence(), signed, report)
    report.findings += source.findings(signed.tree, structure)
    if replay is not None:
        report.replayed = True
        report.findings += replay(entries(source))
    return report


def entries(source: Source) -> Iterator[Entry]:
    """All entries whose bodies are there."""
    for index in range((source.size + TILE - 1) // TILE):
        chunk = source.chunk(index)
        for place, body in enumerate(chunk.bodies, chunk.start):
            if body is not None:
                yield Entry(place, body)


@dataclass(frozen=True)
class _Signed:
    """What the newest valid checkpoint says: the tree that it signs and which reading of the tiles makes it."""

    checkpoint: SignedCheckpoint | None = None
    tree: Frontier | None = None
    version: judge.Version = field(default_factory=dict)


def _held_to_checkpoint(source: Source, sweep: Sweep, chain: Chain, report: Report) -> _Signed:
    """Hold the tree to the newest checkpoint that is signed."""
    for note, what in source.notes():
        wrong = chain.note(note, source.size, what, Cause.MANIFEST)
        report.findings += [wrong] if wrong is not None else []
    reference = _reference(source, chain, report)
    if reference is None:
        return _Signed()
    report.origin, report.root, report.epoch = reference.origin, reference.root, chain.epoch_of(reference.size)
    if reference.size > sweep.size:
        detail = f"the checkpoint covers {reference.size} entries; here are {sweep.size}"
        report.findings.append(Finding(Cause.TRUNCATED, detail, sweep.size, reference.size))
        return _Signed(reference)
    if reference.size < sweep.size:
        detail = f"the newest signed checkpoint covers {reference.size} entries; nothing is signed beyond"
        report.findings.append(Finding(Cause.BEYOND, detail, reference.size, sweep.size))
    found = judge.authentic(sweep, reference.size, reference.root)
    if found is None:
        report.findings += judge.unsigned_differences(sweep)
        report.findings += narrow(source, sweep, chain, reference)
        return _Signed(reference)
    version, tree = found
    report.findings += judge.differences(sweep, version)
    report.findings += judge.upper_tiles(source, sweep, version)
    return _Signed(reference, tree, version)


def _reference(source: Source, chain: Chain, report: Report) -> SignedCheckpoint | None:
    """The newest checkpoint whose signature holds; that of a newer one is a finding."""
    newest = source.newest()
    if newest is None:
        report.findings.append(Finding(Cause.CHECKPOINT, "there is no newest checkpoint"))
    else:
        wrong = chain.signed(newest)
        if wrong is None:
            return newest
        report.findings.append(wrong)
    for older in reversed(list(source.checkpoints(0, source.size, thin=True))):
        if chain.signed(older) is None:
            return older
    return None


def _missing(sweep: Sweep, structure: Structure) -> list[Finding]:
    missing = [index for index in sweep.missing if index >= structure.pruned]
    return merged(Cause.MISSING, missing, "the entry is not there, and none says that it was pruned")


def _not_erased(source: Source, structure: Structure) -> list[Finding]:
    if not source.documents:
        return []
    there = [index for index in structure.erased if source.has_document(index)]
    return merged(Cause.DOCUMENT, there, "the sealed document is still there, though an entry says that it was erased")


def _examine(
    source: Source,
    sweep: Sweep,
    chain: Chain,
    evidence: Evidence,
    signed: _Signed,
    report: Report,
) -> None:
    def root(size: int) -> bytes | None:
        return root_at(source, sweep, size, signed.version)

    examination = Examination(source, chain, root, evidence)
    examination.run(source.cosigned(), signed.checkpoint)
    report.findings += examination.findings
    report.witnessed, report.evidence = examination.witnessed, examination.examined
