"""`assentry ledger`: every command as it is typed, and what it leaves."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from assentry.cli.commands.ledger import COMMANDS
from assentry.ledger import keyfiles, opening
from assentry.ledger.entry import Item
from tests.cli.conftest import Assentry, Done
from tests.support.ledgers import item

AT = r"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
Ledger = Callable[..., Done]
"""`ledger("append", "--type", "noted")`: a command on the log in `ledger.db`."""


@pytest.fixture
def ledger(assentry: Assentry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """A log in `ledger.db`, where one stands, with a request, a claim and a sealed document in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ASSENTRY_LEDGER", "ledger.db")
    made = assentry("ledger", "init", "ledger.db", "--tenant", "acme", "--origin", "log.example/acme")
    assert made.code == 0
    Path("report.txt").write_text("what p-17 earns")

    def call(command: str, *words: str | Path) -> Done:
        return assentry("ledger", command, "ledger.db", *words)

    assert call("append", "--data", '{"text": "hello"}').code == 0
    words = ("--request", "r-1", "--if-last", "-1", "--claim", "report:q3", "--seal", "report.txt", "--subject", "p-17")
    assert call("append", *words).code == 0
    return call


def bodies(ledger: Ledger) -> list[dict[str, object]]:
    return [json.loads(line) for line in ledger("show", "--from", "0", "--format", "json").out.splitlines()]


def holds(ledger: Ledger, *words: str) -> Done:
    done = ledger("verify", "--key", "ledger.db-keys/log.pub", *words)
    assert done.code == 0, done
    return done


def test_init_says_what_it_made(assentry: Assentry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = assentry("ledger", "init", "a.db", "--tenant", "acme", "--origin", "log.example/acme", "--development")
    assert done.code == 0
    assert re.search(r"made the log of acme in `a.db`\n  origin +log.example/acme\n  key +log.example/acme\+", done.out)
    assert "for development: every verification will say so" in done.out
    assert {path.name for path in Path("a.db-keys").iterdir()} == {"log.key", "log.pub", "sealing.key"}
    assert Path("a.db-keys/log.key").stat().st_mode & 0o077 == 0
    found = assentry("ledger", "verify", "a.db", "--key", "a.db-keys/log.pub")
    assert found.code == 0
    assert "a log for development" in found.out


def test_a_second_tenant_in_the_same_file(ledger: Ledger, assentry: Assentry) -> None:
    assert ledger("init", "--tenant", "other", "--origin", "log.example/other", "--keys", "other-keys").code == 0
    assert ledger("show").err == "error: `ledger.db` holds 2 logs, say whose: `acme`, `other`\n"
    assert ledger("append", "--tenant", "other", "--keys", "other-keys").code == 0
    assert ledger("show", "--tenant", "other").out.splitlines()[0] == "other  log.example/other  2 entries"
    assert ledger("show", "--tenant", "nobody").err == (
        "error: there is no log of `nobody` in `ledger.db`: there is `acme`, `other`\n"
    )


def test_append_names_the_entry_and_show_prints_it(ledger: Ledger) -> None:
    done = ledger("append", "--type", "noted", "--data", '{"b": 1, "a": "é"}')
    assert (done.code, done.err) == (0, "")
    assert re.fullmatch(rf"appended entry 3 at {AT}\n", done.out)
    shown = ledger("show").out
    assert shown.startswith("acme  log.example/acme  4 entries\n\n     0  ")
    assert re.search(rf"     3  {AT}  noted         -  {{\"a\": \"é\", \"b\": 1}}\n", shown)
    assert ledger("show", "--type", "opened").out.count("\n") == 3
    assert [body["type"] for body in bodies(ledger)] == ["opened", "noted", "noted", "noted"]
    assert ledger("show", "--request", "r-1", "--format", "json").out.count("\n") == 1
    assert [json.loads(line)["data"] for line in ledger("show", "--from", "1", "--to", "2", "--format", "json").out.splitlines()] == [
        {"text": "hello"}
    ]  # fmt: skip


def test_append_from_a_file_and_by_the_environment(ledger: Ledger, assentry: Assentry) -> None:
    Path("data.json").write_text('{"from": "a file"}')
    assert ledger("append", "--data", "@data.json").code == 0
    assert assentry("ledger", "show", "--from", "3").out.endswith('-  {"from": "a file"}\n')


def test_append_says_what_stands_in_its_way(ledger: Ledger) -> None:
    assert ledger("append", "--claim", "report:q3")[:2] == (1, "refused claim by entry 2: report:q3\n")
    assert ledger("append", "--request", "r-1", "--if-last", "-1")[:2] == (1, "refused if_last by entry 2\n")
    assert ledger("append", "--request", "r-1", "--if-last", "2").code == 0
    once = ("append", "--idempotency", "k", "--data", '{"n": 1}')
    first, again = ledger(*once), ledger(*once)
    assert first.out.startswith("appended entry 4 ")
    assert again.out == first.out.replace("\n", " (it stood there already)\n")
    other = ledger("append", "--idempotency", "k", "--data", '{"n": 2}')
    assert other[:2] == (1, "refused idempotency by entry 4: the key was used for another payload\n")
    assert len(bodies(ledger)) == 5


def test_sealed_documents_open_until_they_are_erased(ledger: Ledger) -> None:
    assert ledger("show", "--unseal", "2").out == "what p-17 earns"
    assert b"earns" not in Path("ledger.db").read_bytes() + Path("ledger.db-wal").read_bytes()
    done = ledger("erase", "p-17", "--reason", "a request", "--yes")
    assert done[:2] == (0, "erased 1 sealed document; entry 3 says so\n")
    assert ledger("show", "--unseal", "2").err == "error: the document of entry 2 is erased\n"
    assert ledger("erase", "p-17", "--reason", "again", "--yes")[:2] == (0, "nothing is sealed about `p-17`\n")
    assert "1 document erased" in holds(ledger).out


def test_erasing_asks_first(ledger: Ledger, assentry: Assentry) -> None:
    words = ("ledger", "erase", "ledger.db", "p-17", "--reason", "a request")
    assert assentry(*words, stdin=b"n\n").code == 130
    assert ledger("show", "--unseal", "2").code == 0
    assert assentry(*words, stdin=b"y\n").code == 0
    assert ledger("show", "--unseal", "2").code == 2


def test_verify_for_people_and_machines(ledger: Ledger) -> None:
    out = holds(ledger).out
    assert re.match(
        r"acme  log.example/acme  3 entries\n  root [0-9a-f]{64}\n  key epoch 0\nholds: all entries are", out
    )
    assert "not shown by a log itself: a cut to an older checkpoint" in out
    report = json.loads(holds(ledger, "--format", "json").out)
    assert (report["tenant"], report["size"], report["findings"]) == ("acme", 3, [])
    assert "the laws were not replayed" in holds(ledger, "--no-laws").out


def test_a_receipt_is_made_kept_and_checked(ledger: Ledger, assentry: Assentry) -> None:
    assert ledger("prove", "1", "-o", "one.receipt")[:2] == (0, "wrote one.receipt\n")
    assert ledger("prove", "1").out == Path("one.receipt").read_text()
    check = ("ledger", "prove", "one.receipt", "--check", "--key", "ledger.db-keys/log.pub")
    Path("ledger.db").rename("elsewhere.db")  # a receipt needs no ledger
    done = assentry(*check)
    assert done.code == 0
    assert done.out.startswith("holds: this is entry 1 of log.example/acme, under its checkpoint of size 3\n{")
    text = Path("one.receipt").read_text()
    Path("one.receipt").write_text(re.sub("^index 1$", "index 2", text, flags=re.MULTILINE))
    done = assentry(*check)
    assert done.code == 1
    assert done.out.startswith("does not hold: ")


def test_a_receipt_shows_what_a_restored_file_hides(ledger: Ledger) -> None:
    backup = Path("ledger.db").read_bytes()
    assert ledger("append").code == 0
    assert ledger("prove", "3", "-o", "three.receipt").code == 0
    for path in Path().glob("ledger.db-*"):
        if path.is_file():
            path.unlink()
    Path("ledger.db").write_bytes(backup)
    holds(ledger)
    done = ledger("verify", "--key", "ledger.db-keys/log.pub", "--receipt", "three.receipt")
    assert done.code == 1
    assert "truncated: entry 3: `three.receipt` proves that there were 4 entries; here are 3" in done.out


def test_checkpoints_and_witnesses(ledger: Ledger) -> None:
    assert ledger("checkpoint").out.startswith("log.example/acme\n3\n")
    assert ledger("checkpoint", "--size", "2", "-o", "two").code == 0
    assert Path("two").read_text().startswith("log.example/acme\n2\n")
    Path("witness").mkdir()
    keyfiles.write_private(Path("w1.key"), _witness_key())
    done = ledger("checkpoint", "--witness", "witness", "--witness-key", "w1.key")
    assert done.code == 0
    assert "— witness.example/w1 " in done.out
    public = str(keyfiles.read_signer(Path("w1.key")).verifier)
    assert "witnessed by witness.example/w1 at size 3" in holds(ledger, "--witness", public, "--quorum", "1").out
    assert ledger("append").code == 0
    late = ledger("verify", "--key", "ledger.db-keys/log.pub", "--witness", public, "--quorum", "1")
    assert late.code == 1
    assert "0 of the 1 witnesses asked for cosigned the newest checkpoint" in late.out


def _witness_key() -> str:
    from assentry.ledger.note import COSIGNATURE, Signer

    return Signer.generate("witness.example/w1", COSIGNATURE).private_text()


def test_a_witness_over_http(ledger: Ledger) -> None:
    words = [
        "ledger",
        "serve-witness",
        "--store",
        "w",
        "--key",
        "w.key",
        "--name",
        "witness.example/w",
        "--listen",
        "127.0.0.1:0",
    ]
    command = [sys.executable, "-m", "assentry", *words, "--log", "ledger.db-keys/log.pub"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        try:
            assert server.stdout is not None
            lines = [server.stdout.readline() for _ in range(3)]
            address = re.search(r"http://[\d.:]+", lines[1])
            assert address is not None, lines
            done = ledger("checkpoint", "--witness", address[0], "--witness-key", "w.pub")
            assert (done.code, "— witness.example/w " in done.out) == (0, True), done
            with pytest.raises(urllib.error.HTTPError):
                urllib.request.urlopen(f"{address[0]}/add-checkpoint", data=b"nonsense")
        finally:
            server.terminate()
    assert "witnessed by witness.example/w at size 3" in holds(ledger, "--witness", "w.pub", "--quorum", "1").out


def test_an_export_is_verified_without_the_ledger(ledger: Ledger, assentry: Assentry) -> None:
    assert ledger("export", "-o", "export")[:2] == (0, "wrote export: 3 entries of log.example/acme\n")
    verify = ("ledger", "verify", "export", "--key", "ledger.db-keys/log.pub")
    assert assentry(*verify).code == 0
    assert ledger("export", "-o", "export").err == "error: `export` exists already: an export goes into a new folder\n"
    assert ledger("export", "-o", "bare", "--no-documents").code == 0
    assert "sealed documents left out" in assentry(*(word.replace("export", "bare") for word in verify)).out
    bundle = next(path for path in Path("export/tile/entries").rglob("*") if path.is_file())
    bundle.write_bytes(bundle.read_bytes().replace(b"hello", b"jello"))
    done = assentry(*verify)
    assert done.code == 1
    assert "body: entry 1: " in done.out


def test_pruning_keeps_proofs(ledger: Ledger) -> None:
    with opening.open_log("ledger.db", keyfiles.read_signer(Path("ledger.db-keys/log.key"))) as log:
        log.append([item(number) for number in range(300)])
    assert ledger("prove", "1", "-o", "one.receipt").code == 0
    done = ledger("prune", "--below", "300", "--reason", "three years are over", "--yes")
    assert done[:2] == (0, "pruned bodies below entry 256; entry 303 says so\n")
    assert "bodies below entry 256 pruned" in holds(ledger, "--receipt", "one.receipt").out
    assert ledger("append", "--claim", "report:q3").code == 1  # claims are for ever
    assert ledger("prune", "--before", "2001-01-01", "--reason", "x", "--yes").err.startswith("error: nothing to prune")


def test_pruning_says_what_it_cuts_off(ledger: Ledger) -> None:
    with opening.open_log("ledger.db", keyfiles.read_signer(Path("ledger.db-keys/log.key"))) as log:
        chain: dict[str, object] = {"holder": None, "on_behalf_of": [], "owner": None, "requester": "bot"}
        proposal: dict[str, object] = {"digest": "sha256:1", "effect_key": None, "preconditions": [], "sameness": "1"}
        data: dict[str, object] = {
            "attempt": 1,
            "chain": chain,
            "controls": [],
            "excluded": [],
            "lease_until": 1,
            "nonce": "n",
        }
        data |= {"owners": [], "policy": "sha256:2", "proposal": proposal, "rules": []}
        log.append([Item.of("allowed", data, request="r-2"), *(item(number) for number in range(300))])
    words = ("--below", "300", "--reason", "three years are over")
    warning = "1 request not settled began there: to be answered, used or resolved no more"
    asked = ledger("prune", *words)
    assert f"destroy the bodies of entries below 256, for ever; {warning}?" in asked.err
    done = ledger("prune", *words, "--yes")
    assert done.out.splitlines()[1] == warning


def test_rotating_the_key_and_going_on_after_a_restore(ledger: Ledger) -> None:
    old = Path("ledger.db-keys/log.pub").read_text()
    done = ledger("rotate", "--reason", "the yearly rotation")
    assert done.code == 0
    assert done.out.startswith("rotated to epoch 1; entry 3 says so\n")
    assert Path("ledger.db-keys/log.key.0").exists()
    assert ledger("append").code == 0
    for key in (old.strip(), "ledger.db-keys/log.pub"):
        assert ledger("verify", "--key", key).code == 0
    done = ledger("rotate", "--origin", "log.example/acme-2", "--reason", "restored from Monday's backup")
    assert done.out.startswith("rotated to epoch 2; entry 5 says so\n  origin      log.example/acme-2\n")
    assert "acme  log.example/acme-2  6 entries" in ledger("verify", "--key", old.strip()).out


def test_a_rotation_that_was_interrupted_is_finished(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        raise OSError(5, "died", "log.key")

    with monkeypatch.context() as patched:
        patched.setattr(keyfiles, "adopt", die)
        assert ledger("rotate", "--reason", "x").code == 2
    assert "a rotation was interrupted: run `assentry ledger rotate` again" in ledger("append").err
    assert ledger("rotate", "--reason", "x").out.startswith("finished the rotation that was interrupted")
    assert ledger("append").code == 0
    holds(ledger)


def test_a_rotation_that_did_not_happen_is_begun_again(ledger: Ledger) -> None:
    keyfiles.rotate(Path("ledger.db-keys"), "log.example/acme")
    assert ledger("append").code == 0
    assert ledger("rotate", "--reason", "x").out.startswith("rotated to epoch 1")
    keyfiles.rotate(Path("ledger.db-keys"), "log.example/acme")
    assert (
        "was left by a rotation to `log.example/acme`"
        in ledger("rotate", "--origin", "log.example/b", "--reason", "x").err
    )


def test_every_command_has_help(assentry: Assentry) -> None:
    listed = assentry("ledger", "--help").out
    for name in COMMANDS:
        assert re.search(rf"^  {name} ", listed, re.MULTILINE)
        done = assentry("ledger", name, "--help")
        assert done.code == 0
        assert "Example:" in done.out
