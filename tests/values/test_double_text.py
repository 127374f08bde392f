from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assentry.values.double_text import fixed, general

finite = st.floats(allow_nan=False, allow_infinity=False)


@given(finite)
def test_fixed_is_exact_and_has_no_exponent(value: float) -> None:
    text = fixed(value)
    assert set(text) <= set("-0123456789.")
    assert Decimal(text) == Decimal(repr(value))
    assert math.copysign(1, float(text)) == math.copysign(1, value)


@given(finite)
def test_general_gives_the_double_back_in_the_fewest_digits(value: float) -> None:
    text = general(value)
    assert float(text) == value
    assert len(Decimal(text).as_tuple().digits) <= 17


@pytest.mark.parametrize(
    ("value", "in_general", "in_full"),
    [
        (0.0, "0", "0"),
        (1.0, "1", "1"),
        (-1.5, "-1.5", "-1.5"),
        (999999.0, "999999", "999999"),
        (1e6, "1e+06", "1000000"),
        (1234567.5, "1.2345675e+06", "1234567.5"),
        (0.0001, "0.0001", "0.0001"),
        (0.00001234, "1.234e-05", "0.00001234"),
        (1e100, "1e+100", "1" + "0" * 100),
        (5e-324, "5e-324", "0." + "0" * 323 + "5"),
        (0.1 + 0.2, "0.30000000000000004", "0.30000000000000004"),
    ],
)
def test_where_the_point_goes(value: float, in_general: str, in_full: str) -> None:
    assert general(value) == in_general
    assert fixed(value) == in_full
