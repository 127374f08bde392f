from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from assentry.errors import FormatError
from assentry.values.equality import equal
from assentry.values.literals import from_data, to_data
from assentry.values.runtime import Duration, Timestamp
from tests.support.values import doubled, nested, values

CASES = Path(__file__).parents[2] / ".." / "shared" / "data" / "cel-conformance.json"


@settings(max_examples=300, deadline=None)
@given(values)
def test_any_value_survives_json(value: Any) -> None:
    data = json.loads(json.dumps(to_data(value), allow_nan=False))
    back = from_data(data)
    assert repr(back) == repr(value)
    assert to_data(back) == data


def test_time_is_written_as_seconds_and_nanos() -> None:
    assert to_data(Timestamp(-1)) == {"type": "timestamp", "seconds": "-1", "nanos": 999_999_999}
    assert to_data(Duration(-1_500_000_000)) == {"type": "duration", "seconds": "-1", "nanos": -500_000_000}
    assert equal(from_data({"type": "duration", "seconds": 2}), Duration(2 * 10**9))


@pytest.mark.parametrize(
    "data",
    [
        None,
        1,
        [],
        {},
        {"type": "int"},
        {"type": "int", "value": "x"},
        {"type": "int", "value": "9223372036854775808"},
        {"type": "int", "value": "9" * 100_000},
        {"type": "int", "value": True},
        {"type": "int", "value": 1.5},
        {"type": "uint", "value": "-1"},
        {"type": "double", "value": "__import__('os')"},
        {"type": "double", "value": 1.5},
        {"type": "double", "value": "0x10"},
        {"type": "bool", "value": 1},
        {"type": "string", "value": 1},
        {"type": "bytes"},
        {"type": "bytes", "value_b64": "a"},
        {"type": "bytes", "value_b64": "\u00e9"},
        {"type": "list", "value": {}},
        {"type": "list", "value": [1]},
        {"type": "map", "value": {}},
        {"type": "map", "value": [[{"type": "null"}, {"type": "null"}]]},
        {"type": "map", "value": [[{"type": "int", "value": "1"}]]},
        {
            "type": "map",
            "value": [
                [{"type": "int", "value": "1"}, {"type": "null"}],
                [{"type": "uint", "value": "1"}, {"type": "null"}],
            ],
        },
        {"type": "timestamp", "seconds": "253402300800"},
        {"type": "timestamp"},
        {"type": "duration", "seconds": "9223372037"},
        {"type": "duration", "seconds": "0", "nanos": 10**9},
        {"type": "net.IP", "version": 5, "address": "1"},
        {"type": "net.IP", "version": 4, "address": "4294967296"},
        {"type": "net.CIDR", "version": 4, "address": "1", "prefix": 33},
        {"type": "optional", "value": None},
        {"type": ["int"], "value": "1"},
        {"type": "function", "value": "1"},
    ],
)
def test_damaged_data_is_refused(data: object) -> None:
    with pytest.raises(FormatError):
        from_data(data)


def test_depth_and_size_are_refused() -> None:
    deep: dict[str, object] = {"type": "null"}
    for _ in range(10_000):
        deep = {"type": "list", "value": [deep]}
    with pytest.raises(FormatError):
        from_data(deep)
    for value in (nested(10_000), doubled(40), object()):
        with pytest.raises(FormatError):
            to_data(value)


@pytest.mark.skipif(not CASES.exists(), reason=f"{CASES.name} is not there")
def test_the_conformance_cases_are_read_and_written_alike() -> None:
    cases = json.loads(CASES.read_text())["cases"]
    data = [case["expect"]["value"] for case in cases if "value" in case["expect"]]
    data += [value for case in cases for value in case.get("bindings", {}).values()]
    assert len(data) > 500
    for typed in data:
        assert to_data(from_data(typed)) == typed
