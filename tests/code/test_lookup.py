"""Which rules a value of the index's key meets."""

from __future__ import annotations

import pytest

from assentry import load_sources
from assentry.code import lookup
from assentry.code.lookup import Lookup

RULES = """package a

allow r0 if action.name == "read"

allow r1 if action.name in ["read", "write"]

deny r2 if action.name != "read"

deny r3 if resource.type == "secret"
"""


def told(few: int, monkeypatch: pytest.MonkeyPatch) -> Lookup:
    monkeypatch.setattr(lookup, "FEW", few)
    return Lookup(load_sources({"a.assent": RULES}).form.index)


def test_a_few_rules_that_name_none_count_for_every_name(monkeypatch: pytest.MonkeyPatch) -> None:
    found = told(2, monkeypatch)
    assert found.always == ()
    assert {name: set(rules) for name, rules in found.named.items()} == {"read": {3, 0, 1}, "write": {2, 3, 1}}
    assert set(found.others) == {2, 3}
    assert set(found.by_key) == {0, 1, 2, 3}


def test_many_are_kept_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    found = told(1, monkeypatch)
    assert found.always == (2, 3)
    assert found.named == {"read": (0, 1), "write": (1,)}
    assert found.others == ()


def test_where_no_name_is_asked_for_all_rules_are_for_every_action() -> None:
    found = Lookup(load_sources({"a.assent": 'package a\n\ndeny r0 if resource.type == "secret"\n'}).form.index)
    assert (found.always, found.named, found.others) == ((0,), {}, ())
