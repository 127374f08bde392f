"""How a reason prints the values of an action."""

from __future__ import annotations

import pytest

from assentry.evaluator.reasons import MAX_PRINTED, printed


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("crm.people", "crm.people"),
        (12, "12"),
        (18400.0, "18400"),
        (0.5, "0.5"),
        (1e300, "1e+300"),
        (True, "true"),
        (None, "null"),
        (["pii", "phi"], '["pii","phi"]'),
        ("a\u202eb", "a\\u{202e}b"),
        ("x" * 81, "x" * (MAX_PRINTED - 3) + "..."),
    ],
)
def test_values_are_printed_on_one_short_line(value: object, text: str) -> None:
    assert printed(value) == text
