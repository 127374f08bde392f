"""An export: a folder that a verifier needs nothing else for but the public key.

manifest              what is here, each file with its hash, as a note signed by the log's key
checkpoint            the newest checkpoint, with its cosignatures
checkpoints           older ones, a line each: they narrow down where a rewritten log was changed
cosigned/<size>       older checkpoints that witnesses signed
tile/...              hashes and entries, as tlog-tiles (C2SP) lays them out
sealed/...            sealed documents (ciphertext); keys are never exported
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from assentry.errors import LedgerDamaged, LedgerError
from assentry.ledger.backend import TILE, Backend, CheckpointRow
from assentry.ledger.checkpoint import SignedCheckpoint, to_line
from assentry.ledger.encoding import canonical, to_base64
from assentry.ledger.note import Note, Signer, sign
from assentry.ledger.reader import Reader, signed_checkpoint
from assentry.ledger.tiles import bundle_path, documents_path, tile_path, to_bundle, to_documents, widths

HEADER = "assentry-export/v1"

Progress = Callable[[int, int], object]
"""Called with the number of entries done, and of all."""


@dataclass
class _Writer:
    """Writes files below a folder and remembers their hashes."""

    folder: Path
    files: dict[str, tuple[str, int]] = field(default_factory=dict)

    def write(self, name: str, data: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self.files[name] = (sha256(data).hexdigest(), len(data))


def export(
    log: Reader, signer: Signer, target: Path, *, documents: bool = True, progress: Progress | None = None
) -> SignedCheckpoint:
    """Write the log as of now into a new folder, and return the checkpoint it stands under.

    The folder gets its name when it is whole. Raises LedgerError when it exists, LedgerDamaged when rows are missing.
    """
    if target.exists():
        raise LedgerError(f"`{target}` exists already: an export goes into a new folder")
    head, checkpoint = log.head(), log.checkpoint()
    if signer.verifier != head.key:
        raise LedgerError(f"an export is signed by the key in force, `{head.key}`")
    draft = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        draft.mkdir(parents=True)
        writer = _Writer(draft)
        _write_tree(writer, log.backend, head.pruned, checkpoint.size, documents, progress)
        _write_checkpoints(writer, log, checkpoint)
        text = _manifest(writer, log.tenant, checkpoint, head.pruned, documents=documents)
        (draft / "manifest").write_text(str(Note(text, (sign(text, signer),))), encoding="utf-8")
        draft.rename(target)
    except OSError as error:
        raise LedgerError(f"cannot write `{target}`: {(error.strerror or str(error)).lower()}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return checkpoint


def _manifest(writer: _Writer, tenant: str, checkpoint: SignedCheckpoint, pruned: int, *, documents: bool) -> str:
    lines = [
        HEADER,
        f"tenant {canonical(tenant).decode()}",
        f"origin {checkpoint.origin}",
        f"size {checkpoint.size}",
        f"root {to_base64(checkpoint.root)}",
        f"pruned {pruned}",
        f"documents {'included' if documents else 'omitted'}",
        f"files {len(writer.files)}",
    ]
    lines += [f"{digest} {size} {name}" for name, (digest, size) in sorted(writer.files.items())]
    return "".join(f"{line}\n" for line in lines)


# ---- entries and hashes ----


def _write_tree(
    writer: _Writer, backend: Backend, pruned: int, size: int, documents: bool, progress: Progress | None
) -> None:
    for start in range(0, size, TILE):
        stop = min(start + TILE, size)
        index, width = start // TILE, stop - start
        if start >= pruned:
            rows = list(backend.entries(start, stop))
            if len(rows) != width:
                raise LedgerDamaged(f"entries between {start} and {stop - 1} are missing")
            writer.write(bundle_path(index, width), to_bundle(body for _, _, body, _ in rows))
        writer.write(tile_path(0, index, width), _hashes(backend, 0, start, stop))
        if documents:
            sealed = [(row.idx, row.ciphertext) for row in backend.documents(start, stop) if row.ciphertext is not None]
            if sealed:
                writer.write(documents_path(index), to_documents(sealed))
        if progress is not None:
            progress(stop, size)
    for level, full, partial in widths(size)[1:]:
        for index in range(full + bool(partial)):
            start, width = index * TILE, partial if index == full else TILE
            writer.write(tile_path(level, index, width), _hashes(backend, level, start, start + width))


def _hashes(backend: Backend, level: int, start: int, stop: int) -> bytes:
    """Hashes of one tile, from the tile where it is full, else from what it consists of."""
    row = backend.tile(level, start // TILE) if stop - start == TILE else None
    if row is not None:
        return row.hashes
    found = backend.leaves(start, stop) if level == 0 else backend.tile_roots(level - 1, start, stop)
    if len(found) != stop - start:
        raise LedgerDamaged(f"hashes {start} to {stop - 1} of level {level * 8} are not all there")
    return b"".join(found)


# ---- checkpoints ----


def _write_checkpoints(writer: _Writer, log: Reader, newest: SignedCheckpoint) -> None:
    writer.write("checkpoint", str(newest).encode())
    rows = thinned(log.backend.checkpoints(), newest.size)
    writer.write("checkpoints", "".join(to_line(signed_checkpoint(row)) for row in rows).encode())
    for size in log.backend.cosigned():
        if size < newest.size:
            writer.write(f"cosigned/{size}", str(log.checkpoint(size)).encode())


def thinned(rows: Iterator[CheckpointRow], newest: int) -> Iterator[CheckpointRow]:
    """The last checkpoint of each tile and of each key, and all of the newest tile's worth of entries."""
    before: CheckpointRow | None = None
    for row in rows:
        if row.size > newest:
            break
        if before is not None and (
            (before.size - 1) // TILE != (row.size - 1) // TILE
            or before.epoch != row.epoch
            or before.size > newest - TILE
        ):
            yield before
        before = row
    if before is not None:
        yield before
