from __future__ import annotations

import time

import pytest

from assentry.errors import Kind
from assentry.values.limits import MAX_STRING
from assentry.values.regex import check_pattern, matches
from assentry.values.registry import dispatch
from tests.support.values import fails


@pytest.mark.parametrize(
    ("text", "pattern", "found"),
    [
        ("hubba", "ubb", True),
        ("hubba", "^ubb", False),
        ("", "foo|bar", False),
        ("cows", "", True),
        ("grey", "gr(a|e)y", True),
        ("\U0001f431\U0001f600\U0001f600", "(a|\U0001f600){2}", True),
        ("stra\u00dfe", "^stra.e$", True),
        ("a\nb", "a.b", False),
        ("a\nb", "(?s)a.b", True),
        ("ABC", "(?i)abc", True),
        ("a\0b", "\\x00", True),
        ("\u0663", "\\d", False),
        ("\u0663", "\\pN", True),
    ],
)
def test_search(text: str, pattern: str, found: bool) -> None:
    assert matches(text, pattern) is found
    assert dispatch("matches", [text, pattern], True) is found
    assert dispatch("matches", [text, pattern], False) is found


@pytest.mark.parametrize(
    "pattern", ["(", "[a", "a**", "(?=a)", "(?<=a)b", "\\1", "a{1001}", "(?P<n", "x{1000}{1000}", "\ud800"]
)
def test_what_re2_refuses(pattern: str, capfd: pytest.CaptureFixture[str]) -> None:
    reason = check_pattern(pattern)
    assert reason
    with fails(Kind.INVALID_ARGUMENT):
        matches("a", pattern)
    assert capfd.readouterr() == ("", "")  # the library's own logging is off


def test_a_good_pattern_has_no_complaint() -> None:
    assert check_pattern("^a+$") is None


def test_a_pattern_has_a_limit_and_so_has_text() -> None:
    assert check_pattern("a" * (MAX_STRING + 1)) is not None
    for text, pattern in (("a", "a" * (MAX_STRING + 1)), ("a" * (MAX_STRING + 1), "a")):
        with fails(Kind.LIMIT):
            matches(text, pattern)


def test_half_a_surrogate_pair_is_no_text() -> None:
    with fails(Kind.INVALID_ARGUMENT):
        matches("\ud800", "a")


@pytest.mark.parametrize("pattern", ["(a|aa)+$", "(a?){500}a{500}b", "(x+x+)+y", "((((a*)*)*)*)*b", "(a*)*b"])
def test_no_pattern_explodes(pattern: str) -> None:
    before = time.process_time()
    matches("a" * MAX_STRING, pattern)
    assert time.process_time() - before < 2
