"""The published schemas: the two copies agree, and the action schema keeps its promises."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from assentry import schemas
from assentry.errors import ConfigError

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = json.loads(schemas.text("action"))
CLASSES = {"secret", "personal", "proprietary"}


def test_the_package_carries_exactly_the_published_schemas() -> None:
    published = {path.name for path in (ROOT / "schemas").glob("*.json")}
    assert published == {f"{name}.schema.json" for name in schemas.names()}


@pytest.mark.parametrize("name", schemas.names())
def test_both_copies_are_equal_and_valid(name: str) -> None:
    assert (ROOT / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8") == schemas.text(name)
    Draft202012Validator.check_schema(json.loads(schemas.text(name)))


def test_an_unknown_schema_is_a_clear_error() -> None:
    with pytest.raises(ConfigError, match="there is no schema `nothing`: expected one of action"):
        schemas.text("nothing")


def _nodes(node: object, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema node below `node` with its path, properties and list items alike."""
    if not isinstance(node, dict):
        return
    yield path, node
    for name, child in node.get("properties", {}).items():
        yield from _nodes(child, f"{path}.{name}".lstrip("."))
    yield from _nodes(node.get("items"), f"{path}[]")
    for name, child in node.get("$defs", {}).items():
        yield from _nodes(child, f"#{name}")


NODES = dict(_nodes(ACTION))


def test_required_is_what_every_action_has_and_nothing_else() -> None:
    assert ACTION["required"] == ["subject", "action", "resource", "context"]
    required = {noun: ACTION["properties"][noun]["required"] for noun in ACTION["required"]}
    assert required == {"subject": ["type", "id"], "action": ["name"], "resource": ["type", "id"], "context": ["time"]}


def test_every_field_is_described() -> None:
    bare = [path for path, node in NODES.items() if path and not path.endswith("[]") and not node.get("description")]
    assert bare == []


def test_objects_say_what_they_hold() -> None:
    open_ended = [
        path for path, node in NODES.items() if node.get("type") == "object" and "additionalProperties" not in node
    ]
    assert open_ended == []
    free = {path for path, node in NODES.items() if node.get("additionalProperties") is True}
    assert free == {"action.parameters"}


def test_marks_are_known() -> None:
    assert {node["x-class"] for node in NODES.values() if "x-class" in node} == CLASSES
    volatile = {path for path, node in NODES.items() if node.get("x-volatile")}
    assert {"context.time", "context.nonce", "context.request_id"} <= volatile
    assert not any(path.startswith(("subject", "action", "resource")) for path in volatile)


def test_the_smallest_action_is_valid_and_unknown_fields_are_not() -> None:
    action: dict[str, Any] = {
        "subject": {"type": "agent", "id": "etl-7"},
        "action": {"name": "data.read"},
        "resource": {"type": "table", "id": "crm.people"},
        "context": {"time": "2026-11-20T12:00:00Z"},
    }
    check = Draft202012Validator(ACTION)
    assert check.is_valid(action)
    action["action"]["destnation"] = {"kind": "bucket", "external": True}
    assert not check.is_valid(action)
