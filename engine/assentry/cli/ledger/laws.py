"""The laws of approvals over a ledger's entries: their replay for `verify`, and attacks that only they show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from assentry.approvals import Chain, Proof, Proposal, Refusal, State, Who, decide, evolve
from assentry.approvals.codec import body, from_body
from assentry.approvals.commands import CastVote, Command, Consume, Judgement, Submit
from assentry.approvals.events import EVENTS, Event, Head
from assentry.approvals.memory import MemoryDirectory
from assentry.approvals.settled import builds_on_what_is_gone
from assentry.cli.ledger import folds
from assentry.code.pause import collector_paused
from assentry.errors import IllegalEvent, InputError
from assentry.evaluator.ruling import Approval, Seat
from assentry.ledger import opening
from assentry.ledger.clock import SetClock
from assentry.ledger.entry import Entry, Item, Receipt
from assentry.ledger.log import Log
from assentry.ledger.note import Signer
from assentry.ledger.selftest.run import Outcome
from assentry.ledger.selftest.scene import START, TENANT
from assentry.ledger.selftest.stage import Stage
from assentry.ledger.verify.findings import Cause, Finding
from assentry.ledger.verify.run import verify
from assentry.ledger.verify.stored import Stored

_KINDS = frozenset(event.kind for event in EVENTS)


def replay(entries: Iterable[Entry]) -> list[Finding]:
    """Fold the events of approvals, and find each that the laws do not let happen where it stands."""
    with collector_paused():  # a state keeps what it is made of: to look for garbage takes a third of the time
        return list(_unlawful(entries))


def _unlawful(entries: Iterable[Entry]) -> Iterator[Finding]:
    """A request with such an event is not followed any further. Of a log whose beginning was pruned, requests are
    followed that were born behind it and build on nothing before it: of the others the laws can no longer be told.
    """
    state, lost, said, is_pruned = State(), set[str](), folds.Folds(), None
    for entry in entries:
        is_pruned = entry.index > 0 if is_pruned is None else is_pruned
        request = None
        try:
            kind = entry.type
            if kind == folds.KIND and not is_pruned and said.wrong(entry, lost):
                yield Finding(Cause.LAW, "`folded`: it does not say what was not settled then", entry.index)
            if kind == "opened":
                state = state._replace(development=entry.data.get("development") is True)
            request = entry.request if kind in _KINDS else None
            if request is None or request in lost:
                continue
            event = from_body(kind, Head(request, entry.time, state.development), entry.data)
            if is_pruned and builds_on_what_is_gone(state, event):
                lost.add(request)
                continue
            state = evolve(state, event)
            said.saw(entry.index, state)
        except (IllegalEvent, InputError) as error:
            if request is not None:
                lost.add(request)
            yield Finding(Cause.LAW, str(error) if request is None else f"`{kind}`: {error}", entry.index)


# ---- attacks of the key's holder on the story itself ----

_PROOF = Proof("attested", "console", "session-1")
_TERMS = Approval((Seat(2, "group", "g"),), 30 * 60)
_CHAIN = Chain("bot", holder="ann")
_PEOPLE = MemoryDirectory(
    people={name: (name,) for name in ("ann", "bob", "cyd", "eve")},
    teams={Who("group", "g"): ("bob", "cyd")},
    owned_by={"bot": ("eve",)},
)


@dataclass
class _Story:
    """A legal history, event by event in a ledger."""

    log: Log
    clock: SetClock
    state: State = field(default_factory=State)
    newest: Event | None = None

    def do(self, command: Command) -> None:
        """What the machine makes of a command, appended."""
        self.clock.tick(1000)
        events = decide(self.state, command, _PEOPLE, self.clock.wall)
        assert not isinstance(events, Refusal), events
        for event in events:
            self.state = evolve(self.state, event)
            self.newest = event
            self.forge(event)

    def forge(self, event: Event, request: str | None = None) -> int:
        """Append an event as the key's holder can: without asking the machine."""
        (receipt,) = self.log.append([Item.of(event.kind, body(event), request=request or event.head.request)])
        assert isinstance(receipt, Receipt)
        return receipt.index

    def judge(self, name: str) -> Judgement:
        return Judgement(f"digest of {name}", "require_approval", _TERMS, "policy", self.clock.wall + 1000)

    def ask(self, name: str) -> None:
        proposal = Proposal(f"digest of {name}", f"sameness of {name}", f"effect of {name}")
        self.do(Submit(name, proposal, _CHAIN, self.judge(name), f"card of {name}", f"nonce of {name}"))

    def approve(self, name: str, *people: str) -> None:
        for person in people:
            self.do(CastVote(name, person, "approve", f"card of {name}", _PROOF))


def _vote_on_another_request(story: _Story) -> int:
    story.ask("q1")
    story.ask("q2")
    story.approve("q1", "bob")
    assert story.newest is not None
    return story.forge(story.newest, "q2")


def _consume_what_lapsed(story: _Story) -> int:
    story.ask("q1")
    story.approve("q1", "bob", "cyd")
    used = decide(story.state, Consume("q1", "nonce", (), story.judge("q1"), "q9"), _PEOPLE, story.clock.wall + 1000)
    assert not isinstance(used, Refusal), used
    story.clock.tick(3_600_000)
    return story.forge(used[0])


def _consume_twice(story: _Story) -> int:
    story.ask("q1")
    story.approve("q1", "bob", "cyd")
    story.do(Consume("q1", "nonce", (), story.judge("q1"), "q9"))
    assert story.newest is not None
    return story.forge(story.newest)


_ATTACKS: tuple[tuple[str, Callable[[_Story], int]], ...] = (
    ("replay a vote onto another request", _vote_on_another_request),
    ("use an approval that expired", _consume_what_lapsed),
    ("use an approval twice", _consume_twice),
)


def rehearse_laws(stage: Stage) -> Iterator[Outcome]:
    """Tell a legal story in a scratch ledger, bend its end with the real key, and verify with the laws replayed."""
    signer = Signer.generate("log.example/acme")
    opening.create(stage.place, TENANT, signer, clock=SetClock(START))
    stage.keep("empty")
    for name, attack in _ATTACKS:
        copy, clock = stage.again("empty"), SetClock(START)
        with opening.open_log(copy.place, signer, tenant=TENANT, clock=clock) as log:
            index = attack(_Story(log, clock))
            report = verify(Stored(log), [signer.verifier], replay=replay)
        right = [one for one in report.findings if one.cause is Cause.LAW and one.start == index]
        alone = len(report.findings) == 1
        yield Outcome(name, "laws", right[0] if right and alone else None, tuple(report.findings))
