"""Matching fills as many places as trying everything does, and says which ones stay empty."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from assentry.approvals.matching import match
from tests.oracle.approvals.people import most, short


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(st.lists(st.sets(st.sampled_from("abcde")), max_size=5))
def test_it_fills_as_many_as_can_be(places: list[set[str]]) -> None:
    found = match([sorted(each) for each in places])
    taken = [candidate for candidate in found if candidate is not None]
    assert len(taken) == len(set(taken)) == most(places)
    assert all(candidate is None or candidate in places[place] for place, candidate in enumerate(found))
    empty = [("group", str(place)) for place, candidate in enumerate(found) if candidate is None]
    assert empty == short([(("group", str(place)), each) for place, each in enumerate(places)])


def test_large_ones_are_quick() -> None:
    people = [f"p{number}" for number in range(2000)]
    assert None not in match([people] * 100)
    chained = [[f"p{number}", f"p{number + 1}"] for number in range(100)]
    assert None not in match([*chained, ["p0"]])
    assert match([*chained, ["p0"], ["p0"]])[-1] is None
