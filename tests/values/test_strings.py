from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assentry.errors import EvaluationError, Kind
from assentry.values.limits import MAX_LIST, MAX_STRING
from assentry.values.registry import FUNCTIONS, dispatch
from assentry.values.strings import SPACE
from tests.support.values import fails

texts = st.text(alphabet="ab\u00e9\U0001f431", max_size=10)
parts = st.text(alphabet="ab\u00e9\U0001f431", max_size=3)
LONG = "x" * (MAX_STRING + 1)


def call(name: str, *args: object) -> object:
    return dispatch(name, args, True)


@given(texts, parts, st.integers(-1, 11))
def test_positions_are_the_first_and_last_of_all(text: str, part: str, start: int) -> None:
    places = [at for at in range(len(text) + 1) if text.startswith(part, at)]
    assert call("indexOf", text, part) == min(places, default=-1)
    assert call("lastIndexOf", text, part) == max(places, default=-1)
    if 0 <= start <= len(text):
        assert call("indexOf", text, part, start) == min((at for at in places if at >= start), default=-1)
        assert call("lastIndexOf", text, part, start) == max((at for at in places if at <= start), default=-1)
        assert call("charAt", text, start) == text[start : start + 1]
    else:
        for name, *args in (("indexOf", part, start), ("lastIndexOf", part, start), ("charAt", start)):
            with fails(Kind.INDEX):
                call(str(name), text, *args)


@given(texts, st.integers(-1, 11), st.integers(-1, 11))
def test_substrings(text: str, start: int, end: int) -> None:
    inside = 0 <= start <= len(text) and 0 <= end <= len(text)
    if inside and start <= end:
        assert call("substring", text, start, end) == text[start:end]
    else:
        with fails(Kind.INVALID_ARGUMENT if inside else Kind.INDEX):
            call("substring", text, start, end)


@given(texts, parts.filter(bool))
def test_split_and_join_are_opposites(text: str, separator: str) -> None:
    assert call("join", call("split", text, separator), separator) == text
    assert call("join", call("split", text, "")) == text
    assert call("split", text, separator, 1) == [text]
    assert call("split", text, separator, 0) == []


@given(texts, parts, parts, st.integers(-2, 4))
def test_replace_is_split_and_join(text: str, old: str, new: str, count: int) -> None:
    replaced = call("replace", text, old, new, count)
    assert replaced == text.replace(old, new, count)
    if old:
        pieces = call("split", text, old, count + 1 if count >= 0 else -1)
        assert replaced == call("join", pieces, new)


@pytest.mark.parametrize(
    ("text", "count", "result"),
    [("", -1, [""]), ("abc", -1, ["a", "b", "c"]), ("abc", 2, ["a", "bc"]), ("abc", 9, ["a", "b", "c"]), ("", 0, [])],
)
def test_splitting_by_nothing(text: str, count: int, result: list[str]) -> None:
    assert call("split", text, "", count) == result


def test_trim_knows_unicode_white_space_and_no_more() -> None:
    assert call("trim", f"{SPACE}a b{SPACE}") == "a b"
    for char in "\u180e\u200b\u200c\u200d\u2060\ufeff\x1c\x1f":
        assert call("trim", f"{char}a{char}") == f"{char}a{char}"


@given(st.text())
def test_case_changes_ascii_alone(text: str) -> None:
    upper, lower = call("upperAscii", text), call("lowerAscii", text)
    assert upper == "".join(char.upper() if char.isascii() else char for char in text)
    assert lower == "".join(char.lower() if char.isascii() else char for char in text)


@given(st.text())
def test_reverse_twice_is_nothing(text: str) -> None:
    assert call("reverse", call("reverse", text)) == text


def test_quote_escapes_what_would_not_show() -> None:
    quote = dispatch("strings.quote", ['\a\b\f\n\r\t\v\\"\ud800\u00e9\U0001f431'], False)
    assert quote == '"\\a\\b\\f\\n\\r\\t\\v\\\\\\"\ufffd\u00e9\U0001f431"'


def test_join_takes_strings_alone() -> None:
    with fails(Kind.NO_SUCH_OVERLOAD):
        call("join", ["a", 1])


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("replace", ["a" * 1000, "a", "b" * 1000]),
        ("replace", ["a" * 60_000, "", "b"]),
        ("join", [["a" * 40_000, "b" * 40_000]]),
        ("join", [[""] * 4000, "x" * 60_000]),
        ("split", ["a" * (MAX_LIST + 1), ""]),
        ("split", ["," * MAX_LIST, ","]),
    ],
)
def test_what_is_built_is_bounded(name: str, args: list[object]) -> None:
    with fails(Kind.LIMIT):
        call(name, *args)


def test_what_is_read_is_bounded_but_for_the_searches_that_cost_nothing() -> None:
    assert call("startsWith", LONG, "x") is True
    assert call("endsWith", LONG, "y") is False
    assert call("contains", LONG, "y") is False
    assert call("size", LONG) == len(LONG)
    for name in ("trim", "lowerAscii", "upperAscii", "reverse"):
        with fails(Kind.LIMIT):
            call(name, LONG)
    for args in ((LONG, "a"), (LONG, "a", 0)):
        for name in ("indexOf", "lastIndexOf"):
            with fails(Kind.LIMIT):
                call(name, *args)


def test_no_search_is_quadratic() -> None:
    text, part = "a" * MAX_STRING, "b" + "a" * (MAX_STRING // 2)
    before = time.process_time()
    for needle in (part, part[::-1]):
        assert call("contains", text, needle) is False
        assert call("indexOf", text, needle) == -1
        assert call("lastIndexOf", text, needle) == -1
        assert call("replace", text, needle, "") == text
    assert time.process_time() - before < 0.5


def test_overloads_take_only_their_types() -> None:
    for name, args in (
        ("charAt", ("a", True)),
        ("replace", ("42", 2, 1)),
        ("split", (42, "")),
        ("substring", ("a", 1, 2, 3)),
    ):
        assert name in FUNCTIONS
        with pytest.raises(EvaluationError):
            call(name, *args)
