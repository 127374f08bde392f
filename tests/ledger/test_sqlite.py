"""The SQLite file: bad files, other people's files, read-only places, and what each connection is set to."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from assentry.errors import (
    LedgerDamaged,
    LedgerError,
    LedgerForked,
    LedgerReadOnly,
    LedgerUnavailable,
    LedgerVersion,
)
from assentry.ledger import opening, sqlite, sqlitefile, walkeeper
from assentry.ledger.entry import Item
from assentry.ledger.note import Signer
from assentry.ledger.sqlite import Sqlite
from assentry.ledger.turnstile import Turnstile
from assentry.ledger.verify.run import verify
from assentry.ledger.verify.stored import Stored
from tests.support.ledgers import Ledgers, Place, appended, item
from tests.support.processes import fork


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Ledgers("sqlite", tmp_path, None).place()
    made.create()
    return made


def vandalise(place: Place, *texts: str) -> None:
    with closing(sqlite3.connect(place.address, isolation_level=None)) as connection:
        for text in texts:
            connection.execute(text)


# ---- files that are no ledger ----


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnavailable, match="there is no ledger at"):
        opening.open_reader(tmp_path / "none.db")


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0", b"not a database, but long enough to look at " * 30])
def test_a_file_that_is_no_ledger(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "some.db"
    path.write_bytes(content)
    with pytest.raises(LedgerDamaged):
        opening.open_reader(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("keep", [100, 4096, 5000, 20_000])
def test_half_of_a_file(place: Place, keep: int) -> None:
    with place.open() as log:
        log.append([item(n) for n in range(600)])
    whole = Path(place.address).read_bytes()
    assert len(whole) > 40_000
    Path(place.address).write_bytes(whole[:keep])
    with pytest.raises(LedgerDamaged):
        append_and_read(place)


def append_and_read(place: Place) -> None:
    with place.open() as log:
        log.append([item(1)])
        list(log.entries())


def test_another_programs_database(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE entry (x)")
    with pytest.raises(LedgerDamaged, match="is not a ledger"):
        opening.open_reader(path)


def test_another_version(place: Place) -> None:
    vandalise(place, "UPDATE alembic_version SET version_num = '0099'")
    with pytest.raises(LedgerVersion, match="is of version `0099`; this program reads `0001`"):
        place.open()


def test_tables_that_were_never_finished(place: Place) -> None:
    vandalise(place, "DROP TABLE alembic_version")
    with pytest.raises(LedgerDamaged, match="only half of a ledger"):
        place.open()


def test_a_log_that_was_never_opened(place: Place) -> None:
    vandalise(place, "UPDATE log SET size = 0")
    with pytest.raises(LedgerDamaged, match="never opened"):
        place.open()


def test_a_damaged_head(place: Place) -> None:
    vandalise(place, "UPDATE log SET frontier = x'00'")
    with place.open() as log, pytest.raises(LedgerDamaged, match="head of `acme` is damaged"):
        log.append([item(1)])
    vandalise(place, "UPDATE log SET size = 'many'")
    with pytest.raises(LedgerDamaged):
        place.open()


def test_rows_that_stand_in_the_way_lose_nothing(place: Place) -> None:
    vandalise(place, "INSERT INTO entry SELECT log, 1, request, body, leaf, idempotency, payload FROM entry")
    with place.open() as log:
        with pytest.raises(LedgerDamaged):
            log.append([item(1)])
        assert log.head().size == 1
    vandalise(place, "DELETE FROM entry WHERE idx = 1")
    with place.open() as log:
        assert appended(log.append([item(1)]))[0].index == 1


def test_another_journal_mode(place: Place) -> None:
    vandalise(place, "PRAGMA journal_mode = DELETE")
    with pytest.raises(LedgerDamaged, match="journal mode `delete`"):
        place.open()


def test_the_tenant_must_be_said_where_there_are_several(place: Place) -> None:
    other = Signer.generate("log.example/other")
    opening.create(place.address, "other", other)
    with pytest.raises(LedgerError, match="holds 2 logs, say whose: `acme`, `other`"):
        opening.open_reader(place.address)
    with pytest.raises(LedgerError, match="there is no log of `nobody`"):
        opening.open_reader(place.address, tenant="nobody")
    with opening.open_reader(place.address, tenant="other") as log:
        assert log.tenant == "other"


@pytest.mark.parametrize("tenant", ["", "a\nb", "x" * 201])
def test_tenants_that_cannot_be(tmp_path: Path, tenant: str) -> None:
    with pytest.raises(LedgerError, match="a tenant is"):
        opening.create(tmp_path / "l.db", tenant, Signer.generate("log.example/acme"))


def test_places_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="is not a place"):
        opening.open_reader("mysql://host/db")
    with pytest.raises(LedgerUnavailable, match="cannot make"):
        opening.create(tmp_path / "no" / "such" / "l.db", "acme", Signer.generate("log.example/acme"))


def test_a_file_gets_its_name_when_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("assentry.ledger.sqlite.write_new", interrupted)
    with pytest.raises(KeyboardInterrupt):
        opening.create(tmp_path / "l.db", "acme", Signer.generate("log.example/acme"))
    assert list(tmp_path.iterdir()) == []


# ---- places that cannot be written ----


def as_nobody(work: object) -> object:
    """What `work` returns in a process without privileges."""

    def run(_: object) -> object:
        if os.geteuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        return work()  # type: ignore[operator]

    return fork(run).result()


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A folder that other users can reach."""
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_mode & 0o005 != 0o005 and folder.owner() == tmp_path.owner():
            folder.chmod(folder.stat().st_mode | 0o055)
    return tmp_path


def test_a_read_only_file_is_read_and_not_written(place: Place, shared: Path) -> None:
    with place.open() as log:
        log.append([item(1)])
    path = Path(place.address)
    path.chmod(0o444)
    shared.chmod(0o555)

    def read() -> object:
        with opening.open_reader(path) as log:
            return [log.head().size, verify(Stored(log), [place.signer.verifier]).good]

    def write() -> object:
        try:
            with opening.open_log(path, place.signer) as log:
                log.append([item(2)])
        except LedgerReadOnly:
            return "read-only"
        return "written"

    try:
        assert as_nobody(read) == [2, True]
        assert as_nobody(write) == "read-only"
    finally:
        shared.chmod(0o755)


# ---- what goes on underneath ----


def test_a_file_that_is_replaced_while_it_is_open(place: Place, tmp_path: Path) -> None:
    with place.open() as log:
        log.append([item(1)])
        shutil.copy(place.address, tmp_path / "copy")
        (tmp_path / "copy").replace(place.address)
        with pytest.raises(LedgerForked, match="was replaced while it was open"):
            log.append([item(2)])
        Path(place.address).unlink()
        with pytest.raises(LedgerUnavailable, match="is gone"):
            log.append([item(2)])


def test_a_log_that_goes_back_underneath(place: Place) -> None:
    with place.open() as log:
        log.append([item(1)])
        vandalise(place, "CREATE TABLE saved AS SELECT * FROM log")
        log.append([item(2)])
        vandalise(
            place,
            "DELETE FROM entry WHERE idx = 2",
            "DELETE FROM checkpoint WHERE size = 3",
            "DELETE FROM log",
            "INSERT INTO log SELECT * FROM saved",
        )
        with pytest.raises(LedgerForked, match="a restored log goes on only under a new origin"):
            log.append([item(3)])


def test_a_held_turn_is_waited_for_only_so_long(place: Place) -> None:
    path = Path(place.address)
    holder = Turnstile(path, 1)
    holder.enter()
    try:
        backend = Sqlite(path, "acme", timeout=0.05)
        begun = time.monotonic()
        with pytest.raises(LedgerUnavailable, match=r"another process has held the ledger for 0.05 s"):
            backend.begin()
        assert time.monotonic() - begun < 5
        backend.close()
    finally:
        holder.leave()
        holder.close()
    with place.open() as log:
        appended(log.append([item(1)]))


def test_every_connection_waits_for_the_disk(place: Place) -> None:
    with closing(sqlitefile.connect(Path(place.address), write=True)) as connection:
        found = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "wal_autocheckpoint", "secure_delete", "trusted_schema")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "wal_autocheckpoint": 0,
        "secure_delete": 1,
        "trusted_schema": 0,
    }


def test_the_wal_is_moved_by_a_thread_of_its_own(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walkeeper, "EVERY", 200_000)
    monkeypatch.setattr(walkeeper, "LONG", 20)
    before = Path(place.address).stat().st_size
    with place.open() as log:
        end = time.monotonic() + 20
        while Path(place.address).stat().st_size < before + 500_000:
            assert time.monotonic() < end
            appended(log.append([item(n) for n in range(200)]))
        assert verify(Stored(log), [place.signer.verifier]).good
        # Written over from its start, again and again: a file that grows is slow to make durable.
        assert Path(f"{place.address}-wal").stat().st_size < 2_000_000


def test_erased_keys_leave_the_file(place: Place) -> None:
    with place.open() as log:
        sealed = log.seal(b"a secret document", ["p-1"])
        assert sealed.wrapped_key is not None
        assert sealed.ciphertext is not None
        appended(log.append([Item.of("requested", {}, sealed=sealed)]))
        files = [Path(place.address), Path(f"{place.address}-wal")]
        assert any(sealed.wrapped_key in file.read_bytes() for file in files)
        log.erase("p-1", "asked")
        for file in files:
            assert sealed.wrapped_key not in file.read_bytes()
            assert sealed.ciphertext not in file.read_bytes()


def test_a_link_is_the_file_that_it_points_to(place: Place, tmp_path: Path) -> None:
    """Whoever looked beside the link would miss the WAL and queue at other locks."""
    link = tmp_path / "link.db"
    link.symlink_to(place.address)
    with replace(place, address=str(link)).open() as log:
        appended(log.append([item(1)]))
        with opening.open_reader(link) as reader:
            assert reader.head().size == 2
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("link")] == ["link.db"]


def test_no_question_about_a_name_reads_a_whole_table(place: Place) -> None:
    named = ("request_entries", "last_of", "claim", "claims_of", "seen", "documents_about")
    with closing(sqlite3.connect(place.address)) as connection:
        for name in named:
            text = sqlite.statements()[name].text
            values = dict.fromkeys(re.findall(r":(\w+)", text), "[]")
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", values)]
            assert not any(line.startswith("SCAN entry") or line.endswith("(log=?)") for line in plan), (name, plan)
