"""Law 10: the same is asked once; who floods is told so, never ignored; only a person's deny makes a pause."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assentry.approvals import commands
from assentry.approvals.refusal import Refusal
from assentry.approvals.request import Chain
from assentry.approvals.settings import Settings
from assentry.evaluator.ruling import Approval
from tests.approvals.play import CHAIN, MINUTE, ONE, TWO, Play, approved, seats


def asked() -> Play:
    play = Play()
    assert play.submit("q", TWO)
    return play


def test_the_same_joins_what_waits() -> None:
    play = asked()
    assert play.submit("again", TWO)
    assert play.kinds == ["joined"]
    assert play.request("q").waiters == ("q", "again")
    assert play.state.current("again") == play.request("q")


def test_it_joins_what_is_approved_but_nothing_that_is_over() -> None:
    play = approved()
    assert play.submit("b", TWO)
    assert play.kinds == ["joined"]
    play.now += 5 * MINUTE
    assert play.submit("c", TWO)
    assert play.kinds == ["requested"]


@pytest.mark.parametrize(
    "chain",
    [
        Chain("svc", holder="ann"),
        Chain("bot"),
        Chain("bot", holder="ann", on_behalf_of=("dee",)),
        Chain("bot", holder="ann", owner="gus"),
    ],
)
def test_another_chain_gets_its_own_request_and_its_own_exclusion(chain: Chain) -> None:
    play = asked()
    assert play.submit("other", TWO, chain=replace(chain), effect="effect")
    assert play.kinds == ["requested"]
    assert play.state.open.get("same") == ("q", "other")
    assert play.request("q").excluded == asked().request("q").excluded


def test_the_order_of_those_on_whose_behalf_matters() -> None:
    play = Play()
    assert play.submit("q", ONE, chain=Chain("bot", on_behalf_of=("cyd", "dee")))
    assert play.submit("p", ONE, chain=Chain("bot", on_behalf_of=("dee", "cyd")))
    assert play.kinds == ["requested"]


def test_another_owner_by_now_is_another_chain() -> None:
    play = asked()
    play.people.owners["bot"] = {"gus"}
    assert play.submit("other", TWO)
    assert play.kinds == ["requested"]


@pytest.mark.parametrize("terms", [ONE, seats(g=2, r=1), seats(60, g=2)])
def test_other_terms_get_their_own_request(terms: Approval) -> None:
    play = asked()
    assert play.submit("other", terms)
    assert play.kinds == ["requested"]


def test_what_accepts_no_changes_does_not_wait_with_what_does() -> None:
    play = asked()
    assert play.submit("other", TWO, changes=False)
    assert play.kinds == ["requested"]


def test_another_effect_or_another_precondition_is_another_request() -> None:
    play = asked()
    assert play.submit("effect", TWO, effect="another")
    assert play.kinds == ["requested"]
    first = play.request("q")
    read = replace(first.proposal, digest="d", preconditions=(("head", "2"),))
    assert play.do(commands.Submit("head", read, first.chain, play.judge("d", TWO), "card", "n", accepts_changes=True))
    assert play.kinds == ["requested"]


def test_it_is_decided_first() -> None:
    play = asked()
    play.submit("denied", "deny")
    assert play.code == "denied"
    assert play.submit("allowed", "allow")
    assert play.kinds == ["allowed"]


def test_a_waiter_that_leaves_cancels_nobody_elses() -> None:
    play = asked()
    assert play.submit("again", TWO)
    assert play.cancel("q")
    assert play.kinds == ["left"]
    assert play.status("q") == "pending"
    play.cancel("q")
    assert play.code == "waiter"
    assert play.cancel("again")
    assert play.kinds == ["cancelled"]
    assert play.status("q") == "cancelled"


def test_a_name_is_used_once() -> None:
    play = asked()
    assert play.submit("again", TWO)
    for name in ("q", "again"):
        play.submit(name, TWO, same="another")
        assert play.code == "taken"


# ---- cool-off ----


@pytest.mark.parametrize("terms", [TWO, ONE, "allow"])
def test_a_persons_deny_makes_a_pause(terms: Approval) -> None:
    play = asked()
    assert play.deny("bob")
    play.submit("again", terms)
    assert play.last == Refusal("cool_off", "a person denied the same a short while ago", 10 * MINUTE)
    assert play.submit("other", TWO, same="other")
    play.now = 10 * MINUTE
    assert play.submit("again", terms)


def test_nothing_else_makes_one() -> None:
    play = asked()
    play.submit("x", "deny")
    assert play.cancel("q")
    assert play.submit("a", seats(60, g=1))
    play.now += MINUTE
    assert play.tick("a")
    assert play.submit("b", ONE)
    assert play.approve("bob", name="b")
    assert play.revoke("bob", name="b")
    assert play.submit("c", ONE)


# ---- budgets ----


def test_a_requester_has_a_budget_of_open_questions() -> None:
    play = Play(settings=Settings(actor_open=3))
    assert play.submit("a", ONE, same="a")
    assert play.submit("b", ONE, same="b")
    assert play.submit("c", ONE, same="b")
    assert play.kinds == ["joined"]
    play.submit("d", ONE, same="d")
    assert play.code == "budget"
    assert play.submit("e", ONE, same="e", chain=Chain("svc"))
    assert play.cancel("a", name="a")
    assert play.submit("d", ONE, same="d")


def test_a_requester_has_a_budget_of_questions_in_an_hour() -> None:
    play = Play(settings=Settings(actor_hourly=2), now=7 * MINUTE)
    for name in ("a", "b"):
        assert play.submit(name, ONE, same=name)
        assert play.cancel(name, name=name)
        play.now += MINUTE
    play.submit("c", ONE, same="c")
    assert isinstance(play.last, Refusal)
    assert (play.last.code, play.last.retry_at) == ("budget", 67 * MINUTE)
    play.now = 67 * MINUTE
    assert play.submit("c", ONE, same="c")


def test_an_approver_has_a_budget_and_others_may_be_left() -> None:
    play = Play(settings=Settings(approver_open=2))
    assert play.submit("a", ONE, same="a")
    assert play.submit("b", ONE, same="b", chain=Chain("bot", on_behalf_of=("dee",)))
    play.submit("c", TWO, same="c")
    assert play.code == "back_pressure"
    assert play.submit("d", ONE, same="d")  # dee was asked once only
    assert play.submit("e", seats(r=1), same="e")
    play.submit("f", ONE, same="f")
    assert play.code == "back_pressure"
    assert play.approve("bob", name="a")
    assert play.submit("g", ONE, same="g")


def test_whoever_is_excluded_is_not_counted_on_for_those_who_are_busy() -> None:
    play = Play(settings=Settings(approver_open=1))
    assert play.submit("a", ONE, chain=Chain("bot", on_behalf_of=("dee",)))
    play.submit("b", ONE, same="b", chain=Chain("bot", on_behalf_of=("dee",)))
    assert play.code == "back_pressure"
    assert play.submit("c", ONE, same="c")


def test_joining_asks_nobody_anew() -> None:
    play = Play(settings=Settings(approver_open=1))
    assert play.submit("a", ONE)
    assert play.submit("b", ONE)
    assert play.kinds == ["joined"]
    play.submit("c", ONE, chain=replace(CHAIN, holder="fay"))
    assert play.code == "back_pressure"
