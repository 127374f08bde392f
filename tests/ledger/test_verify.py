"""Verification beyond the matrix: keys and their chain, evidence, pruned logs, exports of other versions, replay."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assentry.errors import LedgerError, LedgerVersion, NoteError
from assentry.ledger import opening
from assentry.ledger.backend import EntryRow
from assentry.ledger.checkpoint import Checkpoint, SignedCheckpoint, sign_checkpoint
from assentry.ledger.clock import SetClock
from assentry.ledger.encoding import to_base64
from assentry.ledger.entry import Claim, Entry, Item, draft
from assentry.ledger.export import export
from assentry.ledger.jobs import rotation_statement
from assentry.ledger.log import Log
from assentry.ledger.memory import Memory
from assentry.ledger.merkle import fold
from assentry.ledger.note import COSIGNATURE, Note, Signer, cosign, sign
from assentry.ledger.proof import verify_proof
from assentry.ledger.sealing import SealingKey
from assentry.ledger.verify.evidence import Evidence
from assentry.ledger.verify.exported import Export
from assentry.ledger.verify.findings import Cause, Finding, Report, merged
from assentry.ledger.verify.judge import upper_tiles
from assentry.ledger.verify.keys import Announcement, Chain
from assentry.ledger.verify.run import verify
from assentry.ledger.verify.stored import Stored
from assentry.ledger.verify.sweep import Sweep
from tests.support.ledgers import NOON, Ledgers, appended, item

SIGNER = Signer.generate("log.example/acme")
WITNESS = Signer.generate("witness.example/w1", COSIGNATURE)


@pytest.fixture
def log() -> Log:
    made = opening.memory("acme", SIGNER, sealing=SealingKey.generate(), clock=SetClock(NOON))
    appended(made.append([item(n, f"r-{n % 5}") for n in range(299)]))
    return made


def report_of(log: Log, *keys: Signer, evidence: Evidence | None = None) -> Report:
    return verify(Stored(log), [key.verifier for key in keys or (SIGNER,)], evidence=evidence)


def causes(report: Report) -> list[Cause]:
    return [finding.cause for finding in report.findings]


# ---- all ledgers, and their exports ----


def test_every_kind_of_ledger_verifies_and_so_does_its_export(ledgers: Ledgers, tmp_path: Path) -> None:
    log = ledgers.new()
    appended(log.append([item(n, f"r-{n % 5}") for n in range(400)]))
    sealed = log.seal(b"a document", ["p-1"])
    appended(log.append([Item.of("consumed", {}, request="r-1", claims=(Claim("c", "1"),), sealed=sealed)]))
    old, signer = log.head().key, log._signer
    new = Signer.generate(log.head().origin)
    log.rotate(new, "yearly")
    appended(log.append([item(n) for n in range(200)]))
    log.erase("p-1", "asked")
    for key in (old, new.verifier):
        assert verify(Stored(log), [key]).findings == []
    export(log, new, tmp_path / "export")
    for key in (old, new.verifier):
        report = verify(Export(tmp_path / "export"), [key])
        assert (report.findings, report.size, report.epoch, report.erased) == ([], log.head().size, 1, 1)
    assert report.development is not ledgers.durable
    with pytest.raises(LedgerError, match="exists already"):
        export(log, new, tmp_path / "export")
    with pytest.raises(LedgerError, match="is signed by the key in force"):
        export(log, signer, tmp_path / "another")


@pytest.mark.parametrize("below", [256, 700])
def test_a_pruned_log_verifies_and_so_does_its_export(ledgers: Ledgers, tmp_path: Path, below: int) -> None:
    log = ledgers.new()
    old = log.head().key
    appended(log.append([item(n, f"r-{n % 5}") for n in range(300)]))
    new = Signer.generate(log.head().origin)
    log.rotate(new, "yearly")
    sealed = [Item.of("requested", {"n": n}, sealed=log.seal(b"x", ["p-1"])) for n in range(3)]
    appended(log.append([*sealed, *(item(n) for n in range(600))]))
    log.prune(below, "retention")
    if below == 700:
        log.prune(800, "more retention")  # the first `pruned` entry stands above 800 and stays
    for key in (old, new.verifier):  # the chain of keys outlives the entries that announced it
        report = verify(Stored(log), [key])
        assert report.findings == []
    export(log, new, tmp_path / "export", documents=False)
    report = verify(Export(tmp_path / "export"), [old])
    assert (report.findings, report.pruned, report.documents) == ([], log.head().pruned, False)
    assert verify(Export(tmp_path / "export"), [Signer.generate("log.example/x").verifier]).findings


def test_pruning_more_than_once_keeps_the_chain_of_keys() -> None:
    log = opening.memory("acme", SIGNER)
    second, third = (Signer.generate("log.example/acme") for _ in range(2))
    appended(log.append([item(n) for n in range(100)]))
    log.rotate(second, "one")
    appended(log.append([item(n) for n in range(300)]))
    log.prune(256, "first")
    appended(log.append([item(n) for n in range(300)]))
    log.rotate(third, "two")
    appended(log.append([item(n) for n in range(300)]))
    log.prune(900, "second")
    assert log.head().pruned == 768
    for signer in (SIGNER, second, third):
        assert report_of(log, signer).findings == []


def test_a_body_that_is_missing_without_a_word(log: Log) -> None:
    memory = log.backend
    memory._rows[7] = None  # type: ignore[attr-defined]
    report = report_of(log)
    assert [(finding.cause, finding.start) for finding in report.findings] == [(Cause.MISSING, 7)]


# ---- keys ----


def test_no_trusted_key(log: Log) -> None:
    report = report_of(log, Signer.generate("log.example/acme"))
    assert set(causes(report)) == {Cause.KEY, Cause.CHECKPOINT}


def test_a_key_that_the_old_one_did_not_sign() -> None:
    """Whoever holds only the newer key cannot announce it."""
    log = opening.memory("acme", SIGNER, clock=SetClock(NOON))
    thief = Signer.generate("log.example/acme")
    statement = rotation_statement(SIGNER.verifier, thief.verifier, 1)
    for signature in (thief.sign(statement), SIGNER.sign(b"something else"), b""):
        data = {"epoch": 1, "key": str(thief.verifier), "reason": "", "role": "log", "signature": to_base64(signature)}
        (receipt,) = appended(log.append([Item.of("key", data)]))
        report = report_of(log)
        assert Finding(Cause.KEY, "key epoch 1 is not signed by the key before it", receipt.index) in report.findings


def test_a_key_signs_what_ends_behind_its_own_announcement() -> None:
    old, new = Signer.generate("log.example/acme"), Signer.generate("log.example/acme")
    signature = old.sign(rotation_statement(old.verifier, new.verifier, 1))
    announcements = [Announcement(None, 0, old.verifier, b""), Announcement(10, 1, new.verifier, signature)]
    chain = Chain.build(announcements, [old.verifier])
    assert [chain.in_force(size) for size in (1, 10, 11)] == [old.verifier, old.verifier, new.verifier]
    assert [chain.epoch_of(size) for size in (1, 10, 11)] == [0, 0, 1]


def test_keys_out_of_order_are_none() -> None:
    old, new = Signer.generate("log.example/acme"), Signer.generate("log.example/acme")

    def next_key(epoch: int, index: int | None) -> Announcement:
        return Announcement(index, epoch, new.verifier, old.sign(rotation_statement(old.verifier, new.verifier, epoch)))

    first = Announcement(None, 0, old.verifier, b"")
    for odd in (next_key(2, 10), next_key(0, 10), next_key(1, None)):
        chain = Chain.build([first, odd], [old.verifier])
        assert [one.key for one in chain.keys] == [old.verifier]
        assert [one.cause for one in chain.findings] == [Cause.KEY]
    assert Chain.build([next_key(1, 10)], [old.verifier]).keys == []


def test_keys_of_other_roles_are_none_of_the_logs(log: Log) -> None:
    appended(log.append([Item.of("key", {"role": "grant", "epoch": 0, "key": "whatever"})]))
    assert report_of(log).good


# ---- evidence ----


def checkpoint_of(log: Log, size: int, signer: Signer = SIGNER) -> bytes:
    return str(sign_checkpoint(Checkpoint(log.head().origin, size, log.root(size)), signer)).encode()


def test_evidence_that_fits(log: Log) -> None:
    receipt = str(log.receipt(17)).encode()
    evidence = Evidence([("receipt", receipt), *((f"{n}", checkpoint_of(log, n)) for n in (1, 200, 256, 300))])
    report = report_of(log, evidence=evidence)
    assert (report.findings, report.evidence) == ([], 5)


def test_evidence_of_another_history_names_where_both_part(log: Log) -> None:
    forged = str(sign_checkpoint(Checkpoint(log.head().origin, 280, bytes(32)), SIGNER)).encode()
    evidence = Evidence([("forged", forged), ("true", checkpoint_of(log, 270))])
    report = report_of(log, evidence=evidence)
    assert [(one.cause, one.start, one.stop) for one in report.findings] == [(Cause.FORK, 270, 280)]


def test_a_receipt_for_another_entry(log: Log) -> None:
    other = opening.memory("acme", SIGNER, clock=SetClock(NOON))
    appended(other.append([item(n, f"r-{n % 5}") for n in range(298)] + [item(999, "r-3")]))
    report = report_of(log, evidence=Evidence([("receipt", str(other.receipt(299)).encode())]))
    assert causes(report) == [Cause.FORK, Cause.FORK]
    assert report.findings[1].start == 299


@pytest.mark.parametrize("data", [b"", b"nonsense", b"c2sp.org/tlog-proof@v1\nindex 1\n"])
def test_evidence_that_cannot_be_read(log: Log, data: bytes) -> None:
    assert causes(report_of(log, evidence=Evidence([("file", data)]))) == [Cause.CHECKPOINT]


def test_evidence_that_nobody_known_signed(log: Log) -> None:
    data = checkpoint_of(log, 10, Signer.generate(log.head().origin))
    assert causes(report_of(log, evidence=Evidence([("file", data)]))) == [Cause.CHECKPOINT]


def test_the_key_of_this_log_under_another_origin(log: Log) -> None:
    """What a key signs for another name is about another log."""
    other = str(sign_checkpoint(Checkpoint("log.example/other", 300, log.root(300)), SIGNER)).encode()
    report = report_of(log, evidence=Evidence([("other", other)]))
    assert [str(one) for one in report.findings] == ["checkpoint: `other` is of `log.example/other`, not of this log"]
    backend = log.backend
    assert isinstance(backend, Memory)
    source = Stored(log)
    source._newest = sign_checkpoint(Checkpoint("log.example/other", 300, log.root(300)), SIGNER)
    assert Cause.CHECKPOINT in causes(verify(source, [SIGNER.verifier]))
    receipt = replace(log.receipt(1), checkpoint=source._newest)
    with pytest.raises(NoteError, match="which is not the log of the key"):
        verify_proof(str(receipt), log.entry(1).body, [SIGNER.verifier])


def test_what_an_earlier_origin_had_beyond_the_restore(log: Log) -> None:
    """The backup had 300 entries, the lost log had 310: their receipts say so, although the log goes on to 400."""
    lost = opening.memory("acme", SIGNER, clock=SetClock(NOON))
    appended(lost.append([item(n, f"r-{n % 5}") for n in range(309)]))
    receipt = str(lost.receipt(305)).encode()
    second = Signer.generate("log.example/acme-2")
    log.rotate(second, "restored from a backup")
    appended(log.append([item(n) for n in range(100)]))
    assert report_of(log).findings == []
    report = report_of(log, evidence=Evidence([("receipt", receipt)]))
    assert [(one.cause, one.start, one.stop) for one in report.findings] == [(Cause.TRUNCATED, 300, 310)]


def test_witnesses_and_their_quorum(log: Log) -> None:
    checkpoint = log.checkpoint()
    log.cosign(checkpoint.size, [cosign(checkpoint.note.text, WITNESS, NOON // 1000 + 5)])
    seen = report_of(log, evidence=Evidence(witnesses=[WITNESS.verifier], quorum=1))
    assert seen.findings == []
    assert [(one.name, one.size, one.time) for one in seen.witnessed] == [(WITNESS.name, 300, NOON // 1000 + 5)]
    assert causes(report_of(log, evidence=Evidence(witnesses=[WITNESS.verifier], quorum=2))) == [Cause.WITNESS]
    log.cosign(checkpoint.size, [cosign("something else\n", WITNESS, 1)])
    assert Cause.WITNESS in causes(report_of(log, evidence=Evidence(witnesses=[WITNESS.verifier])))


def test_a_witness_that_saw_another_history(log: Log) -> None:
    other = sign_checkpoint(Checkpoint(log.head().origin, 100, bytes(32)), SIGNER)
    both = other.with_signatures([cosign(other.note.text, WITNESS, NOON // 1000)])
    report = report_of(log, evidence=Evidence([("witness", str(both).encode())], [WITNESS.verifier]))
    assert causes(report) == [Cause.FORK]


def test_a_witness_that_saw_another_history_by_the_logs_own_records(log: Log) -> None:
    """What its holder signed for a witness stands beside the log, and differs from it."""
    other = sign_checkpoint(Checkpoint(log.head().origin, 100, bytes(32)), SIGNER)

    class Shown(Stored):
        def cosigned(self) -> Iterator[SignedCheckpoint]:
            yield other.with_signatures([cosign(other.note.text, WITNESS, NOON // 1000)])

    report = verify(Shown(log), [SIGNER.verifier], evidence=Evidence(witnesses=[WITNESS.verifier]))
    assert [(one.cause, one.stop) for one in report.findings] == [(Cause.FORK, 100)]


def test_times_that_a_witness_contradicts(log: Log) -> None:
    checkpoint = log.checkpoint()
    log.cosign(checkpoint.size, [cosign(checkpoint.note.text, WITNESS, NOON // 1000 - 3600)])
    report = report_of(log, evidence=Evidence(witnesses=[WITNESS.verifier]))
    assert [(one.cause, one.start) for one in report.findings] == [(Cause.BACKDATED, 299)]


# ---- tiles above the leaves ----


def test_a_wrong_hash_far_above_the_leaves_is_named_with_what_lies_below() -> None:
    """Of 131,073 entries: two full tiles of level 1, and a tile of level 2 that holds their roots."""
    roots = [bytes([number % 251]) * 32 for number in range(512)]
    above = [fold(roots[:256]), fold(roots[256:])]
    tiles = {(1, 0): b"".join(roots[:256]), (1, 1): b"".join(roots[256:]), (2, 0): b"".join(above)}

    class Tiles(Stored):
        def __init__(self) -> None:
            """No database: only these tiles are asked for."""

        def tile(self, level: int, index: int, width: int) -> bytes | None:
            return tiles[level, index]

    sweep = Sweep(size=131_073, roots=roots, tail=[bytes(32)])
    assert upper_tiles(Tiles(), sweep, {}) == []
    tiles[2, 0] = above[0] + bytes(32)
    found = upper_tiles(Tiles(), sweep, {})
    assert [(one.cause, one.start, one.stop) for one in found] == [(Cause.TILE, 65_536, 131_072)]
    tiles[2, 0] = above[0]
    assert [(one.start, one.stop) for one in upper_tiles(Tiles(), sweep, {})] == [(65_536, 131_072)]


# ---- what the entries say ----


def test_bodies_that_the_log_would_not_have_written(log: Log) -> None:
    """Whoever holds the key, and not our program, can sign anything."""
    memory = log.backend
    odd = b'{"at":"2026-11-20T12:00:00.000Z","data":{}}'
    good = draft("noted", {})(log.now())
    rows = memory._rows  # type: ignore[attr-defined]
    rows[4] = EntryRow._make(rows[4])._replace(body=odd)
    rows[5] = EntryRow._make(rows[5])._replace(body=good.replace(b'"acme"', b'"other"'))
    rows[6] = EntryRow._make(rows[6])._replace(body=good.replace(b'"noted"', b'"pruned"'))
    found = {(finding.cause, finding.start) for finding in report_of(log).findings}
    assert {(Cause.LAYOUT, 4), (Cause.TENANT, 5), (Cause.LAYOUT, 6)} <= found


def test_the_laws_are_replayed_over_all_entries(log: Log) -> None:
    def replay(entries: Iterable[Entry]) -> Iterator[Finding]:
        for entry in entries:
            if entry.data.get("number") == 7:
                yield Finding(Cause.LAW, "seven is not allowed", entry.index)

    report = verify(Stored(log), [SIGNER.verifier], replay=replay)
    assert (report.replayed, report.findings) == (True, [Finding(Cause.LAW, "seven is not allowed", 8)])


def test_progress_is_told(log: Log) -> None:
    told: list[tuple[int, int]] = []
    verify(Stored(log), [SIGNER.verifier], progress=lambda done, total: told.append((done, total)))
    assert told == [(256, 300), (300, 300)]


def test_what_is_appended_meanwhile_is_left_for_the_next_time(log: Log) -> None:
    source = Stored(log)
    appended(log.append([item(n) for n in range(300)]))
    report = verify(source, [SIGNER.verifier])
    assert (report.findings, report.size) == ([], 300)


# ---- exports ----


def test_an_export_of_another_version(log: Log, tmp_path: Path) -> None:
    export(log, SIGNER, tmp_path / "export")
    path = tmp_path / "export" / "manifest"
    text = path.read_text().replace("assentry-export/v1", "assentry-export/v9")
    path.write_text(str(Note(text.split("\n\n")[0] + "\n", (sign(text.split("\n\n")[0] + "\n", SIGNER),))))
    with pytest.raises(LedgerVersion, match="of version `v9`"):
        Export(tmp_path / "export")


@pytest.mark.parametrize(
    "text",
    [
        "something else\n",
        "assentry-export/v1\n",
        "assentry-export/v1\ntenant 7\norigin a\nsize 1\nroot x\npruned 0\ndocuments included\nfiles 0\n",
        'assentry-export/v1\ntenant "a"\norigin a\nsize one\nroot x\npruned 0\ndocuments included\nfiles 0\n',
        'assentry-export/v1\ntenant "a"\norigin a\nsize 0\nroot x\npruned 0\ndocuments included\nfiles 1\na 1 ../x\n',
        'assentry-export/v1\ntenant "a"\norigin a\nsize 0\nroot x\npruned 0\ndocuments included\nfiles 1\na 1 /etc/x\n',
    ],
)
def test_manifests_that_are_none(log: Log, tmp_path: Path, text: str) -> None:
    export(log, SIGNER, tmp_path / "export")
    (tmp_path / "export" / "manifest").write_text(str(Note(text, (sign(text, SIGNER),))))
    report = verify(Export(tmp_path / "export"), [SIGNER.verifier])
    assert causes(report) == [Cause.MANIFEST]
    assert report.tenant == "acme"  # as the entries say themselves


@pytest.mark.parametrize(
    ("line", "other"),
    [
        ("pruned 0", "pruned 256"),
        ("origin log.example/acme", "origin log.example/other"),
        ("size 300", "size 299"),
        ("root ", "root A"),
    ],
)
def test_a_signed_manifest_that_the_log_contradicts(log: Log, tmp_path: Path, line: str, other: str) -> None:
    """Its holder signs two things: the checkpoint, or the entries, say another one."""
    export(log, SIGNER, tmp_path / "export")
    path = tmp_path / "export" / "manifest"
    text = path.read_text().split("\n\n")[0].replace(f"\n{line}", f"\n{other}", 1) + "\n"
    path.write_text(str(Note(text, (sign(text, SIGNER),))))
    assert Cause.MANIFEST in causes(verify(Export(tmp_path / "export"), [SIGNER.verifier]))


def test_an_export_without_a_manifest_is_still_looked_at(log: Log, tmp_path: Path) -> None:
    export(log, SIGNER, tmp_path / "export")
    (tmp_path / "export" / "manifest").unlink()
    report = verify(Export(tmp_path / "export"), [SIGNER.verifier])
    assert (causes(report), report.size) == ([Cause.MANIFEST], 300)
    with pytest.raises(LedgerError, match="is not an export"):
        Export(tmp_path)


def test_sizes_that_no_export_can_have_are_not_waited_for(log: Log, tmp_path: Path) -> None:
    export(log, SIGNER, tmp_path / "export")
    manifest, checkpoint = (tmp_path / "export" / name for name in ("manifest", "checkpoint"))
    manifest.write_text(manifest.read_text().replace("\nsize 300\n", f"\nsize {2**62}\n"))
    assert verify(Export(tmp_path / "export"), [SIGNER.verifier]).findings[0].cause is Cause.MANIFEST
    checkpoint.write_text(checkpoint.read_text().replace("\n300\n", f"\n{2**62}\n"))
    assert {Cause.MANIFEST, Cause.CHECKPOINT} <= set(causes(verify(Export(tmp_path / "export"), [SIGNER.verifier])))


@pytest.mark.parametrize("kind", ["gone", "folder", "pipe"])
@pytest.mark.parametrize("name", ["manifest", "checkpoint", "tile/0/000", "tile/entries/000", "checkpoints"])
def test_files_that_are_none(log: Log, tmp_path: Path, name: str, kind: str) -> None:
    export(log, SIGNER, tmp_path / "export")
    path = tmp_path / "export" / name
    path.unlink()
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":  # nobody writes into it: who reads it waits for ever
        os.mkfifo(path)
    assert not verify(Export(tmp_path / "export"), [SIGNER.verifier]).good


def test_an_export_of_nothing_but_its_head(log: Log, tmp_path: Path) -> None:
    export(log, SIGNER, tmp_path / "export")
    shutil.rmtree(tmp_path / "export" / "tile")
    assert not verify(Export(tmp_path / "export"), [SIGNER.verifier]).good
    (tmp_path / "export" / "manifest").unlink()
    found = causes(verify(Export(tmp_path / "export"), [SIGNER.verifier]))
    assert Cause.MANIFEST in found


def test_an_export_that_cannot_be_written_leaves_nothing(log: Log, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(LedgerError, match="cannot write"):
        export(log, SIGNER, tmp_path / "file" / "export")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_runs_of_entries_are_one_finding() -> None:
    found = merged(Cause.BODY, [5, 1, 2, 3, 3], "detail")
    assert [(one.start, one.stop, one.place) for one in found] == [(1, 4, "entries 1 to 3"), (5, 6, "entry 5")]
    assert str(Finding(Cause.HEAD, "detail")) == "head: detail"
    assert str(found[0]) == "body: entries 1 to 3: detail"


def test_evidence_from_before_a_pruning_still_holds(ledgers: Ledgers) -> None:
    """Checkpoints of sizes within tiles whose bodies are gone: the tiles' hashes stand for them."""
    log = ledgers.new()
    old = [log.checkpoint() for _ in range(3) if appended(log.append([item(1), item(2)]))]
    appended(log.append([item(n) for n in range(600)]))
    receipt = str(log.receipt(1)).encode()
    signer = Signer.generate(log.head().origin)
    log.prune(300, "old")
    evidence = Evidence([("receipt", receipt), *((str(one.size), str(one).encode()) for one in old)])
    keys = [log.head().key]
    assert verify(Stored(log), keys, evidence=evidence).findings == []
    forged = str(sign_checkpoint(Checkpoint(log.head().origin, 5, bytes(32)), signer)).encode()
    chosen = verify(Stored(log), [*keys, signer.verifier], evidence=Evidence([("forged", forged)]))
    assert Cause.FORK in causes(chosen)


@pytest.mark.parametrize("claims", ['["a:1"],["a:2]', '["a:1', '{"a:1":0}', '"a:1"', '["a:1"', "[]]", "[7]"])
def test_claims_that_cannot_be_read_are_named_and_disturb_no_others(log: Log, claims: str) -> None:
    """The key's holder may write what is no JSON; a body beside it that would complete it stays what it is."""
    good = [
        item(n)._replace(claims=(Claim("b", str(n)),), body=draft("noted", {}, claims=(Claim("b", str(n)),)))
        for n in (1, 2)
    ]
    appended(log.append([good[0], item(3), good[1]]))
    backend = log.backend
    assert isinstance(backend, Memory)
    row = backend._row(301)
    assert row is not None
    body = (
        row.body[:33] + b'"claims":[' + claims.encode()[1:] + b',"data":{' + row.body[row.body.index(b'"data":{') + 8 :]
    )
    backend._rows[301] = row._replace(body=body)
    found = {(one.cause, one.start) for one in report_of(log).findings if one.cause in {Cause.BODY, Cause.CLAIM}}
    assert found == {(Cause.BODY, 301), (Cause.CLAIM, 301)}
