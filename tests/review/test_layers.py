"""The readings of a text: what it is under its encodings, where that stands in it, and where the work ends."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assentry.review.layers import MAX_GROWTH, MAX_NESTING, MIN_WORK, layers, project
from tests.support.reviews import BUSY

NEEDLE = b"needle=4711"


def readings(text: str) -> list[str]:
    """The ranges of a text under which the needle is read."""
    found = []
    for layer in layers(text):
        at = layer.data.find(NEEDLE)
        if at >= 0:
            start, end = layer.way(at, at + len(NEEDLE))
            found.append(text[start:end])
    return found


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a needle=4711 b", "needle=4711"),
        ("a%20needle%3D4711 b", "needle%3D4711"),
        ("%6e%65edle%3d471%31", "%6e%65edle%3d471%31"),
        (quote(quote("é needle=4711")), "needle%253D4711"),
        ("\\x6eeedle\\u003d4711", "\\x6eeedle\\u003d4711"),
        ("&#x6e;eedle=4711", "&#x6e;eedle=4711"),
        ("&#110;eedle=47&#49;&#X31;", "&#110;eedle=47&#49;&#X31;"),
        ("a&quot;needle=4711&quot;", "needle=4711"),
        ('a\\\\\\"needle=4711', "needle=4711"),
        ("n\u0301ee\u20dddle=4711", "n\u0301ee\u20dddle=4711"),
        (f"x {NEEDLE.hex(':')} y", NEEDLE.hex(":")),
        (f"x {NEEDLE.hex(' ').upper()} y", NEEDLE.hex(" ").upper()),
        ("\\u{6e}eedle=4711", "\\u{6e}eedle=4711"),
        ("ne%E2%80%8Bedle%3D4711", "ne%E2%80%8Bedle%3D4711"),
        ("ne\\u200bedle=4711%ff", "ne\\u200bedle=4711"),
        ("%EF%BD%8Eeedle=4711", "%EF%BD%8Eeedle=4711"),
        ("%e2%80x%80%ffneedle%3d4711%e2", "needle%3d4711"),
        (f"x {b64(NEEDLE)} y", b64(NEEDLE).rstrip("=")),
        (f"x {NEEDLE.hex()} y", NEEDLE.hex()),
        (f"%41 {b64(NEEDLE)} y", b64(NEEDLE).rstrip("=")),
        ("ne\u200bed\u00adle=47\ufeff11", "ne\u200bed\u00adle=47\ufeff11"),
        ("n\u0435\u0435dle=\u0664\uff1711".replace("\u0664", "\u0664"), "n\u0435\u0435dle=\u0664\uff1711"),
    ],
)
def test_a_reading_leads_back_to_where_it_stands(text: str, where: str) -> None:
    assert where in readings(text)


@pytest.mark.parametrize("skipped", range(4))
def test_base64_may_begin_behind_letters_that_are_not_of_it(skipped: int) -> None:
    text = "Q" * skipped + b64(b"\xff" * 12 + NEEDLE)
    assert readings(text)


def test_both_alphabets_and_lines() -> None:
    data = b"\xfb\xff\xfe" * 30 + NEEDLE
    assert readings(b64(data))
    assert readings(base64.urlsafe_b64encode(data).decode())
    assert readings(base64.encodebytes(data).decode())
    assert readings(base64.encodebytes(data).decode().replace("\n", "\r\n  "))


def test_what_does_not_show_is_left_out_below_an_encoding_too() -> None:
    hidden = "ne\u200bedle\u00ad=47\uff11\uff11"
    assert readings(b64(hidden.encode()))
    assert readings(hidden.encode().hex())


def test_two_bytes_a_letter() -> None:
    assert readings(b64(NEEDLE.decode().encode("utf-16-le")))
    assert readings(b64(NEEDLE.decode().encode("utf-16-be")))


def nested(times: int) -> str:
    data = b"some words and " + NEEDLE + b" and more"
    for _ in range(times):
        data = base64.b64encode(data)
    return data.decode()


@pytest.mark.parametrize("times", range(MAX_NESTING + 1))
def test_encodings_within_encodings_are_followed(times: int) -> None:
    assert readings(nested(times))


def test_what_is_encoded_more_often_is_said_to_be_unread() -> None:
    assert not readings(nested(MAX_NESTING + 1))
    unread = [layer for layer in layers(nested(MAX_NESTING + 1)) if layer.unread]
    assert unread
    assert unread[0].way(0, 1)[0] == 0


def test_what_is_not_encoded_is_read_whole() -> None:
    for text in ("words " * 3000, "a" * 40_000, "0123456789abcdef" * 3000, "customer_identifier_long " * 3000):
        assert not any(layer.unread for layer in layers(text))


def test_the_work_is_bounded() -> None:
    hostile = nested(3) * 300
    for text in (hostile, "%2541" * 20_000, hostile.encode().hex()):
        read = list(layers(text))
        assert sum(len(layer.data) for layer in read) <= max(MIN_WORK, MAX_GROWTH * len(text))


def test_a_text_that_takes_too_much_is_unread_as_a_whole() -> None:
    text = "".join(b64(b64(b64(bytes([65 + at % 26]) * 30).encode()).encode()) + " " for at in range(2000))
    text = b64(text.encode())
    last = list(layers(text * 20))[-1]
    assert not last.unread or last.way(0, 1) == (0, len(text) * 20)


@BUSY
@given(st.text(st.characters(), max_size=60))
def test_every_reading_of_anything_stands_in_the_text(text: str) -> None:
    for layer in layers(text):
        if layer.data:
            start, end = layer.way(0, len(layer.data))
            assert 0 <= start < end <= len(text)


@BUSY
@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=60))
def test_plain_ascii_is_read_as_it_is(text: str) -> None:
    assert project(text) == text.encode()
