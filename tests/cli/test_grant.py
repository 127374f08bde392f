"""`assentry grant verify` and `assentry resolve`: what a prompt can prove, and what a person can say there."""

from __future__ import annotations

import json
import os
import pwd
from pathlib import Path
from typing import Any

import pytest

import assentry as package
from assentry.cli import extras
from assentry.gate import Caller, Gate, Permit
from assentry.gate import keys as gate_keys
from assentry.gate.directory.file import FileDirectory
from assentry.gate.people import Voter
from assentry.ledger import keyfiles, opening
from tests.cli.conftest import Assentry

ME = pwd.getpwuid(os.getuid()).pw_name

RULES = """
package house

allow writes if action.name == "ticket.write"

require approval exports if action.name == "data.export" with {
    controls: [A.5.14]
    approvers: 1 of group("data-protection")
    within: 30m
}
"""

PEOPLE = f"""
people:
  bob: {{}}
  eve: {{}}
  "{ME}": {{}}
groups:
  data-protection: {{members: [bob]}}
owners:
  etl-7: [eve]
"""

SETTINGS = """
rules = ["rules"]

[directory]
file = "people.yaml"

[ledger]
place = "log.db"
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with rules, people and a ledger."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "house.assent").write_text(RULES)
    (tmp_path / "people.yaml").write_text(PEOPLE)
    (tmp_path / "assentry.toml").write_text(SETTINGS)
    folder = tmp_path / "log.db-keys"
    signer, _ = keyfiles.make(folder, "log.example/acme")
    gate_keys.make(folder, "log.example/acme")
    opening.create(tmp_path / "log.db", "acme", signer)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def act(name: str) -> dict[str, Any]:
    return {"action": {"name": name}, "resource": {"type": "table", "id": "t"}, "context": {}}


def open_gate(project: Path) -> tuple[Gate, Any]:
    folder = project / "log.db-keys"
    log = opening.open_log(
        project / "log.db",
        keyfiles.read_signer(folder / "log.key"),
        sealing=keyfiles.read_sealing(folder / "sealing.key"),
    )
    caller = Caller({"type": "agent", "id": "etl-7"})
    directory = FileDirectory(project / "people.yaml")
    keys = gate_keys.read(folder)
    return Gate(package.load("rules"), ledger=log, directory=directory, keys=keys, caller=caller), log


@pytest.fixture
def grant(project: Path) -> Path:
    """A file with a grant."""
    gate, log = open_gate(project)
    request = gate.submit(act("data.export"))
    assert isinstance(request, str)
    bob = Voter("bob", "console")
    gate.vote(request, bob, "approve", gate.card(request, bob).digest)
    (project / "export.grant").write_text(gate.wait(request).text + "\n")
    log.close()
    return project / "export.grant"


def test_a_grant_is_authentic_and_no_more_is_said(assentry: Assentry, grant: Path) -> None:
    keys = grant.parent / "log.db-keys"
    done = assentry("grant", "verify", grant, "--key", keys / "grant.pub", "--log-key", keys / "log.pub")
    assert done.code == 0
    assert done.out.startswith("authentic; use and revocation not checked\n")
    assert "its approval stands in the log" in done.out
    assert "bob" not in done.out
    done = assentry("grant", "verify", "-", "--key", keys / "grant.pub", "--format", "json", stdin=grant.read_bytes())
    found = json.loads(done.out)
    assert (found["authentic"], found["error"], found["not_shown"]) == (True, None, "use and revocation not checked")
    assert found["grant"]["controls"] == ["A.5.14"]


def test_the_group_says_what_it_has(assentry: Assentry) -> None:
    for group in ([], ["grant"], ["ledger"]):
        done = assentry(*group)
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith(" ".join(["Usage: assentry", *group]))
    assert "there is no command `grant verfy`; did you mean `verify`?" in assentry("grant", "verfy").err


def test_what_is_no_grant_is_refused(assentry: Assentry, grant: Path) -> None:
    keys = grant.parent / "log.db-keys"
    done = assentry("grant", "verify", grant, "--key", keys / "development.pub")
    assert (done.code, done.out) == (1, "refused: not signed by a trusted key\n")
    done = assentry("grant", "verify", grant, "--key", keys / "grant.pub", "--log-key", keys / "grant.pub")
    assert done.code == 1
    done = assentry("grant", "verify", grant, "--key", keys / "grant.pub", "--audience", "other")
    assert (done.code, done.out) == (1, "refused: the grant is for `acme`\n")
    (grant.parent / "half").write_bytes(grant.read_bytes()[:300])
    assert assentry("grant", "verify", grant.parent / "half", "--key", keys / "grant.pub").code == 1
    assert assentry("grant", "verify", grant.parent / "none", "--key", keys / "grant.pub").code == 2
    assert assentry("grant", "verify", grant, "--key", "nonsense").code == 2


def unknown(project: Path) -> str:
    """An execution that raised."""
    gate, log = open_gate(project)
    permit = gate.submit(act("ticket.write"))
    assert isinstance(permit, Permit)
    gate.report(permit, "raised", "ValueError")
    log.close()
    return permit.request


def test_a_person_at_the_prompt_resolves(assentry: Assentry, project: Path) -> None:
    assert assentry("resolve").out == "no outcome is unknown\n"
    request = unknown(project)
    assert assentry("resolve").out.startswith(request)
    assert assentry("resolve").out.endswith("  etl-7: ticket.write on table t\n")
    done = assentry("resolve", request, "--failed", "--reason", "the ticket is not there")
    assert (done.code, done.out) == (0, f"{request} failed\n")
    done = assentry("resolve", request, "--committed", "--reason", "it is after all")
    assert done.code == 2
    assert f"request `{request}` is failed" in done.err
    done = assentry("resolve", "r-nothing", "--failed", "--reason", "?")
    assert "there is no request `r-nothing`" in done.err


def test_what_waits_is_listed_without_secrets(assentry: Assentry, project: Path) -> None:
    gate, log = open_gate(project)
    secret = "AKIA" + "Q3EGVZJ7KNXPLTWM"
    permit = gate.submit({**act("ticket.write"), "resource": {"type": "table\n", "id": secret}})
    assert isinstance(permit, Permit)
    gate.report(permit, "died")
    log.close()
    found = assentry("resolve").out
    assert secret not in found
    assert found.count("\n") == 1
    gate, log = open_gate(project)
    gate.erase("etl-7", "asked for it")
    log.close()
    assert assentry("resolve").out.endswith("  (erased)\n")


@pytest.mark.parametrize("command", ["ledger verify log.db", "doctor", "resolve", "grant verify a --key b"])
def test_without_its_packages_a_command_says_so(
    assentry: Assentry, project: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    done = assentry(*command.split())
    assert (done.code, done.out) == (2, "")
    assert "install `assentry[ledger]`" in done.err


def test_nobody_of_the_chain_resolves(assentry: Assentry, project: Path) -> None:
    (project / "people.yaml").write_text(PEOPLE.replace("[eve]", f'["{ME}"]'))
    request = unknown(project)
    done = assentry("resolve", request, "--failed", "--reason", "let me try again")
    assert done.code == 2
    assert "is of the chain that asks" in done.err


def test_wrong_usage_is_said(assentry: Assentry, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for args in (["r-1"], ["r-1", "--failed"], ["--failed", "--reason", "x"]):
        assert "name the request" in assentry("resolve", *args).err
    done = assentry("resolve", "r-1", "--failed", "--reason", "x", "--token-file", "none")
    assert "an ID token needs" in done.err
    monkeypatch.chdir(project / "rules")
    (project / "assentry.toml").write_text('rules = ["rules"]\n')
    assert "say where the ledger is" in assentry("resolve").err
    done = assentry("resolve", "--ledger", project / "log.db", "--keys", project / "log.db-keys")
    assert "`[directory]` in assentry.toml" in done.err
