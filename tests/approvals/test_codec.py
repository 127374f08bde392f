"""Events are plain JSON and come back as they were; what says no event is refused, and nothing is guessed."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from assentry.approvals import from_data, to_data
from assentry.approvals.codec import body, from_body
from assentry.approvals.events import EVENTS, Event, Head
from assentry.errors import InputError
from tests.approvals.walk import walk


def history() -> list[Event]:
    """At least one event of every kind."""
    found: list[Event] = []
    for seed in range(20):
        found += walk(seed, 200).pair.events
        if {event.kind for event in found} == {event.kind for event in EVENTS} - {"shown"}:
            break
    shown = next(event for event in EVENTS if event.kind == "shown")
    made: Any = shown
    return [*found, made(Head("q", 1), "bob", "card")]


HISTORY = history()
ONE_EACH = list({event.kind: event for event in HISTORY}.values())


def test_every_kind_is_there() -> None:
    assert {event.kind for event in HISTORY} == {event.kind for event in EVENTS}
    assert len({event.kind for event in EVENTS}) == len(EVENTS)


def test_they_come_back_as_they_were() -> None:
    for event in HISTORY:
        text = json.dumps(to_data(event), allow_nan=False)
        assert from_data(json.loads(text)) == event
        assert from_body(event.kind, event.head, json.loads(json.dumps(body(event)))) == event


def values(data: object) -> Iterator[object]:
    yield data
    if isinstance(data, dict):
        for key, value in data.items():
            assert isinstance(key, str)
            yield from values(value)
    if isinstance(data, list):
        for value in data:
            yield from values(value)


def test_they_are_plain_json_without_floats() -> None:
    for event in HISTORY:
        for value in values(to_data(event)):
            assert type(value) in (dict, list, str, int, bool, type(None)), event


def places(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


def changed(data: Any, path: tuple[str | int, ...], value: object) -> Any:
    made = copy.deepcopy(data)
    at = made
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return made


@pytest.mark.parametrize("event", ONE_EACH, ids=lambda event: event.kind)
def test_whatever_does_not_fit_is_refused(event: Event) -> None:
    data = to_data(event)
    for path in places(data):
        for value in (1.5, float("nan"), object(), {"more": 1}, b"bytes"):
            with pytest.raises(InputError):
                from_data(changed(data, path, value))
    for path in places(data):
        if isinstance(path[-1], str):
            lacking = changed(data, path, None)
            at: Any = lacking
            for key in path[:-1]:
                at = at[key]
            del at[path[-1]]
            with pytest.raises(InputError):
                from_data(lacking)


@pytest.mark.parametrize("data", [None, 7, "voted", [], {}, {"type": "voted"}])
def test_what_is_no_event_is_refused(data: object) -> None:
    with pytest.raises(InputError):
        from_data(data)


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(InputError, match="no event of type `forgiven`"):
        from_data({"type": "forgiven", "request": "q", "at": 0, "development": False, "data": {}})


@pytest.mark.parametrize("at", [2**53 + 1, -(2**53) - 1, True, "0", None])
def test_a_time_is_a_whole_number_that_every_reader_has(at: object) -> None:
    data = to_data(ONE_EACH[0]) | {"at": at}
    with pytest.raises(InputError, match="`at`"):
        from_data(data)


def test_more_than_is_asked_for_is_refused() -> None:
    data = to_data(ONE_EACH[0]) | {"comment": "nothing to see here"}
    with pytest.raises(InputError, match="`event` is no object with the fields"):
        from_data(data)
