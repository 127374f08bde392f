"""Machine and oracle side by side: each command goes to both, and afterwards they have to tell the same story."""

from __future__ import annotations

from collections.abc import Callable

from assentry.approvals import commands
from assentry.approvals.codec import from_data, to_data
from assentry.approvals.commands import Command
from assentry.approvals.events import Event
from assentry.approvals.fold import evolve, replay
from assentry.approvals.machine import decide
from assentry.approvals.refusal import Refusal
from assentry.approvals.request import How, Request, judged
from assentry.approvals.state import State
from assentry.approvals.terms import counts
from tests.approvals import translate
from tests.approvals.translate import PROOF
from tests.oracle.approvals.model import Ask, Deed, Line, Model, No, Policy, Rules
from tests.oracle.approvals.people import People, Who

Onlook = Callable[[State, Event], None]


class Pair:
    """One world, played twice. `events` is the machine's whole history.

    `onlook` sees every event with the state before it; with `compared` false nobody asks whether both agree.
    """

    def __init__(self, people: People, rules: Rules, *, compared: bool = True, onlook: Onlook | None = None) -> None:
        self.compared = compared
        self.onlook = onlook
        self.people = people
        self.model = Model(people, rules)
        self.settings = translate.settings(rules)
        self.state = State()
        self.events: list[Event] = []
        self.said: list[str] = []
        self.touched: set[str] = set()
        self.proof = PROOF

    @property
    def now(self) -> int:
        return self.model.now

    # ---- one command to both ----

    def do(self, command: Command, oracle: Callable[[], object]) -> bool:
        """Whether both did it. AssertionError when only one did, or when they tell different stories afterwards."""
        decided = decide(self.state, command, translate.directory(self.people), self.now, self.settings)
        try:
            if not getattr(command, "proof", PROOF).vouches:
                raise No("nothing vouches for it: the oracle hears nobody whom no transport proved")
            oracle()
            refused = None
        except No as no:
            refused = str(no)
        self.said.append(f"{self.now}: {command} -> {decided if isinstance(decided, Refusal) else 'done'}")
        if isinstance(decided, Refusal):
            assert refused is not None or not self.compared, f"only the machine refuses: {decided}\n{command}"
            return False
        assert refused is None or not self.compared, f"only the oracle refuses ({refused}): {decided}\n{command}"
        for event in decided:
            self._happened(event)
        if self.compared:
            self.compare(self.touched)
        return True

    def _happened(self, event: Event) -> None:
        if self.onlook is not None:
            self.onlook(self.state, event)
        self.state = evolve(self.state, event)
        self.events.append(event)
        self.touched.add(event.head.request)

    def compare(self, names: set[str]) -> None:
        """These requests, told by both."""
        assert len(self.model.asks) == len(self.state.requests)
        for name in names:
            ours, theirs = self.state.requests[name], self.model.asks[name]
            assert _told(ours, self.now) == _told_by_oracle(self.model, theirs), name
        for same, until in self.model.cold.items():
            assert self.state.cooling_until(same) == until
        self.touched = {name for name in names if self.state.requests[name].status in ("pending", "approved")}

    def compare_all(self) -> None:
        """Everything, and the history folded anew from plain data."""
        assert replay(from_data(to_data(event)) for event in self.events) == self.state
        self.compare(set(self.model.asks))

    # ---- the commands ----

    def submit(
        self,
        name: str,
        deed: Deed,
        line: Line,
        policy: Policy,
        *,
        changes: bool = False,
        card: str = "card",
        again: str | None = None,
    ) -> bool:
        judgement = translate.judgement(deed, policy, self.now)
        command = commands.Submit(
            name, translate.proposal(deed), translate.chain(line), judgement, card, f"n-{name}", changes, again
        )
        return self.do(
            command,
            lambda: self.model.submit(
                name, deed, line, policy, changes=changes, nonce=f"n-{name}", card=card, again=again
            ),
        )

    def draw(self, name: str, card: str) -> bool:
        return self.do(commands.Draw(name, card), lambda: self.model.draw(name, card))

    def approve(self, name: str, actor: str, card: str = "card", principal: str | None = None) -> bool:
        command = commands.CastVote(name, actor, "approve", card, self.proof, principal)
        return self.do(command, lambda: self.model.approve(name, actor, card, principal))

    def deny(self, name: str, actor: str, card: str = "card", principal: str | None = None) -> bool:
        command = commands.CastVote(name, actor, "deny", card, self.proof, principal)
        return self.do(command, lambda: self.model.deny(name, actor, card, principal))

    def counter(
        self, name: str, new: str, actor: str, card: str, deed: Deed, policy: Policy, principal: str | None = None
    ) -> bool:
        judgement = translate.judgement(deed, policy, self.now)
        command = commands.Counter(
            name, new, actor, card, self.proof, translate.proposal(deed), judgement, principal, "rather so"
        )
        return self.do(command, lambda: self.model.counter(name, new, actor, card, deed, policy, principal))

    def break_glass(self, name: str, actor: str, card: str, reason: str, length: int) -> bool:
        command = commands.BreakGlass(name, actor, card, self.proof, reason, length)
        return self.do(command, lambda: self.model.break_glass(name, actor, card, reason, length))

    def review(self, name: str, actor: str) -> bool:
        return self.do(commands.Review(name, actor, self.proof, "all is well"), lambda: self.model.review(name, actor))

    def consume(self, name: str, nonce: str, before: str, policy: Policy, new: str) -> bool:
        ask = self.model.asks.get(name)
        deed = ask.deed if ask is not None else Deed("none", "none", None, "")
        judgement = translate.judgement(deed, policy, self.now)
        command = commands.Consume(name, nonce, (("head", before),), judgement, new)
        return self.do(command, lambda: self.model.consume(name, nonce, before, policy, new))

    def report(self, name: str, nonce: str, how: How, *, harmless: bool) -> bool:
        command = commands.Report(name, nonce, how, harmless)
        return self.do(command, lambda: self.model.report(name, nonce, how, harmless=harmless))

    def resolve(self, name: str, actor: str, *, committed: bool) -> bool:
        outcome = "committed" if committed else "failed"
        command = commands.Resolve(name, actor, "committed" if committed else "failed", "looked", self.proof)
        return self.do(command, lambda: self.model.resolve(name, actor, outcome))

    def cancel(self, name: str, waiter: str) -> bool:
        return self.do(commands.Cancel(name, waiter), lambda: self.model.cancel(name, waiter))

    def revoke(self, name: str, actor: str) -> bool:
        return self.do(commands.Revoke(name, actor, "stop", self.proof), lambda: self.model.revoke(name, actor))

    def tick(self, name: str) -> bool:
        return self.do(commands.Tick(name), lambda: self.model.tick(name))


Story = dict[str, object]


def _told(request: Request, now: int) -> Story:
    run, glass = request.run, request.glass
    story: Story = {
        "status": request.status,
        "judged": judged(request, now),
        "digest": request.proposal.digest,
        "terms": {(who.selector, who.name): count for who, count in counts(request.terms).items()},
        "excluded": request.excluded,
        "waiters": sorted(request.waiters),
        "reopened": request.reopened,
        "run": None if run is None else (run.nonce, run.lease_until, run.attempt),
        "glass": None if glass is None else (glass.responder, glass.reviewed),
        "votes": len([vote for vote in request.votes if vote.choice == "approve"]),
    }
    if request.terms is not None:
        reach: dict[Who, dict[Who, int]] = {}
        for each in request.reach:
            reach.setdefault((each.seat.selector, each.seat.name), {})[each.to.selector, each.to.name] = each.at
        story |= {"deadline": request.deadline, "within": request.terms.within_seconds * 1000, "reach": reach}
    if request.status == "approved":
        story["lapses"] = request.lapses_at
    if request.status == "pending":
        story["missing"] = [(who.selector, who.name) for who in request.unfillable]
    return story


def _told_by_oracle(model: Model, ask: Ask) -> Story:
    story: Story = {
        "status": ask.state,
        "judged": model.state(ask),
        "digest": ask.deed.digest,
        "terms": ask.seats,
        "excluded": ask.barred,
        "waiters": sorted(ask.waiters),
        "reopened": ask.reopened,
        "run": (ask.nonce, ask.lease, ask.attempt) if ask.attempt else None,
        "glass": None if ask.breaker is None else (ask.breaker, ask.reviewed),
        "votes": len(ask.voices),
    }
    if ask.seats:
        reach = {who: wider for who, wider in ask.wider.items() if wider}
        story |= {"deadline": ask.deadline, "within": ask.within, "reach": reach}
    if ask.state == "approved":
        story["lapses"] = ask.lapses
    if ask.state == "pending":
        story["missing"] = ask.missing
    return story
