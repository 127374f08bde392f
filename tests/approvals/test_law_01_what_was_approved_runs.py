"""Law 1: what was approved is what runs; everything that was true then is asked again at consume."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assentry.approvals import commands
from assentry.approvals.events import Consumed, Requested
from assentry.evaluator.ruling import Approval
from tests.approvals.play import MINUTE, ONE, PRECONDITIONS, SECOND, TWO, Play, approved, seats


def test_it_runs_with_its_own_digest() -> None:
    play = approved()
    assert play.consume()
    (consumed,) = [event for event in play.events if isinstance(event, Consumed)]
    assert consumed.digest == "digest of q"
    assert play.status("q") == "consumed"


def test_a_decision_about_another_action_is_none() -> None:
    play = approved()
    judgement = play.judge("digest of another", TWO)
    play.do(commands.Consume("q", "nonce", PRECONDITIONS, judgement, "q2"))
    assert play.code == "judgement"


@pytest.mark.parametrize("age", [1, 30 * SECOND, 3 * MINUTE])
def test_a_decision_made_with_another_time_is_none(age: int) -> None:
    play = approved()
    play.now += 3 * MINUTE
    judgement = replace(play.judge("digest of q", TWO), at=play.now - age)
    play.do(commands.Consume("q", "nonce", PRECONDITIONS, judgement, "q2"))
    assert play.code == "judgement"


def test_preconditions_are_read_again() -> None:
    play = approved()
    play.consume(preconditions=(("head", "2"),))
    assert play.code == "preconditions"
    assert play.consume()


def test_deny_in_force_refuses() -> None:
    play = approved()
    play.consume("deny")
    assert play.code == "denied"
    assert play.status("q") == "approved"


def test_an_allow_in_force_leaves_the_terms_that_were_approved() -> None:
    play = approved(TWO)
    play.people.teams["group", "g"] -= {"bob"}
    assert play.consume("allow")
    assert play.kinds == ["superseded", "requested"]


def test_fewer_terms_in_force_leave_the_terms_that_were_approved() -> None:
    play = approved(TWO)
    play.people.teams["group", "g"] -= {"bob"}
    assert play.consume(ONE)
    assert play.kinds == ["superseded", "requested"]
    assert play.request("q2").wanted == TWO


@pytest.mark.parametrize("more", [seats(g=3), seats(g=2, r=1), seats(r=1)])
def test_more_terms_in_force_ask_again_for_the_union(more: Approval) -> None:
    play = approved(TWO)
    play.now += MINUTE
    assert play.consume(more)
    assert play.status("q") == "superseded"
    (requested,) = [event for event in play.events[-1:] if isinstance(event, Requested)]
    again = play.request("q2")
    assert {(seat.name, seat.count) for seat in requested.terms.seats} >= {
        (seat.name, seat.count) for seat in more.seats
    }
    assert again.proposal == play.request("q").proposal
    assert again.deadline == play.request("q").deadline
    assert again.votes == ()
    assert play.status("q2") == "pending"


def test_votes_do_not_survive_a_reopening() -> None:
    play = approved(TWO)
    assert play.consume(seats(g=3))
    assert play.draw("q2")
    assert play.approve("dee", name="q2")
    assert play.status("q2") == "pending"
    assert play.approve("bob", "cyd", name="q2")
    assert play.status("q2") == "approved"


def test_votes_that_fill_the_union_already_run_at_once() -> None:
    play = approved(TWO, "bob", "cyd")
    assert play.approve("dee")
    assert play.consume(seats(g=3))
    assert play.status("q") == "consumed"


def test_it_is_asked_again_once_and_then_expires() -> None:
    play = approved(ONE)
    assert play.consume(seats(g=2))
    assert play.draw("q2")
    assert play.approve("bob", "cyd", name="q2")
    assert play.consume(seats(g=3), name="q2", new="q3")
    assert play.kinds == ["expired"]
    assert play.status("q2") == "expired"
    assert play.state.current("q") == play.request("q2")


def test_asking_again_gives_no_time() -> None:
    play = Play()
    assert play.submit("q", seats(60, g=1))
    play.now += 59 * SECOND
    assert play.approve("bob")
    play.now += 2 * SECOND
    assert play.consume(seats(60, g=2))
    assert play.kinds == ["superseded", "requested"]
    assert play.status("q2") == "expired"


def test_a_shorter_time_in_force_does_not_move_the_deadline() -> None:
    play = approved(ONE)
    assert play.consume(seats(60, g=2))
    assert play.request("q2").wanted.within_seconds == 60
    assert play.request("q2").deadline == play.request("q").deadline


def test_policy_digests_are_not_compared() -> None:
    play = approved()
    judgement = replace(play.judge("digest of q", TWO), policy="another policy with the same terms")
    assert play.do(commands.Consume("q", "nonce", PRECONDITIONS, judgement, "q2"))
    assert play.status("q") == "consumed"


def test_an_approval_in_force_that_asks_for_nobody_is_no_terms() -> None:
    play = approved()
    play.consume(Approval((), 60))
    assert play.status("q") == "consumed"  # the union still asks for those approved
    play = approved()
    judgement = replace(play.judge("digest of q", TWO), terms=None)
    play.do(commands.Consume("q", "nonce", PRECONDITIONS, judgement, "q2"))
    assert play.code == "terms"


def test_terms_that_ask_for_too_many_together_are_none() -> None:
    play = approved()
    play.consume(seats(g=2, h=50, r=50))
    assert play.code == "terms"


def test_what_asks_again_needs_an_id_of_its_own() -> None:
    play = approved()
    assert play.submit("p", TWO, same="p")
    play.consume(seats(g=3), new="p")
    assert play.code == "taken"
    assert play.status("q") == "approved"


def test_a_decision_at_submit_is_about_this_action_and_of_now() -> None:
    play = approved()
    play.now = MINUTE
    request = play.request("q")
    for judgement in (play.judge("digest of another", ONE), replace(play.judge("digest of q", ONE), at=0)):
        play.do(commands.Submit("p", request.proposal, request.chain, judgement, "card", "nonce"))
        assert play.code == "judgement"


def test_what_lapsed_does_not_run() -> None:
    play = approved()
    play.now += 5 * MINUTE - 1
    assert play.status("q") == "approved"
    play.now += 1
    play.consume()
    assert play.code == "status"
    assert play.tick()
    assert play.kinds == ["lapsed"]


def test_what_was_revoked_does_not_run() -> None:
    play = approved()
    assert play.revoke("dee")
    play.consume()
    assert play.code == "status"
