"""The fold replays the laws: a history that nobody could have lived is refused, whoever wrote it.

What the machine decided is forged here, event by event: one thing changed, left out, or put elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from assentry.approvals import State, Who, evolve, replay
from assentry.approvals import events as happened
from assentry.approvals.events import Event, Head
from assentry.approvals.request import Chain, Filled, Proof
from assentry.errors import IllegalEvent
from assentry.evaluator.ruling import Approval, Seat
from tests.approvals.play import CHAIN, MINUTE, ONE, TWO, Play, approved, seats
from tests.approvals.translate import PROOF, UNPROVED

G, R = Who("group", "g"), Who("role", "r")


def refused(state: State, *events: Event) -> str:
    """The code under which the last of these events is refused."""
    for event in events[:-1]:
        state = evolve(state, event)
    with pytest.raises(IllegalEvent) as caught:
        evolve(state, events[-1])
    return caught.value.code


def last(play: Play, kind: type[Event]) -> Any:
    """The newest event of a kind."""
    return [event for event in play.events if type(event) is kind][-1]


def before(play: Play, kind: type[Event]) -> State:
    """The state before the newest event of a kind."""
    return replay(play.events[: play.events.index(last(play, kind))], development=play.state.development)


def forged(play: Play, kind: type[Event], **changes: object) -> str:
    """The code under which the newest event of a kind is refused once these fields are changed."""
    event = last(play, kind)
    evolve(before(play, kind), event)
    return refused(before(play, kind), replace(event, **changes))


def asked(terms: Approval = TWO) -> Play:
    play = Play()
    assert play.submit("q", terms)
    return play


def consumed(terms: Approval = TWO) -> Play:
    play = approved(terms)
    assert play.consume()
    return play


def voted(*names: str) -> Play:
    play = asked(seats(g=3))
    assert play.approve(*names)
    return play


def head(at: int = 0, name: str = "q") -> Head:
    return Head(name, at)


# ---- every event ----


def test_time_does_not_go_back() -> None:
    play = Play(now=1000)
    assert play.submit("q", ONE)
    assert refused(play.state, happened.Drawn(head(999), "another")) == "time"


def test_development_is_fixed_when_a_log_begins() -> None:
    play = asked()
    marked = Head("q", 0, development=True)
    assert refused(play.state, happened.Drawn(marked, "another")) == "development"
    begun = State(development=True)
    assert refused(begun, play.events[0]) == "development"


def test_something_happens_to_what_was_asked() -> None:
    assert refused(State(), happened.Drawn(head(), "another")) == "request"
    play = asked()
    assert refused(play.state, play.events[0]) == "taken"
    assert play.submit("again", TWO)
    taken = replace(play.events[0], head=head(name="again"))
    assert refused(play.state, taken) == "taken"


@pytest.mark.parametrize(
    "event",
    [
        happened.Drawn(head(), "another"),
        happened.Voted(head(), "dee", None, "approve", "card", PROOF),
        happened.Cancelled(head(), "q"),
        happened.Revoked(head(), "dee", "stop", PROOF),
        happened.Superseded(head(), "other"),
        happened.Approved(head(), (), 1000),
        happened.BrokeGlass(head(), "fay", "fay", "fire", "card", PROOF, 1000),
        happened.Escalated(head(), G, R),
        happened.Reminded(head(), 1),
        happened.Unfillable(head(), (G,)),
        happened.Expired(head(), "deadline"),
        happened.Lapsed(head()),
        happened.Consumed(head(), "digest of q", "policy", TWO, (), "nonce", 1000, 1),
        happened.Resolved(head(), "fay", "fay", "failed", "I looked", PROOF),
        happened.Reported(head(), "returned", without_effect=False),
        happened.Unknown(head(), "died"),
        happened.Committed(head(), "returned"),
        happened.Failed(head(), "raised"),
    ],
    ids=lambda event: event.kind,
)
def test_nothing_happens_to_what_is_over(event: Event) -> None:
    play = asked()
    assert play.cancel("q")
    assert refused(play.state, event) == "status"


def test_what_is_over_by_the_clock_is_over() -> None:
    play = asked(seats(60, g=2))
    assert refused(play.state, happened.Voted(head(MINUTE), "bob", None, "approve", "card", PROOF)) == "status"
    play = approved()
    event = replace(last(consumed(), happened.Consumed), head=head(5 * MINUTE))
    assert refused(play.state, event) == "status"
    play = consumed()
    assert refused(play.state, happened.Committed(head(15 * MINUTE), "returned")) == "status"


def test_a_status_follows_only_where_it_may() -> None:
    play = asked()

    class Jump(happened.Drawn):
        def applied(self, request: Any) -> Any:
            return request._replace(status="consumed")

    assert refused(play.state, Jump(head(), "another")) == "status"


def test_a_replay_is_of_no_development_unless_said() -> None:
    assert not replay(approved().events).development
    with pytest.raises(IllegalEvent):
        replay(approved().events, development=True)


def test_a_replay_names_the_event() -> None:
    play = approved()
    with pytest.raises(IllegalEvent, match=r"^event 1, `approved`: a seat is filled by a vote that approves$"):
        replay([play.events[0], play.events[-1]])


# ---- asking ----


def test_a_request_asks_somebody_and_not_for_longer_than_its_terms_say() -> None:
    play = asked()
    assert forged(play, happened.Requested, terms=Approval((), 60)) == "terms"
    assert forged(play, happened.Requested, terms=Approval((Seat(0, "group", "g"),), 60)) == "terms"
    assert forged(play, happened.Requested, deadline=30 * MINUTE + 1) == "deadline"


def test_a_cool_off_binds_requests_and_allows() -> None:
    play = asked()
    assert play.deny("bob")
    again = replace(play.events[0], head=head(name="again"))
    assert refused(play.state, again) == "cool_off"
    allowed = Play()
    assert allowed.submit("a", "allow")
    assert refused(play.state, allowed.events[0]) == "cool_off"


def reopened() -> Play:
    play = approved(ONE)
    play.now = MINUTE
    assert play.consume(TWO)
    return play


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"chain": Chain("svc")}, "chain"),
        ({"excluded": ("bot", "eve")}, "chain"),
        ({"deadline": 40 * MINUTE}, "deadline"),
        ({"terms": seats(g=2).__class__((Seat(1, "role", "r"),), 1800)}, "terms"),
        ({"terms": seats(3600, g=2)}, "terms"),
        ({"supersedes": "never asked"}, "superseded"),
        ({"cause": None}, "cause"),
    ],
)
def test_what_takes_a_place_keeps_what_was_there(changes: dict[str, object], code: str) -> None:
    assert forged(reopened(), happened.Requested, **changes) == code


def test_what_takes_a_place_takes_one_that_was_left_to_it() -> None:
    play = reopened()
    state = before(play, happened.Superseded)
    assert refused(state, last(play, happened.Requested)) == "superseded"
    elsewhere = replace(last(play, happened.Superseded), by="elsewhere")
    assert refused(state, elsewhere, last(play, happened.Requested)) == "superseded"
    assert refused(state, replace(elsewhere, by="q")) == "taken"


def test_a_request_is_reopened_once_and_for_the_same_action() -> None:
    play = reopened()
    other = replace(play.request("q").proposal, digest="digest of another")
    assert forged(play, happened.Requested, proposal=other) == "reopened"
    assert play.draw("q2")
    assert play.approve("bob", "cyd", name="q2")
    once_more = replace(last(play, happened.Requested), head=head(MINUTE, "q3"), supersedes="q2", terms=seats(g=3))
    assert refused(play.state, happened.Superseded(head(MINUTE, "q2"), "q3"), once_more) == "reopened"


def test_a_request_that_accepts_no_changes_is_reopened_all_the_same() -> None:
    play = Play()
    assert play.submit("q", ONE, changes=False)
    assert play.approve("bob")
    assert play.consume(TWO)
    assert play.kinds == ["superseded", "requested"]


def test_a_change_takes_a_place_only_where_changes_are_accepted() -> None:
    play = Play()
    assert play.submit("q", ONE, changes=False)
    like = asked(ONE)
    assert like.counter("bob", ONE)
    assert refused(play.state, last(like, happened.Countered)) == "changes"
    assert refused(play.state, last(like, happened.Superseded), last(like, happened.Requested)) == "changes"


def test_only_the_same_chain_joins_and_under_a_name_of_its_own() -> None:
    play = asked()
    assert play.submit("again", TWO)
    assert forged(play, happened.Joined, chain=Chain("svc")) == "chain"
    assert forged(play, happened.Joined, waiter="q") == "taken"


def test_one_of_several_leaves_and_the_last_cancels() -> None:
    play = asked()
    assert refused(play.state, happened.Left(head(), "q")) == "waiter"
    assert play.submit("again", TWO)
    assert refused(play.state, happened.Left(head(), "nobody")) == "waiter"
    assert refused(play.state, happened.Cancelled(head(), "q")) == "waiter"


def test_what_is_shown_is_the_card() -> None:
    assert refused(asked().state, happened.Shown(head(), "bob", "another")) == "stale_card"


# ---- answering ----


def test_a_vote_of_another_request_answers_another_card() -> None:
    play = asked()
    assert play.submit("p", TWO, same="p", card="card of p")
    assert play.approve("bob")
    replayed = replace(last(play, happened.Voted), head=head(name="p"))
    assert refused(play.state, replayed) == "stale_card"
    undrawn = Play()
    assert undrawn.submit("q", TWO, card="")
    assert refused(undrawn.state, happened.Voted(head(), "bob", None, "approve", "", PROOF)) == "stale_card"


@pytest.mark.parametrize(("actor", "principal"), [("eve", None), ("bob", "eve"), ("eve", "bob"), ("ann", None)])
def test_the_excluded_do_not_vote(actor: str, principal: str | None) -> None:
    assert refused(asked().state, happened.Voted(head(), actor, principal, "deny", "card", PROOF)) == "excluded"


@pytest.mark.parametrize("proof", UNPROVED)
def test_nothing_is_said_by_whom_nothing_vouches_for(proof: Proof) -> None:
    said: list[tuple[Play, Event]] = [
        (asked(), happened.Voted(head(), "bob", None, "deny", "card", proof)),
        (asked(), happened.Countered(head(), "bob", None, "counter", "card", proof, proposed="c")),
        (asked(), happened.BrokeGlass(head(), "fay", "fay", "fire", "card", proof, 1000)),
        (approved(), happened.Revoked(head(), "dee", "stop", proof)),
    ]
    doubtful, broken = consumed(), asked()
    assert doubtful.report("died")
    assert broken.break_glass("fay")
    said.append((doubtful, happened.Resolved(head(), "fay", "fay", "failed", "I looked", proof)))
    said.append((broken, happened.Reviewed(head(), "gus", "gus", "all is well", proof)))
    for play, event in said:
        assert refused(play.state, event) == "proof", event


def filled(*places: tuple[int, str, str]) -> tuple[Filled, ...]:
    return tuple(Filled(G, vote, actor, principal) for vote, actor, principal in places)


@pytest.mark.parametrize(
    ("places", "code"),
    [
        ([], "seats"),
        ([(0, "bob", "bob")], "seats"),
        ([(0, "bob", "bob"), (0, "cyd", "cyd")], "distinct"),
        ([(0, "bob", "bob"), (1, "bob", "cyd")], "distinct"),
        ([(0, "bob", "bob"), (1, "cyd", "bob")], "distinct"),
        ([(0, "bob", "bob"), (2, "cyd", "cyd")], "votes"),
        ([(0, "bob", "bob"), (-1, "cyd", "cyd")], "votes"),
        ([(0, "bob", "bob"), (1, "eve", "cyd")], "excluded"),
        ([(0, "bob", "bob"), (1, "cyd", "eve")], "excluded"),
    ],
)
def test_seats_are_filled_by_distinct_people_who_voted(places: list[tuple[int, str, str]], code: str) -> None:
    assert forged(approved(), happened.Approved, seats=filled(*places)) == code
    assert forged(consumed(), happened.Consumed, seats=filled(*places)) == code


def test_seats_are_filled_by_votes_that_approve() -> None:
    state = voted("bob", "cyd").state
    state = evolve(state, happened.Countered(head(), "dee", None, "counter", "card", PROOF, proposed="c"))
    seats_of_three = filled((0, "bob", "bob"), (1, "cyd", "cyd"), (2, "dee", "dee"))
    assert refused(state, happened.Approved(head(), seats_of_three, 1000)) == "votes"


def test_who_voted_and_was_excluded_since_fills_no_seat() -> None:
    play = consumed()
    excluded = happened.Excluded(head(), ("cyd",))
    assert refused(before(play, happened.Consumed), excluded, last(play, happened.Consumed)) == "excluded"
    account = happened.Voted(head(), "bob2", None, "approve", "card", PROOF)
    seat = filled((0, "bob", "bob"))
    alias = happened.Excluded(head(), ("bob2",))
    assert refused(asked(ONE).state, account, alias, happened.Approved(head(), seat, 1000)) == "excluded"


def test_whom_a_deputy_spoke_for_is_excluded_since_and_fills_no_seat() -> None:
    vote = happened.Voted(head(), "fay", "dee2", "approve", "card", PROOF)
    seat = filled((0, "fay", "dee"))
    evolve(evolve(asked(ONE).state, vote), happened.Approved(head(), seat, 1000))
    for name in ("fay", "dee", "dee2"):
        excluded = happened.Excluded(head(), (name,))
        assert refused(asked(ONE).state, vote, excluded, happened.Approved(head(), seat, 1000)) == "excluded"


def test_nothing_is_approved_or_runs_over_a_deny() -> None:
    deny = happened.Voted(head(), "dee", None, "deny", "card", PROOF)
    play = consumed()
    assert refused(before(play, happened.Approved), deny, last(play, happened.Approved)) == "denied"
    assert refused(before(play, happened.Consumed), deny, last(play, happened.Consumed)) == "denied"
    broken = happened.BrokeGlass(head(), "fay", "fay", "fire", "card", PROOF, 1000)
    assert refused(asked().state, deny, broken) == "denied"


def test_only_a_person_denies() -> None:
    assert refused(asked().state, happened.Denied(head(), 1000)) == "votes"
    assert refused(voted("bob").state, happened.Denied(head(), 1000)) == "votes"


# ---- break-glass ----


def broken() -> Play:
    play = asked()
    assert play.break_glass("fay")
    return play


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"responder": "eve"}, "excluded"),
        ({"person": "ann"}, "excluded"),
        ({"card": "another"}, "stale_card"),
        ({"card": ""}, "stale_card"),
        ({"reason": " "}, "glass"),
        ({"until": 0}, "glass"),
        ({"until": 15 * MINUTE + 1}, "glass"),
    ],
)
def test_a_glass_is_broken_as_the_law_says(changes: dict[str, object], code: str) -> None:
    assert forged(broken(), happened.BrokeGlass, **changes) == code


def test_a_glass_is_not_broken_before_the_card_is_drawn() -> None:
    play = Play()
    assert play.submit("q", TWO, card="")
    assert refused(play.state, replace(last(broken(), happened.BrokeGlass), card="")) == "stale_card"


def test_a_glass_stands_in_for_no_longer_than_said() -> None:
    assert forged(broken(), happened.Approved, lapses_at=15 * MINUTE + 1) == "glass"


def test_who_owes_a_review_breaks_no_other() -> None:
    play = broken()
    assert play.submit("p", TWO, same="p")
    other = replace(last(play, happened.BrokeGlass), head=head(name="p"))
    assert refused(play.state, other) == "owing"
    assert refused(play.state, replace(other, responder="fay2")) == "owing"
    assert refused(play.state, replace(other, person="fay2")) == "owing"
    evolve(play.state, replace(other, responder="gus", person="gus"))


def test_a_responder_excluded_since_stands_in_for_nobody() -> None:
    play = broken()
    assert play.consume()
    for name in ("fay", "another"):
        consume = last(play, happened.Consumed)
        state = before(play, happened.Consumed)
        excluded = happened.Excluded(head(), (name,))
        if name == "fay":
            assert refused(state, excluded, consume) == "seats"
        else:
            assert evolve(evolve(state, excluded), consume).requests["q"].run is not None


def test_a_glass_stands_in_for_the_seats_asked_for_only() -> None:
    play = broken()
    assert play.consume()
    assert forged(play, happened.Consumed, terms=seats(g=3)) == "seats"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reviewer": "fay", "person": "fay"}, "review"),
        ({"reviewer": "fay2", "person": "fay"}, "review"),
        ({"reviewer": "fay", "person": "fay2"}, "review"),
        ({"reviewer": "eve"}, "excluded"),
        ({"person": "eve"}, "excluded"),
    ],
)
def test_a_review_is_another_persons(changes: dict[str, object], code: str) -> None:
    play = broken()
    assert play.review("gus")
    assert forged(play, happened.Reviewed, **changes) == code
    assert refused(play.state, last(play, happened.Reviewed)) == "review"
    assert refused(asked().state, last(play, happened.Reviewed)) == "review"


# ---- time and the directory ----


def test_seats_that_are_not_there_are_not_widened() -> None:
    assert refused(asked().state, happened.Escalated(head(), R, G)) == "seats"


def test_expiry_has_its_cause() -> None:
    play = asked(seats(60, g=1))
    assert refused(play.state, happened.Expired(head(), "deadline")) == "status"
    assert refused(play.state, happened.Expired(head(MINUTE), "terms")) == "expired"
    play = approved()
    assert refused(play.state, happened.Expired(head(), "terms")) == "expired"
    assert refused(play.state, happened.Expired(head(), "deadline")) == "expired"
    assert refused(play.state, happened.Lapsed(head())) == "status"


def test_both_expiries_happen() -> None:
    play = asked(seats(60, g=1))
    play.now = MINUTE
    assert play.tick()
    assert play.status("q") == "expired"
    again = reopened()
    assert again.draw("q2")
    assert again.approve("bob", "cyd", name="q2")
    assert again.consume(seats(g=3), name="q2", new="q3")
    assert again.kinds == ["expired"]
    assert forged(again, happened.Expired, cause="deadline") == "expired"


# ---- running ----


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"digest": "digest of another"}, "digest"),
        ({"terms": ONE}, "terms"),
        ({"terms": seats(3600, g=2)}, "terms"),
        ({"terms": seats(g=3)}, "seats"),
        ({"attempt": 2}, "effect"),
    ],
)
def test_it_runs_as_it_was_approved(changes: dict[str, object], code: str) -> None:
    assert forged(consumed(), happened.Consumed, **changes) == code


def test_an_effect_is_held_once() -> None:
    held, waiting = Play(), approved()
    assert held.submit("a", "allow", same="another")
    run = consumed().events[-1]
    assert refused(waiting.state, held.events[0], run) == "effect"
    assert refused(waiting.state, run, held.events[0]) == "effect"
    assert forged(held, happened.Allowed, attempt=2) == "effect"


def test_it_runs_once() -> None:
    play = consumed()
    assert refused(play.state, last(play, happened.Consumed)) == "status"


def test_endings_are_what_they_say() -> None:
    play = consumed()
    assert refused(play.state, happened.Committed(head(), "raised")) == "outcome"
    assert refused(play.state, happened.Failed(head(), "died")) == "outcome"
    assert refused(play.state, happened.Failed(head(), "returned")) == "outcome"
    assert refused(play.state, happened.Unknown(head(15 * MINUTE - 1), "lease")) == "lease"
    evolve(play.state, happened.Unknown(head(15 * MINUTE), "lease"))
    unknown = happened.Unknown(head(), "died")
    assert refused(play.state, unknown, unknown) == "outcome"


@pytest.mark.parametrize(("actor", "person"), [("eve", "fay"), ("fay", "ann"), ("bot", "fay")])
def test_nobody_of_the_chain_resolves(actor: str, person: str) -> None:
    play = consumed()
    assert play.report("died")
    resolved = happened.Resolved(head(), actor, person, "failed", "I looked", PROOF)
    assert refused(play.state, resolved) == "excluded"


def test_that_it_is_unknown_stands_in_the_log_before_it_is_resolved() -> None:
    play = consumed()
    resolved = happened.Resolved(head(15 * MINUTE), "fay", "fay", "failed", "I looked", PROOF)
    assert refused(play.state, resolved) == "outcome"
    assert refused(play.state, replace(resolved, head=head())) == "status"


# ---- the fold itself ----


def lives() -> list[Callable[[], Play]]:
    return [asked, approved, consumed, reopened, broken]


@pytest.mark.parametrize("life", lives())
def test_what_stands_in_the_indexes_can_be_told_from_the_requests(life: Callable[[], Play]) -> None:
    play = life()
    for name in ("other", "third"):
        assert play.submit(name, TWO, same=name, effect=name, chain=replace(CHAIN, holder="fay"))
    state = play.state
    requests = dict(state.requests.items())
    assert set(state.live) == {
        name for name, each in requests.items() if each.status in ("pending", "approved", "consumed")
    }
    assert set(state.owing) == {
        name for name, each in requests.items() if each.glass is not None and not each.glass.reviewed
    }
    still_open = {name for _, names in state.open.items() for name in names}
    assert still_open == {name for name, each in requests.items() if each.status in ("pending", "approved")}
    assert {name: state.requests[at].id for name, at in state.waiters.items()} == {name: name for name in requests}
