"""The schema of entries: every body that the log writes is one, and the schema knows exactly what the log writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from assentry import schemas
from assentry.cli.ledger.laws import rehearse_laws
from assentry.ledger import opening
from assentry.ledger.clock import SetClock
from assentry.ledger.entry import Claim, Entry, Item
from assentry.ledger.jobs import OWN_TYPES
from assentry.ledger.note import Signer
from assentry.ledger.selftest.run import examine
from assentry.ledger.selftest.scene import Scene
from assentry.ledger.selftest.stage import FileStage
from assentry.ledger.verify.findings import Cause
from tests.support.ledgers import NOON, item

SCHEMA: dict[str, Any] = json.loads(schemas.text("ledger-entry"))
VALIDATOR = Draft202012Validator(SCHEMA)
BY_HAND = {"policy"}
"""Written by whoever puts a policy in force; its data are theirs."""


def entries(folder: Path) -> list[Entry]:
    """Entries of every type that the log writes of itself, and of all parts that a body can have."""
    stage = FileStage(folder)
    scene = Scene(stage).build()
    with opening.open_reader(stage.again("whole").place, tenant="acme") as log:
        found = list(log.entries())
    clock, second = SetClock(NOON), Signer.generate("log.example/b")
    with opening.memory("acme", clock=clock) as log:
        log.append([Item.of("noted", {}, request="r", claims=(Claim("b", "2"), Claim("a", "1")))])
        log.rotate(second, "yearly")
        log.append([item(number) for number in range(600)])
        log.prune(256, "old")
        log.prune(512, "older")
        log.unhold(log.hold(512, 600, "a dispute").index, "settled")
        clock.step(-3_600_000)
        log.confirm_clock("it is right")
        found += [*log.entries(512)]
    assert scene.second is not second
    return found


def test_all_that_the_log_writes_is_of_the_schema(tmp_path: Path) -> None:
    found = entries(tmp_path)
    for entry in found:
        VALIDATOR.validate(json.loads(entry.body))
    assert {entry.type for entry in found} >= OWN_TYPES - BY_HAND
    for name in SCHEMA["properties"]:
        assert any(name in entry.content for entry in found), f"no entry has `{name}`"


def test_the_events_of_approvals_are_of_the_schema(tmp_path: Path) -> None:
    stage = FileStage(tmp_path)
    assert len(list(rehearse_laws(stage))) == 3
    bodies = []
    for path in tmp_path.glob("copy-*.db"):
        with opening.open_reader(path) as log:
            bodies += [json.loads(entry.body) for entry in log.entries()]
    assert {body["type"] for body in bodies} >= {"requested", "voted", "approved", "consumed"}
    for body in bodies:
        VALIDATOR.validate(body)


def test_the_schema_knows_the_logs_own_types_and_no_others() -> None:
    known = {rule["if"]["properties"]["type"]["const"] for rule in SCHEMA["allOf"]}
    assert known == OWN_TYPES - BY_HAND


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"at": "2026-11-20T12:00:00Z"},
        {"type": "Noted"},
        {"claims": []},
        {"data": None},
        {"request": 7},
        {"more": 1},
        {"type": "erased", "data": {"documents": [-1], "reason": "", "subject": "p"}},
        {"type": "key", "data": {"role": "log"}},
    ],
)
def test_what_is_no_entry(change: dict[str, object]) -> None:
    entry: dict[str, object] = {
        "at": "2026-11-20T12:00:00.000Z",
        "data": {},
        "request": None,
        "tenant": "acme",
        "type": "noted",
        "v": 1,
    }
    VALIDATOR.validate(entry)
    assert not VALIDATOR.is_valid(entry | change)


def test_reports_are_of_their_schema_and_it_knows_every_cause(tmp_path: Path) -> None:
    schema = json.loads(schemas.text("ledger-verify"))
    assert schema["properties"]["findings"]["items"]["properties"]["cause"]["enum"] == sorted(Cause)
    validator = Draft202012Validator(schema)
    stage = FileStage(tmp_path)
    scene = Scene(stage).build()
    for name, needs in (("whole", "witness"), ("early", "receipt")):
        report = examine(scene, stage.again(name), needs)
        validator.validate(report.to_dict())
        assert report.good is (name == "whole")
