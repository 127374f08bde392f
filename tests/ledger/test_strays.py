"""Rows that nobody signed: what a vandal puts beside a log's entries, verification finds, in bounded time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from random import Random

import pytest

from assentry.errors import LedgerDamaged, LedgerError, SealedError
from assentry.ledger import opening
from assentry.ledger.entry import Item
from assentry.ledger.export import export
from assentry.ledger.merkle import leaf_hash
from assentry.ledger.selftest.scene import CLAIMED, ERASED, SEALED, TENANT, WHOLE, Scene
from assentry.ledger.selftest.stage import FileStage, FileVandal
from assentry.ledger.selftest.vandalism import body_of, edited, rebuild, set_body
from assentry.ledger.verify.findings import Cause, Report
from assentry.ledger.verify.run import verify
from assentry.ledger.verify.stored import Stored
from tests.support.ledgers import Ledgers, appended, item

LOG = "(SELECT id FROM log WHERE tenant = 'acme')"
FORGED = b'{"at":"2026-11-20T12:00:00.000Z","data":{},"request":"r-new","tenant":"acme","type":"consumed","v":1}'
FAR = 2**62


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene(FileStage(tmp_path_factory.mktemp("strays"))).build()


def vandalised(scene: Scene, text: str, **params: object) -> FileStage:
    copy = scene.stage.again("whole")
    assert isinstance(copy, FileStage)
    with copy.vandal() as vandal:
        vandal.run(text.replace("$LOG", LOG), **params)
    return copy


def report_of(scene: Scene, stage: FileStage) -> Report:
    with opening.open_reader(stage.place, tenant=TENANT) as log:
        return verify(Stored(log), [scene.first.verifier])


ENTRY = "INSERT INTO entry (log, idx, request, body, leaf) VALUES ($LOG, :idx, 'r-new', :body, :leaf)"


@pytest.mark.parametrize("idx", [-1, -FAR, WHOLE + 5000, FAR, 7.5])
def test_an_entry_where_the_log_has_none(scene: Scene, idx: float) -> None:
    """Before the first one it would be read with the entries of its request; far behind the last none is waited for."""
    copy = vandalised(scene, ENTRY, idx=idx, body=FORGED, leaf=leaf_hash(FORGED))
    causes = {(one.cause, one.start) for one in report_of(scene, copy).findings}
    assert causes == {(Cause.COLUMN, None) if idx % 1 else (Cause.BEYOND, idx)}


@pytest.mark.parametrize(
    ("text", "cause", "start"),
    [
        ("INSERT INTO claim VALUES ($LOG, 'consume:grant-77', -1)", Cause.CLAIM, -1),
        (f"INSERT INTO claim VALUES ($LOG, 'consume:grant-77', {WHOLE})", Cause.CLAIM, WHOLE),
        ("INSERT INTO claim VALUES ($LOG, 'noted', 100)", Cause.CLAIM, 100),
        ("INSERT INTO sealed VALUES ($LOG, 9999, x'00')", Cause.DOCUMENT, 9999),
        ("INSERT INTO key VALUES ($LOG, -1, x'00')", Cause.DOCUMENT, -1),
        (f"INSERT INTO subject VALUES ($LOG, 'person-c', {SEALED[0]})", Cause.DOCUMENT, SEALED[0]),
        (f"UPDATE subject SET subject = 'x' WHERE log = $LOG AND idx = {SEALED[0]}", Cause.DOCUMENT, SEALED[0]),
        (f"DELETE FROM subject WHERE log = $LOG AND idx = {SEALED[2]}", Cause.DOCUMENT, SEALED[2]),
        ("INSERT INTO tile SELECT log, 0, 2, root, hashes FROM tile WHERE log = $LOG AND idx = 0", Cause.TILE, 512),
        ("INSERT INTO tile SELECT log, 7, 0, root, hashes FROM tile WHERE log = $LOG AND idx = 0", Cause.TILE, 0),
        ("INSERT INTO tile SELECT log, 0, -1, root, hashes FROM tile WHERE log = $LOG AND idx = 0", Cause.TILE, -256),
        ("INSERT INTO cosignature VALUES ($LOG, 9999, 'w', x'00', x'00')", Cause.WITNESS, None),
    ],
)
def test_rows_that_no_body_accounts_for(scene: Scene, text: str, cause: Cause, start: int | None) -> None:
    findings = report_of(scene, vandalised(scene, text)).findings
    assert (cause, start) in {(one.cause, one.start) for one in findings}
    assert {one.cause for one in findings} == {cause}


@pytest.mark.parametrize(
    "text",
    [
        "UPDATE log SET documents = 0 WHERE id = $LOG",
        "UPDATE log SET pruned = -256 WHERE id = $LOG",
        "UPDATE log SET origin = 'log.example/other' WHERE id = $LOG",
        "UPDATE log SET epoch = 0 WHERE id = $LOG",
        "UPDATE log SET policy = 'sha256:00' WHERE id = $LOG",
        "UPDATE log SET development = 1 WHERE id = $LOG",
        "UPDATE log SET root = zeroblob(32) WHERE id = $LOG",
        "UPDATE log SET frontier = zeroblob(length(frontier)) WHERE id = $LOG",
        "UPDATE log SET size = size - 10 WHERE id = $LOG",
        "UPDATE log SET key = (SELECT key FROM signer WHERE log = $LOG AND epoch = 0) WHERE id = $LOG",
    ],
)
def test_a_head_that_says_what_the_entries_do_not(scene: Scene, text: str) -> None:
    assert {one.cause for one in report_of(scene, vandalised(scene, text)).findings} == {Cause.HEAD}


def test_that_no_documents_are_kept_excuses_none_that_are_gone(scene: Scene) -> None:
    copy = vandalised(scene, "UPDATE log SET documents = 0 WHERE id = $LOG")
    with closing(sqlite3.connect(copy.place, isolation_level=None)) as connection:
        for table in ("sealed", "key", "subject"):
            connection.execute(f"DELETE FROM {table}")
    assert not report_of(scene, copy).good


def test_an_erased_document_that_returns_whole(scene: Scene) -> None:
    copy = vandalised(scene, "INSERT INTO sealed VALUES ($LOG, :idx, :sealed)", idx=ERASED, sealed=scene.erased)
    with copy.vandal() as vandal:
        vandal.run(f'INSERT INTO "key" VALUES ({LOG}, {ERASED}, zeroblob(60))')
        vandal.run(f"INSERT INTO subject VALUES ({LOG}, 'person-b', {ERASED})")
    assert [str(one) for one in report_of(scene, copy).findings] == [
        f"document: entry {ERASED}: the sealed document is still there, though an entry says that it was erased"
    ]


@pytest.mark.parametrize(
    "text",
    ["DELETE FROM entry WHERE log = $LOG AND idx = 300", "DELETE FROM entry WHERE log = $LOG AND idx = 550"],
)
def test_a_log_with_gaps_is_not_exported(scene: Scene, tmp_path: Path, text: str) -> None:
    copy = vandalised(scene, text)
    with opening.open_reader(copy.place, tenant=TENANT) as log, pytest.raises(LedgerDamaged, match="are missing"):
        export(log, scene.second, tmp_path / "export")
    assert list(tmp_path.iterdir()) == []


def test_a_document_that_no_body_names(scene: Scene) -> None:
    copy = vandalised(scene, "INSERT INTO sealed VALUES ($LOG, 100, zeroblob(60))")
    with copy.vandal() as vandal:
        vandal.run(f'INSERT INTO "key" VALUES ({LOG}, 100, zeroblob(60))')
    assert [str(one) for one in report_of(scene, copy).findings] == [
        "document: entry 100: a sealed document stands here that no body names"
    ]


def test_a_checkpoint_of_more_entries_than_can_be_there_is_not_waited_for(scene: Scene) -> None:
    text = "INSERT INTO checkpoint SELECT log, :far, root, epoch, signature, batch FROM checkpoint WHERE log = $LOG AND size = :size"
    report = report_of(scene, vandalised(scene, text, far=FAR, size=WHOLE))
    assert Cause.CHECKPOINT in {one.cause for one in report.findings}


# ---- pages ----


def bytes_of(scene: Scene) -> bytearray:
    return bytearray(Path(scene.stage.again("whole").place).read_bytes())


def written(scene: Scene, content: bytearray) -> FileStage:
    copy = scene.stage.again("whole")
    assert isinstance(copy, FileStage)
    Path(copy.place).write_bytes(content)
    return copy


def test_a_row_that_stands_out_of_order(scene: Scene) -> None:
    """A flipped bit in a page: the row is read with its neighbours, and never found by its index."""
    content = bytes_of(scene)
    at = content.index(b'r-7{"at":"2026-11-20T12:00:01.000Z","data":{"n":7,') - 1
    assert content[at] == 7
    for index in (6, 9, 71):
        content[at] = index
        found = {(one.cause, one.start) for one in report_of(scene, written(scene, content)).findings}
        assert {(Cause.MISSING, 7), (Cause.FILE, None)} <= found


def test_an_index_that_hides_an_entry(scene: Scene) -> None:
    """Entries of a request are found by an index of the database's own: without its row, a vote is not counted."""
    copy = scene.stage.again("whole")
    assert isinstance(copy, FileStage)
    with closing(sqlite3.connect(copy.place, isolation_level=None)) as connection:
        ((page, size),) = connection.execute(
            "SELECT rootpage, (SELECT * FROM pragma_page_size) FROM sqlite_schema WHERE name = 'entry_request'"
        ).fetchall()
    content = bytearray(Path(copy.place).read_bytes())
    before = content[(page - 1) * size : page * size]
    at = before.rindex(b"r-3") + 2
    content[(page - 1) * size + at] = ord("X")
    Path(copy.place).write_bytes(content)
    assert {one.cause for one in report_of(scene, copy).findings} == {Cause.FILE}


@pytest.mark.parametrize("seed", range(4))
def test_pages_in_disorder_are_findings_or_typed_errors(scene: Scene, seed: int) -> None:
    random, whole = Random(seed), bytes_of(scene)
    for _ in range(25):
        content, pages = whole[:], len(whole) // 4096
        one, other = random.sample(range(1, pages), 2)
        content[one * 4096 : one * 4096 + 4096] = whole[other * 4096 : other * 4096 + 4096]
        with suppress(LedgerError):
            assert not report_of(scene, written(scene, content)).good or content == whole


# ---- the next one who appends signs nothing of it ----


def _appended_by_a_vandal(vandal: FileVandal) -> None:
    text = ENTRY.replace("$LOG", LOG)
    vandal.run(text, idx=WHOLE, body=FORGED, leaf=leaf_hash(FORGED))
    rebuild(vandal)


def _rewritten_by_a_vandal(vandal: FileVandal) -> None:
    set_body(vandal, 100, edited(body_of(vandal, 100)))
    rebuild(vandal)


def _rewritten_below_the_signed_root(vandal: FileVandal) -> None:
    ((root,),) = vandal.run("SELECT root FROM log WHERE tenant = 'acme'")
    _rewritten_by_a_vandal(vandal)
    vandal.run("UPDATE log SET root = :root WHERE tenant = 'acme'", root=root)


def _without_its_checkpoint(vandal: FileVandal) -> None:
    vandal.run(f"DELETE FROM checkpoint WHERE log = {LOG} AND size = {WHOLE}")


@pytest.mark.parametrize(
    "work",
    [_appended_by_a_vandal, _rewritten_by_a_vandal, _rewritten_below_the_signed_root, _without_its_checkpoint],
)
def test_what_was_not_signed_is_not_built_on(scene: Scene, work: Callable[[FileVandal], None]) -> None:
    """Or whoever writes into the database, without a key, would have it signed along with the next entry."""
    copy = scene.stage.again("whole")
    assert isinstance(copy, FileStage)
    with copy.vandal() as vandal:
        work(vandal)
    unsigned = pytest.raises(LedgerDamaged, match="is not as it was signed: verify the log")
    with scene.open(scene.second, copy) as log, unsigned:
        log.append([item(1)])
    assert not report_of(scene, copy).good


def test_a_running_log_sees_what_is_changed_underneath(scene: Scene) -> None:
    copy = scene.stage.again("whole")
    assert isinstance(copy, FileStage)
    with scene.open(scene.second, copy) as log:
        appended(log.append([item(1)]))
        with copy.vandal() as vandal:
            vandal.run("UPDATE log SET frontier = zeroblob(length(frontier)) WHERE tenant = 'acme'")
        with pytest.raises(LedgerDamaged, match="is not as it was signed: verify the log"):
            log.append([item(2)])
        assert log.checkpoint().size == WHOLE + 1


# ---- bodies that cannot be used are refused by name ----


def bent(scene: Scene, idx: int, body: bytes, request: str | None = None) -> FileStage:
    text = "UPDATE entry SET body = :body, request = :request WHERE log = $LOG AND idx = :idx"
    return vandalised(scene, text, idx=idx, body=body, request=request)


HEAD, END = b'{"at":"2026-11-20T12:00:00.000Z","data":', b',"tenant":"acme","type":"%b","v":1}'


@pytest.mark.parametrize("reference", [b"{}", b'{"commitment":"%%%","stored":true}', b'{"commitment":7}'])
def test_a_document_whose_entry_does_not_say_what_it_is(scene: Scene, reference: bytes) -> None:
    body = HEAD + b'{},"request":"r-30","sealed":' + reference + END % b"requested"
    with scene.open(scene.second, bent(scene, SEALED[0], body, "r-30")) as log, pytest.raises(SealedError):
        log.unseal(SEALED[0])


@pytest.mark.parametrize(("kind", "data"), [(b"held", b'{"from":"x"}'), (b"held", b"{}"), (b"unheld", b"{}")])
def test_a_hold_that_cannot_be_read_is_not_passed_over(scene: Scene, kind: bytes, data: bytes) -> None:
    body = HEAD + data + b',"request":"assentry:holds"' + END % kind
    with scene.open(scene.second, bent(scene, 100, body, "assentry:holds")) as log:
        with pytest.raises(LedgerDamaged, match="entry 100"):
            log.holds()
        with pytest.raises(LedgerDamaged, match="entry 100"):
            log.prune(256, "old")


def test_what_was_changed_is_not_destroyed(scene: Scene) -> None:
    """Pruning would leave the right hash, and nobody could tell any more."""
    copy = vandalised(scene, "UPDATE entry SET body = replace(body, 'salt', 'malt') WHERE log = $LOG AND idx = 300")
    with scene.open(scene.second, copy) as log:
        with pytest.raises(LedgerDamaged, match="entries 256 to 511 are not as they were signed"):
            log.prune(512, "old")
        assert log.head().pruned == 0
        log.prune(256, "old")
        assert log.head().pruned == 256


def test_what_was_pruned_has_to_be_known_before_more_is(ledgers: Ledgers) -> None:
    log = ledgers.new()
    appended(log.append([Item.of("pruned", {}), *(item(n) for n in range(300))]))  # as only another program would
    with pytest.raises(LedgerDamaged, match="entry 1 does not say"):
        log.prune(256, "old")
    assert log.head().pruned == 0


def test_numbers_that_are_none_are_a_finding(scene: Scene) -> None:
    body = HEAD + b'{"documents":[1e400]},"request":null' + END % b"erased"
    causes = {(one.cause, one.start) for one in report_of(scene, bent(scene, 100, body)).findings}
    assert {(Cause.BODY, 100), (Cause.LAYOUT, 100)} <= causes


# ---- a ledger in use ----


def test_what_is_erased_and_pruned_while_it_is_verified_is_no_finding(ledgers: Ledgers) -> None:
    log = ledgers.new()
    sealed = [Item.of("requested", {"n": n}, sealed=log.seal(b"x", ["p-1", "p-2"])) for n in range(3)]
    appended(log.append([*sealed, *(item(n) for n in range(600))]))
    key = log.head().key
    erasing = Stored(log)
    log.erase("p-1", "asked")
    assert verify(erasing, [key]).findings == []
    pruning = Stored(log)
    log.prune(300, "old")
    assert verify(pruning, [key]).findings == []
    assert verify(Stored(log), [key]).findings == []


ODD = ("a\nb", "a\\nb", "", " ", '"', '},"request":"', "\u2028", "\U0001f600", None, "r")


def test_requests_however_they_are_written(ledgers: Ledgers) -> None:
    """They are held to the bodies many at a time, as lines."""
    log = ledgers.new()
    for names in (*((name,) for name in ODD), ODD, ("r", None, "r")):
        appended(log.append([Item.of("noted", {}, request=name) for name in names]))
    assert verify(Stored(log), [log.head().key]).findings == []


def test_the_scene_has_what_these_tests_bend(scene: Scene) -> None:
    assert report_of(scene, scene.stage.again("whole")).good  # type: ignore[arg-type]
    assert ERASED not in (SEALED[0], SEALED[2])
    assert CLAIMED != 100
