"""The door: pure, deterministic, and never the one who moves the clock."""

from __future__ import annotations

import copy

import pytest

from assentry.approvals import Refusal, Settings, commands, decide, ticking
from assentry.approvals.commands import Command
from assentry.approvals.directory import Reading
from assentry.approvals.machine import MOVES
from assentry.errors import ConfigError
from tests.approvals.play import MINUTE, ONE, TWO, Play, approved, seats
from tests.approvals.translate import PROOF, directory


def test_every_command_has_its_move() -> None:
    assert set(MOVES) == set(Command.__args__)


def test_the_same_gives_the_same_and_nothing_is_changed() -> None:
    play = approved()
    before = copy.deepcopy(play.state)
    for command in (
        commands.Tick("q"),
        commands.CastVote("q", "dee", "deny", "card", PROOF),
        commands.Cancel("q", "q"),
    ):
        first, second = (decide(play.state, command, directory(play.people), play.now, play.settings) for _ in range(2))
        assert first == second
        assert play.state == before


def test_a_clock_that_is_behind_is_refused() -> None:
    play = Play(now=1000)
    assert play.submit("q", ONE)
    play.now = 999
    play.approve("bob")
    assert play.code == "clock"


def test_one_reading_may_serve_many_decisions() -> None:
    play = approved()
    reading = Reading(directory(play.people))
    command = commands.CastVote("q", "dee", "deny", "card", PROOF)
    assert decide(play.state, command, reading, 0) == decide(play.state, command, directory(play.people), 0)
    play.people.down = True
    assert not isinstance(decide(play.state, command, reading, 0), Refusal)


def test_what_was_never_asked() -> None:
    play = Play()
    for command in (commands.Tick("x"), commands.Draw("x", "card"), commands.Cancel("x", "x")):
        refused = decide(play.state, command, directory(play.people), 0)
        assert refused == Refusal("request", "there is no request `x`")
    assert play.state.current("x") is None


def test_ticking_names_what_time_works_on_oldest_first() -> None:
    play = Play()
    for name in ("c", "a", "b"):
        assert play.submit(name, TWO, same=name, effect=name)
        play.now += 1
    assert play.submit("d", "allow", same="d", effect="d")
    assert ticking(play.state) == ("c", "a", "b", "d")
    assert play.cancel("a", name="a")
    assert play.report("returned", name="d", nonce="nonce of d")
    assert ticking(play.state) == ("c", "b")


def test_a_tick_of_what_is_over_is_nothing() -> None:
    play = approved()
    assert play.cancel("q")
    assert play.tick()
    assert play.kinds == []


@pytest.mark.parametrize("field", ["grant_ms", "lease_ms", "cool_off_ms", "remind_ms", "actor_open", "approver_open"])
@pytest.mark.parametrize("value", [0, -1, 1.5, True])
def test_settings_are_whole_numbers_above_zero(field: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"`{field}`"):
        Settings(**{field: value})  # type: ignore[arg-type]


def test_settings_change_the_times() -> None:
    play = Play(settings=Settings(grant_ms=MINUTE, lease_ms=2 * MINUTE, cool_off_ms=3 * MINUTE))
    assert play.submit("q", ONE)
    assert play.approve("bob")
    assert play.request("q").lapses_at == MINUTE
    assert play.consume()
    run = play.request("q").run
    assert run is not None
    assert run.lease_until == 2 * MINUTE
    assert play.submit("p", ONE, same="p")
    assert play.deny("bob", name="p")
    assert play.state.cooling_until("p") == 3 * MINUTE


def test_too_many_people_are_a_mistake() -> None:
    play = Play()
    play.people.accounts |= {f"p{number}": f"p{number}" for number in range(120)}
    play.people.teams["group", "g"] |= {f"p{number}" for number in range(120)}
    play.submit("q", seats(g=101))
    assert play.code == "terms"
    assert play.submit("q", seats(g=100))


def test_a_resolution_and_a_review_say_why() -> None:
    play = approved()
    assert play.consume()
    assert play.report("died")
    play.do(commands.Resolve("q", "fay", "failed", " ", PROOF))
    assert play.code == "reason"
    broken = Play()
    assert broken.submit("q", TWO)
    assert broken.break_glass("fay")
    broken.do(commands.Review("q", "gus", PROOF, ""))
    assert broken.code == "reason"


def test_words_with_which_no_history_could_be_read() -> None:
    play = approved()
    play.do(commands.CastVote("q", "dee", "counter", "card", PROOF))  # type: ignore[arg-type]
    assert play.code == "word"
    assert play.consume()
    play.do(commands.Report("q", "nonce", "exploded"))  # type: ignore[arg-type]
    assert play.code == "word"
    assert play.report("died")
    play.do(commands.Resolve("q", "fay", "perhaps", "a look", PROOF))  # type: ignore[arg-type]
    assert play.code == "word"


def test_who_neither_answers_nor_answers_for_it_revokes_nothing() -> None:
    play = approved()
    play.revoke("fay")
    assert play.code == "seat"
    play.revoke("bot")
    assert play.code == "person"
    play.people.teams["group", "own"] = {"gus"}
    for person in ("eve", "gus", "dee"):
        stopped = approved()
        stopped.people = play.people
        assert stopped.revoke(person)
        assert stopped.status("q") == "revoked"
    assert play.revoke("eve")
    play.revoke("eve")
    assert play.code == "status"
