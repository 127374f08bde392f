"""Which overload is certain, and what becomes of calls behind a type that was only guessed."""

from __future__ import annotations

import pytest

from assentry import cel
from assentry.cel.overloads import resolve
from assentry.cel.typenames import parse_type, type_text
from assentry.cel.unify import Unifier
from assentry.errors import EvaluationError, Kind
from assentry.values.registry import FUNCTIONS


def resolved(function: str, *args: str, member: bool = False) -> tuple[str, str, bool]:
    """Overload, type of the result, and whether that was guessed."""
    unifier = Unifier()
    found = resolve(unifier, FUNCTIONS[function], tuple(map(parse_type, args)), member)
    assert found is not None
    return found.overload, type_text(unifier.resolved(found.result, close=True)), unifier.guessed


@pytest.mark.parametrize(
    ("function", "args", "expected"),
    [
        ("_+_", ("int", "int"), ("add_int64", "int", False)),
        ("_+_", ("dyn", "int"), ("", "int", False)),
        ("_+_", ("list(int)", "list(int)"), ("add_list", "list(int)", False)),
        ("_+_", ("list(int)", "list(dyn)"), ("add_list", "list(dyn)", False)),
        ("_+_", ("dyn", "list(int)"), ("", "list(int)", True)),
        ("_+_", ("dyn", "dyn"), ("", "dyn", False)),
        ("_[_]", ("dyn", "int"), ("", "dyn", False)),
        ("_==_", ("dyn", "list(int)"), ("equals", "bool", False)),
        ("_[_]", ("map(string, int)", "dyn"), ("index_map", "int", False)),
    ],
)
def test_resolution(function: str, args: tuple[str, ...], expected: tuple[str, str, bool]) -> None:
    assert resolved(function, *args) == expected


def test_behind_a_guess_no_overload_is_certain() -> None:
    unifier = Unifier()
    int_, ints = parse_type("int"), parse_type("list(int)")
    plus = FUNCTIONS["_+_"]
    before = resolve(unifier, plus, (int_, int_), False)
    guess = resolve(unifier, plus, (parse_type("dyn"), ints), False)
    behind = resolve(unifier, plus, (int_, int_), False)
    assert before == ("add_int64", int_, False)
    assert guess is not None
    assert type_text(unifier.resolved(guess.result)) == "list(int)"
    assert behind == ("", int_, False)


@pytest.mark.parametrize(
    "text",
    [
        "(d.l + [1])[0] + 1 == 2",
        "([1] + d.l)[1] % 2 == 1",
        "(d.l + [1]).exists(x, x + 1 == 5)",
        "(d.l + [1]).map(x, x + 1).size() == 2",
        "d.l.first().orValue(1) + 1 == 2",
        "optional.none().or(d.?o).or(optional.of(1)).value() + 1 == 2",
        "cel.bind(x, d.?o.orValue(7), x * 2) == 2",
        "(d.l + [1]).slice(0, 1)[0] - 1 == 0",
    ],
)
@pytest.mark.parametrize("held", [True, 0.5, "1"])
def test_a_guessed_type_hides_no_other_value(text: str, held: object) -> None:
    """To the checker these are ints; Python would compute with True as with 1, and with a double beside an int."""
    program = cel.compile(text, {"d": "map(string, dyn)"})
    document = {"d": {"l": [held], "o": held}}
    with pytest.raises(EvaluationError) as caught:
        program.evaluate(document)
    assert caught.value.kind is Kind.NO_SUCH_OVERLOAD
    with pytest.raises(EvaluationError) as caught:
        program.evaluate(document, 10**9)
    assert caught.value.kind is Kind.NO_SUCH_OVERLOAD
