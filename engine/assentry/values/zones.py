"""Time zones: what time a clock on the wall showed at a point in time.

Names are those of the IANA database, read from the `tzdata` package and never from the machine, so
that every machine with the same package answers alike. Offsets are `+05:30`, `-8:00`.

Source: langdef.md, "Timezones".
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from assentry.errors import EvaluationError, Kind
from assentry.values.limits import text as limited
from assentry.values.runtime import TIMESTAMP_MAX, TIMESTAMP_MIN

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_OFFSET: Final = re.compile(r"([+-]?)([0-9]{1,2}):([0-9]{2})", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,3}", re.ASCII)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = 10**9
_DAY: Final = 86_400
_CYCLE: Final = 146_097 * _DAY
"""The Gregorian calendar repeats after 400 years, weekdays included."""


def version() -> str:
    """The release of the time-zone data in use: `2026f`."""
    from importlib import import_module

    return str(import_module("tzdata").IANA_VERSION)


def offset(zone: str, seconds: int) -> int:
    """Seconds east of UTC in a zone at a point in time (seconds since 1970).

    Raises EvaluationError(INVALID_ARGUMENT) when there is no such zone.
    """
    found = _zone(limited(zone))
    if isinstance(found, int):
        return found
    # At the ends of the calendar the shown year would leave datetime's range: look where the rules are the same.
    if seconds < TIMESTAMP_MIN // _SECOND + 2 * _DAY:
        seconds += 2 * _DAY
    elif seconds > TIMESTAMP_MAX // _SECOND - 2 * _DAY:
        seconds -= _CYCLE
    shown = (_EPOCH + timedelta(seconds=seconds)).astimezone(found)
    difference = shown.utcoffset()
    return 0 if difference is None else round(difference.total_seconds())


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | int:
    """The zone of a name, or the seconds east of UTC of an offset."""
    if name == "UTC":
        return 0
    if found := _OFFSET.fullmatch(name):
        hours, minutes = int(found.group(2)), int(found.group(3))
        if hours > 23 or minutes > 59:
            raise _unknown()
        east = hours * 3600 + minutes * 60
        return -east if found.group(1) == "-" else east
    if not _NAME.fullmatch(name):
        raise _unknown()
    return _load(name)


def _load(name: str) -> ZoneInfo:
    from importlib.resources import files
    from zoneinfo import ZoneInfo

    place = files("tzdata") / "zoneinfo"
    for part in name.split("/"):
        place /= part
    try:
        with place.open("rb") as data:
            return ZoneInfo.from_file(data, key=name)
    except (OSError, ValueError) as error:
        raise _unknown() from error


def _unknown() -> EvaluationError:
    return EvaluationError(Kind.INVALID_ARGUMENT, "unknown time zone")
