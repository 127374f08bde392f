"""In rules, whole numbers and decimals compare by value: `amount >= 1000` needs no `1000.0`."""

from __future__ import annotations

import pytest

from assentry.compiler import load_sources

ACTION = {
    "subject": {"type": "agent", "id": "a"},
    "action": {"name": "pay", "rows": 5, "amount": {"value": 1000, "currency": "EUR"}},
    "resource": {"type": "account", "id": "r"},
    "context": {"time": "2026-11-20T12:00:00Z"},
}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("action.amount.value >= 1000", True),
        ("1000 <= action.amount.value", True),
        ("action.amount.value > 1000", False),
        ("action.amount.value == 1000", True),
        ("action.amount.value != 1000", False),
        ("action.amount.value in [1, 1000]", True),
        ("action.rows < 5.5", True),
        ("action.rows == 5.0", True),
        ("action.rows in [5.0]", True),
        ("action.amount.value > action.rows", True),
        ("2u > 1 && 1 == 1.0", True),
    ],
)
def test_numbers_compare_by_value(condition: str, holds: bool) -> None:
    policy = load_sources(
        {"p.assent": f"package p\nallow a if has(action.amount) && has(action.rows) && {condition}\n"}
    )
    expected = "allow" if holds else "deny"
    assert policy.decide(ACTION).decision == expected
    assert policy.decide_interpreted(ACTION).decision == expected
