"""Terms are united as rules are merged: the language page says how, and the evaluator does it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from assentry import load_sources
from assentry.approvals.terms import Who, beyond, counts, places, same, sound, union
from assentry.evaluator.ruling import Approval, Seat

NAMES = ("a", "b")
FEW = settings(max_examples=30, deadline=None, database=None, derandomize=True)


@st.composite
def approvals(draw: st.DrawFn) -> Approval:
    selectors = draw(st.sets(st.tuples(st.sampled_from(("group", "role")), st.sampled_from(NAMES)), min_size=1))
    made = [
        Seat(draw(st.integers(1, 4)), "group" if kind == "group" else "role", name) for kind, name in sorted(selectors)
    ]
    return Approval(tuple(draw(st.permutations(made))), draw(st.sampled_from((60, 600, 3600))))


@FEW
@given(approvals(), approvals(), approvals())
def test_a_union_is_one(first: Approval, second: Approval, third: Approval) -> None:
    both = union(first, second)
    assert same(both, union(second, first))
    assert same(union(both, third), union(first, union(second, third)))
    assert same(union(first, first), first)
    assert union(first, None) is first
    for each in (first, second):
        assert all(counts(both)[who] >= count for who, count in counts(each).items())
        assert both.within_seconds <= each.within_seconds


def rule(name: str, terms: Approval) -> str:
    seats = " and ".join(f'{seat.count} of {seat.selector}("{seat.name}")' for seat in terms.seats)
    return f"require approval {name} if true with {{ approvers: {seats}\n within: {terms.within_seconds}s }}\n"


@FEW
@given(approvals(), approvals())
def test_it_is_what_the_evaluator_merges(first: Approval, second: Approval) -> None:
    policy = load_sources({"p.assent": f"package p\n\n{rule('first', first)}\n{rule('second', second)}"})
    merged = policy.decide({"action": {"name": "x"}}).approval
    assert merged is not None
    assert same(merged, union(first, second))


@FEW
@given(approvals(), approvals())
def test_what_is_beyond_makes_up_the_union(first: Approval, second: Approval) -> None:
    more = beyond(union(first, second), first)
    sums = {who: counts(first).get(who, 0) + more.get(who, 0) for who in {*counts(first), *more}}
    assert sums == counts(union(first, second))
    assert all(count > 0 for count in more.values())


def test_places_are_single_and_in_order() -> None:
    terms = Approval((Seat(2, "role", "b"), Seat(1, "group", "c")), 60)
    assert places(counts(terms)) == (Who("group", "c"), Who("role", "b"), Who("role", "b"))
    assert str(Who("group", "c")) == 'group("c")'


def test_what_is_sound() -> None:
    one = Seat(1, "group", "g")
    assert sound(Approval((one,), 1))
    assert not sound(None)
    assert not sound(Approval((), 60))
    assert not sound(Approval((one,), 0))
    assert not sound(Approval((one, one), 60))
    assert not sound(Approval((Seat(0, "group", "g"),), 60))
    assert not sound(Approval((Seat(101, "group", "g"),), 60))
    assert not sound(Approval((Seat(-1, "group", "g"), Seat(2, "role", "g")), 60))
