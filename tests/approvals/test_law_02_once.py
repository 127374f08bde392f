"""Law 2: once. An effect is reserved before anything runs, and only what is declared to be without effect frees it."""

from __future__ import annotations

import pytest

from assentry.approvals.claims import all_claims
from assentry.approvals.request import How
from assentry.approvals.settings import Settings
from tests.approvals.play import MINUTE, Play, approved, seats


def consumed() -> Play:
    play = approved()
    assert play.consume()
    return play


def test_a_grant_is_used_once() -> None:
    play = consumed()
    play.consume(nonce="another")
    assert play.code == "used"


def test_the_same_executor_gets_the_same_permit_within_its_lease() -> None:
    play = consumed()
    count = len(play.events)
    assert play.consume()
    assert len(play.events) == count
    play.now += 15 * MINUTE
    play.consume()
    assert play.code == "status"


def test_all_who_race_claim_the_same_name() -> None:
    first, second = approved(), approved()
    before = first.state
    assert first.consume(nonce="one")
    assert second.consume(nonce="two")
    assert not isinstance(first.last, tuple) or all_claims(before, first.last) == (("effect", "effect#1"),)
    assert not isinstance(second.last, tuple) or all_claims(before, second.last) == (("effect", "effect#1"),)


def test_an_allow_reserves_its_effect() -> None:
    play = Play()
    assert play.submit("a", "allow")
    assert play.status("a") == "consumed"
    play.submit("b", "allow", same="another")
    assert play.code == "effect"


def test_an_effect_that_an_allow_holds_is_refused_to_a_grant() -> None:
    play = approved()
    assert play.submit("a", "allow", same="another")
    play.consume()
    assert play.code == "effect"
    assert play.status("q") == "approved"


def test_an_allow_is_refused_an_effect_that_a_grant_holds() -> None:
    play = consumed()
    play.submit("a", "allow", same="another")
    assert play.code == "effect"


@pytest.mark.parametrize("how", ["returned", "raised", "timed_out", "cancelled", "died"])
def test_only_failed_frees_an_effect(how: How) -> None:
    play = consumed()
    assert play.report(how)
    play.submit("b", "allow", same="another")
    assert play.code == "effect"


def test_failed_frees_it_as_the_next_attempt() -> None:
    play = consumed()
    assert play.report("raised", harmless=True)
    assert play.status("q") == "failed"
    for number in range(2, 5):
        before = play.state
        assert play.submit(f"b{number}", "allow", same="another")
        assert isinstance(play.last, tuple)
        assert all_claims(before, play.last) == (("effect", f"effect#{number}"),)
        assert play.report("raised", name=f"b{number}", nonce=f"nonce of b{number}", harmless=True)


def test_without_an_effect_nothing_is_reserved() -> None:
    play = Play()
    assert play.submit("a", "allow", effect=None)
    assert play.submit("b", "allow", effect=None)


@pytest.mark.parametrize(
    ("how", "harmless", "status"),
    [
        ("returned", False, "committed"),
        ("raised", True, "failed"),
        ("raised", False, "unknown"),
        *((how, harmless, "unknown") for how in ("timed_out", "cancelled", "died") for harmless in (True, False)),
    ],
)
def test_what_an_ending_is(how: How, harmless: bool, status: str) -> None:
    play = consumed()
    assert play.report(how, harmless=harmless)
    assert play.status("q") == status


def test_the_end_of_a_lease_is_unknown_swept_or_not() -> None:
    play = consumed()
    play.now += 15 * MINUTE
    assert play.status("q") == "unknown"
    assert play.resolve("fay", committed=True)
    assert play.kinds == ["unknown", "resolved"]
    swept = consumed()
    swept.now += 15 * MINUTE
    assert swept.tick()
    assert swept.kinds == ["unknown"]


@pytest.mark.parametrize("how", ["returned", "raised"])
def test_a_late_report_is_kept_and_changes_nothing(how: How) -> None:
    play = consumed()
    play.now += 15 * MINUTE
    assert play.report(how, harmless=True)
    assert play.kinds == ["unknown", "reported"]
    assert play.status("q") == "unknown"
    assert play.resolve("fay", committed=how == "raised")
    resolved = play.status("q")
    assert play.report(how, harmless=True)
    assert play.kinds == ["reported"]
    assert play.status("q") == resolved


def test_a_report_said_twice_is_said_once() -> None:
    play = consumed()
    assert play.report("returned")
    assert play.report("returned")
    assert play.kinds == []


def test_only_the_executor_reports() -> None:
    play = consumed()
    play.report("returned", nonce="another")
    assert play.code == "permit"
    waiting = approved()
    waiting.report("returned")
    assert waiting.code == "status"


def test_a_resolved_failure_frees_the_effect() -> None:
    play = consumed()
    assert play.report("died")
    assert play.resolve("fay", committed=False)
    assert play.submit("b", "allow", same="another")


def test_a_late_report_of_an_earlier_attempt_frees_nothing() -> None:
    play = consumed()
    assert play.report("raised", harmless=True)
    assert play.submit("b", "allow", same="another")
    assert play.report("returned")
    assert play.kinds == ["reported"]
    play.submit("c", "allow", same="a third")
    assert play.code == "effect"


def test_an_effect_in_doubt_blocks_a_grant_without_asking_again() -> None:
    play = approved()
    assert play.submit("b", seats(g=1), same="another")
    assert play.approve("dee", name="b")
    assert play.consume()
    assert play.report("died")
    play.consume(seats(g=3), name="b", new="b2")
    assert play.code == "effect"
    assert play.status("b") == "approved"


def test_an_effect_that_keeps_failing_is_attempted_so_often_and_no_more() -> None:
    play = Play(settings=Settings(attempts=3))
    for number in range(3):
        assert play.submit(f"a{number}", "allow", same=f"s{number}")
        assert play.report("raised", name=f"a{number}", nonce=f"nonce of a{number}", harmless=True)
    play.submit("a3", "allow", same="s3")
    assert play.code == "attempts"
    assert play.submit("b", "allow", same="s4", effect="another effect")
