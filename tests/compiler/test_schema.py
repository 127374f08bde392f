"""From JSON Schema to shapes."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assentry import schemas
from assentry.compiler.schema import ANY, STRING, Schema, read_schema
from assentry.errors import ConfigError
from assentry.values.fit import fit
from assentry.values.shapes import Shape


def schema(part: dict[str, Any] | bool, **more: Any) -> dict[str, Any]:
    """A document whose field `a.x` has the given schema."""
    return {"type": "object", "properties": {"a": {"type": "object", "properties": {"x": part}}}, **more}


def shape(part: dict[str, Any] | bool, **more: Any) -> tuple[Shape, Schema]:
    read = read_schema(schema(part, **more), "s.json")
    declared = read.shapes[read.roots[0].shape].property("x")
    assert declared is not None
    return read.shapes[declared.shape], read


SCALARS: list[tuple[dict[str, Any], Shape]] = [
    ({"type": "string"}, Shape("string", "a.x")),
    ({"type": "integer"}, Shape("int", "a.x")),
    ({"type": "number"}, Shape("double", "a.x")),
    ({"type": "boolean"}, Shape("bool", "a.x")),
    ({"type": "null"}, Shape("null", "a.x")),
    ({"type": ["string", "null"]}, Shape("string", "a.x", nullable=True)),
    ({"type": ["null"]}, Shape("null", "a.x")),
    ({"type": ["integer", "number"]}, Shape("double", "a.x")),
    ({"type": ["integer", "string"]}, Shape("any", "a.x")),
    ({"type": "string", "format": "date-time"}, Shape("timestamp", "a.x")),
    ({"type": "string", "format": "email", "pattern": "x", "minLength": 1}, Shape("string", "a.x")),
    ({"type": "string", "enum": ["b", "a"]}, Shape("string", "a.x", allowed=("b", "a"))),
    ({"enum": ["b", None]}, Shape("string", "a.x", nullable=True, allowed=("b",))),
    ({"type": "string", "enum": ["b", None]}, Shape("string", "a.x", allowed=("b",))),
    ({"type": ["string", "null"], "enum": ["b", None]}, Shape("string", "a.x", nullable=True, allowed=("b",))),
    ({"type": ["string", "null"], "enum": ["b"]}, Shape("string", "a.x", allowed=("b",))),
    ({"const": 2}, Shape("int", "a.x", allowed=(2,))),
    ({"const": True}, Shape("bool", "a.x", allowed=(True,))),
    ({"const": None}, Shape("null", "a.x")),
    ({"enum": [1, 1.5]}, Shape("double", "a.x", allowed=(1, 1.5))),
    ({"enum": ["a", 1]}, Shape("any", "a.x", allowed=("a", 1))),
    (
        {"type": "integer", "minimum": 0, "maximum": 9.5, "exclusiveMinimum": -1, "exclusiveMaximum": 10},
        Shape("int", "a.x", minimum=0, maximum=9.5, exclusive_minimum=-1, exclusive_maximum=10),
    ),
    ({"type": "string", "description": "d", "title": "t"}, Shape("string", "a.x", doc="d")),
    ({"type": "string", "title": "t"}, Shape("string", "a.x", doc="t")),
    (
        {"type": "string", "x-class": "secret", "x-volatile": True},
        Shape("string", "a.x", marks=(("x-class", "secret"), ("x-volatile", "true"))),
    ),
    ({"anyOf": [{"type": "string"}, {"type": "null"}]}, Shape("string", "a.x", nullable=True)),
    ({"oneOf": [{"type": "null"}, {"type": "integer", "minimum": 1}]}, Shape("int", "a.x", nullable=True, minimum=1)),
    ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, Shape("any", "a.x")),
    ({"type": "string", "anyOf": [{"minLength": 1}, {"const": ""}]}, Shape("string", "a.x")),
    ({"allOf": [{"type": "string"}], "description": "d"}, Shape("string", "a.x", doc="d")),
]


@pytest.mark.parametrize(("part", "expected"), SCALARS, ids=[json.dumps(part) for part, _ in SCALARS])
def test_scalars(part: dict[str, Any], expected: Shape) -> None:
    assert shape(part)[0] == expected


def test_the_table_begins_with_anything_and_a_plain_string() -> None:
    read = shape({"type": "string"})[1]
    assert read.shapes[ANY] == Shape("any")
    assert read.shapes[STRING] == Shape("string")


@pytest.mark.parametrize("part", [True, {}])
def test_no_demand_is_anything(part: dict[str, Any] | bool) -> None:
    assert shape(part)[0] == Shape("any")


def test_lists_maps_and_objects() -> None:
    found, read = shape({"type": "array", "items": {"type": "integer"}})
    assert found.kind == "list"
    assert found.item is not None
    assert read.shapes[found.item] == Shape("int", "a.x[]")
    assert shape({"type": "array"})[0].item == ANY
    for part in ({"type": "object"}, {"type": "object", "additionalProperties": True}):
        found, _ = shape(part)
        assert (found.kind, found.item) == ("map", ANY)
    found, read = shape({"type": "object", "additionalProperties": {"type": "string"}})
    assert found.kind == "map"
    assert found.item is not None
    assert read.shapes[found.item] == Shape("string", "a.x[*]")
    found, read = shape({"properties": {"p": {"type": "string"}}, "required": ["p", "q"]})
    assert (found.kind, found.name, found.item) == ("object", "a.x", None)
    assert [(part.name, part.required) for part in found.properties] == [("p", True)]
    found, _ = shape({"type": "object", "properties": {"p": {}}, "additionalProperties": {"type": "integer"}})
    assert found.kind == "object"
    assert found.item is not None
    assert shape({"type": "object", "additionalProperties": False})[0] == Shape("object", "a.x")


def test_references_share_their_shape_and_may_be_recursive() -> None:
    node = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "string"}, "next": {"$ref": "#/$defs/n"}},
    }
    found, read = shape({"$ref": "#/$defs/n"}, **{"$defs": {"n": node}})
    after = found.property("next")
    assert after is not None
    assert read.shapes[after.shape] == found
    described, _ = shape({"$ref": "#/$defs/n", "description": "d", "x-class": "secret"}, **{"$defs": {"n": node}})
    assert (described.doc, described.marks, described.properties) == ("d", (("x-class", "secret"),), found.properties)
    nullable, _ = shape({"anyOf": [{"$ref": "#/$defs/n"}, {"type": "null"}]}, **{"$defs": {"n": node}})
    assert nullable.nullable
    whole, read = shape({"$ref": "#"})
    assert [part.name for part in whole.properties] == ["a"]
    escaped, _ = shape({"$ref": "#/$defs/a~1b~0c"}, **{"$defs": {"a/b~c": {"type": "integer"}}})
    assert escaped.kind == "int"


REFUSED: list[tuple[dict[str, Any] | bool, str]] = [
    (
        {"type": "strng"},
        r"`#/properties/a/properties/x/type`: `strng` is not a JSON Schema type \(did you mean `string`",
    ),
    ({"type": "string", "not": {"const": "a"}}, "`not` is not supported"),
    ({"if": {}, "then": {}}, "`if` is not supported"),
    ({"patternProperties": {}}, "`patternProperties` is not supported.*declare the names"),
    ({"type": "array", "prefixItems": []}, "`prefixItems` is not supported"),
    ({"type": "object", "unevaluatedProperties": False}, "`unevaluatedProperties` is not supported"),
    ({"type": "string", "nullable": True}, "`nullable` is not supported"),
    ({"$dynamicRef": "#x"}, "is not supported"),
    ({"$ref": "other.json"}, "only references within the document are followed"),
    ({"$ref": "#/$defs/nothing"}, "there is nothing at `#/\\$defs/nothing`"),
    ({"$ref": "#/properties/a/properties/x"}, "refers back to itself"),
    ({"$ref": "#/$defs/s", "type": "string"}, "`type` beside `\\$ref` is not supported"),
    ({"allOf": [{}, {}]}, "`allOf` is supported with one schema alone"),
    ({"anyOf": []}, "`anyOf` is a list of schemas"),
    ({"enum": []}, "`enum` is a list of values"),
    ({"enum": [[1]]}, "holds strings, numbers, booleans and null alone"),
    ({"type": "string", "enum": [1]}, "no value of `enum` is of the type"),
    ({"type": "integer", "minimum": True}, "`minimum` is a number"),
    ({"type": "object", "properties": []}, "`properties` is an object"),
    ({"type": "object", "properties": {"p": {}}, "required": "p"}, "`required` is a list of names"),
    (False, "nothing fits the schema `false`"),
]


@pytest.mark.parametrize(("part", "message"), REFUSED, ids=[json.dumps(part) for part, _ in REFUSED])
def test_refused(part: dict[str, Any] | bool, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        shape(part)
    assert str(caught.value).startswith("`s.json` at `#")


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"type": "array"},
        {"type": "object"},
        {"type": "object", "properties": {}},
        {"type": "object", "properties": {"risk": {"type": "integer"}}},
        {"type": "object", "properties": {"a-b": {"type": "integer"}}},
        {"type": "object", "properties": {"a": 5}},
    ],
)
def test_a_document_needs_named_parts(document: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        read_schema(document, "s.json")


def test_a_deep_schema_is_refused() -> None:
    part: dict[str, Any] = {"type": "string"}
    for _ in range(500):
        part = {"type": "array", "items": part}
    with pytest.raises(ConfigError, match="nested more than 64 levels"):
        shape(part)


def test_the_default_schema() -> None:
    read = read_schema(json.loads(schemas.text("action")), "the default schema")
    assert [(root.name, root.required) for root in read.roots] == [
        ("subject", True),
        ("action", True),
        ("resource", True),
        ("context", True),
    ]
    objects = [shape for shape in read.shapes if shape.kind == "object"]
    by_name = {shape.name: shape.properties for shape in objects}
    assert all(by_name[shape.name] == shape.properties for shape in objects)


# ---- what JSON Schema admits can be read ----

TEXTS = st.sampled_from(["a", "b", ""])
LEAVES = st.one_of(
    st.sampled_from(
        [{"type": "string"}, {"type": "boolean"}, {"type": "integer"}, {"type": "number"}, {"type": "null"}]
    ),
    st.just({"type": ["string", "null"]}),
    st.just({"type": "integer", "minimum": 0, "exclusiveMaximum": 3}),
    st.just({"enum": ["a", "b", None]}),
    st.just({"const": 1}),
    st.just({"type": ["integer", "string"]}),
    st.just({}),
)
PARTS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda item: {"type": "array", "items": item}, inner),
        st.builds(lambda item: {"type": "object", "additionalProperties": item}, inner),
        st.builds(
            lambda one, two: {"type": "object", "properties": {"a": one, "b": two}, "required": ["a"]}, inner, inner
        ),
        st.builds(lambda part: {"anyOf": [part, {"type": "null"}]}, inner),
    ),
    max_leaves=5,
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-1, 3), st.just(1.5), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(TEXTS, inner, max_size=2)),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(PARTS, VALUES)
def test_what_fits_the_schema_can_be_read(part: dict[str, Any], value: object) -> None:
    """The other way round does not hold: kind `any` stands for unions that a strict validation tells apart."""
    validator = jsonschema.Draft202012Validator(schema(part))
    if not validator.is_valid({"a": {"x": value}}):
        return
    read = read_schema(schema(part), "s.json")
    declared = read.shapes[read.roots[0].shape].property("x")
    assert declared is not None
    fit(value, declared.shape, read.shapes, "a.x")
