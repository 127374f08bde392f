from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assentry.errors import Kind
from assentry.values.limits import MAX_STRING
from assentry.values.registry import dispatch
from tests.support.values import fails


@given(st.binary())
def test_base64_there_and_back_with_padding_and_without(value: bytes) -> None:
    text = dispatch("base64.encode", [value], False)
    assert isinstance(text, str)
    assert dispatch("base64.decode", [text], False) == value
    assert dispatch("base64.decode", [text.rstrip("=")], False) == value


@pytest.mark.parametrize(
    "text", ["a", "aGVsbG8_", "aGVs bG8=", "aGVsbG8==", "aGVsbG8=a", "====", "aGVs\nbG8=", "\u00e9\u00e9\u00e9\u00e9"]
)
def test_what_is_no_base64(text: str) -> None:
    with fails(Kind.INVALID_ARGUMENT):
        dispatch("base64.decode", [text], False)


def test_growth_is_bounded() -> None:
    for value in (b"x" * (MAX_STRING + 1), b"x" * MAX_STRING):
        with fails(Kind.LIMIT):
            dispatch("base64.encode", [value], False)
    with fails(Kind.LIMIT):
        dispatch("base64.decode", ["a" * (MAX_STRING + 4)], False)
