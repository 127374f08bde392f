"""The laws as an onlooker checks them: from the events alone and the people of the moment, without the oracle.

`Onlooker.look` is given the events of one step; each law is a method that looks at one event and the history before
it. The people are the facts that the directory was made of, so that nobody's reading of them is trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain as chained

from assentry.approvals import events as happened
from assentry.approvals.events import Event
from assentry.approvals.request import STEPS, Chain, Request, Vote
from assentry.approvals.state import State
from assentry.approvals.terms import counts
from tests.oracle.approvals.people import People, Who, most

QUARTER_HOUR = 15 * 60 * 1000


class Onlooker:
    """Follows one life; `state` is the machine's state before the event that is looked at."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.before: list[Event] = []
        self.kin: dict[str, set[str]] = {}
        self.authors: dict[str, set[str]] = {}
        self.cards: dict[str, str] = {}

    def look(self, state: State, event: Event, law: Callable[[Onlooker, State, Event], None]) -> None:
        """One event, in the state before it. AssertionError when it breaks the law."""
        self._remember(state, event)
        law(self, state, event)
        self.before.append(event)

    def _remember(self, state: State, event: Event) -> None:
        name = event.head.request
        if isinstance(event, happened.Requested | happened.Allowed):
            earlier = event.supersedes if isinstance(event, happened.Requested) else None
            self.kin[name] = self.people.kin(event.chain.names) | self.kin.get(earlier or "", set())
            self.authors[name] = set(self.authors.get(earlier or "", ()))
        if isinstance(event, happened.Requested | happened.Drawn):
            self.cards[name] = event.card
        if isinstance(event, happened.Countered):
            self.authors.setdefault(name, set()).update(self.behind((event.actor, event.principal)))

    # ---- what the facts say ----

    def behind(self, accounts: Iterable[str | None]) -> set[str]:
        """Accounts and the persons behind them."""
        named = {account for account in accounts if account is not None}
        return named | self.people.persons(named)

    def barred(self, name: str, chain: Chain) -> set[str]:
        """All who have no say in a request: its chain then and now, all authors of changes before it."""
        then = self.kin[name] | self.authors[name]
        return then | self.people.persons(then) | self.people.kin(chain.names)

    def owing(self) -> set[str]:
        """Accounts and persons who owe a review."""
        broken = {each.head.request: each for each in self.before if isinstance(each, happened.BrokeGlass)}
        for each in self.before:
            if isinstance(each, happened.Reviewed):
                del broken[each.head.request]
        return set(chained.from_iterable(self.behind((each.responder, each.person)) for each in broken.values()))

    def seats(self, state: State, event: happened.Consumed | happened.Approved, wanted: dict[Who, int]) -> bool:
        """Whether distinct people who may, as of now, said yes to all these seats."""
        request = state.requests[event.head.request]
        barred = self.barred(request.id, request.chain)
        free: dict[Who, set[str]] = {}
        for vote in request.votes:
            speaker = self.speaker(vote, barred, event.head.at)
            for who in wanted if speaker is not None else ():
                if speaker in self.may_sit(request, who):
                    free.setdefault(who, set()).add(speaker)
        units = [free.get(who, set()) for who, count in wanted.items() for _ in range(count)]
        return most(units) == len(units)

    def speaker(self, vote: Vote, barred: set[str], now: int) -> str | None:
        """The person for whom a vote counts, if it counts."""
        actor = self.people.person(vote.actor)
        principal = actor if vote.principal is None else self.people.person(vote.principal)
        if vote.choice != "approve" or actor is None or principal is None:
            return None
        if barred & self.behind((vote.actor, vote.principal)):
            return None
        valid = vote.principal is None or self.people.deputy(actor, principal, now)
        return principal if valid else None

    def may_sit(self, request: Request, who: Who) -> set[str]:
        wider = [
            (each.to.selector, each.to.name) for each in request.reach if (each.seat.selector, each.seat.name) == who
        ]
        return set().union(*(self.people.team(each) for each in (who, *wider)))

    def stands_in(self, request: Request) -> bool:
        """Whether somebody who may broke the glass."""
        glass = request.glass
        if glass is None or self.people.person(glass.responder) is None:
            return False
        return not self.behind((glass.responder, glass.person)) & self.barred(request.id, request.chain)


# ---- the laws ----


def law_1(on: Onlooker, state: State, event: Event) -> None:
    """What was approved is what runs, on at least the terms approved; a place is taken once, without more time."""
    if isinstance(event, happened.Consumed):
        request = state.requests[event.head.request]
        wanted, terms = counts(request.terms), counts(event.terms)
        assert event.digest == request.proposal.digest
        assert all(terms.get(who, 0) >= count for who, count in wanted.items())
        assert request.lapses_at > event.head.at
        missing: dict[Who, int] = {
            (who.selector, who.name): count - (wanted.get(who, 0) if on.stands_in(request) else 0)
            for who, count in terms.items()
        }
        assert on.seats(state, event, missing)
    if isinstance(event, happened.Requested) and event.supersedes is not None:
        before = state.requests[event.supersedes]
        assert event.deadline == before.deadline
        if event.cause == "terms":
            assert event.proposal.digest == before.proposal.digest
            assert not before.reopened
            assert event.born(state).votes == ()


def law_2(on: Onlooker, state: State, event: Event) -> None:
    """Once: one run for each request, and for each effect one after the other failed."""
    if not isinstance(event, happened.Consumed | happened.Allowed):
        return
    request = state.requests.get(event.head.request)
    assert request is None or request.run is None
    proposal = event.proposal if isinstance(event, happened.Allowed) else state.requests[event.head.request].proposal
    others = [each for _, each in state.requests.items() if each.proposal.effect_key == proposal.effect_key]
    ran = [each for each in others if each.run is not None]
    if proposal.effect_key is not None:
        assert all(each.status == "failed" for each in ran)
        assert event.attempt == len(ran) + 1


def law_3(on: Onlooker, state: State, event: Event) -> None:
    """Seats are taken by distinct people, of the people now, each acting once and represented once."""
    if not isinstance(event, happened.Approved | happened.Consumed):
        return
    request = state.requests[event.head.request]
    for seat in event.seats:
        vote = request.votes[seat.vote]
        actor = on.people.person(vote.actor)
        principal = actor if vote.principal is None else on.people.person(vote.principal)
        assert (seat.actor, seat.principal) == (actor, principal)
        assert principal in on.may_sit(request, (seat.seat.selector, seat.seat.name))
    assert len({seat.actor for seat in event.seats}) == len(event.seats)
    assert len({seat.principal for seat in event.seats}) == len(event.seats)


def law_4(on: Onlooker, state: State, event: Event) -> None:
    """Nobody of the chain, then or now, and no author of a change, has a say in anything."""
    name = event.head.request
    request = state.requests.get(name)
    if request is None:
        assert on.people.persons(on.kin[name]), "nobody answers for the requester"
        return
    barred = on.barred(name, request.chain)
    who: Sequence[str | None] = ()
    if isinstance(event, happened.Countered):
        barred -= on.behind((event.actor, event.principal))
    if isinstance(event, happened.Voted):
        who = (event.actor, event.principal)
    elif isinstance(event, happened.Resolved):
        who = (event.actor, event.person)
    elif isinstance(event, happened.BrokeGlass):
        who = (event.responder, event.person)
    elif isinstance(event, happened.Reviewed):
        who = (event.reviewer, event.person)
    elif isinstance(event, happened.Approved | happened.Consumed):
        votes = [request.votes[seat.vote] for seat in event.seats]
        who = [name for vote in votes for name in (vote.actor, vote.principal)]
    assert not barred & on.behind(who)
    assert all(on.people.person(each) is not None for each in who if each is not None)


def law_5(on: Onlooker, state: State, event: Event) -> None:
    """A transport proved, or a person signed, whatever somebody said; and it was a person who said it."""
    who: Sequence[str | None] = ()
    if isinstance(event, happened.Voted):
        who = (event.actor, event.principal)
    elif isinstance(event, happened.BrokeGlass):
        who = (event.responder,)
    elif isinstance(event, happened.Reviewed):
        who = (event.reviewer,)
    elif isinstance(event, happened.Resolved | happened.Revoked):
        who = (event.actor,)
    proof = getattr(event, "proof", None)
    assert (proof is not None) == bool(who)
    assert proof is None or (proof.by and (proof.kind == "attested" or proof.reference))
    assert all(on.people.person(each) is not None for each in who if each is not None)


def law_6(on: Onlooker, state: State, event: Event) -> None:
    """A deny ends a request; what is over stays over; a step is one of those on the list."""
    name = event.head.request
    request = state.requests.get(name)
    if request is None:
        return
    assert not (request.status == "denied" and not isinstance(event, happened.Reviewed | happened.Excluded))
    after = event.applied(request).status
    assert after == request.status or after in STEPS[request.status]
    denies = isinstance(event, happened.Voted) and event.choice == "deny"
    if not denies and any(vote.choice == "deny" for vote in request.votes):
        assert isinstance(event, happened.Denied | happened.Reviewed | happened.Excluded)


def law_7(on: Onlooker, state: State, event: Event) -> None:
    """A change takes a request's place only where changes are accepted, on the terms of both, never for its author."""
    if isinstance(event, happened.Countered):
        assert state.requests[event.head.request].accepts_changes
    if isinstance(event, happened.Requested) and event.cause == "countered":
        before = state.requests[event.supersedes or ""]
        assert event.proposal.digest != before.proposal.digest
        terms = counts(event.terms)
        assert all(terms.get(who, 0) >= count for who, count in counts(before.terms).items())
        barred = on.barred(event.head.request, event.chain)
        made = event.born(state)
        units = [
            on.may_sit(made, (who.selector, who.name)) - barred for who, count in terms.items() for _ in range(count)
        ]
        assert most(units) == len(units)
    if isinstance(event, happened.Approved | happened.Consumed):
        votes = [state.requests[event.head.request].votes[seat.vote] for seat in event.seats]
        names = [name for vote in votes for name in (vote.actor, vote.principal)]
        assert not on.behind(names) & on.authors[event.head.request]


def law_8(on: Onlooker, state: State, event: Event) -> None:
    """Every answer is to the card that was drawn last."""
    if isinstance(event, happened.Voted | happened.BrokeGlass):
        assert event.card
        assert event.card == on.cards[event.head.request]


def law_10(on: Onlooker, state: State, event: Event) -> None:
    """Only the same chain joins; nobody leaves for others; a person's deny, and nothing else, makes a pause."""
    name = event.head.request
    denied = [each for each in on.before if isinstance(each, happened.Denied)]
    cooling = {
        state.requests[each.head.request].proposal.sameness for each in denied if each.cool_until > event.head.at
    }
    if isinstance(event, happened.Allowed) or (isinstance(event, happened.Requested) and event.cause != "terms"):
        assert event.proposal.sameness not in cooling
    if isinstance(event, happened.Joined):
        assert event.chain == state.requests[name].chain
        assert set(state.requests[name].owners) == on.people.owning(event.chain.requester)
    if isinstance(event, happened.Cancelled):
        assert state.requests[name].waiters == (event.waiter,)
    if isinstance(event, happened.Denied):
        vote = state.requests[name].votes[-1]
        assert vote.choice == "deny"
        assert on.people.person(vote.actor) is not None


def law_11(on: Onlooker, state: State, event: Event) -> None:
    """Seats are widened as the directory says; a glass is broken while pending, shortly, by who owes nothing."""
    if isinstance(event, happened.Escalated):
        request = state.requests[event.head.request]
        seat = (event.seat.selector, event.seat.name)
        reached = {seat: request.since} | {
            (each.to.selector, each.to.name): each.at for each in request.reach if each.seat == event.seat
        }
        to = (event.to.selector, event.to.name)
        due = [who for who, (goal, after) in on.people.widens.items() if goal == to and who in reached]
        assert any(event.head.at >= reached[who] + on.people.widens[who][1] for who in due)
        assert counts(event.applied(request).terms) == counts(request.terms)
    if isinstance(event, happened.BrokeGlass):
        assert state.requests[event.head.request].status == "pending"
        assert event.reason.strip()
        assert 0 < event.until - event.head.at <= QUARTER_HOUR
        assert not on.owing() & on.behind((event.responder,))


LAWS = {
    "what was approved is what runs": law_1,
    "once": law_2,
    "distinct people": law_3,
    "nobody approves their own": law_4,
    "identity": law_5,
    "denial dominates": law_6,
    "a change is a new action": law_7,
    "answers name their card": law_8,
    "flood": law_10,
    "escalation and break-glass": law_11,
}
