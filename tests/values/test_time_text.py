from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assentry.errors import Kind
from assentry.values.runtime import INT_MAX, INT_MIN, TIMESTAMP_MAX, TIMESTAMP_MIN, Duration, Timestamp
from assentry.values.time_text import duration_text, parse_duration, parse_timestamp, timestamp_text
from tests.support.values import fails

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_date_means_what_python_says(value: datetime) -> None:
    assert parse_timestamp(value.isoformat()).ns == (value - EPOCH) // timedelta(microseconds=1) * 1000


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("2009-02-13T23:31:30Z", "2009-02-13T23:31:30Z"),
        ("2009-02-13t23:31:30z", "2009-02-13T23:31:30Z"),
        ("2009-02-13T23:31:30.100Z", "2009-02-13T23:31:30.1Z"),
        ("2009-02-13T23:31:30.1234567899Z", "2009-02-13T23:31:30.123456789Z"),
        ("2009-02-13T23:31:30+05:30", "2009-02-13T18:01:30Z"),
        ("2009-02-13T23:31:30-00:00", "2009-02-13T23:31:30Z"),
        ("2024-02-29T00:00:00-23:59", "2024-02-29T23:59:00Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"),
    ],
)
def test_rfc_3339(text: str, canonical: str) -> None:
    assert timestamp_text(parse_timestamp(text)) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2009-02-13",
        "2009-02-13T23:31:30",
        "2009-02-13 23:31:30Z",
        "2009-02-13T23:31Z",
        "2009-02-30T00:00:00Z",
        "2023-02-29T00:00:00Z",
        "2009-13-01T00:00:00Z",
        "2009-02-13T24:00:00Z",
        "2009-02-13T23:60:00Z",
        "2009-02-13T23:59:60Z",
        "2009-02-13T23:31:30.Z",
        "2009-02-13T23:31:30,5Z",
        "2009-02-13T23:31:30+24:00",
        "2009-02-13T23:31:30+0530",
        "2009-02-13T23:31:30Z ",
        "\u0662009-02-13T23:31:30Z",
        "-2009-02-13T23:31:30Z",
    ],
)
def test_what_is_no_timestamp(text: str) -> None:
    with fails(Kind.INVALID_ARGUMENT):
        parse_timestamp(text)


@pytest.mark.parametrize(
    "text",
    ["10000-01-01T00:00:00Z", "0000-12-31T23:59:59Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01"],
)
def test_years_out_of_range(text: str) -> None:
    with fails(Kind.OVERFLOW):
        parse_timestamp(text)


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("0", 0),
        ("-0", 0),
        ("0s", 0),
        ("1h30m", 5400 * 10**9),
        ("-1.5h", -5400 * 10**9),
        ("+1s", 10**9),
        ("1h34us", 3600 * 10**9 + 34_000),
        ("-23.4s", -23_400_000_000),
        (".5ms", 500_000),
        ("1.s", 10**9),
        ("1s1h", 3601 * 10**9),
        ("1.9999ns", 1),
        ("9223372036.854775807s", INT_MAX),
        ("-9223372036.854775808s", INT_MIN),
        ("0." + "3" * 60_000 + "h", 1_199_999_999_999),
        ("0" * 60_000 + "1s", 10**9),
    ],
)
def test_durations(text: str, ns: int) -> None:
    assert parse_duration(text) == Duration(ns)


@pytest.mark.parametrize(
    "text", ["", "1", "s", ".s", "1d", "1 s", "1h 1s", "--1s", "1e3s", "1S", "1\u00b5s", "0x1s", "1s-1s"]
)
def test_what_is_no_duration(text: str) -> None:
    with fails(Kind.INVALID_ARGUMENT):
        parse_duration(text)


@pytest.mark.parametrize("text", ["9223372036.854775808s", "-9223372036.854775809s", "2562048h", "9" * 60_000 + "h"])
def test_durations_out_of_range(text: str) -> None:
    with fails(Kind.OVERFLOW):
        parse_duration(text)


def test_durations_are_written_in_seconds() -> None:
    assert duration_text(Duration(0)) == "0s"
    assert duration_text(Duration(-500_000_000)) == "-0.5s"
    assert duration_text(Duration(60_001_000_000)) == "60.001s"
    assert duration_text(Duration(INT_MIN)) == "-9223372036.854775808s"


def test_the_ends_of_time_are_written() -> None:
    assert timestamp_text(Timestamp(TIMESTAMP_MIN)) == "0001-01-01T00:00:00Z"
    assert timestamp_text(Timestamp(TIMESTAMP_MAX)) == "9999-12-31T23:59:59.999999999Z"
