"""What all moves work on: the state, the directory as one decision sees it, the time, the settings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from assentry.approvals import exclusion, seating
from assentry.approvals.commands import Judgement
from assentry.approvals.directory import Reading
from assentry.approvals.events import Event, Excluded, Head, Unfillable
from assentry.approvals.refusal import refuse
from assentry.approvals.request import Proof, Proposal, Request, Status, judged
from assentry.approvals.settings import Settings
from assentry.approvals.state import State
from assentry.approvals.terms import Who

Events = tuple[Event, ...]


class Desk(NamedTuple):
    """One decision's view of everything. Its methods raise Refused."""

    state: State
    people: Reading
    now: int
    settings: Settings

    def head(self, request: str) -> Head:
        """The head of an event that happens now."""
        return Head(request, self.now, self.state.development)

    def known(self, name: str) -> Request:
        """A request, whatever its status."""
        request = self.state.requests.get(name)
        return refuse("request", f"there is no request `{name}`") if request is None else request

    def find(self, name: str, *statuses: Status) -> Request:
        """A request that is, by the clock, in one of these statuses."""
        request = self.known(name)
        status = judged(request, self.now)
        return request if status in statuses else refuse("status", f"request `{name}` is {status}")

    def fresh(self, name: str) -> None:
        """Refuses an id under which something was asked before."""
        if name in self.state.waiters:
            refuse("taken", f"`{name}` is taken")

    def excluded(self, request: Request) -> frozenset[str]:
        """The accounts and persons who have no say in a request, as of now."""
        return exclusion.of_request(self.people, request, development=self.state.development)

    def outsider(self, request: Request, account: str) -> str:
        """The person behind an account, who must be outside the request's chain."""
        person = self.people.person(account)
        if exclusion.touches(self.excluded(request), (person, account)):
            refuse("excluded", f"`{account}` is of the chain that asks, or proposed the change")
        return refuse("person", f"no person stands behind `{account}`") if person is None else person

    def word(self, word: str, known: Iterable[str]) -> None:
        """Refuses a word with which no history could be read."""
        if word not in known:
            refuse("word", f"this is said with one of {', '.join(f'`{each}`' for each in known)}")

    def vouched(self, proof: Proof) -> None:
        """Refuses what no transport proved and nobody signed."""
        if not proof.vouches:
            refuse("proof", "nothing vouches for who this is")

    def answers(self, request: Request, card: str) -> None:
        """Refuses an answer to another card than the request's."""
        if not card or card != request.card:
            refuse("stale_card", f"this is not the card of request `{request.id}`")

    def current(self, judgement: Judgement, proposal: Proposal) -> None:
        """Refuses a decision about another action, or made with another time than now."""
        if judgement.digest != proposal.digest or judgement.at != self.now:
            refuse("judgement", "the decision is not about this action at this time")

    def not_cooling(self, proposal: Proposal) -> None:
        """Refuses what a person denied a short while ago."""
        until = self.state.cooling_until(proposal.sameness)
        if self.now < until:
            refuse("cool_off", "a person denied the same a short while ago", until)

    def fillable(self, request: Request, excluded: frozenset[str]) -> None:
        """Refuses seats for which there are not enough people."""
        if missing := seating.lacking(self.people, request, excluded):
            refuse("unfillable", f"there are not enough people for {_listed(missing)}")

    def attempt(self, proposal: Proposal) -> int:
        """Which attempt at the effect this is; refuses while another request holds it, and after too many."""
        number = self.state.attempt(proposal.effect_key)
        if number is None:
            refuse("effect", "another request holds this effect")
        if number > self.settings.attempts:
            refuse("attempts", f"this effect was attempted {number - 1} times and failed")
        return number

    def grown(self, request: Request, excluded: frozenset[str]) -> Events:
        """That more are excluded than the log knows of."""
        more = excluded - request.excluded
        return (Excluded(self.head(request.id), tuple(sorted(more))),) if more else ()

    def told(self, request: Request, excluded: frozenset[str]) -> Events:
        """That there are no longer enough people for a pending request, or there are again."""
        missing = seating.lacking(self.people, request, excluded)
        return (Unfillable(self.head(request.id), missing),) if missing != request.unfillable else ()


def _listed(seats: Iterable[Who]) -> str:
    return ", ".join(f"`{seat}`" for seat in seats)
