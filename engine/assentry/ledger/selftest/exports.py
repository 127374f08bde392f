"""Attacks on an export: somebody who has the folder, and no key."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from assentry.errors import LedgerError
from assentry.ledger import opening
from assentry.ledger.export import export
from assentry.ledger.merkle import leaf_hash
from assentry.ledger.selftest.run import Outcome
from assentry.ledger.selftest.scene import MIDDLE, TENANT, WHOLE, Scene
from assentry.ledger.selftest.stage import Stage
from assentry.ledger.selftest.tampers import VICTIM
from assentry.ledger.tiles import (
    bundle_path,
    documents_path,
    from_bundle,
    from_documents,
    tile_path,
    to_bundle,
    to_documents,
)
from assentry.ledger.verify.evidence import Evidence
from assentry.ledger.verify.exported import Export
from assentry.ledger.verify.findings import Cause, Finding
from assentry.ledger.verify.run import verify


@dataclass(frozen=True, slots=True)
class Forgery:
    """A row of the matrix for exports; `start` is the entry that must be named, where there is one."""

    name: str
    do: Callable[[Path], None]
    causes: tuple[Cause, ...]
    start: int | None = None
    needs: str = ""


def _edit_body(folder: Path) -> None:
    path = folder / bundle_path(0)
    bodies = from_bundle(path.read_bytes())
    bodies[VICTIM] = bodies[VICTIM].replace(b'"n":', b'"n":9')
    path.write_bytes(to_bundle(bodies))


def _edit_tile(folder: Path) -> None:
    path = folder / tile_path(0, 0)
    hashes = bytearray(path.read_bytes())
    hashes[VICTIM * 32] ^= 1
    path.write_bytes(hashes)


def _edit_body_and_manifest(folder: Path) -> None:
    """The manifest is made to fit; only its signature is not."""
    _edit_body(folder)
    manifest = folder / "manifest"
    text = manifest.read_text(encoding="utf-8")
    name = bundle_path(0)
    data = (folder / name).read_bytes()
    lines = [
        f"{sha256(data).hexdigest()} {len(data)} {name}" if line.endswith(f" {name}") else line
        for line in text.split("\n")
    ]
    manifest.write_text("\n".join(lines), encoding="utf-8")


def _edit_body_and_tiles(folder: Path) -> None:
    _edit_body(folder)
    bodies = from_bundle((folder / bundle_path(0)).read_bytes())
    (folder / tile_path(0, 0)).write_bytes(b"".join(leaf_hash(body) for body in bodies))


def _swap(folder: Path) -> None:
    path = folder / bundle_path(0)
    bodies = from_bundle(path.read_bytes())
    bodies[VICTIM], bodies[VICTIM + 1] = bodies[VICTIM + 1], bodies[VICTIM]
    path.write_bytes(to_bundle(bodies))


def _swap_documents(folder: Path) -> None:
    path = folder / documents_path(0)
    documents = dict(from_documents(path.read_bytes()))
    documents[30], documents[32] = documents[32], documents[30]
    path.write_bytes(to_documents(sorted(documents.items())))


def _drop_newest_checkpoint(folder: Path) -> None:
    (folder / "checkpoint").unlink()


def _older_checkpoint(folder: Path) -> None:
    """The newest checkpoint gives way to the one before it, which is signed as well."""
    line = (folder / "checkpoints").read_text(encoding="utf-8").splitlines()[-2]
    origin, size, root, signature = line.split(" ")
    (folder / "checkpoint").write_text(f"{origin}\n{size}\n{root}\n\n\u2014 {origin} {signature}\n", encoding="utf-8")


def _drop_bundle(folder: Path) -> None:
    (folder / bundle_path(1)).unlink()


def _add_file(folder: Path) -> None:
    (folder / "tile" / "entries" / "900").write_bytes(b"what nobody signed")


def _loosen_base64(folder: Path) -> None:
    """The last character before the padding has bits that a lax decoder ignores."""
    manifest = folder / "manifest"
    text = manifest.read_text(encoding="utf-8").rstrip("\n")
    kept = text.rstrip("=")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    looser = alphabet[alphabet.index(kept[-1]) ^ 1]
    manifest.write_text(kept[:-1] + looser + text[len(kept) :] + "\n", encoding="utf-8")


_FILE = (Cause.FILE,)

FORGERIES: tuple[Forgery, ...] = (
    Forgery("edit a body", _edit_body, (Cause.BODY,), VICTIM),
    Forgery("edit a tile", _edit_tile, (Cause.TILE,), VICTIM),
    Forgery("edit a body, and the manifest with it", _edit_body_and_manifest, (Cause.MANIFEST,)),
    Forgery("edit a body and its tile", _edit_body_and_tiles, (Cause.REWRITTEN,), 0),
    Forgery("swap two entries", _swap, (Cause.BODY,), VICTIM),
    Forgery("swap two sealed documents", _swap_documents, (Cause.DOCUMENT,), 30),
    Forgery("drop the newest checkpoint", _drop_newest_checkpoint, _FILE),
    Forgery("put an older checkpoint in its place", _older_checkpoint, (Cause.BEYOND,), WHOLE - 10),
    Forgery("drop a bundle of entries", _drop_bundle, (Cause.MISSING,), 256),
    Forgery("add a file", _add_file, _FILE),
    Forgery("spell base64 in another way", _loosen_base64, (Cause.MANIFEST,)),
)


def rehearse_export(stage: Stage, scene: Scene, folder: Path, *, flips: int = 64) -> Iterator[Outcome]:
    """Export the scene and try all forgeries; then flip one byte in `flips` places spread over all files."""
    clean = folder / "clean"
    with opening.open_reader(stage.again("whole").place, tenant=TENANT) as log:
        export(log, scene.second, clean)
    if findings := _examined(clean, scene):
        yield Outcome("leave it as it is", "", None, tuple(findings))
        return
    for number, forgery in enumerate(FORGERIES):
        copy = folder / f"copy-{number}"
        shutil.copytree(clean, copy)
        forgery.do(copy)
        found = _examined(copy, scene)
        right = [one for one in found if one.cause in forgery.causes and forgery.start in (None, one.start)]
        yield Outcome(forgery.name, "", right[0] if right else None, tuple(found))
        shutil.rmtree(copy)
    yield _older_export(stage, scene, folder)
    yield flipped(clean, scene, spread(clean, flips))


def _examined(folder: Path, scene: Scene, evidence: Evidence | None = None) -> list[Finding]:
    return verify(Export(folder), [scene.first.verifier], evidence=evidence).findings


def _older_export(stage: Stage, scene: Scene, folder: Path) -> Outcome:
    """An export of the log as it was once, handed out as today's."""
    older = folder / "older"
    with opening.open_reader(stage.again("early").place, tenant=TENANT) as log:
        export(log, scene.second, older)
    found = _examined(older, scene, Evidence([("receipt", scene.receipt)]))
    right = [one for one in found if one.cause is Cause.TRUNCATED and one.stop == MIDDLE]
    return Outcome("hand out an older export", "receipt", right[0] if right else None, tuple(found))


def spread(folder: Path, number: int) -> list[tuple[Path, int]]:
    """Places spread evenly over the bytes of all files."""
    files = [(path, path.stat().st_size) for path in sorted(folder.rglob("*")) if path.is_file()]
    total = sum(size for _, size in files)
    places = []
    for n in range(number):
        offset = total * n // number
        for path, size in files:
            if offset < size:
                places.append((path, offset))
                break
            offset -= size
    return places


def flipped(folder: Path, scene: Scene, places: list[tuple[Path, int]]) -> Outcome:
    """Flip one bit at each place in turn; each must be found."""
    missed: list[Finding] = []
    for path, offset in places:
        data = path.read_bytes()
        path.write_bytes(data[:offset] + bytes((data[offset] ^ (1 << offset % 8),)) + data[offset + 1 :])
        try:
            good = not _examined(folder, scene)
        except LedgerError:
            good = False
        finally:
            path.write_bytes(data)
        if good:
            missed.append(Finding(Cause.FILE, f"a flipped bit at byte {offset} of `{path.relative_to(folder)}`"))
    name = f"flip a bit at {len(places):,} places"
    return Outcome(name, "", None if missed else Finding(Cause.FILE, "each was found"), tuple(missed))
