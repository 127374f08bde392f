"""An export as a source: every file held to the manifest as it is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path, PurePosixPath

from assentry.errors import LedgerError, LedgerVersion, NoteError
from assentry.ledger.backend import TILE
from assentry.ledger.checkpoint import SignedCheckpoint, from_line, parse_checkpoint
from assentry.ledger.encoding import from_decimal, parsed, to_base64
from assentry.ledger.export import HEADER
from assentry.ledger.merkle import Frontier
from assentry.ledger.note import Note, parse_note
from assentry.ledger.tiles import bundle_path, documents_path, from_bundle, from_documents, tile_path
from assentry.ledger.verify.findings import Cause, Finding
from assentry.ledger.verify.source import Chunk
from assentry.ledger.verify.structure import Structure


@dataclass
class Manifest:
    """What a manifest says; its signature is checked with the others."""

    tenant: str = ""
    origin: str = ""
    size: int = 0
    root: str = ""
    pruned: int = 0
    documents: bool = True
    files: dict[str, tuple[str, int]] = field(default_factory=dict)
    note: Note | None = None


def parse_manifest(data: bytes) -> Manifest:
    """Read a manifest. Raises NoteError when it is malformed, LedgerVersion when it is of another version."""
    note = parse_note(data)
    lines = note.text.rstrip("\n").split("\n")
    if lines[0] != HEADER:
        known, _, version = lines[0].partition("/")
        if known == HEADER.partition("/")[0]:
            raise LedgerVersion(f"an export of version `{version}`; this program reads `{HEADER.partition('/')[2]}`")
        raise NoteError("not a manifest of an export")
    try:
        fields = dict(line.split(" ", 1) for line in lines[1:8])
        files = [line.split(" ", 2) for line in lines[8:]]
        tenant = parsed(fields["tenant"])
        manifest = Manifest(
            tenant=str(tenant),
            origin=fields["origin"],
            root=fields["root"],
            size=from_decimal(fields["size"]),
            pruned=from_decimal(fields["pruned"]),
            documents=fields["documents"] == "included",
            files={name: (digest, from_decimal(size)) for digest, size, name in files},
            note=note,
        )
    except (ValueError, KeyError) as error:
        raise NoteError("not a manifest of an export: a line is malformed") from error
    most = TILE * sum(name.startswith("tile/0/") for name in manifest.files)
    if not isinstance(tenant, str) or manifest.size > most or any(_escapes(name) for name in manifest.files):
        raise NoteError("not a manifest of an export: a line is malformed")
    return manifest


def _escapes(name: str) -> bool:
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts


class Export:
    """A folder written by `assentry ledger export`; see source.py."""

    def __init__(self, folder: Path) -> None:
        """Raises LedgerError when there is nothing like an export, LedgerVersion when it is of another version."""
        self._folder = folder
        self._findings: list[Finding] = []
        self._seen: set[str] = set()
        self._wrong: set[str] = set()
        self._last: Chunk | None = None
        self._above: tuple[int, bytes] | None = None
        if not (folder / "manifest").is_file() and not (folder / "checkpoint").is_file():
            raise LedgerError(f"`{folder}` is not an export of a ledger: it has neither manifest nor checkpoint")
        self._manifest = self._read_manifest()
        self._newest = self._read_newest()
        self.tenant = self._manifest.tenant
        self.documents = self._manifest.documents
        self.size = self._manifest.size
        if self._manifest.note is None and self._newest is not None:
            self.size = min(self._newest.size, self._most())

    def _read_manifest(self) -> Manifest:
        path = self._folder / "manifest"
        try:
            if path.is_file():
                return parse_manifest(path.read_bytes())
            self._findings.append(Finding(Cause.MANIFEST, "there is no manifest"))
        except NoteError as error:
            self._findings.append(Finding(Cause.MANIFEST, str(error)))
        return Manifest(tenant=self._tenant_of_entry_0())

    def _most(self) -> int:
        """More entries than so many cannot be there, whatever a checkpoint says."""
        return TILE * sum(
            path.is_file() for name in ("0", "entries") for path in (self._folder / "tile" / name).rglob("*")
        )

    def _tenant_of_entry_0(self) -> str:
        """Whose log it is, where no manifest says so."""
        with suppress(ValueError, KeyError, TypeError, IndexError, OSError):
            first = sorted((self._folder / "tile/entries").glob("000*"))[0]
            path = first if first.is_file() else sorted(first.iterdir())[0]
            return str(parsed(from_bundle(path.read_bytes())[0])["tenant"])
        return ""

    def _read_newest(self) -> SignedCheckpoint | None:
        data = self._read("checkpoint")
        try:
            return None if data is None else parse_checkpoint(data)
        except NoteError as error:
            self._findings.append(Finding(Cause.CHECKPOINT, str(error)))
            return None

    def _read(self, name: str, start: int | None = None, stop: int | None = None) -> bytes | None:
        """A file, held to the manifest; `[start, stop)` are the entries that it is about."""
        known = self._manifest.files.get(name)
        self._seen.add(name)
        path = self._folder / name
        try:
            data = path.read_bytes() if path.is_file() else None
        except (OSError, ValueError):  # nobody may read it, or no file can have that name
            data = None
        if data is None:
            if known is not None:
                self._wrong_file(name, Finding(Cause.FILE, f"`{name}` is missing", start, stop))
            return None
        if known is not None and (len(data), sha256(data).hexdigest()) != (known[1], known[0]):
            self._wrong_file(
                name, Finding(Cause.FILE, f"`{name}` is not the file that the manifest names", start, stop)
            )
        return data

    def _wrong_file(self, name: str, finding: Finding) -> None:
        if name not in self._wrong:
            self._wrong.add(name)
            self._findings.append(finding)

    # ---- entries ----

    def chunk(self, index: int) -> Chunk:
        if self._last is not None and self._last.start == index * TILE:
            return self._last
        start = index * TILE
        stop = min(start + TILE, self.size)
        width = stop - start
        pruned = start < self._manifest.pruned
        documents = self._documents(index, start, stop) if self.documents else None
        chunk = Chunk(
            start=start,
            bodies=[None] * width if pruned else self._bodies(index, start, stop),
            leaves=None,
            tile=self._read(tile_path(0, index, width), start, stop) or bytes(32 * width),
            parent=self._parent(index) if width == TILE else None,
            documents=documents,
            pruned=pruned,
        )
        self._last = chunk
        return chunk

    def _parent(self, index: int) -> bytes | None:
        """The root of a full tile as the tile above holds it."""
        above, place = divmod(index, TILE)
        if self._above is None or self._above[0] != above:
            width = min(self.size // TILE - above * TILE, TILE)
            self._above = (above, self.tile(1, above, width) or b"")
        return self._above[1][place * 32 : place * 32 + 32]

    def _bodies(self, index: int, start: int, stop: int) -> Sequence[bytes | None]:
        name = bundle_path(index, stop - start)
        data = self._read(name, start, stop)
        if data is None:
            return [None] * (stop - start)
        try:
            bodies: list[bytes | None] = list(from_bundle(data))
        except ValueError as error:
            self._wrong_file(name, Finding(Cause.FILE, f"`{name}`: {error}", start, stop))
            return [None] * (stop - start)
        if len(bodies) != stop - start:
            detail = f"`{name}` holds {len(bodies)} entries, not {stop - start}"
            self._wrong_file(name, Finding(Cause.FILE, detail, start, stop))
            return (bodies + [None] * (stop - start))[: stop - start]
        return bodies

    def _documents(self, index: int, start: int, stop: int) -> Sequence[tuple[int, bytes]]:
        name = documents_path(index)
        if name not in self._manifest.files and not (self._folder / name).is_file():
            return ()
        data = self._read(name, start, stop)
        try:
            return [(entry, sha256(text).digest()) for entry, text in from_documents(data or b"")]
        except ValueError as error:
            self._wrong_file(name, Finding(Cause.FILE, f"`{name}`: {error}", start, stop))
            return ()

    def has_document(self, index: int) -> bool:
        return any(entry == index for entry, _ in self.chunk(index // TILE).documents or ())

    # ---- what is above the entries ----

    def newest(self) -> SignedCheckpoint | None:
        return self._newest

    def checkpoints(self, above: int, upto: int, *, thin: bool) -> Iterator[SignedCheckpoint]:
        del thin  # an export is thinned already
        for line in (self._read("checkpoints") or b"").decode(errors="replace").splitlines():
            try:
                checkpoint = from_line(line)
            except NoteError as error:
                self._wrong_file("checkpoints", Finding(Cause.CHECKPOINT, f"`checkpoints`: {error}"))
                continue
            if above < checkpoint.size <= upto:
                yield checkpoint

    def cosigned(self) -> Iterator[SignedCheckpoint]:
        names = [name for name in self._manifest.files if name.startswith("cosigned/")]
        for name in sorted(names, key=lambda name: (len(name), name)):
            with suppress(NoteError):
                yield parse_checkpoint(self._read(name) or b"")

    def meanwhile(self) -> Iterator[tuple[int, bytes]]:
        return iter(())

    def notes(self) -> list[tuple[Note, str]]:
        return [] if self._manifest.note is None else [(self._manifest.note, "the manifest")]

    def tile(self, level: int, index: int, width: int) -> bytes | None:
        span = TILE ** (level + 1)
        data = self._read(tile_path(level, index, width), index * span, min((index + 1) * span, self.size))
        return bytes(32 * width) if data is None else data

    def findings(self, tree: Frontier | None, said: Structure) -> list[Finding]:
        del tree
        if self._manifest.pruned > said.pruned:
            detail = f"it says that bodies below {self._manifest.pruned} were pruned; the entries say {said.pruned}"
            self._findings.append(Finding(Cause.MANIFEST, detail))
        for name in self._manifest.files:
            if name not in self._seen:
                self._read(name)
        if self._manifest.note is not None:
            for path in sorted(self._folder.rglob("*")):
                name = path.relative_to(self._folder).as_posix()
                if path.is_file() and name not in self._manifest.files and name != "manifest":
                    self._findings.append(Finding(Cause.FILE, f"`{name}` is not in the manifest"))
            self._hold_to_checkpoint()
        return self._findings

    def _hold_to_checkpoint(self) -> None:
        """Both are signed: that they are of two trees is a finding, whoever of them is right."""
        said, newest = self._manifest, self._newest
        if newest is None or (said.origin, said.size, said.root) == (
            newest.origin,
            newest.size,
            to_base64(newest.root),
        ):
            return
        detail = f"it is of `{said.origin}` at size {said.size}, root {said.root}; the checkpoint is of another tree"
        self._findings.append(Finding(Cause.MANIFEST, detail))
