"""Points and lengths of time: arithmetic, and the parts of a date as a clock somewhere shows them.

Months, days of the month, of the week (Sunday is 0) and of the year count from 0; `getDate` counts
from 1. Of a duration, hours, minutes and seconds are the whole length in that unit, rounded toward
zero, and milliseconds the part below a second.

Source: langdef.md, "Arithmetic Operators" and "Date/Time Functions".
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from assentry.values import zones
from assentry.values.declare import Family
from assentry.values.runtime import Duration, Timestamp
from assentry.values.time_text import DAY_SECONDS, EPOCH_ORDINAL, SECOND, duration, timestamp
from assentry.values.types import DURATION, INT, STRING, TIMESTAMP

FAMILY = Family("time", "Timestamps and durations.")

_CYCLE_DAYS = 146_097


class Moment(NamedTuple):
    """A point in time as a clock somewhere shows it: days since 1970-01-01 there, seconds into the day."""

    days: int
    second: int
    nanosecond: int

    @property
    def calendar(self) -> tuple[int, int, int, int]:
        """Year (0 to 10000), month and day from 1, day of the year from 0.

        A clock east or west of UTC shows days just outside the years 1 to 9999, which `date` has not:
        those are read one 400-year cycle away.
        """
        ordinal, shift = self.days + EPOCH_ORDINAL, 0
        if ordinal < 1:
            ordinal, shift = ordinal + _CYCLE_DAYS, -400
        elif ordinal > date.max.toordinal():
            ordinal, shift = ordinal - _CYCLE_DAYS, 400
        day = date.fromordinal(ordinal)
        return day.year + shift, day.month, day.day, day.timetuple().tm_yday - 1


def moment(value: Timestamp, zone: str = "UTC") -> Moment:
    """What a clock in the zone shows.

    Raises EvaluationError(INVALID_ARGUMENT) when there is no such zone.
    """
    seconds, nanosecond = divmod(value.ns, SECOND)
    days, second = divmod(seconds + zones.offset(zone, seconds), DAY_SECONDS)
    return Moment(days, second, nanosecond)


def _year(at: Moment) -> int:
    return at.calendar[0]


def _month(at: Moment) -> int:
    return at.calendar[1] - 1


def _date(at: Moment) -> int:
    return at.calendar[2]


def _day_of_month(at: Moment) -> int:
    return at.calendar[2] - 1


def _day_of_year(at: Moment) -> int:
    return at.calendar[3]


def _day_of_week(at: Moment) -> int:
    return (at.days + 4) % 7  # 1970-01-01 was a Thursday


def _hours(at: Moment) -> int:
    return at.second // 3600


def _minutes(at: Moment) -> int:
    return at.second // 60 % 60


def _seconds(at: Moment) -> int:
    return at.second % 60


def _milliseconds(at: Moment) -> int:
    return at.nanosecond // 10**6


def _accessor(
    name: str, doc: str, id: str, zoned_id: str, part: Callable[[Moment], int], *examples: tuple[str, str]
) -> None:
    """Declare `name()` in UTC and `name(zone)`."""

    def utc(value: Timestamp) -> int:
        return part(moment(value))

    def zoned(value: Timestamp, zone: str) -> int:
        return part(moment(value, zone))

    declared = FAMILY.function(name, doc, *examples)
    declared.add(id, (TIMESTAMP,), INT, utc, member=True)
    declared.add(zoned_id, (TIMESTAMP, STRING), INT, zoned, member=True)


def _length(name: str, doc: str, id: str, unit: int, example: tuple[str, str], within: int = 0) -> None:
    """Declare `name()` of a duration: how many units it has, or has within a larger one."""

    def whole(value: Duration) -> int:
        length = abs(value.ns)
        count = (length % within if within else length) // unit
        return -count if value.ns < 0 else count

    FAMILY.function(name, doc, example).add(id, (DURATION,), INT, whole, member=True)


_accessor(
    "getFullYear",
    "The year.",
    "timestamp_to_year",
    "timestamp_to_year_with_tz",
    _year,
    ("timestamp('2023-12-25T12:00:00Z').getFullYear()", "2023"),
    ("timestamp('2023-12-31T23:00:00Z').getFullYear('Asia/Tokyo')", "2024"),
)
_accessor(
    "getMonth",
    "The month; January is 0.",
    "timestamp_to_month",
    "timestamp_to_month_with_tz",
    _month,
    ("timestamp('2023-12-25T12:00:00Z').getMonth()", "11"),
)
_accessor(
    "getDate",
    "The day of the month, from 1.",
    "timestamp_to_day_of_month_1_based",
    "timestamp_to_day_of_month_1_based_with_tz",
    _date,
    ("timestamp('2023-12-25T00:00:00Z').getDate()", "25"),
    ("timestamp('2023-12-25T00:00:00Z').getDate('America/Los_Angeles')", "24"),
)
_accessor(
    "getDayOfMonth",
    "The day of the month, from 0.",
    "timestamp_to_day_of_month",
    "timestamp_to_day_of_month_with_tz",
    _day_of_month,
    ("timestamp('2023-12-25T00:00:00Z').getDayOfMonth()", "24"),
)
_accessor(
    "getDayOfWeek",
    "The day of the week; Sunday is 0.",
    "timestamp_to_day_of_week",
    "timestamp_to_day_of_week_with_tz",
    _day_of_week,
    ("timestamp('2023-12-25T12:00:00Z').getDayOfWeek()", "1"),
)
_accessor(
    "getDayOfYear",
    "The day of the year, from 0.",
    "timestamp_to_day_of_year",
    "timestamp_to_day_of_year_with_tz",
    _day_of_year,
    ("timestamp('2023-12-25T12:00:00Z').getDayOfYear()", "358"),
)
_accessor(
    "getHours",
    "The hour of the day.",
    "timestamp_to_hours",
    "timestamp_to_hours_with_tz",
    _hours,
    ("timestamp('2023-12-25T12:00:00Z').getHours()", "12"),
    ("timestamp('2023-12-25T12:00:00Z').getHours('+05:30')", "17"),
    ("timestamp('2023-12-25T12:00:00Z').getHours('Nowhere/Town')", "error: invalid argument"),
)
_accessor(
    "getMinutes",
    "The minute of the hour.",
    "timestamp_to_minutes",
    "timestamp_to_minutes_with_tz",
    _minutes,
    ("timestamp('2023-12-25T12:30:00Z').getMinutes()", "30"),
)
_accessor(
    "getSeconds",
    "The second of the minute.",
    "timestamp_to_seconds",
    "timestamp_to_seconds_tz",
    _seconds,
    ("timestamp('2023-12-25T12:30:30Z').getSeconds()", "30"),
)
_accessor(
    "getMilliseconds",
    "The milliseconds of the second.",
    "timestamp_to_milliseconds",
    "timestamp_to_milliseconds_with_tz",
    _milliseconds,
    ("timestamp('2023-12-25T12:00:00.500Z').getMilliseconds()", "500"),
)

_length(
    "getHours", "Of a duration, whole hours.", "duration_to_hours", 3600 * SECOND, ("duration('3h59m').getHours()", "3")
)
_length(
    "getMinutes",
    "Of a duration, whole minutes.",
    "duration_to_minutes",
    60 * SECOND,
    ("duration('1h30m').getMinutes()", "90"),
)
_length(
    "getSeconds",
    "Of a duration, whole seconds.",
    "duration_to_seconds",
    SECOND,
    ("duration('1m30s').getSeconds()", "90"),
)
_length(
    "getMilliseconds",
    "Of a duration, the milliseconds below a second.",
    "duration_to_milliseconds",
    10**6,
    ("duration('1.234s').getMilliseconds()", "234"),
    within=SECOND,
)


def add_duration_duration(left: Duration, right: Duration) -> Duration:
    return duration(left.ns + right.ns)


def add_timestamp_duration(left: Timestamp, right: Duration) -> Timestamp:
    return timestamp(left.ns + right.ns)


def add_duration_timestamp(left: Duration, right: Timestamp) -> Timestamp:
    return timestamp(left.ns + right.ns)


def subtract_duration_duration(left: Duration, right: Duration) -> Duration:
    return duration(left.ns - right.ns)


def subtract_timestamp_duration(left: Timestamp, right: Duration) -> Timestamp:
    return timestamp(left.ns - right.ns)


def subtract_timestamp_timestamp(left: Timestamp, right: Timestamp) -> Duration:
    return duration(left.ns - right.ns)


_ADD = FAMILY.function(
    "_+_",
    "Of time: a point later by a length, or two lengths together.",
    ("duration('1m') + duration('1s')", "duration('61s')"),
    ("timestamp('2023-01-01T00:00:00Z') + duration('24h')", "timestamp('2023-01-02T00:00:00Z')"),
    ("timestamp('9999-12-31T23:59:59Z') + duration('1s')", "error: overflow"),
)
_ADD.add("add_duration_duration", (DURATION, DURATION), DURATION, add_duration_duration)
_ADD.add("add_timestamp_duration", (TIMESTAMP, DURATION), TIMESTAMP, add_timestamp_duration)
_ADD.add("add_duration_timestamp", (DURATION, TIMESTAMP), TIMESTAMP, add_duration_timestamp)

_SUBTRACT = FAMILY.function(
    "_-_",
    "Of time: a point earlier by a length, the length between two points, or the rest of a length.",
    ("duration('1m') - duration('1s')", "duration('59s')"),
    ("timestamp('2023-01-10T12:00:00Z') - duration('12h')", "timestamp('2023-01-10T00:00:00Z')"),
    ("timestamp('2023-01-10T12:00:00Z') - timestamp('2023-01-10T00:00:00Z')", "duration('12h')"),
)
_SUBTRACT.add("subtract_duration_duration", (DURATION, DURATION), DURATION, subtract_duration_duration)
_SUBTRACT.add("subtract_timestamp_duration", (TIMESTAMP, DURATION), TIMESTAMP, subtract_timestamp_duration)
_SUBTRACT.add("subtract_timestamp_timestamp", (TIMESTAMP, TIMESTAMP), DURATION, subtract_timestamp_timestamp)
