"""Law 8, as far as it is of this room: answers name the card they answer, and who saw which card is on record."""

from __future__ import annotations

from assentry.approvals import commands
from assentry.approvals.events import Shown
from tests.approvals.play import ONE, TWO, Play
from tests.approvals.translate import PROOF


def test_a_stale_card_is_refused_whatever_the_answer() -> None:
    play = Play()
    assert play.submit("q", ONE)
    assert play.draw("q", "another")
    play.approve("bob")
    assert play.code == "stale_card"
    play.deny("bob")
    assert play.code == "stale_card"
    play.counter("bob")
    assert play.code == "stale_card"
    play.break_glass("fay")
    assert play.code == "stale_card"
    assert play.approve("bob", card="another")


def test_votes_that_stand_were_answers_to_the_card_of_their_time() -> None:
    play = Play()
    assert play.submit("q", TWO)
    assert play.approve("bob")
    assert play.draw("q", "another")
    assert play.approve("cyd", card="another")
    assert [vote.card for vote in play.request("q").votes] == ["card", "another"]
    assert play.status("q") == "approved"


def test_without_a_card_there_is_nothing_to_answer() -> None:
    play = Play()
    assert play.submit("q", ONE, card="")
    play.approve("bob", card="")
    assert play.code == "stale_card"


def test_what_each_viewer_saw_is_recorded() -> None:
    play = Play()
    assert play.submit("q", ONE)
    assert play.do(commands.Show("q", "bob", "card"))
    play.do(commands.Show("q", "cyd", "another"))
    assert play.code == "stale_card"
    assert [(event.viewer, event.card) for event in play.events if isinstance(event, Shown)] == [("bob", "card")]


def test_drawing_the_same_card_again_is_nothing() -> None:
    play = Play()
    assert play.submit("q", ONE)
    assert play.draw("q", "card")
    assert play.kinds == []
    assert play.deny("bob")
    play.draw("q", "another")
    assert play.code == "status"


def test_a_vote_names_its_request() -> None:
    play = Play()
    assert play.submit("q", ONE)
    play.do(commands.CastVote("another", "bob", "approve", "card", PROOF))
    assert play.code == "request"
