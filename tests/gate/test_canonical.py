"""The one spelling of an action, held against a library's and against itself."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assentry.errors import InputError
from assentry.gate.canonical import MAX_INTEGER, canonical, parse
from assentry.gate.canonical import spelled as spelled_as
from assentry.ledger.encoding import encode

doubles = st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | doubles | st.text()
values: Any = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5), max_leaves=20
)


def spelled(value: Any) -> bytes | None:
    try:
        return canonical(value)
    except InputError:
        return None


@given(values)
@example({"\ufb33": 1, "\U0001f600": 2, "\x7f": '\x00\x1f\u2028\\"/'})
@example([1e21, 1e-7, 1e-6, 0.00001, -0.0, 5e-324, 1.7976931348623157e308, 0.1, 1e-4, 123456789012345.6])
@settings(max_examples=1500)
def test_it_is_what_the_library_writes(value: Any) -> None:
    found = spelled(value)
    if found is None:  # only a double that reads back as an integer beyond the limit
        assert any(MAX_INTEGER < abs(number) < 1e21 for number in numbers(value))
        return
    assert found == rfc8785.dumps(value)
    assert canonical(parse(found)) == found


def numbers(value: Any) -> list[float]:
    if isinstance(value, float):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [number for each in inner for number in numbers(each)]


@given(st.floats(min_value=1e-8, max_value=1e22), st.booleans())
@settings(max_examples=1500)
def test_doubles_near_where_spellings_part(value: float, negative: bool) -> None:
    found = spelled([-value if negative else value])
    if found is not None:
        assert found == rfc8785.dumps([-value if negative else value])


@given(values)
def test_parts_of_what_is_plain_are_plain(value: Any) -> None:
    """What is parsed back from the canonical form of plain values needs no second look."""
    try:
        data, plain = spelled_as(value)
    except InputError:
        return
    assert data == canonical(value)
    if plain:
        assert encode(parse(data)).encode() == data
        for part in parse(data).values() if isinstance(value, dict) else ():
            assert encode(["text", part]).encode() == canonical(["text", part])


def test_tuples_are_lists() -> None:
    assert canonical({"a": (1, ("b",))}) == b'{"a":[1,["b"]]}'


class Name(str):
    """A text that is not quite one."""


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": {"b": [0, 2**53]}}, "`a.b[1]` is an integer beyond 2^53, so it has no canonical form"),
        ({"a": {"b": -(2**53)}}, "`a.b` is an integer beyond 2^53, so it has no canonical form"),
        ({"a": 1e20}, "`a` is an integer beyond 2^53, so it has no canonical form"),
        ({"a": math.nan}, "`a` is not finite, so it has no canonical form"),
        ({"a": [math.inf]}, "`a[0]` is not finite, so it has no canonical form"),
        ({"a": b"x"}, "`a` is a bytes, which has no canonical form"),
        ({"a": {1, 2}}, "`a` is a set, which has no canonical form"),
        ({"a": Name("x")}, "`a` is a Name, which has no canonical form"),
        ({"a": "\ud800"}, "`a` holds half a surrogate pair, so it has no canonical form"),
        ({"a": {1: 2}}, "`a` has a key that is no text"),
        ({"a": {"\udfff": 2}}, "`a` has a key that is no text"),
        ({"a b": object()}, '`["a b"]` is a object, which has no canonical form'),
        ({"\u202e": object()}, '`["\\u{202e}"]` is a object, which has no canonical form'),
        (object(), "`the document` is a object, which has no canonical form"),
    ],
)
def test_what_has_no_form_is_named(value: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        canonical(value)
    assert str(caught.value) == message


def test_depth_and_size_end_somewhere() -> None:
    assert json.loads(canonical(deep(64))) == deep(64)
    for value in (deep(65), deep(5000)):
        with pytest.raises(InputError, match="nested more than 64"):
            canonical(value)
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(InputError, match="nested more than 64"):
        canonical(loop)
    with pytest.raises(InputError, match="bytes: at most"):
        canonical("x" * (4 * 1024 * 1024))


def test_no_value_is_quoted() -> None:
    with pytest.raises(InputError) as caught:
        canonical({"token": Name("hunter2")})
    assert "hunter2" not in str(caught.value)
