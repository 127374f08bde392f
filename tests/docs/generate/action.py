"""docs/reference/action.md: every field of the default action schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from assentry import schemas
from tests.docs.generate import markdown
from tests.docs.generate.markdown import code, table

_TYPES = {"string": "text", "boolean": "true or false", "integer": "whole number", "number": "number"}
Node = Mapping[str, Any]


def page() -> str:
    document = json.loads(schemas.text("action"))
    parts = [
        f"## {name}\n\n{node['description']}\n\n{_table(name, node)}" for name, node in document["properties"].items()
    ]
    shared = [
        f"## The {name}\n\n{node['description']}\n\n{_table('', node)}" for name, node in document["$defs"].items()
    ]
    return markdown.page(
        "The default action document",
        "What rules can read when a project brings no schema of its own: `schemas/action.schema.json`, as tables.\n"
        "**Required** fields are always there; every other one is optional, and a rule guards it with `has(...)`.\n"
        "*secret*, *personal* and *proprietary* mark what is not to be shown (`x-class`), *volatile* what differs\n"
        "between two attempts at the same thing (`x-volatile`).",
        *parts,
        *shared,
    )  # fmt: skip


def _table(prefix: str, node: Node) -> str:
    return table(("field", "type", "meaning"), _rows(prefix, node))


def _rows(prefix: str, node: Node) -> Iterator[tuple[str, str, str]]:
    for name, field in node.get("properties", {}).items():
        path = f"{prefix}.{name}" if prefix else name
        required = " **Required.**" if name in node.get("required", ()) else ""
        yield code(path), _type(field), f"{field.get('description', '')}{required}{_marks(field)}"
        yield from _rows(path, field)


def _type(field: Node) -> str:
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return f"[{name}](#the-{name})"
    if "enum" in field:
        return ", ".join(code(value) for value in field["enum"])
    match field.get("type"):
        case None:
            return "anything"
        case "array":
            return f"list of {_type(field['items'])}"
        case "object" if "properties" not in field:
            held = field["additionalProperties"]
            return "map of anything" if held is True else f"map of {_type(held)}"
        case "object":
            return "object"
        case "string" if field.get("format") == "date-time":
            return "date and time"
        case kind:
            return f"{_TYPES[kind]}{_bounds(field)}"


def _bounds(field: Node) -> str:
    low, high = field.get("minimum"), field.get("maximum")
    if low is None and high is None:
        return ""
    return f" from {low}" + (f" to {high}" if high is not None else "")


def _marks(field: Node) -> str:
    marks = [field["x-class"]] if "x-class" in field else []
    marks += ["volatile"] if field.get("x-volatile") else []
    return "".join(f" *{mark}*" for mark in marks)
