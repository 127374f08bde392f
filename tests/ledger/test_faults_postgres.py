"""Crashes, cut wires and silent settings on PostgreSQL: what was acknowledged stands, once."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from assentry.errors import (
    LedgerClock,
    LedgerDamaged,
    LedgerError,
    LedgerReadOnly,
    LedgerUnavailable,
    LedgerUnknown,
    LedgerUnsafe,
    LedgerVersion,
)
from assentry.ledger import opening
from assentry.ledger.entry import Claim, Item, Moment, Receipt, draft
from assentry.ledger.log import ATTEMPTS, Log
from assentry.ledger.note import Signer
from assentry.ledger.postgres import Postgres
from assentry.ledger.verify.run import verify
from assentry.ledger.verify.stored import Stored
from tests.support.ledgers import Ledgers, Place, appended, item
from tests.support.postgres import UNPRIVILEGED, Server
from tests.support.processes import Say, fork
from tests.support.serverclock import ServerClock
from tests.support.wire import Wire


@pytest.fixture
def place(postgres: Server, tmp_path: Path) -> Place:
    made = Ledgers("postgres", tmp_path, postgres).place()
    made.create()
    return made


@pytest.fixture
def wire(postgres: Server) -> Iterator[Wire]:
    made = Wire(postgres.port)
    yield made
    made.close()


def sql(place: Place, *texts: str) -> None:
    with psycopg.connect(place.address, autocommit=True) as connection:
        for text in texts:
            connection.execute(text)


def through(place: Place, wire: Wire, *, patience: float = 10.0) -> Log:
    """The log, reached through a wire that can be cut."""
    address = f"postgresql://ledger@127.0.0.1:{wire.port}/postgres"
    return Log(Postgres(address, place.tenant), place.signer, patience=patience)


def holds(place: Place) -> int:
    """The size of the log, verified."""
    with place.open() as log:
        assert verify(Stored(log), [place.signer.verifier]).findings == []
        return log.head().size


# ---- crashes ----


def test_a_crash_of_the_server_takes_nothing_acknowledged_with_it(postgres: Server, place: Place) -> None:
    acknowledged: list[tuple[int, int]] = []
    lost: list[int] = []
    stop = threading.Event()
    lock = threading.Lock()

    def work(log: Log, thread: int) -> None:
        for turn in range(1_000_000):
            if stop.is_set():
                return
            number = thread * 1_000_000 + turn
            try:
                (receipt,) = appended(log.append([item(number)]))
                with lock:
                    acknowledged.append((receipt.index, number))
            except (LedgerUnavailable, LedgerUnknown):
                with lock:
                    lost.append(number)
                time.sleep(0.02)

    with place.open() as log:
        threads = [threading.Thread(target=work, args=(log, number)) for number in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(2):
            time.sleep(0.3)
            postgres.stop("immediate")
            postgres.start()
        time.sleep(0.3)
        stop.set()
        for thread in threads:
            thread.join()
        numbers = {entry.index: entry.data["number"] for entry in log.entries(1)}
    assert all(numbers[index] == number for index, number in acknowledged)
    assert len(set(numbers.values())) == len(numbers)  # none stands twice
    assert len(acknowledged) > 20
    assert holds(place) == len(numbers) + 1


# ---- a wire cut at COMMIT ----


@pytest.mark.parametrize("cut", ["before", "amid", "behind"])
def test_a_connection_cut_at_commit_is_followed_up(place: Place, wire: Wire, cut: str) -> None:
    with through(place, wire) as log:
        appended(log.append([item(1)]))
        wire.cut = cut  # type: ignore[assignment]
        (receipt,) = appended(log.append([Item.of("consumed", {}, claims=(Claim("consume", cut),))]))
        assert wire.cuts == 1
        assert (receipt.index, log.claimed(Claim("consume", cut))) == (2, 2)
        appended(log.append([item(3)]))
    assert holds(place) == 4


@pytest.mark.parametrize("cut", ["before", "amid", "behind"])
def test_a_retry_with_the_same_idempotency_key_appends_once(place: Place, wire: Wire, cut: str) -> None:
    once = Item.of("consumed", {}, claims=(Claim("consume", cut),))._replace(idempotency=("call-1", b"payload"))
    with through(place, wire, patience=0) as log:
        appended(log.append([item(1)]))
        wire.cut = cut  # type: ignore[assignment]
        wire.refusing = True
        with pytest.raises(LedgerUnknown, match="may stand"):
            log.append([once])
        wire.refusing = False
        time.sleep(0.6)
        (receipt,) = appended(log.append([once]))
        assert receipt.replayed is (cut == "behind")
        assert receipt.index == 2
    assert holds(place) == 3


def test_an_open_outcome_reaches_everybody_of_the_batch(place: Place, wire: Wire) -> None:
    with through(place, wire, patience=0) as log:
        wire.cut, wire.refusing = "before", True
        with pytest.raises(LedgerUnknown):
            log.append([item(1)])
        with pytest.raises(LedgerUnavailable):
            log.append([item(2)])
        wire.refusing = False
        appended(log.append([item(3)]))
    assert holds(place) == 2


def test_an_interrupted_commit_is_stopped_and_the_log_goes_on(place: Place) -> None:
    sql(
        place,
        """CREATE OR REPLACE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.size = 2 THEN PERFORM pg_sleep(60); END IF; RETURN NEW; END $$""",
        "CREATE OR REPLACE TRIGGER slow BEFORE UPDATE ON log FOR EACH ROW EXECUTE FUNCTION slow()",
    )

    def work(say: Say) -> object:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in a shell's background ignores it
        with place.open() as log:
            threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
            with pytest.raises(KeyboardInterrupt):
                log.append([item(1)])
            return [receipt.index for receipt in appended(log.append([item(2), item(3)]))]

    try:
        assert fork(work).result() == [1, 2]
    finally:
        sql(place, "DROP TRIGGER slow ON log")
    assert holds(place) == 3


# ---- settings ----


def test_a_role_that_turns_durability_off_in_mid_run(postgres: Server, place: Place) -> None:
    sql(
        place,
        "CREATE TABLE IF NOT EXISTS seen (setting text, durable text)",
        """CREATE OR REPLACE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO seen VALUES ('synchronous_commit', current_setting('synchronous_commit')); RETURN NEW; END $$""",
        "CREATE OR REPLACE TRIGGER look BEFORE UPDATE ON log FOR EACH ROW EXECUTE FUNCTION look()",
    )
    try:
        with place.open() as log:
            appended(log.append([item(1)]))
            sql(place, "ALTER ROLE ledger SET synchronous_commit = off")
            appended(log.append([item(2)]))
            postgres.sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'assentry-ledger'"
            )
            appended(log.append([item(3)]))  # on a new connection, whose default is off
            assert postgres.sql("SELECT current_setting('synchronous_commit')") == "off"
        assert postgres.sql("SELECT DISTINCT durable FROM seen") == "on"
        assert postgres.sql("SELECT count(*) >= 3 FROM seen") == "t"
    finally:
        sql(place, "ALTER ROLE ledger RESET synchronous_commit", "DROP TRIGGER look ON log", "DROP TABLE seen")


def test_a_server_that_may_lose_pages_is_refused(postgres: Server, place: Place) -> None:
    sql(place, "ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()")
    try:
        time.sleep(0.2)
        with pytest.raises(LedgerUnsafe, match="full_page_writes off"):
            place.open()
        with opening.open_reader(place.address, tenant=place.tenant) as log:
            assert log.head().size == 1
    finally:
        sql(place, "ALTER SYSTEM RESET full_page_writes", "SELECT pg_reload_conf()")
        time.sleep(0.2)


def test_a_server_that_never_waits_for_its_disk_is_refused(postgres: Server, place: Place) -> None:
    postgres.stop()
    postgres.start("fsync=off")
    try:
        with pytest.raises(LedgerUnsafe, match="fsync off: a crash would lose acknowledged entries"):
            place.open()
    finally:
        postgres.stop()
        postgres.start()


def test_a_role_that_may_only_read(place: Place) -> None:
    sql(
        place,
        "DROP ROLE IF EXISTS reader",
        "CREATE ROLE reader LOGIN",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
    )
    address = place.address.replace("ledger@", "reader@")
    try:
        with opening.open_reader(address, tenant=place.tenant) as log:
            assert verify(Stored(log), [place.signer.verifier]).good
        with (
            opening.open_log(address, place.signer, tenant=place.tenant) as writer,
            pytest.raises(LedgerReadOnly, match="may not be written"),
        ):
            writer.append([item(1)])
    finally:
        sql(place, "DROP OWNED BY reader", "DROP ROLE reader")


# ---- clocks ----


@pytest.fixture
def clock(place: Place) -> Iterator[ServerClock]:
    made = ServerClock(database=place.address)
    yield made
    made.close()


def test_a_servers_clock_that_steps_waits_for_a_person(place: Place, clock: ServerClock) -> None:
    with opening.open_log(clock.address, place.signer, tenant=place.tenant) as log:
        (first,) = appended(log.append([item(1)]))
        clock.step(1000)  # as clocks are kept right
        appended(log.append([item(2)]))
        clock.step(3_599_000)
        with pytest.raises(LedgerClock, match="jumped forward by 3"):
            log.append([item(3)])
        with pytest.raises(LedgerClock):
            log.now()
        clock.step(-7_200_000)
        with pytest.raises(LedgerClock, match="before the newest entry"):
            log.append([item(3)])
        assert log.confirm_clock("the server was an hour ahead").index == 3
        (behind,) = appended(log.append([item(4)]))
        assert behind.time >= first.time  # time stands until the clock has caught up
    assert holds(place) == 5


# ---- serialization failures ----


def failing(place: Place, times: int) -> None:
    sql(
        place,
        "DROP SEQUENCE IF EXISTS tries",
        "CREATE SEQUENCE tries",
        f"""CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('tries') <= {times} THEN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END IF;
        RETURN NEW; END $$""",
        "CREATE OR REPLACE TRIGGER fail BEFORE UPDATE ON log FOR EACH ROW EXECUTE FUNCTION fail()",
    )


@pytest.mark.parametrize("times", [1, 3, 1000])
def test_serialization_failures_are_tried_again_so_many_times(place: Place, times: int) -> None:
    failing(place, times)
    try:
        with place.open() as log:
            if times < ATTEMPTS:
                assert appended(log.append([item(1), item(2)]))[1].index == 2
            else:
                with pytest.raises(LedgerUnavailable, match=f"asked {ATTEMPTS} times to begin anew"):
                    log.append([item(1)])
    finally:
        sql(place, "DROP TRIGGER fail ON log", "DROP SEQUENCE tries")
    assert holds(place) == (3 if times < ATTEMPTS else 1)


# ---- crowds ----


def test_fifty_processes_race_for_one_claim(place: Place) -> None:
    def race(say: Say) -> object:
        with place.open() as log:
            (result,) = log.append([Item.of("consumed", {"by": os.getpid()}, claims=(Claim("consume", "g"),))])
        return ["won" if isinstance(result, Receipt) else "lost", result.index, os.getpid()]

    results = [child.result() for child in [fork(race) for _ in range(50)]]
    (winner,) = [result for result in results if result[0] == "won"]
    assert {result[1] for result in results} == {winner[1]}
    assert holds(place) == 2


def test_writers_of_several_processes_make_one_order(place: Place) -> None:
    def work(say: Say) -> object:
        with place.open() as log:
            return [appended(log.append([item(n)]))[0].index for n in range(50)]

    results = [child.result() for child in [fork(work) for _ in range(4)]]
    assert sorted(index for indices in results for index in indices) == list(range(1, 201))
    assert all(indices == sorted(indices) for indices in results)
    assert holds(place) == 201


_OURS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'assentry-ledger'"
WAITING = f"{_OURS} AND wait_event_type = 'Lock'"
HOLDING = f"{_OURS} AND state = 'idle in transaction'"


def test_writers_get_in_as_they_came(postgres: Server, place: Place) -> None:
    go = threading.Event()

    def held(moment: Moment) -> bytes:
        """A body that is long in coming: its writer holds the lock, and changes the head when it goes."""
        assert go.wait(4)
        return draft("noted", {})(moment)

    def crowd(count: int) -> None:
        while postgres.sql(WAITING) != str(count):
            time.sleep(0.01)

    with ExitStack() as stack:
        first, *others = [stack.enter_context(place.open()) for _ in range(9)]
        threads = stack.enter_context(ThreadPoolExecutor(9))
        for _ in range(3):
            go.clear()
            calls = [threads.submit(first.append, [Item(held)])]
            while postgres.sql(HOLDING) != "1":
                time.sleep(0.01)
            for number, log in enumerate(others, 1):
                calls.append(threads.submit(log.append, [item(number)]))
                crowd(number)
            go.set()
            indices = [appended(call.result())[0].index for call in calls]
            assert indices == sorted(indices)


def test_a_writer_that_hangs_is_put_out(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assentry.ledger.postgresserver.IDLE_MS", 200)
    stuck = Postgres(place.address, place.tenant)
    stuck.begin()  # and nothing more
    with place.open() as log:
        appended(log.append([item(1)]))
    stuck.close()


# ---- plans ----


ROWS_READ = """
SELECT (SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname IN ('entry', 'claim'))
     + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname IN ('entry', 'claim'))
"""


def test_no_append_reads_a_whole_table_however_old_the_servers_knowledge_of_it(postgres: Server, place: Place) -> None:
    """A table that was empty when it was last counted is read whole by any plan that may."""

    def rows_read() -> int:
        time.sleep(1.1)  # the server tells its counters once a second
        return int(postgres.sql(ROWS_READ))

    sql(place, *(f"ALTER TABLE {name} SET (autovacuum_enabled = off)" for name in ("entry", "claim")))
    try:
        before = rows_read()
        with place.open() as log:
            for turn in range(16):
                names = [f"r{turn}-{number}" for number in range(64)]
                items = [Item.of("noted", {}, request=name, if_last=-1, claims=(Claim("c", name),)) for name in names]
                appended(log.append([one._replace(idempotency=(str(one.request), b"p")) for one in items]))
            assert (
                rows_read() - before < 300
            )  # nobody has asked for any of them before; a tile's leaves may be read once
            before = rows_read()
            assert [entry.index for entry in log.request_entries("r3-7")] == [log.last("r3-7")]
            assert log.claimed(Claim("c", "r3-7")) == log.last("r3-7")
            assert rows_read() - before < 10
    finally:
        sql(place, *(f"ALTER TABLE {name} RESET (autovacuum_enabled)" for name in ("entry", "claim")))


# ---- places ----


def test_addresses_where_there_is_no_ledger(postgres: Server) -> None:
    postgres.sql("CREATE DATABASE blank")
    with pytest.raises(LedgerUnavailable, match="there is no ledger in `blank` on"):
        opening.open_reader(postgres.address("blank"))
    with pytest.raises(LedgerUnavailable, match="cannot connect"):
        opening.open_reader(postgres.address("nowhere"))
    with pytest.raises(LedgerUnavailable) as caught:
        opening.open_reader("postgresql://ledger:hunter2@127.0.0.1:1/postgres")
    assert "hunter2" not in str(caught.value)
    with pytest.raises(LedgerError):
        opening.create("postgresql://ledger:hunter2@127.0.0.1:1/x", "acme", Signer.generate("log.example/acme"))


def test_another_version(postgres: Server) -> None:
    postgres.sql("CREATE DATABASE other")
    signer = Signer.generate("log.example/acme")
    opening.create(postgres.address("other"), "acme", signer)
    postgres.sql("UPDATE alembic_version SET version_num = '0099'", "other")
    with pytest.raises(LedgerVersion, match="is of version `0099`"):
        opening.open_log(postgres.address("other"), signer)
    postgres.sql("UPDATE alembic_version SET version_num = '0001'", "other")
    postgres.sql("DROP TABLE claim", "other")
    with pytest.raises(LedgerDamaged, match='relation "claim" does not exist'):
        opening.open_log(postgres.address("other"), signer)


# ---- a disk that fills up ----


def append_without_end(log: Log) -> None:
    while True:
        appended(log.append([Item.of("noted", {"text": "x" * 900})] * 32))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes that the server can use, where mounting is possible."""
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("mounting a small disk needs to be root")
    folder = Path("/mnt") / f"assentry-small-{os.getpid()}"
    folder.mkdir()
    try:
        if subprocess.run([mount, "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], check=False).returncode:
            pytest.skip("mounting is not possible here")
        shutil.chown(folder, UNPRIVILEGED)
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)
        folder.rmdir()


def test_a_full_disk_loses_nothing_and_goes_on_when_there_is_room(postgres: Server, small_disk: Path) -> None:
    signer = Signer.generate("log.example/acme")
    postgres.sql(f"CREATE TABLESPACE small LOCATION '{small_disk}'")
    postgres.sql("CREATE DATABASE tight")
    opening.create(postgres.address("tight"), "acme", signer)
    postgres.sql("ALTER TABLE entry SET TABLESPACE small", "tight")
    postgres.sql(
        "CREATE TABLE filler TABLESPACE small AS SELECT repeat('x', 500) FROM generate_series(1, 1000)", "tight"
    )
    try:
        with opening.open_log(postgres.address("tight"), signer) as log:
            with pytest.raises(LedgerUnavailable, match="the disk is full"):
                append_without_end(log)
            size = log.head().size
            postgres.sql("DROP TABLE filler", "tight")
            postgres.sql("CHECKPOINT", "tight")
            appended(log.append([item(1)]))
            assert log.head().size == size + 1
            assert verify(Stored(log), [signer.verifier]).findings == []
    finally:
        postgres.sql("DROP DATABASE tight WITH (FORCE)")
        postgres.sql("DROP TABLESPACE small")
