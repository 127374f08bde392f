"""Law 6: one standing vote per person; an eligible person's deny counts until consume, and nothing overtakes it."""

from __future__ import annotations

from tests.approvals.play import MINUTE, ONE, TWO, Play, approved, seats


def test_one_deny_ends_it_whoever_approved() -> None:
    play = Play()
    assert play.submit("q", TWO)
    assert play.approve("bob")
    assert play.deny("cyd")
    assert play.kinds == ["voted", "denied"]
    assert play.status("q") == "denied"
    play.approve("dee")
    assert play.code == "status"


def test_it_counts_after_quorum_too() -> None:
    play = approved(TWO, "bob", "cyd")
    assert play.deny("dee")
    play.consume()
    assert play.code == "status"
    assert play.status("q") == "denied"


def test_who_approved_may_think_again() -> None:
    play = approved(TWO, "bob", "cyd")
    assert play.deny("bob")
    assert play.status("q") == "denied"


def test_it_stays_though_that_person_leaves() -> None:
    play = approved()
    assert play.deny("dee")
    play.people.accounts["dee"] = None
    play.people.teams["group", "g"] -= {"dee"}
    assert play.tick()
    play.consume()
    assert play.code == "status"


def test_a_deputy_denies_for_the_principal() -> None:
    play = approved()
    play.people.deputies["dee"] = {"fay": (0, MINUTE)}
    assert play.deny("fay", principal="dee")
    assert play.status("q") == "denied"


def test_whoever_is_not_eligible_does_not_deny() -> None:
    play = approved()
    play.deny("fay")
    assert play.code == "seat"
    play.deny("eve")
    assert play.code == "excluded"
    play.deny("svc")
    assert play.code == "person"


def test_after_consume_it_is_too_late() -> None:
    play = approved()
    assert play.consume()
    play.deny("dee")
    assert play.code == "status"


def test_a_glass_is_not_broken_over_it() -> None:
    play = Play()
    assert play.submit("q", TWO)
    assert play.deny("bob")
    play.break_glass("fay")
    assert play.code == "status"


def test_it_counts_over_a_broken_glass() -> None:
    play = Play()
    assert play.submit("q", TWO)
    assert play.break_glass("fay")
    assert play.deny("bob")
    play.consume()
    assert play.code == "status"


def test_one_standing_vote_per_person() -> None:
    play = Play()
    assert play.submit("q", TWO)
    for _ in range(3):
        assert play.approve("bob")
    assert play.status("q") == "pending"


def test_expiry_denies_swept_or_not_and_asking_again_is_one_step() -> None:
    play = Play()
    assert play.submit("q", seats(60, g=1))
    play.now += MINUTE
    assert play.status("q") == "expired"
    play.approve("bob")
    assert play.code == "status"
    play.break_glass("fay")
    assert play.code == "status"
    assert play.submit("again", ONE, renews="q")
    assert play.status("again") == "pending"
    assert play.tick("q")
    assert play.kinds == ["expired"]


def test_asking_again_is_for_the_same_and_for_what_expired() -> None:
    play = Play()
    assert play.submit("q", seats(60, g=1))
    play.submit("again", ONE, renews="q")
    assert play.code == "status"
    play.now += MINUTE
    play.submit("again", ONE, renews="q", same="something else")
    assert play.code == "changes"
    play.submit("again", ONE, renews="never asked")
    assert play.code == "request"


def test_expiry_starts_no_cool_off() -> None:
    play = Play()
    assert play.submit("q", seats(60, g=1))
    play.now += MINUTE
    assert play.submit("q2", seats(60, g=1))
