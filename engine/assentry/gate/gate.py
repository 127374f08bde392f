"""The door: what holds an action until people agree, and lets exactly that action run once.

    gate = Gate(policy, ledger=log, directory=people, keys=keys)

    @gate.guard("data.export", resource=lambda table, **_: {"type": "table", "id": table})
    def export(table, rows): ...

In one process a guard stops mistakes and a model's tool calls, not hostile code; only an executor elsewhere that
demands a permit is a boundary.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal, ParamSpec, Self, TypeVar

from assentry.approvals import Settings, ticking
from assentry.approvals.directory import Directory
from assentry.approvals.request import How, Status, judged
from assentry.errors import Denied, GateError, LedgerError
from assentry.evaluator.policy import Policy
from assentry.gate import opening, selftest, summary
from assentry.gate.asking import Asking, Wish
from assentry.gate.authority.asking import MandatedAsking
from assentry.gate.authority.mandates import Authority, Mandates
from assentry.gate.binding import name_of
from assentry.gate.denying import denying
from assentry.gate.directory.source import DirectorySource
from assentry.gate.grant import Grant, Permit, check_times, read_grant
from assentry.gate.guard import Fields, Guard, Wait
from assentry.gate.keys import GateKeys
from assentry.gate.metrics import Metrics
from assentry.gate.parts import Listener, Parts
from assentry.gate.pending import Front, Hold, Ticket
from assentry.gate.people import People, Voter
from assentry.gate.stamp import Caller, Document, named
from assentry.gate.summary import Summary
from assentry.gate.tool import Tool
from assentry.gate.waiting import Waiting
from assentry.ledger.note import Signer, Verifier
from assentry.ledger.store import Ledger
from assentry.review import Card

P = ParamSpec("P")
T = TypeVar("T")

_ACTING: ContextVar[Caller | None] = ContextVar("assentry_caller", default=None)


class Gate:
    """A gate on one log. Safe for threads; after a fork, open ledger and gate again.

    Every action is denied unless it can be decided, recorded and, where people are asked, agreed to.
    """

    def __init__(  # noqa: PLR0913 -- options by keyword
        self,
        policy: Policy,
        *,
        ledger: Ledger | None = None,
        directory: DirectorySource | Directory,
        keys: GateKeys | None = None,
        channels: Sequence[Listener] = (),
        settings: Settings | None = None,
        tools: Sequence[Tool] = (),
        caller: Caller | None = None,
        audience: str | None = None,
        canary: Mapping[str, Any] = selftest.CANARY,
        authority: Authority | None = None,
        policies: Collection[str] | None = None,
    ) -> None:
        """Open a gate.

        Without a ledger it keeps one in memory, which is for development. `audience` names who may use its grants, by
        default the tenant; `caller` acts where nobody else is named; `canary` is an action that the policy has to deny.
        With an `authority`, agents act only under a mandate. `policies` are the digests that may be put in force here; None
        is any.

        Raises GateError when it cannot start, LedgerError.
        """
        self._policies = None if policies is None else frozenset(policies)
        self._expect(policy)
        self._parts: Parts = opening.parts(
            policy, ledger, directory, keys, settings or Settings(), audience, tuple(channels), tools
        )
        self._caller = caller
        self._asking = Asking(self._parts) if authority is None else MandatedAsking(self._parts, authority)
        self._waiting = Waiting(self._parts, self._asking)
        self._front = Front(self._parts, self._asking, self._waiting)
        self._people = People(self._parts)
        opening.announce_policy(self._parts)
        selftest.fire(lambda action, who: self._asking.submit(action, who, Wish()), canary)
        self.sweep()

    # ---- who acts, and by which policy ----

    @contextmanager
    def acting(self, caller: Caller) -> Iterator[None]:
        """Within this block, in this thread or task, this caller acts, as a transport proved it."""
        token = _ACTING.set(caller)
        try:
            yield
        finally:
            _ACTING.reset(token)

    def _who(self, caller: Caller | None = None) -> Caller:
        found = caller or _ACTING.get() or self._caller
        if found is None:
            raise Denied("subject", "nobody is known to act: no transport proved a caller")
        return found

    @property
    def policy(self) -> Policy:
        """The policy that this gate decides by."""
        return self._parts.judge.policy

    def use(self, policy: Policy) -> None:
        """Decide by another policy from now on, and put it in force in the log. Raises GateError, LedgerError.

        What was approved before is decided again when it is used. Other gates on the same log deny until they use the
        policy in force, too.
        """
        self._expect(policy)
        opening.use(self._parts, policy)

    def _expect(self, policy: Policy) -> None:
        """Refuse a policy that nobody approved. Raises GateError."""
        if self._policies is not None and policy.digest not in self._policies:
            raise GateError(f"the policy `{policy.digest}` is not one of those that may be put in force here")

    @property
    def mandates(self) -> Mandates:
        """The mandates of agents. Raises GateError for a gate that was opened without an authority."""
        if not isinstance(self._asking, MandatedAsking):
            raise GateError("this gate was opened without an authority: it knows no mandates")
        return self._asking.mandates

    @property
    def tools(self) -> Sequence[Tool]:
        """The tools that are declared here."""
        return self._parts.tools.all

    # ---- in this process ----

    def guard(  # noqa: PLR0913 -- options by keyword
        self,
        name: str,
        *,
        resource: Fields,
        tool: Tool | None = None,
        effect: Sequence[str] = (),
        harmless: tuple[type[Exception], ...] = (),
        action: Fields | None = None,
        context: Fields | None = None,
        carry: Sequence[str] = (),
        about: Sequence[str] | Callable[..., Sequence[str]] = (),
        timeout: float | None = None,
        wait: Wait = None,
        accepts_changes: bool = False,
        caller: Caller | None = None,
    ) -> Callable[[Callable[P, T]], Callable[P, Any]]:
        """Decorate a function, sync or async: each call is the action `name`, its arguments by name in its parameters.

        `resource`, `action` and `context` are fields of the document, or functions of the arguments that give them.
        `effect` names the parameters that say which effect it is, `harmless` the exceptions after which nothing was
        done; both are short for a `tool`. What is `carry`-ed goes along as it is, undecided: `self`, a connection.
        `about` are people whose erasure erases the stored action. `timeout` is in seconds for the function itself;
        `wait` for people: None until the deadline, False gives a `Pending`.

        The guarded function raises Denied where it may not run. Raises GateError for what cannot be guarded.
        """

        def decorate(function: Callable[P, T]) -> Callable[P, Any]:
            guard = Guard(
                front=self._front,
                who=lambda: self._who(caller),
                name=name,
                resource=resource,
                tool=self._declared(name, function, tool, effect, harmless),
                action=action or {},
                context=context or {},
                about=about,
                timeout=timeout,
                wait=wait,
                accepts_changes=accepts_changes,
            )
            return guard.of(function, carry)

        return decorate

    def _declared(
        self,
        name: str,
        function: Callable[..., Any],
        tool: Tool | None,
        effect: Sequence[str],
        harmless: tuple[type[Exception], ...],
    ) -> Tool | None:
        """The tool of a guarded function, declared."""
        if tool is not None and (effect or harmless):
            raise GateError("a tool says itself what its effect is, and what is harmless")
        if tool is None and (effect or harmless):
            schema = {"properties": {parameter: {"x-effect": True} for parameter in effect}}
            tool = Tool(name_of(function), name, schema=schema, harmless=harmless)
        if tool is None:
            return self._parts.tools.find(name, None)
        if tool.action != name:
            raise GateError(f"tool `{tool.name}` does `{tool.action}`, not `{name}`")
        return self._parts.tools.add(tool)

    def hold(
        self,
        action: Mapping[str, Any],
        *,
        caller: Caller | None = None,
        wait: float | None = None,
        accepts_changes: bool = False,
        about: Sequence[str] = (),
    ) -> Hold:
        """A block that runs as an action: `with gate.hold(action) as run`, or `async with`; use `run.parameters`.

        `wait` is in seconds, by default until the deadline. Entering raises Denied.
        """
        wish = Wish(accepts_changes=accepts_changes, about=tuple(about))
        return Hold(lambda: self._ticket(action, caller, wish), wait)

    def _ticket(self, action: Mapping[str, Any], caller: Caller | None, wish: Wish) -> Ticket:
        attempt = self._asking.submit(action, self._who(caller), wish)
        asked = named(attempt.document)
        return Ticket(self._front, attempt, self._parts.tools.find(*asked), lambda found: _is_of(found, asked))

    # ---- for callers elsewhere ----

    def submit(
        self,
        action: Mapping[str, Any],
        *,
        caller: Caller | None = None,
        accepts_changes: bool = False,
        nonce: str | None = None,
        renews: str | None = None,
        about: Sequence[str] = (),
    ) -> Permit | str:
        """Attempt an action: the permit when it may run at once, else the id under which it waits.

        `nonce` is the executor's, `renews` a request that expired. Raises Denied.
        """
        wish = Wish(accepts_changes, _nonce(nonce), renews, tuple(about))
        attempt = self._asking.submit(action, self._who(caller), wish)
        return attempt.waiter if attempt.permit is None else attempt.permit

    def wait(self, waiter: str, timeout: float | None = None) -> Grant:
        """Wait until a request is approved: its grant. Raises Denied when it ended otherwise, TimeoutError."""
        with denying():
            request = self._waiting.approved(waiter, timeout)
            tool = self._parts.tools.find(*named(self._asking.document(request)))
            return read_grant(self._parts.mint.grant(request, tool), self._parts.mint.keys)

    def redeem(
        self,
        grant: Grant | str | bytes,
        nonce: str,
        *,
        audience: str | None = None,
        preconditions: Mapping[str, str] | None = None,
    ) -> Permit:
        """Use a grant up: the permit for the executor with this nonce, and for no other.

        `audience` is the executor's name as its transport proved it, `preconditions` what it read itself where the
        gate has no tool that reads it. Raises GrantError for what is no grant of this gate, Denied when it may not run
        (`used`, `lapsed`, `revoked`, `denied`, ...; `superseded`: it waits again as `request`).
        """
        parts = self._parts
        text = grant.text if isinstance(grant, Grant) else grant
        _nonce(nonce)
        content = read_grant(text, parts.mint.keys)
        opening.check_bound(parts, content, audience)
        with denying():
            now, _ = parts.clerk.now()
            if not self._asking.runs(content.request, nonce):  # a permit asked for again is held to its lease
                check_times(content.content, now)
            permit, _ = self._asking.consume(content.request, nonce, preconditions)
        return permit

    def signed(self, permit: Permit) -> str:
        """A permit in its signed form, for an executor elsewhere: `grant.read_permit` reads it.

        Raises Denied for a permit that this gate's log did not give.
        """
        with denying():
            self._asking.given(permit)
        return self._parts.mint.signed(permit)

    def report(self, permit: Permit, how: How = "returned", error: str | None = None) -> None:
        """Say how an execution ended; `error` is the name of the exception it raised.

        `failed` becomes only what the tool declares to be harmless; everything else but `returned` is unknown.
        Raises Denied for an executor that does not run it, LedgerError.
        """
        harmless = error is not None and self._is_harmless(permit.request, error)
        self._asking.report(permit.request, permit.nonce, how, without_effect=harmless)

    def _is_harmless(self, request: str, error: str) -> bool:
        """Whether the request's tool declares an exception harmless; what cannot be read any more declares nothing."""
        try:
            tool = self._parts.tools.find(*named(self.document(request)))
        except (LedgerError, Denied):
            return False
        return tool is not None and tool.is_harmless(error)

    def document(self, request: str) -> Document:
        """The stored action of a request: what has to be executed. Raises SealedError, LedgerError, Denied."""
        return self._asking.document(self._parts.request(request))

    def cancel(self, waiter: str, *, caller: Caller | None = None) -> None:
        """One who waits does so no more. Raises Denied, also for a caller that did not ask."""
        request, who = self._parts.request(waiter), self._who(caller)
        if request.chain.requester != self._parts.names.id(who.subject["id"]):
            raise Denied("waiter", f"`{waiter}` was asked by another", request=request.id)
        self._asking.cancel(waiter)

    # ---- people ----

    def card(self, request: str, viewer: Voter) -> Card:
        """What people are shown of a request; that this viewer saw it is recorded. Raises Rejected, LedgerError."""
        return self._people.card(request, viewer)

    def vote(
        self,
        request: str,
        voter: Voter,
        choice: Literal["approve", "deny"],
        card: str,
        *,
        principal: str | None = None,
        reason: str = "",
    ) -> Status:
        """Answer the card with this hash; for `principal` where that one delegated it. The status then.

        Raises Rejected where the answer does not count, LedgerError.
        """
        return self._people.vote(request, voter, choice, card, principal=principal, reason=reason)

    def counter(
        self,
        request: str,
        voter: Voter,
        changes: Mapping[str, Any],
        card: str,
        *,
        principal: str | None = None,
        reason: str = "",
    ) -> str:
        """Propose another action: `changes` is a JSON merge patch of `action` and `resource`. Its id. Raises Rejected."""
        return self._people.counter(request, voter, changes, card, principal=principal, reason=reason)

    def revoke(self, request: str, voter: Voter, reason: str) -> None:
        """Take back what was approved and has not run. Raises Rejected."""
        self._people.revoke(request, voter, reason)

    def break_glass(self, request: str, voter: Voter, card: str, reason: str, *, minutes: int = 15) -> Status:
        """Stand in for all who are asked, for a reason and for minutes; a review is owed. Raises Rejected."""
        return self._people.break_glass(request, voter, card, reason, minutes)

    def review(self, request: str, voter: Voter, finding: str) -> None:
        """Say what was found in what was done under a broken glass. Raises Rejected."""
        self._people.review(request, voter, finding)

    def resolve(self, request: str, voter: Voter, outcome: Literal["committed", "failed"], reason: str) -> Status:
        """Say what became of an execution whose outcome is unknown. Raises Rejected, also for anybody of its chain."""
        return self._people.resolve(request, voter, outcome, reason)

    # ---- what is there ----

    def view(self, request: str) -> Summary:
        """How a request stands as of now, people by their names. Raises GateError, DirectoryUnavailable."""
        return summary.of(self._parts, request)

    def requests(self, *statuses: Status) -> list[Summary]:
        """The requests on which time still works, oldest first; with statuses, those of them."""
        now, state = self._parts.clerk.now()
        wanted = (name for name in ticking(state) if not statuses or judged(state.requests[name], now) in statuses)
        return summary.all_of(self._parts, tuple(wanted))

    def metrics(self) -> Metrics:
        """What this gate did and what is open, in numbers; `metrics().text` for Prometheus. Reads nothing, never fails."""
        mirror = self._parts.clerk.mirror
        return self._parts.meter.snapshot(mirror.state, mirror.size)

    def sweep(self) -> int:
        """Write down what time and the directory did: expiry, ends of leases, reminders. The number of entries.

        The laws hold whether or not anybody sweeps. Raises LedgerError.
        """
        _, state = self._parts.clerk.now()
        self._parts.clerk.fold()
        return sum(self._waiting.tick(name) for name in ticking(state))

    def erase(self, name: str, reason: str) -> int:
        """Destroy the documents about a person; what they asked for cannot run any more. How many entries say so."""
        subject = self._parts.names.id(name)
        self._parts.documents.forget(subject)
        return len(self._parts.ledger.erase(subject, reason))

    @property
    def keys(self) -> tuple[Verifier, ...]:
        """The public keys of grants and permits: the one in force, and those before it."""
        return self._parts.mint.keys

    def rotate(self, signer: Signer, reason: str) -> None:
        """Sign grants and permits with another key from now on; the log announces it, signed by the one in force.

        Grants signed before stay good until they lapse. Raises GateError, LedgerError.
        """
        opening.rotate(self._parts, signer, reason)

    def close(self) -> None:
        """Write down what was put off, and let go of the ledger where the gate opened it itself."""
        opening.close(self._parts)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _is_of(document: Document, asked: tuple[str, str | None]) -> None:
    """Hold what people agreed to to what a block is for. Raises Denied."""
    if named(document) != asked:
        raise Denied("changes", "people proposed another action than the one that this block is for")


def _nonce(nonce: str | None) -> str | None:
    """An executor's nonce. Raises Denied for one that could be guessed, or is no plain text."""
    if nonce is not None and not (16 <= len(nonce) <= 128 and nonce.isascii() and nonce.isprintable()):
        raise Denied("permit", "a nonce is 16 to 128 printable ASCII characters, drawn at random")
    return nonce
