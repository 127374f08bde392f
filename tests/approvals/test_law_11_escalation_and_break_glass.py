"""Law 11: escalation and break-glass are events, which consume reads again."""

from __future__ import annotations

from itertools import pairwise

import pytest

from assentry.approvals.events import BrokeGlass, Escalated, Reminded
from assentry.approvals.settings import Settings
from assentry.approvals.terms import Who
from tests.approvals.play import MINUTE, ONE, TWO, Play, approved, seats

G, H, R = ("group", "g"), ("group", "h"), ("role", "r")


def widening(**changes: int) -> Play:
    play = Play()
    play.people.widens = {G: (R, 10 * MINUTE)}
    assert play.submit("q", seats(**{"g": 2, **changes}))
    return play


# ---- escalation ----


def test_it_widens_who_may_answer_after_its_time() -> None:
    play = widening()
    play.now = 10 * MINUTE - 1
    assert play.tick()
    play.approve("fay")
    assert play.code == "seat"
    play.now = 10 * MINUTE
    assert play.tick()
    assert "escalated" in play.kinds
    assert play.approve("fay")
    assert play.status("q") == "pending"
    assert play.approve("gus")
    assert play.status("q") == "approved"


def test_consume_reads_it() -> None:
    play = widening()
    play.now = 10 * MINUTE
    assert play.tick()
    assert play.approve("fay", "gus")
    play.people.widens = {}
    assert play.consume()
    assert play.status("q") == "consumed"
    left = widening()
    left.now = 10 * MINUTE
    assert left.tick()
    assert left.approve("fay", "gus")
    left.people.teams[R] -= {"gus"}
    assert left.consume()
    assert left.status("q") == "superseded"


def test_it_never_lowers_the_number() -> None:
    play = widening()
    play.now = 20 * MINUTE
    assert play.tick()
    assert play.approve("fay")
    assert play.status("q") == "pending"
    assert play.request("q").wanted == TWO


def test_it_widens_one_seat_and_not_the_others() -> None:
    play = Play()
    play.people.widens = {G: (R, MINUTE)}
    play.people.teams[H] = {"cyd"}
    assert play.submit("q", seats(g=1, h=1))
    play.now = MINUTE
    assert play.tick()
    assert play.approve("fay", "gus")
    assert play.status("q") == "pending"
    assert play.approve("cyd")
    assert play.status("q") == "approved"


def test_it_goes_on_step_by_step() -> None:
    play = Play()
    play.people.widens = {G: (H, MINUTE), H: (R, MINUTE), R: (G, 0)}
    assert play.submit("q", TWO)
    play.now = 5 * MINUTE
    assert play.tick()
    play.now = 6 * MINUTE
    assert play.tick()
    assert play.tick()
    steps = [event for event in play.events if isinstance(event, Escalated)]
    assert [(event.to, event.head.at) for event in steps] == [
        (Who("group", "h"), 5 * MINUTE),
        (Who("role", "r"), 6 * MINUTE),
    ]


def test_whoever_is_excluded_is_not_reached_by_it() -> None:
    play = Play()
    play.people.widens = {G: (("group", "own"), MINUTE)}
    assert play.submit("q", TWO)
    play.now = MINUTE
    assert play.tick()
    play.approve("eve")
    assert play.code == "excluded"


def test_what_takes_the_place_of_a_request_stays_widened() -> None:
    play = widening()
    play.now = 10 * MINUTE
    assert play.tick()
    assert play.approve("fay", "gus")
    assert play.consume(seats(g=3))
    assert play.draw("q2")
    assert play.approve("fay", "gus", "bob", name="q2")
    assert play.status("q2") == "approved"


def test_reminders_are_numbered() -> None:
    play = Play(settings=Settings(remind_ms=5 * MINUTE), now=60 * MINUTE)
    assert play.submit("q", TWO)
    for minute in range(0, 30, 2):
        play.now = (60 + minute) * MINUTE
        assert play.tick()
    reminders = [event for event in play.events if isinstance(event, Reminded)]
    assert [event.number for event in reminders] == [1, 2, 3, 4, 5]
    assert all(later.head.at - event.head.at >= 4 * MINUTE for event, later in pairwise(reminders))


# ---- break-glass ----


def broken(responder: str = "fay", for_ms: int = 15 * MINUTE) -> Play:
    play = Play()
    assert play.submit("q", seats(g=2, r=1))
    assert play.break_glass(responder, for_ms=for_ms)
    return play


def test_one_person_stands_in_for_all_seats() -> None:
    play = broken()
    assert play.kinds == ["broke_glass", "approved"]
    assert play.consume()
    assert play.status("q") == "consumed"
    (glass,) = [event for event in play.events if isinstance(event, BrokeGlass)]
    assert (glass.person, glass.reason) == ("fay", "the house burns")


def test_for_at_most_a_quarter_of_an_hour() -> None:
    play = Play()
    assert play.submit("q", TWO)
    for length in (0, -1, 15 * MINUTE + 1):
        play.break_glass("fay", for_ms=length)
        assert play.code == "glass"
    assert broken(for_ms=1).request("q").lapses_at == 1
    play = broken(for_ms=2 * MINUTE)
    play.now = 2 * MINUTE
    play.consume()
    assert play.code == "status"
    assert play.status("q") == "lapsed"


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_for_a_reason(reason: str) -> None:
    play = Play()
    assert play.submit("q", TWO)
    play.break_glass("fay", reason=reason)
    assert play.code == "reason"


def test_only_while_pending() -> None:
    play = approved()
    play.break_glass("fay")
    assert play.code == "status"


def test_who_may_can_be_narrowed() -> None:
    play = Play(settings=Settings(responders=(Who("role", "r"),)))
    assert play.submit("q", TWO)
    play.break_glass("bob")
    assert play.code == "glass"
    assert play.break_glass("fay")
    play.people.teams[R] -= {"fay"}
    assert play.consume()
    assert play.status("q") == "superseded"


def test_a_responder_who_left_stands_in_for_nobody() -> None:
    play = broken()
    play.people.accounts["fay"] = None
    assert play.consume()
    assert play.status("q") == "superseded"


def test_it_stands_in_for_the_seats_that_were_asked_for_and_no_others() -> None:
    play = broken()
    assert play.consume(seats(g=3, r=1))
    assert play.status("q") == "superseded"
    voted = broken()
    assert voted.approve("bob")
    assert voted.consume(seats(g=3, r=1))
    assert voted.status("q") == "consumed"
    itself = broken()
    assert itself.approve("gus")
    assert itself.consume(seats(g=2, r=2))
    assert itself.status("q") == "consumed"
    twice = broken("gus")
    assert twice.approve("gus")
    assert twice.consume(seats(g=2, r=2))
    assert twice.status("q") == "superseded"


def test_a_review_is_owed_and_until_then_no_other_glass() -> None:
    play = broken()
    assert play.submit("p", TWO, same="p")
    play.break_glass("fay", name="p")
    assert play.code == "review"
    assert play.break_glass("gus", name="p")
    play.review("fay")
    assert play.code == "review"
    assert play.review("gus")
    play.review("gus")
    assert play.code == "review"
    assert play.submit("r", TWO, same="r")
    assert play.break_glass("fay", name="r")


def test_another_account_owes_the_same_review() -> None:
    play = broken("bob")
    assert play.submit("p", TWO, same="p")
    play.break_glass("bob2", name="p")
    assert play.code == "review"
    play.review("bob2")
    assert play.code == "review"


def test_accounts_that_come_apart_owe_the_review_both() -> None:
    play = broken("bob2")
    play.people.accounts |= {"bob2": "gus"}
    for number, person in enumerate(("bob", "gus", "bob2")):
        name = f"p{number}"
        assert play.submit(name, TWO, same=name)
        play.break_glass(person, name=name)
        assert play.code == "review"
        play.review(person)
        assert play.code == "review"


def test_a_review_is_owed_whatever_became_of_it() -> None:
    play = broken()
    play.now += 15 * MINUTE
    assert play.tick()
    assert play.status("q") == "lapsed"
    assert play.submit("p", ONE, same="p")
    play.break_glass("fay", name="p")
    assert play.code == "review"


def test_without_a_glass_there_is_nothing_to_review() -> None:
    play = approved()
    play.review("fay")
    assert play.code == "review"
