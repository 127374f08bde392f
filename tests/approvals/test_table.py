"""The map that is never changed is a map."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assentry.approvals.table import Table

KEYS = [*range(-5, 5), *range(-3 * 4096, 3 * 4096, 4096), *range(0, 640, 64)]
"""Many of them fall into the same row, and several into the same cell."""


@settings(max_examples=50, deadline=None, database=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from(KEYS), st.integers() | st.none()), max_size=60))
def test_it_is_a_map_that_remembers(entries: list[tuple[int, int | None]]) -> None:
    """An entry without a value is taken away."""
    table: Table[int, int] = Table()
    plain: dict[int, int] = {}
    versions = [(table, dict(plain))]
    for key, value in entries:
        table = table.without(key) if value is None else table.with_entry(key, value)
        plain = {each: plain[each] for each in plain if each != key} | ({} if value is None else {key: value})
        versions.append((table, dict(plain)))
    for each, then in versions:
        assert dict(each.items()) == then
        assert len(each) == len(then)
        assert all(each.get(key) == then.get(key) and (key in each) == (key in then) for key, _ in entries)
    again: Table[int, int] = Table()
    for key, value in reversed(plain.items()):
        again = again.with_entry(key, value)
    assert again == table
    assert hash(again) == hash(table)
    assert (table == Table()) == (not plain)


def test_what_is_not_there() -> None:
    table: Table[str, int] = Table()
    assert table.get("a") is None
    assert "a" not in table
    for key in ("a", "b"):
        if key not in table:
            with pytest.raises(KeyError, match=key):
                table[key]
        table = table.with_entry("a", 1)
        if key == "a":
            assert table["a"] == 1
    assert repr(table) == "Table({'a': 1})"


@settings(max_examples=50, deadline=None, database=None, derandomize=True)
@given(st.sets(st.sampled_from(KEYS)), st.lists(st.sampled_from(KEYS)))
def test_many_leave_at_once(keys: set[int], gone: list[int]) -> None:
    table: Table[int, int] = Table()
    for key in keys:
        table = table.with_entry(key, -key)
    left = table.without(*gone)
    assert dict(left.items()) == {key: -key for key in keys - set(gone)}
    assert len(left) == len(keys - set(gone))
    assert dict(table.items()) == {key: -key for key in keys}
