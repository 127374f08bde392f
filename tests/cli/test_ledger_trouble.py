"""`assentry ledger` where something is wrong: one line that names it, no traceback, and nothing lost."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from assentry import schemas
from assentry.ledger import keyfiles
from assentry.ledger.note import Signer
from tests.cli.conftest import Assentry, Done
from tests.support.ledgers import NOON
from tests.support.processes import fork

PUBLIC = "ledger.db-keys/log.pub"
READS = (
    ("show", "ledger.db"),
    ("prove", "ledger.db", "1"),
    ("checkpoint", "ledger.db"),
    ("verify", "ledger.db", "--key", PUBLIC),
)
WRITES = (
    ("append", "ledger.db"),
    ("erase", "ledger.db", "p-17", "--reason", "x", "--yes"),
    ("prune", "ledger.db", "--below", "300", "--reason", "x", "--yes"),
    ("rotate", "ledger.db", "--reason", "x"),
)


@pytest.fixture
def home(assentry: Assentry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a log of two entries in `ledger.db`, where one stands."""
    monkeypatch.chdir(tmp_path)
    assert assentry("ledger", "init", "ledger.db", "--tenant", "acme", "--origin", "log.example/acme").code == 0
    assert assentry("ledger", "append", "ledger.db", "--data", '{"text": "kept"}').code == 0
    return tmp_path


def whole(assentry: Assentry, home: Path) -> None:
    """What stood before stands, once everything is put right."""
    done = assentry("ledger", "verify", "ledger.db", "--key", PUBLIC)
    assert done.code == 0, done
    assert '"text":"kept"' in assentry("ledger", "show", "ledger.db", "--from", "1", "--format", "json").out


def refused(done: Done, *parts: str) -> None:
    """One line that says what is wrong, and an exit code of its own."""
    assert done.code == 2, done
    first = done.err.splitlines()[0]
    assert first.startswith("error: "), done
    assert "internal error" not in first
    assert all(part in first for part in parts), first


def vandalise(*texts: str) -> None:
    with closing(sqlite3.connect("ledger.db", isolation_level=None)) as connection:
        for text in texts:
            connection.execute(text)


# ---- keys ----


@pytest.mark.parametrize("words", WRITES)
def test_a_key_that_is_not_in_force(assentry: Assentry, home: Path, words: tuple[str, ...]) -> None:
    keyfiles.make(home / "rogue", "log.example/acme")
    done = assentry("ledger", *words, "--keys", "rogue")
    refused(done, "the log of `acme` is signed by `log.example/acme+", "not by `log.example/acme+")
    whole(assentry, home)


def test_keys_that_are_none(assentry: Assentry, home: Path) -> None:
    refused(assentry("ledger", "append", "ledger.db", "--keys", "nowhere"), "there is no key at `nowhere/log.key`")
    key = home / "ledger.db-keys" / "log.key"
    key.chmod(0o644)
    refused(assentry("ledger", "append", "ledger.db"), "can be read by others", "chmod 600")
    key.chmod(0o600)
    text = key.read_text()
    key.write_text(text[:40])
    refused(assentry("ledger", "append", "ledger.db"), "log.key")
    key.write_bytes(b"\xff\xfe")
    refused(assentry("ledger", "append", "ledger.db"), "cannot read", "log.key")
    key.write_text(text)
    assert assentry("ledger", "append", "ledger.db").code == 0
    refused(assentry("ledger", "show", "ledger.db", "--unseal", "0"), "entry 0 has no sealed document")
    whole(assentry, home)


def test_verifying_with_another_public_key(assentry: Assentry, home: Path) -> None:
    other = str(Signer.generate("log.example/acme").verifier)
    done = assentry("ledger", "verify", "ledger.db", "--key", other)
    assert done.code == 1
    assert "does not hold" in done.out
    for key in ("nowhere.pub", "ledger.db"):
        refused(
            assentry("ledger", "verify", "ledger.db", "--key", key), f"`{key}` is neither a verifier key nor a file"
        )
    refused(assentry("ledger", "verify", "ledger.db", "--key", "log.example/acme+12345678+AAAA"), "not a verifier key")


# ---- files ----


@pytest.mark.parametrize("words", [*READS, *WRITES])
def test_no_ledger_at_all(assentry: Assentry, home: Path, words: tuple[str, ...]) -> None:
    for path in home.glob("ledger.db*"):
        if path.is_file():
            path.unlink()
    refused(assentry("ledger", *words), "there is no ledger at `ledger.db`: make one with `assentry ledger init`")
    assert not (home / "ledger.db").exists()


@pytest.mark.parametrize("words", [*READS, *WRITES])
@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0", b"not a database at all, but a text " * 40])
def test_a_file_that_is_no_ledger(assentry: Assentry, home: Path, words: tuple[str, ...], content: bytes) -> None:
    for path in home.glob("ledger.db-*"):
        if path.is_file():
            path.unlink()
    (home / "ledger.db").write_bytes(content)
    refused(assentry("ledger", *words), "`ledger.db`")
    assert (home / "ledger.db").read_bytes() == content


@pytest.mark.parametrize("keep", [100, 4096, 12_288, 40_000])
def test_half_of_a_file(assentry: Assentry, home: Path, keep: int) -> None:
    vandalise("PRAGMA wal_checkpoint(TRUNCATE)")
    data = (home / "ledger.db").read_bytes()
    (home / "ledger.db").write_bytes(data[:keep])
    for words in (*READS, *WRITES):
        done = assentry("ledger", *words)
        assert done.code in {1, 2}, (words, done)
        assert "internal error" not in done.err
    for path in home.glob("ledger.db-*"):
        if path.is_file():
            path.unlink()
    (home / "ledger.db").write_bytes(data)
    whole(assentry, home)


@pytest.mark.parametrize("words", [*READS, *WRITES])
def test_another_version(assentry: Assentry, home: Path, words: tuple[str, ...]) -> None:
    vandalise("UPDATE alembic_version SET version_num = '0099'")
    refused(assentry("ledger", *words), "`ledger.db` is of version `0099`; this program reads `0001`")
    vandalise("UPDATE alembic_version SET version_num = '0001'")
    whole(assentry, home)


def test_exports_that_are_none_or_of_another_version(assentry: Assentry, home: Path) -> None:
    assert assentry("ledger", "export", "ledger.db", "-o", "export").code == 0
    verify = ("ledger", "verify", "export", "--key", PUBLIC)
    manifest = home / "export" / "manifest"
    data = manifest.read_text()
    manifest.write_text(data.replace("/v1", "/v9", 1))
    refused(assentry(*verify), "an export of version `v9`; this program reads `v1`")
    manifest.write_text(data[: len(data) // 2])
    done = assentry(*verify)
    assert done.code == 1
    assert "manifest: " in done.out
    for path in (home / "export").iterdir():
        path.unlink() if path.is_file() else shutil.rmtree(path)
    refused(assentry(*verify), "`export` is not an export of a ledger")


def test_receipts_and_checkpoints_that_are_none(assentry: Assentry, home: Path) -> None:
    (home / "bad").write_bytes(b"\xff nonsense")
    done = assentry("ledger", "verify", "ledger.db", "--key", PUBLIC, "--receipt", "bad")
    assert (done.code, "`bad`" in done.out) == (1, True)
    refused(assentry("ledger", "verify", "ledger.db", "--key", PUBLIC, "--receipt", "none"), "cannot read `none`")
    refused(assentry("ledger", "prove", "bad", "--check", "--key", PUBLIC))
    refused(assentry("ledger", "prove", "ledger.db", "7"), "there is no entry 7: the log has 2")
    refused(assentry("ledger", "prove", "ledger.db", "1", "-o", "no/such/folder"), "cannot use `no/such/folder`")


BODIES = (
    b"",
    b"\0",
    b"\xff\xfe",
    b"{}",
    b"[1]",
    b"[" * 60_000,
    b'{"at":1,"data":[],"request":{},"type":"requested","v":1}',
    b'{"at":"2026-11-20T12:00:00.000Z","data":[],"request":{},"tenant":"acme","type":"requested","v":1}',
    b'{"at":"2026-11-20T12:00:00.000Z","data":{},"request":null,"tenant":"acme","type":"opened","v":1}',
    b'{"at":"2026-11-20T12:00:00.000Z","data":{},"request":null,"tenant":"acme","type":"key","v":1}',
    b'{"at":"2026-11-20T12:00:00.000Z","data":{"development":1,"keys":7},"request":null,"tenant":"acme","type":"opened","v":1}',
    b'{"at":"2026-11-20T12:00:00.000Z","claims":["a:1"],"data":'
    + b"[" * 50_000
    + b',"request":null,"tenant":"acme","type":"opened","v":1}',
    b'{"at":"2026-11-20T12:00:00.000Z","data":{},"request":null,"tenant":"acme","type":"pruned","v":1}',
    b'{"at":"2026-11-20T12:00:00.000Z","data":{"documents":7},"request":null,"tenant":"acme","type":"erased","v":1}',
)


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("index", [0, 1])
def test_bodies_that_are_none_are_named(assentry: Assentry, home: Path, body: bytes, index: int) -> None:
    with closing(sqlite3.connect("ledger.db", isolation_level=None)) as connection:
        connection.execute("UPDATE entry SET body = ? WHERE idx = ?", (body, index))
    done = assentry("ledger", "verify", "ledger.db", "--key", PUBLIC)
    assert (done.code, f"entry {index}" in done.out, done.err) == (1, True, ""), done
    assert assentry("ledger", "show", "ledger.db").code == 0
    assert assentry("ledger", "show", "ledger.db", "--type", "noted").code == 0
    done = assentry("ledger", "export", "ledger.db", "-o", "export")
    assert "internal error" not in done.err
    if done.code == 0:
        done = assentry("ledger", "verify", "export", "--key", PUBLIC)
        assert (done.code, f"entry {index}" in done.out, done.err) == (1, True, ""), done


# ---- places that cannot be written ----


def test_a_read_only_database(assentry: Assentry, home: Path) -> None:
    for folder in (home, *home.parents):
        if folder.owner() == home.owner():
            folder.chmod(folder.stat().st_mode | 0o055)
    for path in home.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    vandalise("PRAGMA wal_checkpoint(TRUNCATE)")
    home.chmod(0o555)

    def typed(say: object) -> object:
        from assentry.cli.main import run

        if os.geteuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        keys = home / "mine"
        return [
            [run(["ledger", *words]) for words in READS],
            run(["ledger", "append", "ledger.db", "--keys", str(keys)]),
        ]

    (home / "ledger.db-keys" / "log.key").chmod(0o400)
    shutil.copytree(home / "ledger.db-keys", home / "mine")
    for path in (home / "mine", *(home / "mine").iterdir()):
        os.chown(path, 65534, 65534)
        path.chmod(0o700 if path.is_dir() else 0o600)
    try:
        assert fork(typed).result() == [[0, 0, 0, 0], 2]
    finally:
        home.chmod(0o755)
    whole(assentry, home)


# ---- words ----


def test_words_that_make_no_sense(assentry: Assentry, home: Path) -> None:
    refused(assentry("ledger", "veryfi", "ledger.db"), "there is no command `ledger veryfi`", "verify")
    refused(assentry("ledger", "append", "ledger.db", "--type", "Approved"), "a type is a word of small letters")
    refused(
        assentry("ledger", "append", "ledger.db", "--type", "voted"), "written by the gate or the ledger, not by hand"
    )
    for kind in ("opened", "mandated", "refused", "rejected", "folded"):
        refused(assentry("ledger", "append", "ledger.db", "--type", kind), "by the gate or the ledger, not by hand")
    done = assentry("ledger", "append", "ledger.db", "--type", "noted", "--request", "assentry:folded")
    refused(done, "by the gate or the ledger, not by hand")
    for levels in (250, 2000, 10_000):
        deep = '{"a":' * levels + "1" + "}" * levels
        refused(assentry("ledger", "append", "ledger.db", "--data", deep), "nested too deeply")
    refused(assentry("ledger", "checkpoint", "ledger.db", "--size", "9" * 30), "no checkpoint covers")
    refused(assentry("ledger", "show", "ledger.db", "--unseal", "9" * 30), "there is no entry 999")
    refused(assentry("ledger", "append", "ledger.db", "--claim", "nothing"), "a claim has the form SPACE:KEY")
    refused(assentry("ledger", "append", "ledger.db", "--data", "[1]"), "the data is not a JSON object")
    refused(assentry("ledger", "append", "ledger.db", "--data", '{"a": 0.5}'), "`data.a` is a float")
    refused(assentry("ledger", "append", "ledger.db", "--data", f'{{"a": "{"x" * 70_000}"}}'), "at most 65,535 fit")
    refused(assentry("ledger", "append", "ledger.db", "--if-last", "1"), "`if_last` needs a request")
    refused(assentry("ledger", "append", "ledger.db", "--seal", "none"), "cannot read `none`")
    refused(assentry("ledger", "prune", "ledger.db", "--reason", "x"), "say which entries: --below N or --before DATE")
    refused(assentry("ledger", "checkpoint", "ledger.db", "--witness", "w"), "--witness and --witness-key go together")
    refused(assentry("ledger", "show", "mysql://host/db"), "is not a place for a ledger")
    refused(assentry("ledger", "append", "postgresql://u:secret@127.0.0.1:1/x"), "say where the keys are: --keys DIR")
    done = assentry("ledger", "show", "postgresql://u:secret@127.0.0.1:1/x")
    refused(done, "cannot connect to `x` on `127.0.0.1`")
    assert "secret" not in done.err
    whole(assentry, home)


def test_a_clock_before_the_last_entry(assentry: Assentry, home: Path) -> None:
    vandalise(f"UPDATE log SET time = {NOON + 10**12}, clock = {NOON + 10**12}")
    refused(assentry("ledger", "append", "ledger.db"), "before the newest entry: set it right, or confirm it")
    done = assentry("ledger", "append", "ledger.db", "--confirm-clock", "the clock was set right")
    assert done.code == 0
    assert assentry("ledger", "append", "ledger.db").code == 0


def test_findings_about_rows_outside_the_log_follow_the_schema(assentry: Assentry, home: Path) -> None:
    vandalise(
        "INSERT INTO entry (log, idx, request, body, leaf) SELECT log, -1, request, body, leaf FROM entry WHERE idx = 1",
        "INSERT INTO claim VALUES (1, 'a:b', 4611686018427387904)",
    )
    done = assentry("ledger", "verify", "ledger.db", "--key", PUBLIC, "--format", "json")
    document = json.loads(done.out)
    assert done.code == 1
    Draft202012Validator(json.loads(schemas.text("ledger-verify"))).validate(document)
    assert sorted(one["start"] for one in document["findings"]) == [-1, 2**62]
