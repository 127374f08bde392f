"""A JSON Schema (2020-12) becomes shapes: what a decision checks of the action document.

Kept are types, properties, `required`, enum, const, date-time, bounds and null. Annotations and keywords
that only a strict validation checks (`pattern`, `minLength`, ...) are passed over. A keyword that would
change what a field means (`if`, `not`, `patternProperties`, ...) is refused, since passing over it in
silence would let a rule mean something else than its schema says.

Source: JSON Schema 2020-12, core and validation vocabularies.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from assentry.diagnostics import did_you_mean
from assentry.errors import ConfigError
from assentry.values.shapes import Property, Scalar, Shape, ShapeKind, Shapes

MAX_DEPTH = 64
ANY, STRING = 0, 1  # the first two entries of every table: what may be anything, and a plain string

_KINDS: Mapping[str, ShapeKind] = {
    "boolean": "bool",
    "integer": "int",
    "number": "double",
    "string": "string",
    "null": "null",
    "array": "list",
    "object": "object",
}
_REFUSED = frozenset(
    {
        "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "if", "then", "else", "not", "patternProperties",
        "dependentSchemas", "dependentRequired", "dependencies", "unevaluatedProperties", "unevaluatedItems",
        "prefixItems", "additionalItems", "nullable", "discriminator",
    }
)  # fmt: skip
_HELP = {
    "nullable": 'write `"type": ["string", "null"]`',
    "prefixItems": "give all elements one schema with `items`",
    "patternProperties": "declare the names under `properties`, or one schema for all with `additionalProperties`",
}
_STRUCTURE = frozenset({"type", "properties", "items", "additionalProperties", "enum", "const"})
_UNIONS = ("anyOf", "oneOf")
_BOUNDS = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "exclusive_minimum",
    "exclusiveMaximum": "exclusive_maximum",
}
_MARKS = ("x-class", "x-volatile", "x-effect")
# A name that a condition could not read as the first of a path.
_NOT_ROOTS = frozenset({"risk", "data", "true", "false", "null", "in"})


@dataclass(frozen=True, slots=True)
class Schema:
    """What a schema says of the document: the table of shapes and the document's own top-level fields.

    `shapes[0]` is the shape of anything, `shapes[1]` that of a plain string.
    """

    shapes: Shapes
    roots: tuple[Property, ...]


def read_schema(document: Mapping[str, Any], name: str) -> Schema:
    """The shapes of a schema document (as `json.loads` gives it); `name` names it in messages.

    Raises ConfigError, with the JSON pointer of what cannot be used.
    """
    reader = _Reader(document, name)
    top = reader.shape_of(document, "#", "", 0)
    shapes = reader.finished()
    root = shapes[top]
    if root.kind != "object" or not root.properties:
        reader.refuse("#", "an action document is an object with declared `properties`")
    for declared in root.properties:
        if not declared.name.isidentifier() or not declared.name.isascii() or declared.name in _NOT_ROOTS:
            reader.refuse(
                f"#/properties/{declared.name}", f"`{declared.name}` cannot be a top-level name of the document"
            )
    return Schema(shapes, root.properties)


@dataclass(slots=True)
class _Alias:
    """A shape that is another one with some of its parts replaced, resolved once all are read."""

    target: int
    changes: dict[str, Any]


@dataclass(slots=True)
class _Reader:
    document: Mapping[str, Any]
    name: str
    table: list[Shape | _Alias | None] = field(default_factory=lambda: [Shape("any"), Shape("string")])
    by_pointer: dict[str, int] = field(default_factory=dict)

    def refuse(self, pointer: str, why: str, help: str | None = None) -> NoReturn:
        raise ConfigError(f"`{self.name}` at `{pointer}`: {why}" + (f" ({help})" if help else ""))

    def finished(self) -> Shapes:
        """The table, with every variant of another shape made."""
        return tuple(self._resolved(index) for index in range(len(self.table)))

    def _resolved(self, index: int) -> Shape:
        entry = self.table[index]
        assert entry is not None, "every reserved entry is filled"
        return entry if isinstance(entry, Shape) else replace(self._resolved(entry.target), **entry.changes)

    # ---- one node ----

    def shape_of(self, node: object, pointer: str, path: str, depth: int) -> int:
        """The table index of a schema node's shape."""
        if pointer in self.by_pointer:
            return self.by_pointer[pointer]
        if node is True or node == {}:
            return ANY
        if depth > MAX_DEPTH:
            self.refuse(pointer, f"the schema is nested more than {MAX_DEPTH} levels deep, or refers back to itself")
        if not isinstance(node, dict):
            self.refuse(pointer, "nothing fits the schema `false`" if node is False else "a schema is an object")
        self._refuse_keywords(node, pointer)
        if "$ref" in node:
            return self._reference(node, pointer, path, depth)
        if (single := self._single_all_of(node, pointer)) is not None:
            return self._variant(single, f"{pointer}/allOf/0", path, depth, _annotations(node))
        if not _STRUCTURE & node.keys() and (union := next((key for key in _UNIONS if key in node), None)):
            return self._union(node, union, pointer, path, depth)
        index = self._reserve(pointer)
        self.table[index] = self._plain(node, pointer, path, depth)
        return index

    def _reserve(self, pointer: str) -> int:
        self.table.append(None)
        self.by_pointer[pointer] = len(self.table) - 1
        return len(self.table) - 1

    def _refuse_keywords(self, node: Mapping[str, Any], pointer: str) -> None:
        for key in node:
            if key in _REFUSED:
                self.refuse(f"{pointer}/{key}", f"`{key}` is not supported in an action schema", _HELP.get(key))
        if (known := node.get("type")) is not None:
            for kind in known if isinstance(known, list) else [known]:
                if not isinstance(kind, str) or kind not in _KINDS:
                    near = did_you_mean(str(kind), _KINDS)
                    self.refuse(f"{pointer}/type", f"`{kind}` is not a JSON Schema type", near)

    def _single_all_of(self, node: Mapping[str, Any], pointer: str) -> object | None:
        if "allOf" not in node:
            return None
        parts = node["allOf"]
        if not isinstance(parts, list) or len(parts) != 1 or _STRUCTURE & node.keys():
            self.refuse(
                f"{pointer}/allOf", "`allOf` is supported with one schema alone", "write the parts as one schema"
            )
        part: object = parts[0]
        return part

    def _reference(self, node: Mapping[str, Any], pointer: str, path: str, depth: int) -> int:
        target = node["$ref"]
        if others := sorted((_STRUCTURE | set(_UNIONS)) & node.keys()):
            self.refuse(pointer, f"`{others[0]}` beside `$ref` is not supported", "put it into the schema referred to")
        if not isinstance(target, str) or not (target == "#" or target.startswith("#/")):
            self.refuse(f"{pointer}/$ref", f"only references within the document are followed, not `{target}`")
        return self._variant(self._at(target, pointer), target, path, depth, _annotations(node))

    def _variant(self, node: object, pointer: str, path: str, depth: int, changes: dict[str, Any]) -> int:
        """The shape of another node, with `changes` when there are any."""
        index = self.shape_of(node, pointer, path, depth + 1)
        if not changes:
            return index
        self.table.append(_Alias(index, changes))
        return len(self.table) - 1

    def _at(self, target: str, pointer: str) -> object:
        node: object = self.document
        for part in target.split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            if isinstance(node, list) and key.isdecimal() and int(key) < len(node):
                node = node[int(key)]
            elif isinstance(node, dict) and key in node:
                node = node[key]
            else:
                known = node if isinstance(node, dict) else ()
                self.refuse(f"{pointer}/$ref", f"there is nothing at `{target}`", did_you_mean(key, known))
        return node

    def _union(self, node: Mapping[str, Any], union: str, pointer: str, path: str, depth: int) -> int:
        parts = node[union]
        if not isinstance(parts, list) or not parts:
            self.refuse(f"{pointer}/{union}", f"`{union}` is a list of schemas")
        rest = [(at, part) for at, part in enumerate(parts) if not _is_null(part)]
        changes = _annotations(node)
        if len(rest) == 1:
            if len(rest) < len(parts):
                changes["nullable"] = True
            at, part = rest[0]
            return self._variant(part, f"{pointer}/{union}/{at}", path, depth, changes)
        self.table.append(Shape("any", path, **changes))
        return len(self.table) - 1

    # ---- nodes with a type of their own ----

    def _plain(self, node: Mapping[str, Any], pointer: str, path: str, depth: int) -> Shape:
        kind, nullable = _kind(node)
        shape = Shape(kind, path, nullable, **_annotations(node))
        if kind == "object":
            return self._object(shape, node, pointer, path, depth)
        if kind == "list":
            items = node.get("items", True)
            return replace(shape, item=self.shape_of(items, f"{pointer}/items", f"{path}[]", depth + 1))
        if kind in {"int", "double"}:
            shape = replace(shape, **self._bounds(node, pointer))
        if "enum" in node or "const" in node:
            shape = self._enumerated(shape, node, pointer)
        return shape

    def _object(self, shape: Shape, node: Mapping[str, Any], pointer: str, path: str, depth: int) -> Shape:
        declared = node.get("properties", {})
        required = node.get("required", [])
        if not isinstance(declared, dict):
            self.refuse(f"{pointer}/properties", "`properties` is an object")
        if not isinstance(required, list):
            self.refuse(f"{pointer}/required", "`required` is a list of names")
        # `{"type": "object"}` says nothing of what is inside: JSON Schema's meaning, a map of anything.
        more = node.get("additionalProperties", not declared)
        item = None
        if more is not False:
            item = self.shape_of(more, f"{pointer}/additionalProperties", f"{path}[*]", depth + 1)
        if not declared and item is not None:
            return replace(shape, kind="map", item=item)
        properties = []
        for name, part in declared.items():
            step = f".{name}" if name.isidentifier() else f"[{json.dumps(name)}]"
            inner = f"{path}{step}".removeprefix(".")
            at = f"{pointer}/properties/{name.replace('~', '~0').replace('/', '~1')}"
            properties.append(Property(name, self.shape_of(part, at, inner, depth + 1), name in required))
        return replace(shape, item=item, properties=tuple(properties))

    def _bounds(self, node: Mapping[str, Any], pointer: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for keyword, attribute in _BOUNDS.items():
            if (bound := node.get(keyword)) is None:
                continue
            if isinstance(bound, bool) or not isinstance(bound, int | float) or not math.isfinite(bound):
                self.refuse(f"{pointer}/{keyword}", f"`{keyword}` is a number")
            found[attribute] = bound
        return found

    def _enumerated(self, shape: Shape, node: Mapping[str, Any], pointer: str) -> Shape:
        keyword = "const" if "const" in node else "enum"
        values = [node["const"]] if keyword == "const" else node["enum"]
        if not isinstance(values, list) or not values:
            self.refuse(f"{pointer}/enum", "`enum` is a list of values")
        allowed: list[Scalar] = []
        for value in values:
            if not isinstance(value, str | int | float | bool | None):
                self.refuse(f"{pointer}/{keyword}", f"`{keyword}` holds strings, numbers, booleans and null alone")
            if value is not None and _fits(value, shape.kind):
                allowed.append(value)
        nullable = None in values and (shape.nullable or "type" not in node)
        if shape.kind == "null" or (shape.kind == "any" and not allowed):
            return shape
        if not allowed:
            self.refuse(f"{pointer}/{keyword}", f"no value of `{keyword}` is of the type that the schema names")
        return replace(shape, allowed=tuple(allowed), nullable=nullable)


def _kind(node: Mapping[str, Any]) -> tuple[ShapeKind, bool]:
    """The kind that a node's own keywords say, and whether null fits too."""
    names = node.get("type")
    if names is None:
        return _kind_without_type(node)
    listed = list(dict.fromkeys(names if isinstance(names, list) else [names]))
    rest = [name for name in listed if name != "null"]
    if not rest:
        return "null", False
    nullable = len(rest) < len(listed)
    if set(rest) == {"integer", "number"}:
        return "double", nullable
    if len(rest) > 1:
        return "any", False
    if rest == ["string"] and node.get("format") == "date-time" and not {"enum", "const"} & node.keys():
        return "timestamp", nullable
    return _KINDS[rest[0]], nullable


def _kind_without_type(node: Mapping[str, Any]) -> tuple[ShapeKind, bool]:
    if "properties" in node or "additionalProperties" in node:
        return "object", False
    if "items" in node:
        return "list", False
    values = [node["const"]] if "const" in node else node.get("enum")
    if isinstance(values, list):
        kinds = {_scalar_kind(value) for value in values}
        nullable = "null" in kinds
        kinds -= {"null"} if len(kinds) > 1 else set()
        if kinds == {"int", "double"}:
            return "double", nullable
        if len(kinds) == 1:
            return next(iter(kinds)), nullable and kinds != {"null"}
    return "any", False


def _scalar_kind(value: object) -> ShapeKind:
    match value:
        case None:
            return "null"
        case bool():
            return "bool"
        case str():
            return "string"
        case int():
            return "int"
        case float():
            return "int" if value.is_integer() else "double"
        case _:
            return "any"


def _fits(value: Scalar, kind: ShapeKind) -> bool:
    own = _scalar_kind(value)
    return kind in {"any", own} or (own == "int" and kind == "double")


def _is_null(node: object) -> bool:
    return isinstance(node, dict) and (node.get("type") == "null" or ("const" in node and node["const"] is None))


def _annotations(node: Mapping[str, Any]) -> dict[str, Any]:
    """Doc text and marks of a node, as parts of a shape; empty when it has none."""
    found: dict[str, Any] = {}
    doc = node.get("description", node.get("title"))
    if isinstance(doc, str):
        found["doc"] = doc
    marks = tuple((key, _text(node[key])) for key in _MARKS if key in node)
    if marks:
        found["marks"] = marks
    return found


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def shape_index(shapes: Sequence[Shape], kind: ShapeKind) -> int | None:
    """The first shape of a table that demands this kind and nothing else."""
    for index, shape in enumerate(shapes):
        if shape.kind == kind and not shape.nullable and shape.allowed is None and shape.item is None:
            return index
    return None
