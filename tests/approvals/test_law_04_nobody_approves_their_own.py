"""Law 4: nobody approves their own; exclusion is asked first, only grows, and binds everybody who has a say."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assentry.approvals.request import Chain
from assentry.approvals.state import State
from tests.approvals.play import MINUTE, ONE, TWO, Play, approved, seats

EVERYBODY = ("ann", "bob", "cyd", "dee", "eve", "fay", "gus")


def asked(chain: Chain, terms: int = 1) -> Play:
    """Everybody is in the group that may answer, so that only the chain tells them apart."""
    play = Play()
    play.people.teams["group", "g"] = {*EVERYBODY, "bob2", "bot", "svc"}
    assert play.submit("q", seats(g=terms), chain=chain)
    return play


CHAINS = [
    (Chain("ann"), {"ann"}),
    (Chain("bob2"), {"bob"}),
    (Chain("bot"), {"eve"}),
    (Chain("bot", owner="fay"), {"eve", "fay"}),
    (Chain("bot", holder="ann"), {"eve", "ann"}),
    (Chain("bot", on_behalf_of=("cyd", "dee")), {"eve", "cyd", "dee"}),
    (Chain("bot", on_behalf_of=("svc",)), {"eve", "gus"}),
    (Chain("bot", on_behalf_of=("own",)), {"eve"}),
    (Chain("bot", holder="svc"), {"eve", "gus"}),
]


@pytest.mark.parametrize(("chain", "family"), CHAINS)
def test_the_whole_chain_is_excluded(chain: Chain, family: set[str]) -> None:
    for person in EVERYBODY:
        play = asked(chain)
        play.approve(person)
        assert play.code == ("excluded" if person in family else "done"), person


def test_a_group_that_owns_excludes_all_its_members() -> None:
    play = Play()
    play.people.teams["group", "own"] = {"bob", "cyd"}
    assert play.submit("q", ONE)
    play.approve("bob")
    assert play.code == "excluded"
    play.approve("cyd")
    assert play.code == "excluded"
    assert play.approve("dee")


def test_owners_of_owners_own_too() -> None:
    play = asked(Chain("bot"))
    play.people.owners["bot"] = {"svc"}
    play.submit("p", ONE, same="p")
    assert play.approve("fay", name="p")
    assert play.status("p") == "approved"
    play.approve("gus", name="p")
    assert play.code == "excluded"


def test_owners_in_a_circle_are_all_owners() -> None:
    play = asked(Chain("bot"))
    play.people.owners = {"bot": {"svc"}, "svc": {"bot", "gus"}}
    assert play.submit("p", ONE, same="p")
    play.approve("gus", name="p")
    assert play.code == "excluded"


def test_another_account_of_the_requester_is_the_requester() -> None:
    play = asked(Chain("bob"))
    play.approve("bob2")
    assert play.code == "excluded"


def test_excluded_is_asked_before_eligible() -> None:
    play = Play()
    assert play.submit("q", ONE, chain=Chain("bot", holder="ann"))
    play.approve("ann")
    assert play.code == "excluded"
    play.approve("fay")
    assert play.code == "seat"


@pytest.mark.parametrize("account", ["bot", "svc", "nobody"])
def test_no_service_no_agent_no_stranger_has_a_say(account: str) -> None:
    play = asked(Chain("ann"))
    play.approve(account)
    assert play.code == "person"
    play.deny(account)
    assert play.code == "person"
    play.break_glass(account)
    assert play.code == "person"


def test_an_agent_without_a_known_owner_is_refused() -> None:
    play = Play()
    for owners in (set(), {"nobody"}, {"svc2"}, {"empty group"}):
        play.people.owners["bot"] = owners
        play.submit("q", ONE)
        assert play.code == "owner"
    play.submit("q", ONE, chain=Chain("bot", owner="dee"))
    assert play.code == "owner"
    play.submit("q", ONE, chain=Chain("unheard-of"))
    assert play.code == "owner"


# ---- exclusion only grows ----


def test_who_left_the_chain_stays_excluded() -> None:
    play = Play()
    assert play.submit("q", ONE)
    play.people.teams["group", "g"] |= {"eve"}
    play.people.owners["bot"] = {"gus"}
    play.approve("eve")
    assert play.code == "excluded"


def test_who_came_into_the_chain_is_excluded() -> None:
    play = Play()
    assert play.submit("q", ONE)
    play.people.teams["group", "own"] |= {"bob"}
    play.approve("bob")
    assert play.code == "excluded"


def test_who_was_of_the_chain_in_between_stays_excluded() -> None:
    play = Play()
    assert play.submit("q", TWO)
    play.people.teams["group", "own"] |= {"bob"}
    assert play.tick()
    assert play.kinds == ["excluded"]
    play.people.teams["group", "own"] -= {"bob"}
    play.approve("bob")
    assert play.code == "excluded"


def test_who_voted_and_then_came_into_the_chain_counts_no_more_at_consume() -> None:
    play = approved(ONE, "bob")
    play.people.teams["group", "own"] |= {"bob"}
    assert play.consume()
    assert play.kinds == ["excluded", "superseded", "requested"]
    assert play.draw("q2")
    play.approve("bob", name="q2")
    assert play.code == "excluded"


def test_an_account_excluded_at_submit_turns_out_to_be_a_voter() -> None:
    play = approved(ONE, "bob")
    play.people.accounts["eve"] = "bob"
    assert play.consume()
    assert play.status("q") == "superseded"


def test_a_member_of_the_owning_group_of_that_time_turns_out_to_be_a_voter() -> None:
    play = approved(ONE, "bob")
    play.people.teams["group", "own"] = {"gus"}
    play.people.accounts["eve"] = "bob"
    assert play.consume()
    assert play.status("q") == "superseded"


def test_a_voter_turns_out_to_be_somebody_excluded() -> None:
    play = approved(ONE, "bob")
    play.people.accounts |= {"bob": "eve", "bob2": "eve"}
    assert play.consume()
    assert play.status("q") == "superseded"


# ---- it binds everybody who has a say ----


def test_it_binds_delegates_as_actor_and_as_principal() -> None:
    play = asked(Chain("bot"))
    play.people.deputies = {"bob": {"eve": (0, MINUTE)}, "eve": {"bob": (0, MINUTE)}}
    play.approve("eve", principal="bob")
    assert play.code == "excluded"
    play.approve("bob", principal="eve")
    assert play.code == "excluded"
    play.deny("bob", principal="eve")
    assert play.code == "excluded"


@pytest.mark.parametrize(("actor", "principal"), [("fay", "dee"), ("dee", "fay")])
def test_it_binds_delegates_at_consume(actor: str, principal: str) -> None:
    for late in (actor, principal):
        play = asked(Chain("bot"))
        play.people.deputies = {principal: {actor: (0, MINUTE)}}
        assert play.approve(actor, principal=principal)
        play.people.teams["group", "own"] |= {late}
        assert play.consume()
        assert play.status("q") == "superseded"


SAYS: list[Callable[[Play, str], bool]] = [
    lambda play, person: play.approve(person),
    lambda play, person: play.deny(person),
    lambda play, person: play.counter(person),
    lambda play, person: play.break_glass(person),
]


@pytest.mark.parametrize("say", SAYS)
def test_it_binds_every_answer(say: Callable[[Play, str], bool]) -> None:
    play = asked(Chain("bot"))
    say(play, "eve")
    assert play.code == "excluded"


def test_it_binds_a_responder_again_at_consume() -> None:
    play = Play()
    assert play.submit("q", TWO)
    assert play.break_glass("fay")
    play.people.teams["group", "own"] |= {"fay"}
    assert play.consume()
    assert play.status("q") == "superseded"


def unknown(*, allowed: bool) -> Play:
    play = Play() if allowed else approved()
    assert play.submit("q", "allow") if allowed else play.consume(nonce="nonce of q")
    assert play.report("died", nonce="nonce of q")
    return play


@pytest.mark.parametrize("allowed", [True, False])
def test_it_binds_whoever_resolves(*, allowed: bool) -> None:
    play = unknown(allowed=allowed)
    for person in ("eve", "ann"):
        play.resolve(person)
        assert play.code == "excluded"
    play.people.owners["bot"] |= {"gus"}
    play.resolve("gus")
    assert play.code == "excluded"
    play.resolve("svc")
    assert play.code == "person"
    assert play.resolve("fay")


def test_it_binds_whoever_reviews() -> None:
    play = Play()
    assert play.submit("q", TWO)
    assert play.break_glass("fay")
    play.review("eve")
    assert play.code == "excluded"
    assert play.review("gus")


def test_it_binds_every_author_of_a_change_and_of_changes_before() -> None:
    play = asked(Chain("bot"))
    assert play.counter("bob")
    assert play.draw("c")
    play.approve("bob", name="c")
    assert play.code == "excluded"
    assert play.counter("cyd", name="c", new="d")
    assert play.draw("d")
    for author in ("bob", "cyd"):
        play.approve(author, name="d")
        assert play.code == "excluded"
    assert play.approve("dee", name="d")


# ---- development mode ----


def test_development_mode_excludes_nobody_and_marks_everything() -> None:
    play = Play(state=State(development=True))
    play.people.teams["group", "g"] |= {"eve"}
    assert play.submit("q", ONE)
    assert play.approve("eve")
    assert play.consume()
    assert all(event.head.development for event in play.events)


def test_in_development_mode_nobody_needs_an_owner() -> None:
    play = Play(state=State(development=True))
    play.people.owners = {}
    assert play.submit("q", ONE)
    assert play.counter("bob", ONE)
    assert play.draw("c")
    assert play.approve("bob", name="c")


def test_without_it_nothing_is_marked() -> None:
    play = approved()
    assert not any(event.head.development for event in play.events)
