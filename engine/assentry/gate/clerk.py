"""Decides and writes down, as one: nothing of a decision is known to anybody before its entries are durable.

A decision is made twice. Before the ledger's lock it shows which entries there will be; under the lock, with the
ledger's own time and everything that was committed meanwhile, it is made again, and has to come to the same. Where it
does not, or another process was quicker, all begins anew.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from assentry.approvals import Refusal, Settings, State, decide
from assentry.approvals.claims import claims
from assentry.approvals.commands import Command
from assentry.approvals.directory import Directory, Reading
from assentry.approvals.events import Birth, Denied, Event
from assentry.errors import DirectoryUnavailable, InputError, LedgerError
from assentry.gate import bodies, folded
from assentry.gate.directory.source import DirectorySource
from assentry.gate.metrics import Meter
from assentry.gate.mirror import Mirror
from assentry.gate.opaque import Names, OpaqueDirectory
from assentry.ledger.entry import Claim, Conflict, Item, Moment, Receipt, Refused, Sealed
from assentry.ledger.store import Ledger

PATIENCE = 15.0
"""Seconds for which a decision is made anew while others are quicker."""

MAX_READINGS = 512
"""Decisions that one reading of an unchanged directory serves."""

NOTES = frozenset({"refused", "rejected"})
"""The types of the gate's entries about no request: what was denied at once, and who was not let in."""

Seals = Mapping[type[Event], Sealed]
"""Documents that go beside the first event of a kind."""

Now = tuple[int, State]
"""A time of the ledger, in milliseconds since 1970, and the state as of then."""

Make = Callable[[int], Command]
"""The command as of a time, in milliseconds since 1970: what a policy says to it may depend on that."""


_LOGGER = logging.getLogger(__name__)


class OtherPolicy(Exception):
    """A policy is in force that is not the one decided by."""


@dataclass(frozen=True, slots=True)
class Entered:
    """What was written: the events in order, each with its receipt, and the state behind them.

    There are none where all was as it should be.
    """

    state: State
    events: tuple[Event, ...] = ()
    receipts: tuple[Receipt, ...] = ()

    def index(self, kind: type[Event]) -> int | None:
        """The index of the first event of a kind."""
        pairs = zip(self.events, self.receipts, strict=True)
        return next((receipt.index for event, receipt in pairs if isinstance(event, kind)), None)


class Clerk:
    """Carries out commands on one log. Safe for threads."""

    def __init__(
        self,
        ledger: Ledger,
        directory: DirectorySource | Directory,
        names: Names,
        settings: Settings,
        meter: Meter,
    ) -> None:
        self.ledger = ledger
        self.names = names
        self.settings = settings
        self.mirror = Mirror(ledger, meter)
        self._snapshot = _snapshots(directory)
        self._reading: tuple[object, int, Reading] | None = None
        self._served = 0
        self._folding = threading.Lock()

    def now(self, *names: str) -> Now:
        """The ledger's time and the state as of now, with these requests where they had left it. Raises LedgerError."""
        moment = self.ledger.now()
        state = self.mirror.catch_up(moment.size)
        if names:
            state = self.mirror.recalled(*names)
        return max(moment.time, state.time), state

    def people(self) -> Reading:
        """The directory as of now, in opaque ids. Raises DirectoryUnavailable."""
        try:
            snapshot = self._snapshot()
        except DirectoryUnavailable:
            raise
        except Exception as error:
            raise DirectoryUnavailable(f"the directory failed: {type(error).__name__}") from error
        version, revision, kept = getattr(snapshot, "version", None), self.names.revision, self._reading
        if kept is not None and version is not None and kept[:2] == (version, revision) and self._served < MAX_READINGS:
            self._served += 1
            return kept[2]
        reading = Reading(OpaqueDirectory(snapshot, self.names))
        self._reading, self._served = (version, revision, reading), 0
        return reading

    def enter(
        self, make: Make, *, sealed: Seals | None = None, policy: str | None = None, now: Now | None = None
    ) -> Entered | Refusal:
        """Carry out a command: its events, durable, or why there are none.

        `now` is what `now()` said a moment ago, to begin with.

        `policy` is the digest that has to be in force. Raises OtherPolicy when it is not, and LedgerError: nothing was
        written then, unless its class says otherwise.
        """
        end = time.monotonic() + PATIENCE
        attempt = 0
        while True:
            at, now = now or self.now(), None
            size = self.mirror.size
            found = self._attempt(make, sealed or {}, policy, at)
            if isinstance(found, Refusal) and found.code == "request" and self._recalled(make(at[0])):
                continue
            if not isinstance(found, Conflict):
                return found
            was_read = found.reason == "claim" and found.index is not None and found.index < size
            if was_read and not self.mirror.taken(found.detail):  # who has it left memory, and the log as well
                return Refusal("effect", "another request, which was pruned from the log, holds this effect")
            if found.reason == "policy":
                raise OtherPolicy
            attempt += 1
            if time.monotonic() > end:
                return Refusal("effect", "others were quicker, again and again")
            if attempt > 2:
                time.sleep(random.uniform(0, min(0.001 * attempt, 0.05)))  # noqa: S311 -- apart from others, not secret

    def _recalled(self, command: Command) -> bool:
        """Whether the state has a request, now, that a command is about and that it did not have."""
        names = (getattr(command, "request", None), getattr(command, "renews", None))
        missing = [name for name in names if name is not None and name not in self.mirror.state.requests]
        state = self.mirror.recalled(*missing)
        return any(name in state.requests for name in missing)

    def _attempt(self, make: Make, sealed: Seals, policy: str | None, at: Now) -> Entered | Refusal | Conflict:
        try:
            people = self.people()
        except DirectoryUnavailable as error:
            return Refusal("directory", str(error))
        now, state = at
        events = decide(state, make(now), people, now, self.settings)
        if isinstance(events, Refusal):
            return events
        if not events:
            return Entered(state)
        writing = _Writing(self, make, people, now, state, events)
        results = self.ledger.append(writing.items(sealed, policy), together=True)
        receipts = tuple(result for result in results if isinstance(result, Receipt))
        if len(receipts) == len(events):
            state = self.mirror.committed(receipts[-1].index, writing.batch)
            self.fold()
            return Entered(state, writing.events, receipts)
        return next(each for each in results if isinstance(each, Conflict) and each.reason != "together")

    def fold(self) -> None:
        """Say in the log what is not settled, where that was not said for long: a gate that starts begins there.

        That it cannot be said now harms nobody: a start reads more of the log.
        """
        mirror, begun = self.mirror, self.mirror.folded
        if mirror.size - begun < folded.EVERY or not self._folding.acquire(blocking=False):
            return
        try:
            self.ledger.append(folded.items(mirror.facts, mirror.size, lambda: mirror.folded > begun), together=True)
        except (LedgerError, InputError) as error:
            _LOGGER.warning("what is not settled could not be recorded: %s", error)
        finally:
            self._folding.release()

    def defer(self, request: str, make: Make) -> None:
        """Write one event about a request down with whatever is written next; nobody waits for it."""
        people = self._reading[2] if self._reading is not None else self.people()
        last = self.mirror.last(request)

        def build(moment: Moment) -> bytes:
            state = self.mirror.catch_up(moment.size)
            events = decide(state, make(moment.time), people, moment.time, self.settings)
            if isinstance(events, Refusal) or len(events) != 1:
                raise Refused("again")
            data = bodies.write(events[0], moment, (), None)
            self.mirror.built(moment, data, events[0])
            return data

        self.ledger.defer([Item(build, request, last)])

    def note(self, kind: str, data: Mapping[str, object], sealed: Sealed | None = None) -> None:
        """Append an entry about no request. Raises LedgerError."""
        self.ledger.append([Item.of(kind, data, sealed=sealed)])


def _snapshots(directory: DirectorySource | Directory) -> Callable[[], Directory]:
    """How a directory is asked for a view of itself; one that is no source is its own."""
    return directory.snapshot if isinstance(directory, DirectorySource) else lambda: directory


@dataclass(slots=True)
class _Writing:
    """One attempt at writing a decision down."""

    clerk: Clerk
    make: Make
    people: Reading
    now: int
    state: State
    events: tuple[Event, ...]
    batch: int = 0
    _claims: list[tuple[Claim, ...]] = field(default_factory=list)

    def items(self, sealed: Seals, policy: str | None) -> list[Item]:
        left, seen = dict(sealed), set[str]()
        self._claims = _claimed(self.state, self.events)
        made = []
        for place, event in enumerate(self.events):
            request, document = event.head.request, left.pop(type(event), None)
            # Of several entries on one request only the first can know which is its newest.
            last = None if request in seen else self.clerk.mirror.last(request)
            seen.add(request)
            made.append(
                Item(
                    self._builder(place, document),
                    request,
                    last,
                    self._claims[place],
                    sealed=document,
                    if_policy=policy,
                )
            )
        return made

    def _builder(self, place: int, document: Sealed | None) -> Callable[[Moment], bytes]:
        def build(moment: Moment) -> bytes:
            if place == 0:
                self._settle(moment)
            event = self.events[place]
            data = bodies.write(event, moment, self._claims[place], document)
            self.clerk.mirror.built(moment, data, event)
            self.batch = moment.batch
            return data

        return build

    def _settle(self, moment: Moment) -> None:
        """Decide again, if anything is not as it was; called under the ledger's lock."""
        mirror = self.clerk.mirror
        state = mirror.catch_up(moment.size)
        if moment.time != self.now or state is not self.state:
            events = decide(state, self.make(moment.time), self.people, moment.time, self.clerk.settings)
            if isinstance(events, Refusal) or not self._alike(events, _claimed(state, events)):
                raise Refused("again")
            self.events, self.now, self.state = events, moment.time, state
        for event in self.events:
            if isinstance(event, Birth) and mirror.denied(moment, _sameness(state, event)):
                raise Refused("again")
            if isinstance(event, Denied):
                mirror.deny(moment, state.requests[event.head.request].proposal.sameness)

    def _alike(self, events: Sequence[Event], claimed: list[tuple[Claim, ...]]) -> bool:
        """Whether the same entries come of it, as far as the ledger was told of them."""
        kinds = [(type(event), event.head.request) for event in events]
        return kinds == [(type(event), event.head.request) for event in self.events] and claimed == self._claims


def _sameness(state: State, event: Birth) -> str:
    proposal = getattr(event, "proposal")  # noqa: B009 -- both births have one
    return str(proposal.sameness)


def _claimed(state: State, events: Sequence[Event]) -> list[tuple[Claim, ...]]:
    return [tuple(Claim(space, key) for space, key in claims(state, event)) for event in events]
