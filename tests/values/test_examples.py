"""Every example of every declaration is run, through the parser and the oracle."""

from __future__ import annotations

import pytest

from assentry.values.declare import Example
from assentry.values.equality import equal
from assentry.values.registry import FUNCTIONS
from assentry.values.runtime import type_name
from tests.oracle.cel import evaluate
from tests.oracle.outcome import Failed

EXAMPLES = [
    pytest.param(example, id=example.expression) for function in FUNCTIONS.values() for example in function.examples
]
INTERNAL = {"@sortByAssociatedKeys"}


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_gives_what_it_says(example: Example) -> None:
    if example.result.startswith("error: "):
        with pytest.raises(Failed) as caught:
            evaluate(example.expression)
        assert {cause.found for cause in caught.value.causes} == {example.result.removeprefix("error: ")}
        return
    given, wanted = evaluate(example.expression), evaluate(example.result)
    assert type_name(given) == type_name(wanted)
    assert equal(given, wanted), f"{given!r} is not {wanted!r}"


def test_every_function_has_a_document_and_examples() -> None:
    for function in FUNCTIONS.values():
        assert function.doc.endswith("."), function.name
        assert function.examples or function.name in INTERNAL, function.name


def test_every_function_of_a_document_is_used_in_its_examples() -> None:
    for function in FUNCTIONS.values():
        word = function.name.strip("_@")
        if word.replace(".", "").isalnum() and function.name not in INTERNAL:
            assert all(word in example.expression for example in function.examples), function.name
