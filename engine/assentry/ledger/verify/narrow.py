"""Where a log was rewritten: between the last checkpoint that still fits and the first that does not."""

from __future__ import annotations

from collections.abc import Iterator

from assentry.ledger.backend import TILE
from assentry.ledger.checkpoint import SignedCheckpoint
from assentry.ledger.merkle import leaf_hashes
from assentry.ledger.verify.findings import Cause, Finding
from assentry.ledger.verify.judge import Version
from assentry.ledger.verify.keys import Chain
from assentry.ledger.verify.source import Source
from assentry.ledger.verify.sweep import Sweep, split


def root_at(source: Source, sweep: Sweep, size: int, version: Version | None = None) -> bytes | None:
    """The root over the first `size` entries as their bodies make it, or a version of some tiles.

    None when it cannot be known.
    """
    if size > sweep.size:
        return None
    index = size // TILE
    instead = dict(version or {})
    if size % TILE and size != sweep.size and index not in instead:
        chunk = source.chunk(index)
        bodies = chunk.bodies
        if None in bodies[: size % TILE]:
            doubt = sweep.doubts.get(index)
            pruned = split(chunk.tile) if chunk.pruned and chunk.tile is not None else None
            best = doubt.preferred() if doubt is not None else pruned
            if best is None:
                return None
            instead[index] = best
        else:
            instead[index] = leaf_hashes(bodies[: size % TILE])  # type: ignore[arg-type]
    tree = sweep.frontier(size, instead)
    return None if tree is None else tree.root()


def narrow(source: Source, sweep: Sweep, chain: Chain, bad: SignedCheckpoint) -> Iterator[Finding]:
    """Findings that say between which two checkpoints the bodies depart from what was signed.

    `bad` is a checkpoint that does not fit. Checkpoints with wrong signatures are findings of their own.
    """
    good = 0
    for thin in (True, False):
        line = list(source.checkpoints(good, bad.size, thin=thin))
        while line:
            place = len(line) // 2
            probe = line[place]
            wrong = chain.signed(probe)
            if wrong is not None:
                yield wrong
                del line[place]
            elif root_at(source, sweep, probe.size) == probe.root:
                good = probe.size
                line = line[place + 1 :]
            else:
                bad = probe
                line = line[:place]
    detail = (
        f"bodies and hashes were changed together: they fit the checkpoint of size {good}, but not that of {bad.size}"
    )
    yield Finding(Cause.REWRITTEN, detail, good, bad.size)
