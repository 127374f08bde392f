"""Small parts of the ledger: keys in files, clocks, the turnstile, tables and their migrations."""

from __future__ import annotations

import os
import resource
import sqlite3
import stat
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.dialects import postgresql, sqlite

from assentry.errors import InputError, LedgerClock, LedgerKey, LedgerUnavailable
from assentry.ledger import keyfiles
from assentry.ledger.clock import Reading, SetClock, SystemClock, boot_id, ledger_time
from assentry.ledger.entry import from_at, to_at
from assentry.ledger.migrations import upgrade
from assentry.ledger.note import Signer
from assentry.ledger.opening import blank
from assentry.ledger.sealing import SealingKey
from assentry.ledger.sqlitefile import new_file
from assentry.ledger.statements import INSERTS, texts
from assentry.ledger.tables import REVISION, metadata
from assentry.ledger.turnstile import Turnstile
from tests.support.ledgers import NOON
from tests.support.postgres import Server
from tests.support.processes import Say, fork

# ---- keys in files ----


def test_keys_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    signer, sealing = keyfiles.make(folder, "log.example/acme")
    again = keyfiles.make(folder, "log.example/acme")
    assert (again[0].verifier, again[1]) == (signer.verifier, sealing)
    for name in (keyfiles.LOG_KEY, keyfiles.SEALING_KEY):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert keyfiles.read_verifier(str(folder / keyfiles.PUBLIC_KEY)) == signer.verifier
    assert keyfiles.read_verifier(str(signer.verifier)) == signer.verifier
    with pytest.raises(LedgerKey, match="no key is ever overwritten"):
        keyfiles.write_private(folder / keyfiles.LOG_KEY, "x")


def test_a_new_key_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    old, _ = keyfiles.make(tmp_path, "log.example/acme")
    new = keyfiles.rotate(tmp_path, "log.example/acme-2")
    assert keyfiles.read_signer(tmp_path / keyfiles.LOG_KEY).verifier == old.verifier
    keyfiles.adopt(tmp_path, 0)
    assert keyfiles.read_signer(tmp_path / keyfiles.LOG_KEY).verifier == new.verifier
    assert keyfiles.read_signer(tmp_path / "log.key.0").verifier == old.verifier
    assert keyfiles.read_verifier(str(tmp_path / keyfiles.PUBLIC_KEY)) == new.verifier


def test_no_retired_key_is_overwritten(tmp_path: Path) -> None:
    """A log that was restored from a backup passes through its epochs again."""
    kept = []
    keyfiles.make(tmp_path, "log.example/acme")
    for _ in range(3):
        kept.append((tmp_path / keyfiles.LOG_KEY).read_text())
        keyfiles.rotate(tmp_path, "log.example/acme")
        keyfiles.adopt(tmp_path, 0)
    assert [(tmp_path / f"log.key.0{more}").read_text() for more in ("", "-2", "-3")] == kept


def test_half_a_key_is_not_left_behind(tmp_path: Path) -> None:
    def write(say: Say) -> str:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8, 8))  # as where the disk is full
        with pytest.raises(LedgerKey, match="cannot write"):
            keyfiles.write_private(tmp_path / "log.key", "PRIVATE+KEY+much longer than that")
        return "refused"

    assert fork(write).result() == "refused"
    assert list(tmp_path.iterdir()) == []
    keyfiles.write_private(tmp_path / "log.key", "a whole one")


def test_key_files_that_will_not_do(tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    with pytest.raises(LedgerKey, match="there is no key at"):
        keyfiles.read_signer(path)
    keyfiles.write_private(path, Signer.generate("log.example/acme").private_text())
    path.chmod(0o640)
    with pytest.raises(LedgerKey, match="can be read by others"):
        keyfiles.read_signer(path)
    path.chmod(0o600)
    with pytest.raises(LedgerKey, match=r"log.key.*not a sealing key"):
        keyfiles.read_sealing(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(LedgerKey, match="cannot read"):
        keyfiles.read_signer(path)
    path.write_text(SealingKey.generate().private_text())
    with pytest.raises(LedgerKey, match=r"log.key.*not a signer key"):
        keyfiles.read_signer(path)
    for text in ("nowhere", "a+b", str(tmp_path)):
        with pytest.raises(LedgerKey):
            keyfiles.read_verifier(text)
    with pytest.raises(LedgerKey, match="cannot write"):
        keyfiles.write_private(tmp_path / "log.key" / "x", "y")


# ---- time ----

HEAD = blank("acme", Signer.generate("log.example/acme"))._replace(
    size=9, time=NOON, clock=NOON, mono=5_000, boot="boot-1"
)


def judged(wall: int, mono: int = 5_000, boot: str = "boot-1", own: Reading | None = None, drift: float = 0.0) -> int:
    return ledger_time(HEAD, Reading(NOON + wall, mono, boot), own, drift) - NOON


def test_the_rules_of_the_clock() -> None:
    assert judged(0) == judged(-2_000) == 0
    assert judged(+2_000) == 2_000
    assert judged(60_000, 65_000) == 60_000
    with pytest.raises(LedgerClock, match=r"2\.0 s before the newest entry"):
        judged(-2_001)
    with pytest.raises(LedgerClock, match=r"jumped forward by 2\.0 s"):
        judged(+2_001)


def test_another_boot_knows_nothing_of_the_monotonic_clock() -> None:
    assert judged(3_600_000, 1, "boot-2") == 3_600_000
    own = Reading(NOON, 1_000, "boot-2")
    with pytest.raises(LedgerClock, match="jumped"):
        judged(3_600_000, 2_000, "boot-2", own)
    assert judged(3_600_000, 3_601_000, "boot-2", own) == 3_600_000


def test_clocks_of_two_machines_may_drift() -> None:
    day = 86_400_000
    assert judged(day + 40_000, 5_000 + day, drift=0.0005) == day + 40_000
    with pytest.raises(LedgerClock):
        judged(day + 60_000, 5_000 + day, drift=0.0005)


def test_the_systems_clocks() -> None:
    one, two = SystemClock().read(), SystemClock().read()
    assert one.boot == two.boot == boot_id() != ""
    assert one.wall <= two.wall
    assert one.mono <= two.mono
    assert abs(one.wall - time.time() * 1000) < 10_000


def test_a_set_clock() -> None:
    clock = SetClock(NOON)
    clock.tick(5)
    clock.step(-2)
    assert clock.read() == Reading(NOON + 3, 5, "rehearsal")


def test_times_as_texts() -> None:
    assert to_at(NOON + 7) == "2026-11-20T12:00:00.007Z"
    assert from_at("2026-11-20T12:00:00.007Z") == NOON + 7
    for text in (
        "",
        "2026-11-20T12:00:00Z",
        "2026-11-20T12:00:00.007+00:00",
        "2026-13-20T12:00:00.007Z",
        "٢026" + "x" * 20,
    ):
        with pytest.raises(InputError, match="not a time of the ledger"):
            from_at(text)


# ---- the turnstile ----


def test_one_at_a_time_and_nobody_overtakes(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    inside, order, most = [0], list[int](), [0]

    def work(number: int) -> None:
        turnstile = Turnstile(path, 20)
        for _ in range(20):
            turnstile.enter()
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            order.append(number)
            time.sleep(0.0005)
            inside[0] -= 1
            turnstile.leave()
        turnstile.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]
    # Who was just inside does not go straight in again while others wait.
    half = order[: len(order) // 2]
    assert min(half.count(number) for number in range(4)) > 0


def test_a_turn_that_does_not_come(tmp_path: Path) -> None:
    one, two = (Turnstile(tmp_path / "file", 0.05) for _ in range(2))
    one.enter()
    with pytest.raises(LedgerUnavailable, match=r"has held the ledger for 0\.05 s"):
        two.enter()
    one.leave()
    two.enter()  # the first lock was given back
    two.leave()


# ---- tables ----


def test_the_migrations_make_the_tables(tmp_path: Path, postgres: Server) -> None:
    new_file(tmp_path / "l.db")
    postgres.sql("CREATE DATABASE migrated")
    server = create_engine(postgres.address("migrated").replace("postgresql://", "postgresql+psycopg://"))
    with server.begin() as connection:
        upgrade(connection)
    for engine in (create_engine(f"sqlite:///{tmp_path / 'l.db'}"), server):
        with engine.connect() as connection:
            context = MigrationContext.configure(connection)
            assert context.get_current_revision() == REVISION
            assert compare_metadata(context, metadata) == []
        engine.dispose()
    with closing(sqlite3.connect(tmp_path / "l.db")) as file:
        made = dict(file.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
    # Comparing does not see everything.
    wide = {name for name, text in made.items() if "WITHOUT ROWID" in text}
    assert wide == {table.name for table in metadata.tables.values() if table.kwargs.get("sqlite_with_rowid") is False}


def test_every_statement_is_text_for_both_databases() -> None:
    for dialect in (sqlite.dialect(paramstyle="named"), postgresql.dialect()):  # type: ignore[no-untyped-call]
        made = texts(dialect)
        assert all(statement.text for statement in made.values())
    assert set(INSERTS) | {"log"} == set(metadata.tables)


def test_lock_files_are_as_private_as_the_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch(0o600)
    Turnstile(path, 1).close()
    assert {stat.S_IMODE(os.stat(f"{path}-{name}").st_mode) for name in ("next", "turn")} == {0o600}
