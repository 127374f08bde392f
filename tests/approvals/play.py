"""The machine alone, in few words: a small organisation, an agent that asks, and a history that is folded as it grows.

bot is owned by the group `own` (eve), acts with ann's credential; group g: bob, cyd, dee; role r: fay, gus.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from assentry.approvals import commands, decide, evolve, replay
from assentry.approvals.commands import Command, Judgement
from assentry.approvals.events import Event
from assentry.approvals.refusal import Refusal
from assentry.approvals.request import Chain, How, Proposal, Request, Status, judged
from assentry.approvals.settings import Settings
from assentry.approvals.state import State
from assentry.evaluator.ruling import Approval, Decision, Seat
from tests.approvals import translate
from tests.approvals.translate import PROOF
from tests.oracle.approvals.people import People

SECOND = 1000
MINUTE = 60 * SECOND
PRECONDITIONS = (("head", "1"),)
CHAIN = Chain("bot", holder="ann")


def seats(within: int = 30 * 60, **counts: int) -> Approval:
    """Terms: `g=2` is two of the group g, `r=1` one with the role r."""
    kinds = {"g": "group", "h": "group", "r": "role"}
    made = [Seat(count, "role" if kinds[name] == "role" else "group", name) for name, count in sorted(counts.items())]
    return Approval(tuple(made), within)


ONE = seats(g=1)
TWO = seats(g=2)


def organisation() -> People:
    people = ("ann", "bob", "cyd", "dee", "eve", "fay", "gus")
    return People(
        accounts={**{name: name for name in people}, "bob2": "bob", "bot": None, "svc": None},
        teams={
            ("group", "g"): {"bob", "cyd", "dee"},
            ("group", "h"): {"bob", "cyd", "gus"},
            ("role", "r"): {"fay", "gus"},
            ("group", "own"): {"eve"},
        },
        owners={"bot": {"own"}, "svc": {"gus"}},
    )


@dataclass
class Play:
    """`last` is what the newest command came to: events or a refusal."""

    people: People = field(default_factory=organisation)
    settings: Settings = field(default_factory=Settings)
    now: int = 0
    state: State = field(default_factory=State)
    events: list[Event] = field(default_factory=list)
    last: tuple[Event, ...] | Refusal = ()

    def do(self, command: Command) -> bool:
        """Whether it was done."""
        self.last = decide(self.state, command, translate.directory(self.people), self.now, self.settings)
        if isinstance(self.last, Refusal):
            return False
        for event in self.last:
            self.state = evolve(self.state, event)
            self.events.append(event)
        assert replay(self.events, development=self.state.development) == self.state
        return True

    # ---- what is there now ----

    @property
    def code(self) -> str:
        """Why the newest command was refused."""
        return self.last.code if isinstance(self.last, Refusal) else "done"

    @property
    def kinds(self) -> list[str]:
        """What happened last."""
        return [] if isinstance(self.last, Refusal) else [event.kind for event in self.last]

    def request(self, name: str) -> Request:
        return self.state.requests[name]

    def status(self, name: str) -> Status:
        """The status by the clock."""
        return judged(self.request(name), self.now)

    # ---- commands ----

    def judge(self, digest: str, terms: Approval | Decision) -> Judgement:
        if isinstance(terms, Approval):
            return Judgement(digest, "require_approval", terms, "policy", self.now)
        return Judgement(digest, terms, None, "policy", self.now)

    def submit(
        self,
        name: str = "q",
        terms: Approval | Decision = TWO,
        *,
        chain: Chain = CHAIN,
        same: str = "same",
        effect: str | None = "effect",
        changes: bool = True,
        renews: str | None = None,
        card: str = "card",
    ) -> bool:
        proposal = Proposal(f"digest of {name}", same, effect, PRECONDITIONS)
        judgement = self.judge(proposal.digest, terms)
        return self.do(commands.Submit(name, proposal, chain, judgement, card, f"nonce of {name}", changes, renews))

    def draw(self, name: str, card: str = "card") -> bool:
        return self.do(commands.Draw(name, card))

    def approve(self, *actors: str, name: str = "q", card: str = "card", principal: str | None = None) -> bool:
        """Whether the last of these could."""
        done = False
        for actor in actors:
            done = self.do(commands.CastVote(name, actor, "approve", card, PROOF, principal))
        return done

    def deny(self, actor: str, name: str = "q", principal: str | None = None) -> bool:
        return self.do(commands.CastVote(name, actor, "deny", "card", PROOF, principal))

    def counter(
        self,
        actor: str,
        terms: Approval | Decision = ONE,
        *,
        name: str = "q",
        new: str = "c",
        same: str = "other",
        principal: str | None = None,
    ) -> bool:
        proposal = Proposal(f"digest of {new}", same, "other effect", PRECONDITIONS)
        judgement = self.judge(proposal.digest, terms)
        return self.do(commands.Counter(name, new, actor, "card", PROOF, proposal, judgement, principal))

    def break_glass(
        self, actor: str, *, name: str = "q", reason: str = "the house burns", for_ms: int = 15 * MINUTE
    ) -> bool:
        return self.do(commands.BreakGlass(name, actor, "card", PROOF, reason, for_ms))

    def review(self, actor: str, name: str = "q") -> bool:
        return self.do(commands.Review(name, actor, PROOF, "it burnt indeed"))

    def consume(
        self,
        terms: Approval | Decision | None = None,
        *,
        name: str = "q",
        nonce: str = "nonce",
        preconditions: tuple[tuple[str, str], ...] = PRECONDITIONS,
        new: str = "q2",
    ) -> bool:
        """With the terms approved in force, unless others are given."""
        request = self.request(name)
        judgement = self.judge(request.proposal.digest, request.wanted if terms is None else terms)
        return self.do(commands.Consume(name, nonce, preconditions, judgement, new))

    def report(self, how: How, *, name: str = "q", nonce: str = "nonce", harmless: bool = False) -> bool:
        return self.do(commands.Report(name, nonce, how, harmless))

    def resolve(self, actor: str, *, committed: bool = False, name: str = "q") -> bool:
        return self.do(commands.Resolve(name, actor, "committed" if committed else "failed", "I looked", PROOF))

    def cancel(self, waiter: str, name: str = "q") -> bool:
        return self.do(commands.Cancel(name, waiter))

    def revoke(self, actor: str, name: str = "q") -> bool:
        return self.do(commands.Revoke(name, actor, "stop", PROOF))

    def tick(self, name: str = "q") -> bool:
        return self.do(commands.Tick(name))


def approved(terms: Approval = TWO, *actors: str) -> Play:
    """A play in which `q` was asked and approved."""
    play = Play()
    assert play.submit("q", terms)
    assert play.approve(*(actors or ("bob", "cyd")[: sum(seat.count for seat in terms.seats)]))
    assert play.status("q") == "approved"
    return play
