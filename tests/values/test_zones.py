from __future__ import annotations

import threading
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assentry.errors import Kind
from assentry.values import zones
from assentry.values.runtime import TIMESTAMP_MAX, TIMESTAMP_MIN
from tests.support.values import fails

FIRST, LAST = TIMESTAMP_MIN // 10**9, TIMESTAMP_MAX // 10**9
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAMES = ["Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe", "US/Central", "CET", "Etc/GMT+5"]


@pytest.fixture(scope="module", autouse=True)
def _package_data_alone() -> Iterator[None]:
    """Python's own zones come from the package too, not from the machine, whose release may be older."""
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath(())
    yield
    zoneinfo.reset_tzpath(before)


@given(st.sampled_from(NAMES), st.integers(FIRST + 3 * 86_400, LAST - 3 * 86_400))
def test_an_offset_is_what_python_says(name: str, seconds: int) -> None:
    shown = (EPOCH + timedelta(seconds=seconds)).astimezone(ZoneInfo.no_cache(name)).utcoffset()
    assert shown is not None
    assert zones.offset(name, seconds) == shown.total_seconds()


@pytest.mark.parametrize(
    ("zone", "east"),
    [
        ("UTC", 0),
        ("+05:30", 19_800),
        ("-8:00", -28_800),
        ("-02:30", -9000),
        ("-00:00", 0),
        ("05:30", 19_800),
        ("+23:59", 86_340),
    ],
)
def test_fixed_offsets(zone: str, east: int) -> None:
    assert zones.offset(zone, 0) == east


@pytest.mark.parametrize(
    "zone",
    [
        "",
        "Nowhere/Town",
        "Local",
        "europe/berlin",
        "Europe",
        "../etc/passwd",
        "Europe/../Europe/Berlin",
        "/etc/localtime",
        "zone.tab",
        "__init__",
        "Europe/__init__",
        "+24:00",
        "+05:60",
        "+0530",
        "+5",
        "\u0660\u0665:30",
        "Europe/Berlin\0",
        "Europe/Berlin ",
    ],
)
def test_what_is_no_zone(zone: str) -> None:
    with fails(Kind.INVALID_ARGUMENT):
        zones.offset(zone, 0)


def test_a_long_name_is_a_limit() -> None:
    with fails(Kind.LIMIT):
        zones.offset("A" * 100_000, 0)


@pytest.mark.parametrize("zone", [*NAMES, "+23:59", "-23:59"])
def test_the_ends_of_the_calendar_have_offsets(zone: str) -> None:
    for seconds in (FIRST, FIRST + 1, LAST - 1, LAST):
        assert abs(zones.offset(zone, seconds)) < 86_400


def test_the_release_of_the_data_has_a_name() -> None:
    assert zones.version()[:2] == "20"


def test_threads_agree() -> None:
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(zones.offset("Asia/Tokyo", 0))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [32_400] * 8
