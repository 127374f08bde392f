"""`assentry doctor`: what holds passes, what a project lacks is named, and whatever is broken in the gate is noticed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from assentry import schemas
from assentry.cli.doctor.run import GUARANTEES
from tests.cli.conftest import Assentry, Done

RULES = """\
package house

allow reads if action.name == "data.read" with { controls: [A.5.15] }

require approval exports if action.name == "data.export" with {
    title: "Exports are looked at"
    controls: [A.5.14]
    approvers: 2 of group("data-protection")
    within: 30m
}
"""
TESTS = """\
suite: house
actions:
  base:
    subject: {type: agent, id: etl-7}
    action: {name: data.read}
    resource: {type: table, id: crm.people}
    context: {time: "2026-11-20T12:00:00Z"}
cases:
  - {name: reads, action: base, expect: allow}
  - {name: exports, action: base, set: {action.name: data.export}, expect: require_approval}
"""
PEOPLE = """\
people: {ann: {}, bob: {}, cyd: {}, dee: {}}
groups:
  data-protection: {members: [ann, bob, cyd]}
owners:
  etl-7: [dee]
"""


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, assentry: Assentry) -> Path:
    """A project with rules, tests, people and a ledger; one stands in it."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/house.assent").write_text(RULES)
    (tmp_path / "rules/house.test.yaml").write_text(TESTS)
    (tmp_path / "people.yaml").write_text(PEOPLE)
    (tmp_path / "assentry.toml").write_text(
        'rules = ["rules"]\n[directory]\nfile = "people.yaml"\n[ledger]\nplace = "ledger.db"\n'
    )
    monkeypatch.chdir(tmp_path)
    assert assentry("ledger", "init", "ledger.db", "--tenant", "acme", "--origin", "log.example/acme").code == 0
    return tmp_path


def outcomes(done: Done) -> dict[str, tuple[str, str]]:
    document = json.loads(done.out)
    Draft202012Validator(json.loads(schemas.text("doctor"))).validate(document)
    return {each["id"]: (each["status"], each["why"]) for each in document["guarantees"]}


def only(assentry: Assentry, name: str) -> tuple[str, str]:
    return outcomes(assentry("doctor", "--only", name, "--format", "json"))[name]


def test_a_project_in_order(assentry: Assentry, house: Path) -> None:
    before = (house / "ledger.db").read_bytes()
    done = assentry("doctor", "--format", "json")
    found = outcomes(done)
    assert {name: each for name, each in found.items() if each[0] != "passed"} == {}
    assert list(found) == [guarantee.id for guarantee in GUARANTEES]
    assert done.code == 0
    assert (house / "ledger.db").read_bytes() == before, "nothing is written to the project's own ledger"


def test_what_people_read(assentry: Assentry, house: Path) -> None:
    done = assentry("doctor", "--only", "seats,own-request")
    assert done.out == (
        "passed  seats            there are enough people for every seat  (1 seats)\n"
        "passed  own-request      nobody approves their own  (data.export)\n"
        "\nall hold: 2 guarantees tried, 0 not applicable\n"
    )
    assert assentry("doctor", "--list").out.count("\n") == len(GUARANTEES)
    assert "did you mean `seats`?" in assentry("doctor", "--only", "seat").err


def test_a_bare_project_says_what_could_not_be_tried(assentry: Assentry, house: Path) -> None:
    (house / "assentry.toml").write_text('rules = ["rules"]\n')
    found = outcomes(assentry("doctor", "--format", "json"))
    assert {name for name, each in found.items() if each[0] == "not applicable"} == {
        "directory", "seats", "owners", "ledger", "keys",
    }  # fmt: skip
    assert "failed" not in {each[0] for each in found.values()}


def test_a_project_without_actions_to_try_says_so(assentry: Assentry, house: Path) -> None:
    (house / "rules/house.test.yaml").unlink()
    status, why = only(assentry, "used-once")
    assert (status, why) == ("not applicable", "no action in the tests or examples has to be approved, and can be")


def test_an_action_that_no_gate_would_take_is_passed_over(assentry: Assentry, house: Path) -> None:
    odd = "  - {name: odd, action: base, set: {action.rows: 123456789012345678901234567890}, expect: allow}\n"
    tests = TESTS.replace("cases:\n", f"cases:\n{odd}")
    (house / "rules/house.test.yaml").write_text(tests)
    assert only(assentry, "mandate")[0] == "passed"


BROKEN: dict[str, tuple[str, str, str, str]] = {
    "controls": ("rules/house.assent", " with { controls: [A.5.15] }", "", "1 of 2 rules cite no control: house.reads"),
    "seats": ("people.yaml", "[ann, bob, cyd]", "[ann]", 'group("data-protection") has 1 of 2'),
    "owners": ("people.yaml", "etl-7", "etl-8", "1 of 1 have no owner: etl-7"),
    "directory": ("people.yaml", "[dee]", "[deee]", "there is no person or group `deee`"),
    "unknown-action": ("rules/house.assent", "package house\n", "package house\n\nallow all if action.name != \"x\"\n", "does not deny"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_a_project_lacks_is_named(assentry: Assentry, house: Path, name: str) -> None:
    file, old, new, why = BROKEN[name]
    text = (house / file).read_text()
    assert old in text
    (house / file).write_text(text.replace(old, new))
    done = assentry("doctor", "--only", name, "--format", "json")
    status, said = outcomes(done)[name]
    assert status == "failed"
    assert why in said
    assert done.code == 1


def test_too_few_people_make_approvals_impossible_to_try(assentry: Assentry, house: Path) -> None:
    (house / "people.yaml").write_text(PEOPLE.replace("[ann, bob, cyd]", "[ann, dee]"))
    status, why = only(assentry, "used-once")
    assert (status, why) == (
        "not applicable",
        "there are not enough people in the directory for anything that has to be approved",
    )


def test_a_ledger_for_development_or_with_open_keys_fails(assentry: Assentry, house: Path) -> None:
    (house / "ledger.db-keys/log.key").chmod(0o644)
    assert only(assentry, "keys") == ("failed", "others can read log.key")
    (house / "ledger.db").unlink()
    assert only(assentry, "ledger")[0] == "not applicable"
    (house / "ledger.db").write_bytes(b"not a ledger")
    assert only(assentry, "ledger")[0] == "failed"


def test_rules_that_do_not_compile_are_shown(assentry: Assentry, house: Path) -> None:
    (house / "rules/house.assent").write_text("package house\n\nallow x if")
    done = assentry("doctor")
    assert done.code == 1
    assert "error[" in done.err


# ---- mutants of the gate: whatever is broken in it, some guarantee fails ----


def none(*_: object, **__: object) -> None:
    return None


def nobody(*_: object, **__: object) -> frozenset[str]:
    return frozenset()


MUTANTS: dict[str, tuple[str, Callable[..., Any]]] = {
    "own-request": ("assentry.approvals.exclusion.of_request", nobody),
    "counts-once": ("assentry.approvals.seating.match", lambda places: [each[0] if each else None for each in places]),
    "preconditions": ("assentry.gate.tool.Tool.read", lambda *_: ()),
    "policy-pinned": ("assentry.gate.gate.Gate._expect", none),
    "upstream": ("assentry.gate.digest.digest", lambda *_: "sha256:" + "0" * 64),
    "unknown-blocks": ("assentry.gate.tool.Tool.is_harmless", lambda *_: True),
    "mandate": ("assentry.gate.authority.mandates.outside", none),
    "mandate-narrows": ("assentry.gate.authority.mandates.widened", none),
    "budget-held": ("assentry.gate.authority.mandates.Mandates._overspent", none),
    "no-caller": ("assentry.gate.gate.Gate._who", lambda self, caller=None: caller or _somebody()),
    "revoked": ("assentry.gate.gate.Gate.revoke", none),
    "deny-dominates": ("assentry.gate.gate.Gate.vote", lambda self, request, voter, choice, card, **_: self._people.vote(request, voter, "approve", card)),
    "redacted": ("assentry.cli.doctor.people_checks.CANARY", "crm.people"),  # type: ignore[dict-item]
    "pruned": ("assentry.ledger.holds.refuse", none),
    "clock": ("assentry.ledger.clock.SetClock.step", none),
}  # fmt: skip


def _somebody() -> object:
    from assentry.gate import Caller

    return Caller({"type": "user", "id": "ann"})


@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_gate_is_noticed(assentry: Assentry, house: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    target, mutant = MUTANTS[name]
    monkeypatch.setattr(target, mutant)
    status, why = only(assentry, name)
    assert status == "failed", why
