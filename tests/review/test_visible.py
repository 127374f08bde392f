"""What does not show, moves the text or passes for something else is written out; all else is as it was."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assentry.review.confusables import LETTERS, SIGNS, ascii_of, styled
from assentry.review.visible import is_visible, look_alikes, plain, shown
from tests.support.reviews import BUSY


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM people WHERE id = 7;",
        "two\nlines",
        "C:\\new",
        "Zürich, naïve, Øresund, œuvre",
        "Привет, мир",
        "Ελληνικά κείμενα",
        "東京のデータ A社",
        "नमस्ते दुनिया",
        "العربية",
        "שלום עולם",
        "e\u0301\u0302\u0303",
        "рост и хор, как всегда",
        "– “quoted” … €5",
    ],
)
def test_what_people_write_stays(text: str) -> None:
    assert shown(text) == (text, frozenset())


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\x00b\x1b[2Jc\x7f", "a\\u{0}b\\u{1b}[2Jc\\u{7f}"),
        ("a\tb\rc\x0bd", "a\\u{9}b\\u{d}c\\u{b}d"),
        ("invoice\u202efdp.exe", "invoice\\u{202e}fdp.exe"),
        ("a\u2066b\u2069\u200f", "a\\u{2066}b\\u{2069}\\u{200f}"),
        ("pass\u200bword\u200d\ufeff", "pass\\u{200b}word\\u{200d}\\u{feff}"),
        ("no\u00adbreak\u00a0here\u3000", "no\\u{ad}break\\u{a0}here\\u{3000}"),
        ("hi\U000e0048\U000e0049", "hi\\u{e0048}\\u{e0049}"),
        ("a\ufe0fb\U000e0101", "a\\u{fe0f}b\\u{e0101}"),
        ("a\u3164b\u115f\u2800\u034f", "a\\u{3164}b\\u{115f}\\u{2800}\\u{34f}"),
        ("line\u2028paragraph\u2029", "line\\u{2028}paragraph\\u{2029}"),
        ("\ue000\U0010ffff\ud800", "\\u{e000}\\u{10ffff}\\u{d800}"),
        ("d\u0336e\u0336l", "d\\u{336}e\\u{336}l"),
        ("a\u20dd", "a\\u{20dd}"),
        ("Z" + "\u0301" * 6, "Z" + "\u0301" * 4 + "\\u{301}" * 2),
        ("\u27e6personal 1\u27e7", "\\u{27e6}personal 1\\u{27e7}"),
    ],
)
def test_what_does_not_show_is_written_out(text: str, seen: str) -> None:
    assert shown(text) == (seen, frozenset({"invisible"}))


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("\u0440\u0430ypal.com", "\\u{440}\\u{430}ypal.com"),
        ("\u0430pple", "\\u{430}pple"),
        ("g\u03bfogle", "g\\u{3bf}ogle"),
        ("\u0440\u0430\u0443", "\\u{440}\\u{430}\\u{443}"),
        ("\uff41dmin", "\\u{ff41}dmin"),
        ("\U0001d42c\U0001d42e\U0001d41d\U0001d428", "\\u{1d42c}\\u{1d42e}\\u{1d41d}\\u{1d428}"),
        ("paypa\u0131", "paypa\\u{131}"),
        ("ex.com\u2215login", "ex.com\\u{2215}login"),
        ("https\ua789//x", "https\\u{a789}//x"),
        ("\u0430.example and \u0436", "\u0430.example and \u0436"),
    ],
)
def test_what_passes_for_another_character_is_written_out(text: str, seen: str) -> None:
    assert plain(text) == seen
    assert (shown(text)[1] == {"look_alike"}) == (seen != text)


def test_our_own_escapes_cannot_be_forged() -> None:
    assert plain("\\u{202e}") == "\\u{5c}u{202e}"
    assert plain("\\u{5c}u{202e}") == "\\u{5c}u{5c}u{202e}"
    assert plain("\\u202e and \\x") == "\\u202e and \\x"


def test_places_of_look_alikes_are_those_of_the_characters() -> None:
    assert look_alikes("ab \u0430b") == {3}
    assert look_alikes("plain") == frozenset()


def test_the_table_holds_look_alikes_of_ascii_alone() -> None:
    for char, like in (*LETTERS.items(), *SIGNS.items()):
        assert not char.isascii()
        assert len(char) == len(like) == 1
        assert like.isascii()
        assert styled(char) is None or char in LETTERS
    assert all(like in "/\\:." for like in SIGNS.values())
    assert all(like.isalnum() for like in LETTERS.values())


@pytest.mark.parametrize(
    ("char", "like"),
    [
        ("\u0410", "A"),
        ("\u0406", "I"),
        ("\u04cf", "i"),
        ("\u0664", "4"),
        ("\uff21", "A"),
        ("\u24b6", "A"),
        ("é", None),
        ("a", None),
    ],
)
def test_what_a_character_is_taken_for(char: str, like: str | None) -> None:
    assert ascii_of(char) == like


@BUSY
@given(st.text(st.characters(), max_size=40))
def test_only_what_shows_is_left(text: str) -> None:
    seen = plain(text)
    assert all(char == "\n" or char.isprintable() for char in seen)
    assert all(
        unicodedata.category(char) not in {"Cf", "Cc", "Cs", "Co", "Cn", "Zl", "Zp"} for char in seen if char != "\n"
    )
    assert is_visible(seen.replace("\n", " "))


@BUSY
@given(st.text(st.characters(), max_size=20), st.text(st.characters(), max_size=20))
def test_different_texts_are_seen_to_differ(one: str, other: str) -> None:
    assert (plain(one) == plain(other)) == (one == other)
