from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assentry.errors import EvaluationError, Kind
from assentry.values.registry import dispatch
from assentry.values.runtime import INT_MAX, INT_MIN, TIMESTAMP_MAX, TIMESTAMP_MIN, Duration, Timestamp
from assentry.values.time import moment
from tests.support.values import durations, fails, timestamps

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def part(name: str, value: object, *zone: str) -> object:
    return dispatch(name, [value, *zone], True)


@given(
    st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC)),
    st.integers(-23 * 60, 23 * 60),
)
def test_parts_of_a_date_are_what_python_says(value: datetime, minutes: int) -> None:
    at = Timestamp((value - EPOCH) // timedelta(microseconds=1) * 1000)
    zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    shown = value.astimezone(timezone(timedelta(minutes=minutes)))
    wanted = {
        "getFullYear": shown.year,
        "getMonth": shown.month - 1,
        "getDate": shown.day,
        "getDayOfMonth": shown.day - 1,
        "getDayOfWeek": shown.isoweekday() % 7,
        "getDayOfYear": shown.timetuple().tm_yday - 1,
        "getHours": shown.hour,
        "getMinutes": shown.minute,
        "getSeconds": shown.second,
        "getMilliseconds": shown.microsecond // 1000,
    }
    assert {name: part(name, at, zone) for name in wanted} == wanted


def test_a_clock_may_show_days_outside_the_years_of_a_timestamp() -> None:
    first, last = Timestamp(TIMESTAMP_MIN), Timestamp(TIMESTAMP_MAX)
    assert moment(first, "-01:00").calendar == (0, 12, 31, 365)
    assert moment(last, "+01:00").calendar == (10_000, 1, 1, 0)
    assert part("getDayOfWeek", first) == 1
    assert part("getFullYear", first, "America/New_York") == 0


@given(durations)
def test_parts_of_a_duration_round_toward_zero(value: Duration) -> None:
    sign = -1 if value.ns < 0 else 1
    size = abs(value.ns)
    assert part("getHours", value) == sign * (size // 3_600_000_000_000)
    assert part("getMinutes", value) == sign * (size // 60_000_000_000)
    assert part("getSeconds", value) == sign * (size // 1_000_000_000)
    assert part("getMilliseconds", value) == sign * (size // 1_000_000 % 1000)


def apply(operator: str, left: object, right: object) -> object:
    try:
        return dispatch(operator, [left, right], False)
    except EvaluationError as error:
        return error.kind


def point(ns: int) -> object:
    return Timestamp(ns) if TIMESTAMP_MIN <= ns <= TIMESTAMP_MAX else Kind.OVERFLOW


def length(ns: int) -> object:
    return Duration(ns) if INT_MIN <= ns <= INT_MAX else Kind.OVERFLOW


@given(timestamps, timestamps, durations, durations)
def test_time_arithmetic_is_exact_or_overflows(at: Timestamp, other: Timestamp, by: Duration, more: Duration) -> None:
    assert apply("_+_", at, by) == apply("_+_", by, at) == point(at.ns + by.ns)
    assert apply("_-_", at, by) == point(at.ns - by.ns)
    assert apply("_-_", at, other) == length(at.ns - other.ns)
    assert apply("_+_", by, more) == length(by.ns + more.ns)
    assert apply("_-_", by, more) == length(by.ns - more.ns)


def test_what_time_does_not_do() -> None:
    at, by = Timestamp(0), Duration(1)
    for operator, left, right in (("_+_", at, at), ("_-_", by, at), ("_*_", by, 2), ("_+_", at, 1)):
        assert apply(operator, left, right) is Kind.NO_SUCH_OVERLOAD


@pytest.mark.parametrize("name", ["getFullYear", "getDate", "getDayOfWeek"])
def test_a_duration_has_no_date(name: str) -> None:
    with fails(Kind.NO_SUCH_OVERLOAD):
        part(name, Duration(0))
