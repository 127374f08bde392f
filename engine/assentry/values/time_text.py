"""Timestamps and durations as text.

A timestamp is RFC 3339 with an offset; a duration is a sum such as `1h30m`, `-1.5h` or `1h34us`.
Both are written with as many fractional digits as they need and no trailing zeros, as Go does.

Source: langdef.md, "Types and Conversions" and "Overflow"; RFC 3339.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from assentry.errors import EvaluationError, Kind
from assentry.values.limits import text as limited
from assentry.values.runtime import INT_MAX, INT_MIN, TIMESTAMP_MAX, TIMESTAMP_MIN, Duration, Timestamp

SECOND: Final = 10**9
DAY_SECONDS: Final = 86_400
EPOCH_ORDINAL: Final = 719_163
"""`date.toordinal` of 1970-01-01."""

_TIMESTAMP: Final = re.compile(
    r"([0-9]{4,9})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))",
    re.ASCII,
)
_DURATION: Final = re.compile(r"([+-]?)((?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:h|ms|us|ns|m|s))+|0)", re.ASCII)
_PART: Final = re.compile(r"([0-9]*)(?:\.([0-9]*))?(h|ms|us|ns|m|s)", re.ASCII)
_UNITS: Final = {"h": 3600 * SECOND, "m": 60 * SECOND, "s": SECOND, "ms": 10**6, "us": 10**3, "ns": 1}

_WHOLE_DIGITS: Final = 20
"""More significant digits than an int64 has overflow in every unit."""
_FRACTION_DIGITS: Final = 30
"""Digits after the point beyond these are less than a nanosecond in every unit."""


def timestamp(ns: int) -> Timestamp:
    """The point in time at these nanoseconds since 1970.

    Raises EvaluationError(OVERFLOW) outside the years 0001 to 9999.
    """
    if TIMESTAMP_MIN <= ns <= TIMESTAMP_MAX:
        return Timestamp(ns)
    raise EvaluationError(Kind.OVERFLOW, "a timestamp must lie in the years 0001 to 9999")


def duration(ns: int) -> Duration:
    """The length of time of these nanoseconds.

    Raises EvaluationError(OVERFLOW) outside int64.
    """
    if INT_MIN <= ns <= INT_MAX:
        return Duration(ns)
    raise EvaluationError(Kind.OVERFLOW, "a duration must lie within 292 years")


def parse_timestamp(text: str) -> Timestamp:
    """Read RFC 3339. Digits beyond nanoseconds are cut off; `:60` is no second of a timestamp.

    Raises EvaluationError: INVALID_ARGUMENT for other text, OVERFLOW for other years.
    """
    found = _TIMESTAMP.fullmatch(limited(text))
    if found is None:
        raise _not_a("timestamp")
    year, month, day, hour, minute, second = map(int, found.group(1, 2, 3, 4, 5, 6))
    fraction, sign, offset_hour, offset_minute = found.group(7, 8, 9, 10)
    if hour > 23 or minute > 59 or second > 59:
        raise _not_a("timestamp")
    seconds = _day(year, month, day) * DAY_SECONDS + hour * 3600 + minute * 60 + second
    if sign:
        if int(offset_hour) > 23 or int(offset_minute) > 59:
            raise _not_a("timestamp")
        offset = int(offset_hour) * 3600 + int(offset_minute) * 60
        seconds += offset if sign == "-" else -offset
    nanoseconds = int(fraction[:9].ljust(9, "0")) if fraction else 0
    return timestamp(seconds * SECOND + nanoseconds)


def _day(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01."""
    if not 1 <= year <= 9999:
        raise EvaluationError(Kind.OVERFLOW, "a timestamp must lie in the years 0001 to 9999")
    try:
        return date(year, month, day).toordinal() - EPOCH_ORDINAL
    except ValueError as error:
        raise _not_a("timestamp") from error


def _not_a(what: str) -> EvaluationError:
    return EvaluationError(Kind.INVALID_ARGUMENT, f"not a {what}")


def parse_duration(text: str) -> Duration:
    """Read a signed sum of decimal numbers with units (h, m, s, ms, us, ns), or `0`.

    What is less than a nanosecond is cut off, part by part.
    Raises EvaluationError: INVALID_ARGUMENT for other text, OVERFLOW outside int64 nanoseconds.
    """
    found = _DURATION.fullmatch(limited(text))
    if found is None:
        raise _not_a("duration")
    total = 0
    for whole, fraction, unit in _PART.findall(found.group(2)):
        total += _whole(whole) * _UNITS[unit]
        if fraction:
            digits = fraction[:_FRACTION_DIGITS]
            total += int(digits) * _UNITS[unit] // 10 ** len(digits)
    return duration(-total if found.group(1) == "-" else total)


def _whole(digits: str) -> int:
    significant = digits.lstrip("0")
    if len(significant) > _WHOLE_DIGITS:
        raise EvaluationError(Kind.OVERFLOW, "a duration must lie within 292 years")
    return int(significant or "0")


def _with_fraction(text: str, nanoseconds: int) -> str:
    return f"{text}.{nanoseconds:09d}".rstrip("0") if nanoseconds else text


def timestamp_text(value: Timestamp) -> str:
    """RFC 3339 in UTC: `2023-08-26T12:39:00.5Z`."""
    seconds, nanoseconds = divmod(value.ns, SECOND)
    days, second = divmod(seconds, DAY_SECONDS)
    day = date.fromordinal(days + EPOCH_ORDINAL)
    clock = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    return _with_fraction(f"{day.isoformat()}T{clock}", nanoseconds) + "Z"


def duration_text(value: Duration) -> str:
    """Seconds with a fraction: `5400s`, `-0.5s`."""
    seconds, nanoseconds = divmod(abs(value.ns), SECOND)
    return ("-" if value.ns < 0 else "") + _with_fraction(str(seconds), nanoseconds) + "s"
