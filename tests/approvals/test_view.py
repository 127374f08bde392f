"""What people are told is what the machine goes by."""

from __future__ import annotations

import pytest

from assentry.approvals import Who
from assentry.approvals.view import view
from assentry.errors import DirectoryUnavailable
from tests.approvals.play import MINUTE, Play, seats
from tests.approvals.translate import directory

G, R = Who("group", "g"), Who("role", "r")


def test_who_can_answer_what_is_filled_and_what_is_missing() -> None:
    play = Play()
    play.people.teams["group", "g"] |= {"ann"}
    assert play.submit("q", seats(g=2, r=1))
    assert play.approve("bob", "fay")
    seen = view(play.state, "q", directory(play.people), play.now)
    assert seen.status == "pending"
    assert seen.answerers == {"bob", "cyd", "dee", "fay", "gus"}
    assert [(each.seat, each.principal) for each in seen.filled] == [(G, "bob"), (R, "fay")]
    assert seen.missing == (G,)
    assert seen.unfillable == ()


def test_it_is_of_now() -> None:
    play = Play()
    assert play.submit("q", seats(60, g=2, r=1))
    assert play.approve("bob")
    play.people.teams["group", "g"] = {"cyd"}
    play.now = MINUTE
    seen = view(play.state, "q", directory(play.people), play.now)
    assert seen.status == "expired"
    assert seen.filled == ()
    assert seen.missing == (G, G, R)
    assert seen.unfillable == (G,)


def test_it_needs_a_request_and_a_directory() -> None:
    play = Play()
    with pytest.raises(KeyError):
        view(play.state, "q", directory(play.people), 0)
    assert play.submit("q", seats(g=1))
    play.people.down = True
    with pytest.raises(DirectoryUnavailable):
        view(play.state, "q", directory(play.people), 0)
