"""Witnesses: they cosign what continues, over HTTP as tlog-witness says, and stop a log that was restored or forked."""

from __future__ import annotations

import http.client
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assentry.errors import LedgerError, LedgerForked, LedgerKey, LedgerUnavailable, NoteError
from assentry.ledger import opening
from assentry.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from assentry.ledger.log import Log
from assentry.ledger.merkle import EMPTY_ROOT
from assentry.ledger.note import COSIGNATURE, Signer, cosign, cosignature_time, parse_signatures
from assentry.ledger.witness.client import Http, Local, guard, witnessed
from assentry.ledger.witness.judge import Declined, Witness
from assentry.ledger.witness.server import Server
from assentry.ledger.witness.store import FileStore, GitStore
from assentry.ledger.witness.wire import SIZE_TYPE, Submission, origin_hash, parse_submission
from tests.support.ledgers import appended, item
from tests.support.processes import Child, fork

NOW = 1_800_000_000
KEY = Signer.generate("witness.example/w1", COSIGNATURE)


@pytest.fixture
def log() -> Log:
    made = opening.memory("acme")
    appended(made.append([item(n) for n in range(9)]))
    return made


@pytest.fixture
def witness(log: Log, tmp_path: Path) -> Witness:
    return Witness(KEY, [log.head().key], FileStore(tmp_path / "store"), lambda: NOW)


@pytest.fixture
def server(witness: Witness) -> Iterator[Server]:
    made = Server("127.0.0.1", 0, witness)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def remote(server: Server) -> Http:
    return Http(f"http://127.0.0.1:{server.server_address[1]}", KEY.verifier)


def submission(log: Log, old: int) -> Submission:
    checkpoint = log.checkpoint()
    return Submission(old, tuple(log.prove_consistency(old, checkpoint.size)), checkpoint)


# ---- what it cosigns ----


def test_a_first_checkpoint_and_those_that_continue_it(log: Log, witness: Witness) -> None:
    for old in (0, 10, 30, 300):
        appended(log.append([item(n) for n in range({0: 0, 10: 20, 30: 270, 300: 1}[old])]))
        given = submission(log, old)
        line = witness.add_checkpoint(bytes(given))
        assert KEY.verifier.verify_text(given.checkpoint.note.text, line.signature)
        assert cosignature_time(line) == NOW
        newest = witness.store.newest(log.head().origin)
        assert newest is not None
        assert newest.size == log.head().size
        assert len(newest.note.verified([KEY.verifier, log.head().key])) == 2


def test_the_same_checkpoint_again(log: Log, witness: Witness) -> None:
    witness.add_checkpoint(bytes(submission(log, 0)))
    assert cosignature_time(witness.add_checkpoint(bytes(submission(log, 10)))) == NOW


def declined(witness: Witness, data: bytes) -> Declined:
    with pytest.raises(Declined) as caught:
        witness.add_checkpoint(data)
    return caught.value


def test_what_it_declines(log: Log, witness: Witness) -> None:
    first = submission(log, 0)
    good = bytes(first)
    assert declined(witness, b"nonsense").status == 400
    assert declined(witness, good.replace(b"old 0", b"old 00")).status == 400
    assert declined(witness, good.replace(b"old 0", b"old 11")).status == 400
    assert declined(witness, good.replace(b"old 0", b"old 5")).status == 409
    stranger = Signer.generate("log.example/stranger")
    other = sign_checkpoint(Checkpoint("log.example/stranger", 1, bytes(32)), stranger)
    assert declined(witness, bytes(Submission(0, (), other))).status == 404
    forged = sign_checkpoint(first.checkpoint.checkpoint, Signer.generate(log.head().origin))
    assert declined(witness, bytes(Submission(0, (), forged))).status == 403
    bent = replace(first.checkpoint.note.signatures[0], signature=bytes(64))
    wrong = replace(first.checkpoint, note=replace(first.checkpoint.note, signatures=(bent,)))
    assert declined(witness, bytes(Submission(0, (), wrong))).status == 403
    assert declined(witness, bytes(replace(first, proof=(bytes(32),)))).status == 422
    assert witness.store.newest(log.head().origin) is None

    witness.add_checkpoint(good)
    again = declined(witness, good)
    assert (again.status, str(again), again.content_type) == (409, "10\n", SIZE_TYPE)
    appended(log.append([item(1)]))
    assert declined(witness, bytes(replace(submission(log, 10), proof=(bytes(32),)))).status == 422


def test_another_history_of_the_same_size(witness: Witness, log: Log) -> None:
    witness.add_checkpoint(bytes(submission(log, 0)))
    signer = log._signer
    fork_ = sign_checkpoint(Checkpoint(log.head().origin, 10, bytes(32)), signer)
    assert declined(witness, bytes(Submission(10, (), fork_))).status == 422
    empty = sign_checkpoint(Checkpoint(log.head().origin, 0, bytes(32)), signer)
    fresh = Witness(KEY, witness.logs, FileStore(witness.store._folder / "fresh"))
    assert declined(fresh, bytes(Submission(0, (), empty))).status == 422
    right = sign_checkpoint(replace(empty.checkpoint, root=EMPTY_ROOT), signer)
    assert fresh.add_checkpoint(bytes(Submission(0, (), right))).name == KEY.name


def test_only_a_cosignature_key_will_do(witness: Witness) -> None:
    with pytest.raises(LedgerKey, match="cosignature key"):
        Witness(Signer.generate("witness.example/w1"), witness.logs, witness.store)


def test_requests_are_read_as_they_were_written(log: Log) -> None:
    given = submission(log, 3)
    assert parse_submission(bytes(given)) == given
    for data in (b"", b"\xff", b"old 1\n\n", b"old 1\nAAAA\n\n", b"old 1\n" + b"A" * 43 + b"=\n" * 70 + b"\n"):
        with pytest.raises(NoteError):
            parse_submission(data)


# ---- a log and its witness ----


def test_a_log_asks_its_witness(log: Log, witness: Witness) -> None:
    local = Local(witness)
    first = witnessed(log, local)
    assert len(first.note.verified([KEY.verifier, log.head().key])) == 2
    assert log.checkpoint().note == first.note
    appended(log.append([item(n) for n in range(300)]))
    assert witnessed(log, local).size == 310
    guard(log, local)


def test_a_witness_that_lost_nothing_while_the_log_forgot(log: Log, witness: Witness) -> None:
    """The log's own record of cosignatures is lost: the witness tells what it knows, and the proof begins there."""
    witness.add_checkpoint(bytes(submission(log, 0)))
    appended(log.append([item(1)]))
    assert witnessed(log, Local(witness)).size == 11


def test_a_restored_log_is_stopped(log: Log, witness: Witness) -> None:
    signer = log._signer
    shorter = opening.memory("acme", signer)
    local = Local(witness)
    guard(shorter, local)
    witnessed(log, local)
    with pytest.raises(LedgerForked, match="has seen 10 entries, here are 1: a restored log goes on only under"):
        witnessed(shorter, local)
    with pytest.raises(LedgerForked, match="has seen 10 entries"):
        guard(shorter, local)


def test_a_forked_log_is_stopped(log: Log, witness: Witness) -> None:
    witnessed(log, Local(witness))
    other = opening.memory("acme", log._signer)
    appended(other.append([item(n) for n in range(20)]))
    with pytest.raises(LedgerForked, match="has seen another history"):
        witnessed(other, Local(witness))
    with pytest.raises(LedgerForked, match="another history at size 10"):
        guard(other, Local(witness))


def test_processes_cannot_race_a_witness(log: Log, witness: Witness) -> None:
    """Two histories reach it at once: it signs one."""
    signer = log._signer
    given = []
    for salt in range(8):
        other = opening.memory("acme", signer)
        appended(other.append([item(salt * 100 + n) for n in range(5)]))
        given.append(bytes(submission(other, 0)))

    def ask(data: bytes) -> str:
        try:
            witness.add_checkpoint(data)
        except Declined as no:
            return str(no.status)
        return "signed"

    def work(data: bytes) -> Child:
        return fork(lambda _: ask(data))

    results = [child.result() for child in [work(data) for data in given]]
    assert sorted(results) == ["409"] * 7 + ["signed"]


# ---- stores ----


def test_a_git_store_commits_every_checkpoint(log: Log, tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        command = ["git", "-C", str(tmp_path), "-c", "user.name=w", "-c", "user.email=w@example.org", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    git("init", "-q")
    git("config", "user.name", "w")
    git("config", "user.email", "w@example.org")
    local = Local(Witness(KEY, [log.head().key], GitStore(tmp_path), lambda: NOW))
    witnessed(log, local)
    appended(log.append([item(1)]))
    witnessed(log, local)
    assert git("log", "--format=%s").splitlines() == [f"{log.head().origin} at 11", f"{log.head().origin} at 10"]
    name = f"{origin_hash(log.head().origin)}/checkpoint"
    assert open_checkpoint(git("show", f"HEAD~1:{name}"), [KEY.verifier]).size == 10


def test_stores_that_cannot_be_used(tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(LedgerUnavailable, match="cannot make"):
        FileStore(tmp_path / "file")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(LedgerError, match="git in"):
        GitStore(tmp_path)
    store = FileStore(tmp_path / "store")
    store.replace(log.checkpoint())
    store.path(log.head().origin).write_text("damaged")
    with pytest.raises(NoteError):
        store.newest(log.head().origin)


# ---- over HTTP ----


def ask(server: Server, method: str, path: str, body: bytes | None = None) -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    try:
        connection.request(method, path, body)
        response = connection.getresponse()
        return response.status, response.headers["Content-Type"], response.read()
    finally:
        connection.close()


def test_the_protocol_as_tlog_witness_says_it(log: Log, server: Server) -> None:
    text = "text/plain; charset=utf-8"
    path = f"/{origin_hash(log.head().origin)}/checkpoint"
    assert ask(server, "GET", path)[0] == 404
    status, content_type, data = ask(server, "POST", "/add-checkpoint", bytes(submission(log, 0)))
    assert (status, content_type) == (200, text)
    (line,) = parse_signatures(data.decode())
    assert KEY.verifier.verify_text(log.checkpoint().note.text, line.signature)
    assert ask(server, "POST", "/add-checkpoint", bytes(submission(log, 0))) == (409, SIZE_TYPE, b"10\n")
    assert ask(server, "POST", "/add-checkpoint", b"?")[0] == 400
    assert ask(server, "POST", "/elsewhere", b"")[0] == 404
    assert ask(server, "POST", "/add-checkpoint", b"x" * 300_000)[0] == 413
    status, content_type, data = ask(server, "GET", path)
    assert (status, content_type) == (200, text)
    assert open_checkpoint(data, [KEY.verifier]).size == 10
    assert ask(server, "GET", "/elsewhere")[0] == 404


def test_connections_are_kept(log: Log, server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    for status in (200, 409, 409):
        connection.request("POST", "/add-checkpoint", bytes(submission(log, 0)))
        response = connection.getresponse()
        response.read()
        assert response.status == status
    connection.close()


def test_a_log_asks_its_witness_over_http(log: Log, server: Server) -> None:
    assert remote(server).newest(log.head().origin) is None
    witnessed(log, remote(server))
    appended(log.append([item(n) for n in range(300)]))
    checkpoint = witnessed(log, remote(server))
    assert len(checkpoint.note.verified([KEY.verifier, log.head().key])) == 2
    guard(log, remote(server))
    newest = remote(server).newest(log.head().origin)
    assert newest is not None
    assert newest.size == 310


def test_witnesses_that_do_not_answer_as_they_should(log: Log, server: Server) -> None:
    other = Http(remote(server).url, Signer.generate("witness.example/w2", COSIGNATURE).verifier)
    with pytest.raises(NoteError, match="without a valid cosignature of its own"):
        witnessed(log, other)
    with pytest.raises(NoteError, match="no signature of a trusted key"):
        other.newest(log.head().origin)
    with pytest.raises(LedgerUnavailable, match="does not answer"):
        witnessed(log, Http("http://127.0.0.1:1", KEY.verifier))
    with pytest.raises(LedgerError, match="is not the address"):
        witnessed(log, Http("ftp://example.org", KEY.verifier))
    stranger = opening.memory("acme", Signer.generate("log.example/stranger"))
    with pytest.raises(LedgerError, match=r"declines \(404\)"):
        witnessed(stranger, remote(server))


def test_a_witness_that_cannot_remember_signs_nothing(
    log: Log, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise LedgerUnavailable("the disk is full")

    monkeypatch.setattr(FileStore, "replace", fail)
    assert ask(server, "POST", "/add-checkpoint", bytes(submission(log, 0)))[0] == 503
    monkeypatch.undo()
    assert ask(server, "POST", "/add-checkpoint", bytes(submission(log, 0)))[0] == 200


def test_a_cosignature_may_come_late(log: Log, witness: Witness) -> None:
    """It stays with its checkpoint, though the log went on."""
    checkpoint = log.checkpoint()
    appended(log.append([item(1)]))
    log.cosign(10, [cosign(checkpoint.note.text, KEY, NOW)])
    assert len(log.checkpoint(10).note.verified([KEY.verifier, log.head().key])) == 2


def test_a_witness_whose_memory_cannot_be_read_cosigns_nothing_and_says_so(server: Server, log: Log) -> None:
    witness = server.witness
    witness.store.path(log.head().origin).mkdir(parents=True)
    with pytest.raises(LedgerUnavailable, match="cannot read"):
        witness.store.newest(log.head().origin)
    with pytest.raises(LedgerUnavailable, match="status 503"):
        remote(server).newest(log.head().origin)
    with pytest.raises(LedgerError, match=r"declines \(503\)"):
        witnessed(log, remote(server))
