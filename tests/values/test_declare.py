from __future__ import annotations

from assentry.values.declare import CONSTANT, Cost, Family, linear, product
from assentry.values.types import INT, STRING


def test_a_family_collects_its_declarations() -> None:
    family = Family("words", "Words.")
    shout = family.function("shout", "The text, loud.", ("'a'.shout()", "'A'"))
    shout.add("shout_string", [STRING], STRING, str.upper, member=True, cost=linear(0))
    shout.add("shout_dyn", [INT], STRING, str, dynamic=True)
    assert [part.name for part in family.declarations] == ["shout"]
    assert [overload.id for overload in shout.overloads] == ["shout_string"]
    assert [overload.id for overload in shout.dynamic] == ["shout_dyn"]
    assert shout.examples[0].result == "'A'"


def test_costs() -> None:
    assert CONSTANT.bound([5, 5]) == 1
    assert linear(0, 1).bound([5, 6]) == 12
    assert linear(0, unit=16).bound([17]) == 3
    assert product(0, 1).bound([5, 6]) == 31
    assert Cost(fixed=7, terms=((0, 0),)).bound([3]) == 16
