"""Masks: every table answers for all rules what each test answers alone."""

from __future__ import annotations

from random import Random

import pytest

from assentry.code import form
from assentry.code.tables import EVERY, answer, searched, table, unusual
from assentry.values.fit import MISSING
from assentry.values.limits import MAX_LIST
from assentry.values.shapes import Shape

TEXT, LIST = Shape("string"), Shape("list", item=0)


def holds(kind: form.PlaceKind, test: form.TestForm, value: object) -> bool:
    if kind == "number":
        assert isinstance(value, int)
        return (sum(bound <= value for bound in test.values if isinstance(bound, int)) % 2 == 1) != test.negated
    return (value in test.values) != test.negated


@pytest.mark.parametrize("width", [5, 1500])
@pytest.mark.parametrize(
    ("kind", "values"), [("text", list("abcde")), ("bool", [True, False]), ("number", [-1, 0, 1, 2, 3, 4, 9])]
)
def test_every_test_of_every_rule(kind: form.PlaceKind, values: list[str | int], width: int) -> None:
    random = Random(f"{kind} {width}")
    asked = []
    for bit in sorted(random.sample(range(width), width * 2 // 3)):
        picked = sorted(random.sample(values, random.randrange(len(values))))
        absent = random.choice(["false", "error", "true"])
        asked.append((bit, form.TestForm(0, tuple(picked), random.random() < 0.5, absent)))  # type: ignore[arg-type]
    made = table(kind, asked, width)
    tests = dict(asked)
    for value in values:
        found = answer(kind, value, made)
        for bit in range(width):
            assert bool(found >> bit & 1) is (bit not in tests or holds(kind, tests[bit], value))
    _, _, absent_mask, unsure, users = made
    for bit in range(width):
        assert bool(users >> bit & 1) is (bit in tests)
        assert bool(absent_mask >> bit & 1) is (bit not in tests or tests[bit].absent != "false")
        assert bool(unsure >> bit & 1) is (bit in tests and tests[bit].absent == "error")


def test_a_list_is_searched_as_in_does() -> None:
    made = table(
        "list", [(0, form.TestForm(0, ("a",), False, "false")), (2, form.TestForm(0, ("b",), False, "error"))], 4
    )
    search = searched(LIST, (TEXT,))
    assert search(["a"], made) == (0b1011, 0)
    assert search(["c"], made) == (0b1010, 0)
    assert search(["a", 1], made) == (EVERY, 0b100)  # an equal element wins over one that does not fit
    assert search(MISSING, made) == (0b1110, 0b100)
    assert search("a", made) == (EVERY, 0b101)
    assert search(["a"] * (MAX_LIST + 1), made) == (EVERY, 0b101)


def test_a_closer_look() -> None:
    made = table("number", [(0, form.TestForm(0, (5,), False, "false"))], 2)
    look = unusual("number")(Shape("int", minimum=0), ())
    assert look(7.0, made) == (0b11, 0)
    assert look(4.0, made) == (0b10, 0)
    assert look(-1, made) == (EVERY, 0b01)
    assert look(True, made) == (EVERY, 0b01)
    assert look(MISSING, made) == (0b10, 0)
