"""The index in a saved policy: written as plain lists, read back with every number checked.

{"key": 0, "places": [[raw, kind], ...], "tests": [[place, values, negated, absent], ...],
 "rules": [[[test, ...], [condition, ...], firm], ...], "reads": [[name, ...], ...]}
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from assentry.code import checks, form
from assentry.code.codec import Bounds, Reader, write
from assentry.code.reads import route

_KINDS: tuple[form.PlaceKind, ...] = ("text", "bool", "number", "list", "presence")
_ABSENT: tuple[Literal["false", "error", "true"], ...] = ("false", "error", "true")


def index_data(index: form.IndexForm) -> dict[str, object]:
    """An index as plain JSON data."""
    return {
        "key": index.key,
        "places": [[write(place.raw), place.kind] for place in index.places],
        "tests": [[test.place, list(test.values), test.negated, test.absent] for test in index.tests],
        "rules": [[list(rule.tests), list(rule.rest), rule.firm] for rule in index.rules],
        "reads": [list(names) for names in index.reads],
    }


def read_index(data: object, bounds: Bounds, conditions: Sequence[int]) -> form.IndexForm:
    """The index that `index_data` wrote, for rules with so many conditions each. Raises FormatError for anything else."""
    found = checks.record(data, ("key", "places", "tests", "rules", "reads"))
    places = tuple([_place(each, bounds) for each in checks.items(found["places"])])
    tests = tuple([_test(each, places) for each in checks.items(found["tests"])])
    rules = checks.items(found["rules"])
    if len(rules) != len(conditions):
        checks.refuse("its index is of other rules")
    return form.IndexForm(
        key=None if found["key"] is None else _key(checks.position(found["key"], len(places)), places, bounds),
        places=places,
        tests=tests,
        rules=tuple([_rule(each, tests, count) for each, count in zip(rules, conditions, strict=True)]),
        reads=tuple([_path(each) for each in checks.items(found["reads"])]),
    )


def _path(data: object) -> tuple[str, ...]:
    return tuple(map(checks.text, checks.items(data))) or checks.refuse("a path without a name")


def _place(data: object, bounds: Bounds) -> form.PlaceForm:
    raw, kind = checks.items(data, 2)
    place = Reader(bounds).raw(raw)
    if route(place) is None:
        checks.refuse("an index looks only at places that names lead to")
    return form.PlaceForm(place, checks.one_of(kind, _KINDS))


def _key(number: int, places: Sequence[form.PlaceForm], bounds: Bounds) -> int:
    place = places[number]
    shape = bounds.shapes[place.raw.shape]
    fits = place.kind == "text" and shape.kind == "string" and not shape.nullable and len(route(place.raw) or ()) == 2
    return number if fits else checks.refuse("the key of its index is no required text")


def _test(data: object, places: Sequence[form.PlaceForm]) -> form.TestForm:
    place, values, negated, absent = checks.items(data, 4)
    number = checks.position(place, len(places))
    known = checks.items(values)
    if not all(map(_FITTING[places[number].kind], known)):
        checks.refuse("a test asks for a value that its place cannot have")
    if places[number].kind == "number" and known != sorted(known):  # type: ignore[type-var]
        checks.refuse("the bounds of a test are not ascending")
    return form.TestForm(number, tuple(known), checks.flag(negated), checks.one_of(absent, _ABSENT))  # type: ignore[arg-type]


_FITTING = {
    "text": lambda value: isinstance(value, str | bool | None),
    "bool": lambda value: isinstance(value, str | bool | None),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "list": lambda value: isinstance(value, str),
    "presence": lambda value: False,
}


def _rule(data: object, tests: Sequence[form.TestForm], conditions: int) -> form.RuleIndex:
    asked, rest, firm = checks.items(data, 3)
    numbers = tuple([checks.position(each, len(tests)) for each in checks.items(asked)])
    if len({tests[number].place for number in numbers}) != len(numbers):
        checks.refuse("a rule has two tests on one place")
    return form.RuleIndex(numbers, checks.ascending(rest, conditions), checks.flag(firm))
