"""Law 7: a counter-proposal is a new action: evaluated as a whole, on the terms of both, its author excluded."""

from __future__ import annotations

from dataclasses import replace

from assentry.approvals import commands
from assentry.approvals.request import Proposal
from tests.approvals.play import MINUTE, ONE, PRECONDITIONS, SECOND, TWO, Play, approved, seats
from tests.approvals.translate import PROOF


def asked() -> Play:
    play = Play()
    assert play.submit("q", TWO)
    play.people.teams["group", "g"] |= {"fay"}
    return play


def refused(play: Play, code: str) -> None:
    """Refused with this code, and the original stays as it was."""
    assert play.code == code
    assert play.status("q") == "pending"
    assert "c" not in play.state.requests
    assert play.approve("bob", "cyd")
    assert play.status("q") == "approved"


def test_it_takes_the_place_of_the_original() -> None:
    play = asked()
    play.now += MINUTE
    assert play.counter("bob", ONE)
    assert play.kinds == ["countered", "superseded", "requested"]
    assert play.status("q") == "superseded"
    child = play.request("c")
    assert child.proposal.digest == "digest of c"
    assert child.deadline == play.request("q").deadline
    assert child.wanted == TWO
    assert child.votes == ()
    assert child.waiters == ("q",)
    assert play.state.current("q") == child


def test_nobody_answers_it_before_its_card_is_drawn() -> None:
    play = asked()
    assert play.counter("bob", ONE)
    play.approve("cyd", name="c", card="")
    assert play.code == "stale_card"
    play.approve("cyd", name="c", card="card")
    assert play.code == "stale_card"


def test_terms_are_united_with_those_of_the_original() -> None:
    play = asked()
    assert play.counter("bob", seats(600, g=1, r=1))
    assert play.request("c").wanted == seats(600, g=2, r=1)
    allowed = asked()
    assert allowed.counter("bob", "allow")
    assert allowed.request("c").wanted == TWO


def test_its_author_is_excluded_and_so_is_whom_the_author_spoke_for() -> None:
    play = asked()
    play.people.deputies["dee"] = {"bob": (0, MINUTE)}
    assert play.counter("bob", ONE, principal="dee")
    assert play.draw("c")
    for person in ("bob", "bob2", "dee"):
        play.approve(person, name="c")
        assert play.code == "excluded"
    assert play.approve("cyd", "fay", name="c")
    assert play.status("c") == "approved"


def test_votes_for_the_original_do_not_count() -> None:
    play = asked()
    assert play.approve("cyd")
    assert play.counter("bob", ONE)
    assert play.draw("c")
    assert play.approve("dee", name="c")
    assert play.status("c") == "pending"


def test_policy_may_deny_it() -> None:
    play = asked()
    play.counter("bob", "deny")
    refused(play, "denied")


def test_a_cool_off_binds_it() -> None:
    play = asked()
    assert play.submit("d", ONE, same="other")
    assert play.deny("bob", name="d")
    play.counter("bob", ONE, same="other")
    refused(play, "cool_off")


def test_its_seats_have_to_be_fillable_without_its_author() -> None:
    play = asked()
    play.people.teams["group", "g"] -= {"fay"}
    play.counter("bob", seats(g=3))
    refused(play, "unfillable")


def test_the_original_terms_have_to_be_fillable_too() -> None:
    play = asked()
    play.people.teams["group", "g"] = {"bob", "cyd"}
    play.counter("bob", seats(r=1))
    refused(play, "unfillable")


def test_it_runs_only_where_changes_are_accepted() -> None:
    play = Play()
    assert play.submit("q", TWO, changes=False)
    play.counter("bob", ONE)
    refused(play, "changes")


def test_the_same_again_is_no_change() -> None:
    play = asked()
    proposal = Proposal("digest of q", "same", "effect", PRECONDITIONS)
    play.do(commands.Counter("q", "c", "bob", "card", PROOF, proposal, play.judge("digest of q", ONE)))
    refused(play, "changes")


def test_its_evaluation_is_of_this_action_and_of_now() -> None:
    play = asked()
    proposal = Proposal("digest of c", "other", None, PRECONDITIONS)
    play.do(commands.Counter("q", "c", "bob", "card", PROOF, proposal, play.judge("digest of q", ONE)))
    refused(play, "judgement")


def test_its_evaluation_says_whom_to_ask() -> None:
    play = asked()
    proposal = Proposal("digest of c", "other", None, PRECONDITIONS)
    nobody = replace(play.judge("digest of c", ONE), terms=None)
    play.do(commands.Counter("q", "c", "bob", "card", PROOF, proposal, nobody))
    refused(play, "terms")
    many = asked()
    many.counter("bob", seats(g=2, h=50, r=50))
    refused(many, "terms")


def test_its_author_is_excluded_under_every_account_that_comes_apart_later() -> None:
    play = asked()
    play.people.teams["group", "g"] |= {"bob2"}
    assert play.counter("bob2", ONE)
    assert play.draw("c")
    play.people.accounts["bob2"] = "bob2"
    for account in ("bob", "bob2"):
        play.approve(account, name="c")
        assert play.code == "excluded"


def test_it_keeps_whom_the_original_excluded_by_then() -> None:
    play = asked()
    play.people.teams["group", "own"] |= {"dee"}
    assert play.counter("bob", ONE)
    assert play.kinds == ["excluded", "countered", "superseded", "requested"]
    assert {"dee"} <= play.request("q").excluded
    assert {"dee", "bob", "eve"} <= play.request("c").excluded


def test_it_counts_as_no_question_of_the_requester() -> None:
    play = asked()
    assert play.counter("bob", ONE)
    assert play.state.lately("bot", play.now) == 1


def test_whoever_has_no_say_proposes_nothing() -> None:
    play = Play()
    assert play.submit("q", TWO)
    play.counter("gus", ONE)
    refused(play, "seat")


def test_a_change_of_what_was_approved_starts_anew_within_the_original_time() -> None:
    play = approved()
    assert play.counter("dee", ONE)
    assert play.status("q") == "superseded"
    play = Play()
    assert play.submit("q", seats(60, g=1))
    play.now = 59 * SECOND
    assert play.approve("bob")
    play.now = 60 * SECOND
    play.counter("dee", ONE)
    assert play.code == "status"


def test_a_line_is_reopened_once_in_all() -> None:
    play = approved()
    assert play.consume(seats(g=2, h=1))
    assert play.draw("q2")
    play.people.teams["group", "g"] |= {"fay"}
    assert play.counter("bob", ONE, name="q2")
    assert play.draw("c")
    assert play.approve("dee", "fay", "gus", name="c")
    assert play.status("c") == "approved"
    assert play.consume(seats(g=3), name="c", new="d")
    assert play.kinds == ["expired"]
