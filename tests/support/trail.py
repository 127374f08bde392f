"""CloudTrail records for tests: small ones of our own, and the recorded attack where it is at hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from assentry.errors import InputError
from assentry.ingest import SOURCES
from assentry.ingest.source import Action, no_progress

RECORDED = Path(__file__).parents[2] / ".." / "shared" / "data" / "cloudtrail"

needs_recorded = pytest.mark.skipif(
    not RECORDED.is_dir(), reason="the recorded attack is not beside this checkout: no folder shared/data/cloudtrail"
)


def record(event: str, parameters: object = None, **changes: object) -> dict[str, object]:
    """A record of `iam.CreateUser` and the like by a user with a long-lived key in account 111122223333."""
    service, _, name = event.partition(".")
    made: dict[str, object] = {
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "IAMUser",
            "userName": "omar",
            "accountId": "111122223333",
            "accessKeyId": "AKIAEXAMPLE",
        },
        "eventTime": "2026-11-20T12:00:00Z",
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-central-1",
        "sourceIPAddress": "93.184.215.14",
        "requestParameters": parameters,
        "responseElements": None,
        "eventID": "e-1",
        "readOnly": False,
        "recipientAccountId": "111122223333",
    }
    return {**made, **changes}


def written(folder: Path, *records: object, name: str = "trail.json") -> Path:
    """A file as CloudTrail delivers it."""
    path = folder / name
    path.write_text(json.dumps({"Records": list(records)}), encoding="utf-8")
    return path


def read(path: Path) -> list[tuple[str, Action | InputError]]:
    """Everything in a file."""
    return [(item.place, item.action) for item in SOURCES["cloudtrail"].read(path, no_progress)]


def recorded() -> Iterator[Action]:
    """The actions of the recorded attack, file by file."""
    for path in sorted(RECORDED.glob("*.json")):
        for place, action in read(path):
            assert not isinstance(action, InputError), f"{place}: {action}"
            yield action
