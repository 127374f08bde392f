"""Law 3: seats are filled by distinct people, as the directory knows them at the moment of the question."""

from __future__ import annotations

import pytest

from assentry.evaluator.ruling import Approval
from tests.approvals.play import MINUTE, ONE, SECOND, TWO, Play, approved, seats


def asked(terms: Approval = TWO) -> Play:
    play = Play()
    assert play.submit("q", terms)
    return play


def test_one_person_fills_one_seat_though_in_two_groups() -> None:
    play = asked(seats(g=1, h=1))
    assert play.approve("bob", "bob")
    assert play.status("q") == "pending"
    assert play.approve("dee")
    assert play.status("q") == "approved"


def test_people_are_moved_to_where_they_are_needed() -> None:
    play = asked(seats(g=1, h=1))
    assert play.approve("cyd")
    assert play.approve("gus")
    assert play.status("q") == "approved"


def test_two_accounts_of_one_person_are_one() -> None:
    play = asked()
    play.people.teams["group", "g"] |= {"bob2"}
    assert play.approve("bob", "bob2")
    assert play.status("q") == "pending"


def test_accounts_that_turn_out_to_be_one_person_are_one_at_consume() -> None:
    play = approved(TWO, "bob", "cyd")
    play.people.accounts["cyd"] = "bob"
    assert play.consume()
    assert play.kinds == ["superseded", "requested"]


def test_accounts_that_turn_out_to_be_two_people_are_two() -> None:
    play = asked()
    play.people.teams["group", "g"] |= {"bob2"}
    assert play.approve("bob", "bob2")
    play.people.accounts["bob2"] = "bob2"
    assert play.approve("bob")
    assert play.status("q") == "approved"


def test_whoever_left_the_group_fills_no_seat_at_consume() -> None:
    play = approved()
    play.people.teams["group", "g"] -= {"cyd"}
    assert play.consume()
    assert play.status("q") == "superseded"


def test_whoever_left_altogether_fills_no_seat_at_consume() -> None:
    play = approved()
    play.people.accounts["cyd"] = None
    assert play.consume()
    assert play.status("q") == "superseded"


def test_somebody_else_may_fill_a_seat_that_became_empty() -> None:
    play = approved()
    play.people.teams["group", "g"] -= {"cyd"}
    assert play.approve("dee")
    assert play.consume()
    assert play.status("q") == "consumed"


@pytest.mark.parametrize(
    ("terms", "seat"),
    [
        (seats(g=4), 'group("g")'),
        (seats(g=3, h=1, r=2), 'role("r")'),
        (seats(g=3, h=2), 'group("h")'),
    ],
)
def test_what_cannot_be_filled_is_refused_and_the_seat_named(terms: Approval, seat: str) -> None:
    play = Play()
    play.submit("q", terms)
    assert play.code == "unfillable"
    assert seat in str(play.last)


def test_the_excluded_are_not_counted_on() -> None:
    play = Play()
    play.people.teams["group", "g"] = {"bob", "ann", "eve"}
    play.submit("q", TWO)
    assert play.code == "unfillable"


def test_two_accounts_are_not_counted_on_as_two_people() -> None:
    play = Play()
    play.people.teams["group", "g"] = {"bob", "bob2"}
    play.submit("q", TWO)
    assert play.code == "unfillable"


def test_people_are_told_when_a_seat_can_no_longer_be_filled_and_the_deadline_ends_it() -> None:
    play = asked()
    play.people.teams["group", "g"] = {"bob"}
    assert play.approve("bob")
    assert play.kinds == ["voted", "unfillable"]
    assert play.tick()
    assert play.kinds == []
    play.people.teams["group", "g"] = {"bob", "cyd"}
    assert play.tick()
    assert play.kinds == ["unfillable"]
    assert play.request("q").unfillable == ()
    play.people.teams["group", "g"] = {"bob"}
    assert play.tick()
    assert play.request("q").wanted == TWO
    play.now += 30 * MINUTE
    assert play.status("q") == "expired"


# ---- B for A ----


def deputised(terms: Approval = TWO) -> Play:
    """fay acts for dee, for a minute."""
    play = asked(terms)
    play.people.deputies["dee"] = {"fay": (0, MINUTE)}
    return play


def test_a_deputy_fills_the_seat_of_the_principal() -> None:
    play = deputised(ONE)
    assert play.approve("fay", principal="dee")
    assert play.status("q") == "approved"
    assert play.consume()
    assert play.status("q") == "consumed"


def test_a_delegation_has_to_be_there() -> None:
    play = asked()
    play.approve("fay", principal="dee")
    assert play.code == "deputy"
    play.approve("dee", principal="dee")
    assert play.code == "deputy"


def test_nobody_is_their_own_deputy() -> None:
    play = asked()
    play.people.deputies["dee"] = {"dee": (0, MINUTE)}
    play.approve("dee", principal="dee")
    assert play.code == "deputy"


def test_a_delegation_has_its_time() -> None:
    play = deputised()
    play.now = MINUTE
    play.approve("fay", principal="dee")
    assert play.code == "deputy"


def test_a_delegation_has_to_be_there_at_consume_too() -> None:
    ended = deputised(ONE)
    assert ended.approve("fay", principal="dee")
    ended.now = MINUTE
    assert ended.consume()
    assert ended.status("q") == "superseded"
    taken_back = deputised(ONE)
    assert taken_back.approve("fay", principal="dee")
    del taken_back.people.deputies["dee"]
    assert taken_back.consume()
    assert taken_back.status("q") == "superseded"


def test_a_deputy_has_one_vote() -> None:
    play = deputised()
    play.people.deputies["cyd"] = {"fay": (0, MINUTE)}
    assert play.approve("fay", principal="dee")
    assert play.approve("fay", principal="cyd")
    assert play.status("q") == "pending"


def test_a_principal_has_one_vote() -> None:
    play = deputised()
    assert play.approve("dee")
    assert play.approve("fay", principal="dee")
    assert play.status("q") == "pending"
    play.people.deputies["dee"]["gus"] = (0, MINUTE)
    assert play.approve("gus", principal="dee")
    assert play.status("q") == "pending"
    assert play.approve("bob")
    assert play.status("q") == "approved"


def test_a_deputy_does_not_pass_it_on() -> None:
    play = deputised()
    play.people.deputies["fay"] = {"gus": (0, MINUTE)}
    play.approve("gus", principal="dee")
    assert play.code == "deputy"


def test_a_deputy_needs_no_seat_of_its_own_and_takes_none() -> None:
    play = deputised(seats(g=1, r=1))
    assert play.approve("fay", principal="dee")
    assert play.status("q") == "pending"
    play.approve("fay", principal="gus")
    assert play.code == "deputy"
    assert play.approve("gus")
    assert play.status("q") == "approved"


def test_a_longer_wait_does_not_lower_the_number() -> None:
    play = asked()
    assert play.approve("bob")
    for _ in range(10):
        play.now += 60 * SECOND
        assert play.tick()
    assert play.status("q") == "pending"
