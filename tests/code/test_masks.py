"""Sets of small numbers as integers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assentry.code.masks import bits, mask


@pytest.mark.parametrize("width", [4096, 5000])
def test_a_wide_mask_is_the_same_integer(width: int) -> None:
    numbers = [0, 7, 8, 1000, 4095]
    assert mask(numbers, width) == sum(1 << number for number in numbers)


@given(st.sets(st.integers(0, 3000)), st.booleans())
def test_a_set_comes_back_ascending(numbers: set[int], dense: bool) -> None:
    held = sorted(set(range(max(numbers, default=0) + 1)) - numbers if dense else numbers)
    assert bits(mask(held, 3001)) == held
