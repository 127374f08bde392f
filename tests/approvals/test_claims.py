"""What events claim across requests: two that race for the same name the same, two that do not name others."""

from __future__ import annotations

from assentry.approvals import Chain, Refusal, replay
from assentry.approvals.claims import all_claims
from tests.approvals.play import ONE, TWO, Play, approved


def claimed(play: Play, done: bool) -> tuple[tuple[str, str], ...]:
    """What the newest command claimed, asked in the state before it."""
    assert done
    assert not isinstance(play.last, Refusal)
    state = replay(play.events[: len(play.events) - len(play.last)])
    return all_claims(state, play.last)


def test_two_questions_of_one_requester_race_and_those_of_two_do_not() -> None:
    first, second, third = Play(), Play(), Play()
    one = claimed(first, first.submit("a", ONE))
    two = claimed(second, second.submit("b", TWO, same="b"))
    three = claimed(third, third.submit("c", ONE, chain=Chain("svc")))
    assert one == two == (("question", "bot#0"),)
    assert three == (("question", "svc#0"),)


def test_questions_are_counted() -> None:
    play = Play()
    assert claimed(play, play.submit("a", TWO)) == (("question", "bot#0"),)
    assert claimed(play, play.submit("b", TWO)) == (("question", "bot#1"), ("waiter", "b"))
    assert play.kinds == ["joined"]
    assert claimed(play, play.submit("c", ONE)) == (("question", "bot#2"),)


def test_an_effect_is_claimed_attempt_by_attempt() -> None:
    play = approved()
    assert claimed(play, play.consume()) == (("effect", "effect#1"),)
    assert play.report("raised", harmless=True)
    assert claimed(play, play.submit("a", "allow")) == (("effect", "effect#2"),)


def test_without_an_effect_nothing_is_claimed() -> None:
    play = Play()
    assert claimed(play, play.submit("a", "allow", effect=None)) == ()


def test_a_persons_glasses_are_counted() -> None:
    play = Play()
    assert play.submit("q", TWO)
    assert claimed(play, play.break_glass("fay")) == (("glass", "fay#0"),)
    assert play.review("gus")
    assert play.submit("p", TWO, same="p")
    assert claimed(play, play.break_glass("fay", name="p")) == (("glass", "fay#1"),)
    assert play.review("gus", name="p")
    assert play.submit("n", TWO, same="n")
    assert claimed(play, play.break_glass("fay", name="n")) == (("glass", "fay#2"),)
    assert play.submit("o", TWO, same="o")
    assert claimed(play, play.break_glass("gus", name="o")) == (("glass", "gus#0"),)


def test_what_happens_within_a_request_claims_nothing() -> None:
    play = Play()
    assert play.submit("q", TWO)
    assert claimed(play, play.approve("bob")) == ()
    assert claimed(play, play.counter("cyd", ONE)) == ()
