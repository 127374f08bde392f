"""The set that is never changed is a set."""

from __future__ import annotations

from collections.abc import Set

from hypothesis import given, settings
from hypothesis import strategies as st

from assentry.approvals.names import Names

NAMES = [f"r-{number}" for number in range(200)]


@settings(max_examples=50, deadline=None, database=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from([1, 30, 70]), st.sampled_from(NAMES), st.booleans()), max_size=30))
def test_it_is_a_set_that_remembers(changes: list[tuple[int, str, bool]]) -> None:
    """Names come and go alone and many at once, few and many of them."""
    names, plain = Names(), frozenset[str]()
    versions: list[tuple[Set[str], Set[str]]] = [(names, plain)]
    for count, first, come in changes:
        some = {NAMES[(NAMES.index(first) + number) % len(NAMES)] for number in range(count)}
        names, plain = (names | some, plain | some) if come else (names - some, plain - some)
        versions.append((names, plain))
    for each, then in versions:
        assert each == then
        assert then == each
        assert (set(each), len(each), hash(each)) == (set(then), len(then), hash(Names(then)))
        assert all((name in each) == (name in then) for name in NAMES)
        assert each & {"r-1", "r-2"} == then & {"r-1", "r-2"}


def test_it_says_what_is_in_it() -> None:
    assert repr(Names(["a"])) == "Names({'a'})"
