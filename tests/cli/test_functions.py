"""`assentry functions`: the declarations, as people and machines read them."""

from __future__ import annotations

import json

from jsonschema import Draft202012Validator

from assentry import schemas
from assentry.values.registry import FAMILIES
from tests.cli.conftest import Assentry

SCHEMA = Draft202012Validator(json.loads(schemas.text("functions")))


def test_all_declarations_are_listed(assentry: Assentry) -> None:
    text = assentry("functions")
    assert (text.code, text.err) == (0, "")
    document = json.loads(assentry("functions", "--format", "json").out)
    SCHEMA.validate(document)
    names = {row["name"] for row in document["functions"]}
    assert {"+", "in", "[ ]", "startsWith", "math.greatest", "optional.of", "cidr", "exists", "cel.bind"} <= names
    declared = {part.doc for family in FAMILIES for part in family.declarations if not part.name.startswith("@sort")}
    assert declared <= {row["doc"] for row in document["functions"]}
    for name in names:
        assert f"  {name}" in text.out


def test_one_family(assentry: Assentry) -> None:
    document = json.loads(assentry("functions", "--family", "network", "--format", "json").out)
    assert {row["family"] for row in document["functions"]} == {"network"}
    assert assentry("functions", "--family", "network").out.startswith("network\n  ip ")
    refused = assentry("functions", "--family", "nets")
    assert refused.code == 2
    assert "there is no family `nets`; the families are arithmetic, comparison" in refused.err


def test_a_word(assentry: Assentry) -> None:
    assert assentry("functions", "startsWith").out == (
        "strings\n"
        "  startsWith  Whether a string begins with another.\n"
        "      string.startsWith(string) -> bool\n"
        "      'foobar'.startsWith('foo')  // true\n"
    )
    assert assentry("functions", "sortBy").out == "macros\n  sortBy\n      list.sortBy(x, key)\n"
    found = json.loads(assentry("functions", "NETWORK", "--format", "json").out)
    assert {"cidr", "containsCIDR", "masked"} <= {row["name"] for row in found["functions"]}


def test_nothing_is_found(assentry: Assentry) -> None:
    refused = assentry("functions", "startWith")
    assert refused.code == 2
    assert "nothing has `startWith` in its name or description; did you mean `startsWith`?" in refused.err
