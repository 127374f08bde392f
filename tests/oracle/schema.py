"""The oracle's own small reading of an action's JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

KINDS = {
    "boolean": "bool",
    "integer": "int",
    "number": "double",
    "string": "string",
    "null": "null",
    "array": "list",
    "object": "map",
}


NAMES = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}


@dataclass(frozen=True)
class Spec:
    """One node of a schema, with the document in which its `$ref`s are looked up."""

    node: Mapping[str, Any]
    document: Mapping[str, Any]

    @cached_property
    def types(self) -> list[str]:
        declared = self.node.get("type")
        if declared is None:
            return sorted({NAMES[type(value)] for value in self.allowed or []})
        return [declared] if isinstance(declared, str) else list(declared)

    @cached_property
    def nullable(self) -> bool:
        return "null" in self.types and self.kind != "null"

    @cached_property
    def kind(self) -> str:
        """bool, int, double, string, timestamp, null, list, map, object or any."""
        types = [name for name in self.types if name != "null"] or self.types
        if len(types) != 1:
            return "any"
        if types == ["string"] and self.node.get("format") == "date-time":
            return "timestamp"
        if types == ["object"] and self.node.get("properties"):
            return "object"
        return KINDS[types[0]]

    @cached_property
    def allowed(self) -> list[Any] | None:
        if "const" in self.node:
            return [self.node["const"]]
        values = self.node.get("enum")
        return None if values is None else list(values)

    @cached_property
    def properties(self) -> dict[str, Spec]:
        return {name: spec(node, self.document) for name, node in self.node.get("properties", {}).items()}

    @cached_property
    def required(self) -> frozenset[str]:
        return frozenset(self.node.get("required", []))

    @cached_property
    def item(self) -> Spec | None:
        """What elements, map values or undeclared properties must be; None when undeclared properties are unknown."""
        if self.kind == "list":
            return spec(self.node.get("items", {}), self.document)
        if self.kind == "any":
            return ANY
        extra = self.node.get("additionalProperties", self.kind == "map")
        if extra is False:
            return None
        return ANY if extra is True else spec(extra, self.document)

    def describe(self) -> str:
        """What the schema wants here, as a verdict says it."""
        allowed = self.allowed
        if allowed is not None:
            text = "one of " + ", ".join(
                json.dumps(value, ensure_ascii=False) for value in allowed if value is not None
            )
        else:
            text = {"object": "map", "any": "any value"}.get(self.kind, self.kind) + self._bounds()
        return text + (" or null" if self.nullable else "")

    def _bounds(self) -> str:
        signs = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<"}
        parts = [f"{sign} {self.node[key]}" for key, sign in signs.items() if key in self.node]
        return " " + " and ".join(parts) if parts else ""

    def within_bounds(self, value: float) -> bool:
        node = self.node
        return (
            value >= node.get("minimum", value)
            and value <= node.get("maximum", value)
            and ("exclusiveMinimum" not in node or value > node["exclusiveMinimum"])
            and ("exclusiveMaximum" not in node or value < node["exclusiveMaximum"])
        )


def spec(node: object, document: Mapping[str, Any]) -> Spec:
    """The node, with its `$ref` followed (what stands beside the reference wins)."""
    found: dict[str, Any] = dict(node) if isinstance(node, Mapping) else {}
    while "$ref" in found:
        target: Any = document
        for part in found.pop("$ref").removeprefix("#").split("/")[1:]:
            target = target[part]
        found = {**target, **found}
    return Spec(found, document)


ANY = Spec({}, {})
