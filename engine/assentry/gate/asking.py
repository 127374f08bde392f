"""The side of those who act: an action is attempted, waits, runs once, and somebody says how it ended."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from assentry.approvals import Refusal
from assentry.approvals.commands import Cancel, Consume, Report, Submit
from assentry.approvals.events import Allowed, Consumed, Requested
from assentry.approvals.request import How, Request, judged
from assentry.errors import Denied, DirectoryUnavailable, LedgerError
from assentry.evaluator.verdict import Verdict
from assentry.gate import cards, digest
from assentry.gate.canonical import canonical
from assentry.gate.clerk import Entered, OtherPolicy, Seals
from assentry.gate.denying import denying
from assentry.gate.grant import Permit
from assentry.gate.parts import Parts, new_id
from assentry.gate.stamp import Caller, Document, Stamped, named, stamp

T = TypeVar("T")

_LOGGER = logging.getLogger(__name__)


class _Changed(Exception):
    """By the time it is written down, the policy says something else: all begins anew."""


@dataclass(frozen=True)
class Attempt:
    """What was attempted, as it came: a permit when it may run at once, else the request that waits for an answer.

    `waiter` is the id that it was asked under; `request` is another where the same was asked before. `mark` is what the
    log knows of the nonce of the permit.
    """

    waiter: str
    request: str
    permit: Permit | None
    document: Document
    mark: str | None


@dataclass(frozen=True)
class Wish:
    """What a caller says besides the action. `about` are people, besides its chain, whose erasure erases it too."""

    accepts_changes: bool = False
    nonce: str | None = None
    renews: str | None = None
    about: tuple[str, ...] = ()


class Asking:
    """Attempts and executions at one gate. Every refusal is a Denied; nothing runs then."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    # ---- attempting ----

    def submit(self, action: Mapping[str, Any], caller: Caller, wish: Wish) -> Attempt:
        """Attempt an action."""
        with denying(self._parts.meter):
            try:
                return self._settled(lambda: self._submit(action, caller, wish))
            except Denied as denied:
                if denied.verdict is None:  # it did not come to a decision
                    self._unheard(denied.code, caller)
                raise

    def _settled(self, call: Callable[[], T]) -> T:
        """Call until nothing changed underneath. Raises Denied when the policy in force is another for good."""
        while True:
            judge = self._parts.judge
            try:
                return call()
            except _Changed:
                continue
            except OtherPolicy:
                with self._parts.changing:
                    if self._parts.judge is not judge:
                        continue
                raise Denied("policy", "another policy is in force than this gate decides by") from None

    def _submit(self, action: Mapping[str, Any], caller: Caller, wish: Wish) -> Attempt:
        parts = self._parts
        judge = parts.judge
        chain = caller.chain(parts.names)
        tool = parts.tools.find(*named(action))
        begun = parts.clerk.now()
        now = begun[0]
        stamped = stamp(action, caller, tool, now)
        if parts.tools.find(*named(stamped.document)) is not tool:
            raise Denied("canonical", "the action changed while it was read")
        verdict = judge.policy.decide(stamped.document)
        parts.meter.decided(verdict.decision)
        waits = verdict.decision == "require_approval"
        preconditions = parts.conditions(tool, stamped.document) if waits else ()
        proposal = judge.proposal(stamped, preconditions)
        if verdict.decision == "deny":
            self._refused("denied", stamped, proposal.digest, verdict)
            rules = ", ".join(rule.id for rule in verdict.rules) or "no rule allows it"
            raise Denied("denied", f"denied by policy: {rules}", verdict=verdict)
        name = new_id("r")
        card = cards.first(parts, name, stamped.document, verdict, cards.in_names(caller), now) if waits else None
        if card is not None and not card.complete:
            self._refused("card", stamped, proposal.digest, verdict)
            raise Denied("card", f"the action is {cards.TOO_LARGE}", verdict=verdict)
        names = self._kin(caller) if waits else caller.names
        sealed = parts.documents.of_action(stamped.data, names, wish.about, None if card is None else card.canonical)
        nonce = wish.nonce or new_id("n")
        mark = parts.mark(nonce)

        def make(at: int) -> Submit:
            current = verdict if at == now else judge.decide(stamped.document, at)
            if (current.decision, current.approval) != (verdict.decision, verdict.approval):
                raise _Changed
            return Submit(
                name,
                proposal,
                chain,
                judge.judgement(current, proposal.digest, at),
                "" if card is None else card.digest,
                mark,
                bool(wish.accepts_changes),
                wish.renews,
            )

        seals: Seals = {Requested: sealed, Allowed: sealed}
        found = parts.clerk.enter(make, sealed=seals, policy=judge.policy.digest, now=begun)
        if isinstance(found, Refusal):
            self._refused(found.code, stamped, proposal.digest, verdict)
            raise self._denied(found, verdict)
        return self._attempt(name, found, stamped, nonce, mark)

    def _attempt(self, name: str, found: Entered, stamped: Stamped, nonce: str, mark: str) -> Attempt:
        parts = self._parts
        request = found.state.current(name)
        if request is None:
            raise Denied("ledger", "what was written does not stand in the log")
        parts.tell(found)
        index = found.index(Allowed)
        permit = None if index is None else parts.mint.permit(request, index, request.policy, nonce)
        return Attempt(name, request.id, permit, stamped.document, None if permit is None else mark)

    def _kin(self, caller: Caller) -> tuple[str, ...]:
        """The names of the whole chain, its owners and their members as of now: excluded under every name later."""
        names = self._parts.names
        try:
            kin = self._parts.clerk.people().kin(names.ids(caller.names))
        except DirectoryUnavailable as error:
            raise Denied("directory", str(error)) from error
        return tuple(dict.fromkeys((*caller.names, *names.names(kin))))

    def _refused(self, code: str, stamped: Stamped, action: str, verdict: Verdict) -> None:
        """Keep what was refused, and why; the refusal stands also where that cannot be kept."""
        parts = self._parts
        data = {
            "code": code,
            "controls": list(verdict.controls),
            "digest": action,
            "policy": verdict.policy,
            "requester": parts.names.id(stamped.caller.subject["id"]),
            "rules": [rule.id for rule in verdict.rules],
        }
        with _even_if_down():
            parts.clerk.note("refused", data, parts.documents.of_action(stamped.data, stamped.caller.names))

    def _unheard(self, code: str, caller: Caller) -> None:
        """Keep that something was refused that could not be decided: what it was has no canonical form, or no tool."""
        parts = self._parts
        requester = parts.names.id(caller.subject["id"])
        policy = parts.judge.policy.digest
        data: dict[str, object] = {
            "code": code,
            "controls": [],
            "digest": None,
            "policy": policy,
            "requester": requester,
            "rules": [],
        }
        with _even_if_down():
            parts.clerk.note("refused", data)

    def _denied(self, refusal: Refusal, verdict: Verdict | None = None, request: str | None = None) -> Denied:
        said = self._parts.said(refusal)
        return Denied(refusal.code, said, verdict=verdict, request=request, retry_at=refusal.retry_at)

    # ---- running ----

    def consume(self, name: str, nonce: str, preconditions: Mapping[str, str] | None = None) -> tuple[Permit, Document]:
        """Use an approved request up: the permit, and the stored document that is to be executed.

        The same nonce gets the same permit while its lease lasts. Raises Denied; with code `superseded`, its
        `request` waits in this one's place.
        """
        with denying(self._parts.meter):
            return self._settled(lambda: self._consume(name, nonce, preconditions))

    def _consume(self, name: str, nonce: str, given: Mapping[str, str] | None) -> tuple[Permit, Document]:
        parts = self._parts
        judge = parts.judge
        request = parts.request(name)
        document = self.document(request)
        tool = parts.tools.find(*named(document))
        if tool is not None and tool.preconditions is not None:
            # What the gate reads itself stands over what an executor says.
            preconditions = parts.conditions(tool, document) if request.run is None else ()
        else:
            preconditions = parts.marked(sorted((given or {}).items()))
        successor, mark = new_id("r"), parts.mark(nonce)

        def make(at: int) -> Consume:
            verdict = judge.decide(document, at)
            judgement = judge.judgement(verdict, request.proposal.digest, at)
            return Consume(request.id, mark, preconditions, judgement, successor)

        names = parts.documents.file(request.id).names
        sealed: Seals = {Requested: parts.documents.of_action(canonical(document), names)}
        found = parts.clerk.enter(make, sealed=sealed, policy=judge.policy.digest)
        if isinstance(found, Refusal):
            raise self._denied(found, request=request.id)
        parts.tell(found)
        request = found.state.requests[request.id]
        if found.index(Consumed) is None and found.events:
            self._superseded(request)
        if request.run is None or request.run.nonce != mark:
            raise Denied("used", f"request `{request.id}` was used")
        return parts.mint.permit_again(request, nonce), document

    def _superseded(self, request: Request) -> None:
        """The yes that stands does not suffice by now: it waits once more under another id, or is over."""
        if request.superseded_by is None:
            raise Denied("expired", "the yes that stands did not suffice a second time", request=request.id)
        cards.draw_ahead(self._parts, request.superseded_by)
        raise Denied(
            "superseded",
            "the yes that stands does not suffice by now: it is asked once more",
            request=request.superseded_by,
        )

    def runs(self, name: str, nonce: str) -> bool:
        """Whether a request was used up by the executor with this nonce. Raises LedgerError."""
        _, state = self._parts.clerk.now(name)
        request = state.requests.get(name)
        return request is not None and request.run is not None and request.run.nonce == self._parts.mark(nonce)

    def given(self, permit: Permit) -> None:
        """Hold a permit to the log. Raises Denied for one that it did not give, LedgerError."""
        request = self._parts.request(permit.request)
        is_its = self.runs(request.id, permit.nonce)
        if not is_its or self._parts.mint.permit_again(request, permit.nonce) != permit:
            raise Denied("permit", "the log gave no such permit", request=request.id)

    def document(self, request: Request) -> Document:
        """The stored action of a request, held to its digest. Raises SealedError, Denied when it is another."""
        document = self._parts.documents.file(request.id).action
        tool = self._parts.tools.find(*named(document))
        if digest.digest(canonical(document), tool) != request.proposal.digest:
            raise Denied("judgement", "the stored action, or its tool, is not the one that was asked for")
        return document

    def report(self, request: str, nonce: str, how: How, *, without_effect: bool = False) -> None:
        """Say how an execution ended. Raises Denied for an executor that does not run it, LedgerError."""
        mark = self._parts.mark(nonce)
        found = self._parts.clerk.enter(lambda at: Report(request, mark, how, without_effect))
        if isinstance(found, Refusal):
            raise self._denied(found, request=request)
        self._parts.tell(found)

    def returned(self, request: str, mark: str) -> None:
        """Say that an allowed action returned, with whatever is written next: recovery can do without."""
        self._parts.clerk.defer(request, lambda at: Report(request, mark, "returned"))

    # ---- leaving ----

    def cancel(self, waiter: str) -> None:
        """One who waits does so no more. Raises Denied when there is nothing to leave, LedgerError."""
        request = self._parts.request(waiter)
        found = self._parts.clerk.enter(lambda at: Cancel(request.id, waiter))
        if isinstance(found, Refusal):
            raise self._denied(found, request=request.id)
        self._parts.tell(found)

    # ---- waiting ----

    def answer(self, waiter: str, nonce: str | None = None) -> tuple[Request, int, bool]:
        """The request that stands for a waiter, the log's size, and whether it may run now.

        What the executor with this nonce used up, and nobody told it so, it may still run.
        Raises Denied when it ended otherwise.
        """
        parts = self._parts
        now, state = parts.clerk.now(waiter)
        request = state.current(waiter) or state.requests.get(waiter)
        if request is None:
            raise Denied("request", f"there is no request `{waiter}`")
        status = judged(request, now)
        is_its = status == "consumed" and nonce is not None and self.runs(request.id, nonce)
        if status in {"pending", "approved"} or is_its:
            return request, parts.clerk.mirror.size, status == "approved" or is_its
        raise Denied(*_ENDED.get(status, ("used", "it ran already, or is running")), request=request.id)


@contextmanager
def _even_if_down() -> Iterator[None]:
    """A refusal stands also where it cannot be recorded."""
    try:
        yield
    except LedgerError as error:
        _LOGGER.warning("a refusal could not be recorded: %s", type(error).__name__)


_ENDED: dict[str, tuple[str, str]] = {
    "denied": ("denied", "a person denied it"),
    "expired": ("expired", "nobody answered in time, or not enough did: it can be asked again"),
    "lapsed": ("lapsed", "it was approved, and not run in time"),
    "cancelled": ("cancelled", "it was cancelled"),
    "revoked": ("revoked", "what was approved was taken back"),
}
