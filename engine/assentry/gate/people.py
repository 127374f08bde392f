"""The side of people: they look, answer, take back, stand in, review and resolve. None of it is open to an agent.

Who a person is comes from a verified transport; what they say in their own words is sealed, and about them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from assentry.approvals import Proof, Refusal
from assentry.approvals.commands import BreakGlass, CastVote, Command, Counter, Resolve, Review, Revoke, Show
from assentry.approvals.events import BrokeGlass, Countered, Requested, Resolved, Reviewed, Revoked, Voted
from assentry.approvals.request import Request, Status, judged
from assentry.errors import Denied, LedgerError, Rejected
from assentry.gate import cards
from assentry.gate.canonical import is_text
from assentry.gate.clerk import Make, OtherPolicy, Seals
from assentry.gate.keys import TenantKey
from assentry.gate.parts import Parts, new_id
from assentry.gate.patch import patched
from assentry.gate.stamp import Caller, named, stamp
from assentry.ledger.entry import Item, Sealed
from assentry.review import Card

MINUTE_MS = 60_000

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Voter:
    """A person as a transport proved it: made by channels alone, never from a field in a body.

    `by` names the transport, or the person's key where they signed; `session` is kept as an opaque id, `signature`
    as it is.
    """

    account: str
    by: str
    session: str = field(default="", repr=False)
    signature: str | None = None

    def __post_init__(self) -> None:
        """Raises Rejected for a person, a transport or a signature that no log could name."""
        if not is_text(self.account):
            raise Rejected("person", "a voter is named by an account, a text")
        if not is_text(self.by) or not (self.signature is None or is_text(self.signature)):
            raise Rejected("proof", "a voter is proved by a transport or a signature, named by texts")

    def proof(self, key: TenantKey) -> Proof:
        """What the log says of how it is known who this is."""
        if self.signature is not None:
            return Proof("signed", self.by, self.signature)
        return Proof("attested", self.by, key.hmac(b"session", self.session.encode()).hex() if self.session else "")


@dataclass(frozen=True)
class _Voice:
    """Somebody about to say something: in ids, and in words that are sealed. `said` is blank where the words are."""

    actor: str
    principal: str | None
    proof: Proof
    said: str
    sealed: Sealed


class People:
    """Answers at one gate. Those that do not count are Rejected, and leave an entry that says so."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    # ---- looking ----

    def card(self, name: str, viewer: Voter) -> Card:
        """The card of a request, and an entry that this viewer saw it. Raises Rejected, LedgerError."""
        request, card = cards.kept(self._parts, name)
        who = self._parts.names.id(viewer.account)
        self._enter("show", viewer, lambda at: Show(request.id, who, card.digest))
        return card

    # ---- answering ----

    def vote(
        self,
        name: str,
        voter: Voter,
        choice: Literal["approve", "deny"],
        card: str,
        *,
        principal: str | None = None,
        reason: str = "",
    ) -> Status:
        """Answer a request, for oneself or for somebody who delegated that; the request's status then."""
        request = self._known(name)
        if choice == "approve":
            self._seen_whole("vote", voter, request)
        voice = self._voice(voter, reason, principal)

        def make(at: int) -> Command:
            return CastVote(request.id, voice.actor, choice, card, voice.proof, voice.principal, voice.said)

        self._enter("vote", voter, make, {Voted: voice.sealed})
        return self._status(request.id)

    def counter(
        self,
        name: str,
        voter: Voter,
        changes: Mapping[str, Any],
        card: str,
        *,
        principal: str | None = None,
        reason: str = "",
    ) -> str:
        """Propose another action: `changes` is a JSON merge patch of `action` and `resource`. The id it waits under."""
        parts = self._parts
        request = self._known(name)
        file = parts.documents.file(request.id)
        holder = None if request.chain.holder is None else parts.names.name(request.chain.holder)
        caller = Caller(file.action["subject"], holder)
        judge, proposed = parts.judge, new_id("r")
        now, _ = parts.clerk.now()
        try:
            action = patched(file.action, changes)
            tool = parts.tools.find(*named(action))
            stamped = stamp(action, caller, tool, now)
            proposal = judge.proposal(stamped, parts.conditions(tool, stamped.document))
        except Denied as denied:
            raise Rejected(denied.code, str(denied)) from denied
        verdict = judge.decide(stamped.document, now)
        drawn = cards.of_change(parts, request, proposed, stamped.document, verdict, cards.in_names(caller))
        if not drawn.complete:
            self._rejected("counter", voter, "card")
            raise Rejected("card", f"what is proposed is {cards.TOO_LARGE}")
        voice = self._voice(voter, reason, principal)

        def make(at: int) -> Command:
            judgement = judge.judgement(judge.decide(stamped.document, at), proposal.digest, at)
            return Counter(
                request.id, proposed, voice.actor, card, voice.proof, proposal, judgement, voice.principal, voice.said
            )

        names = tuple(dict.fromkeys((*file.names, *_both(voter, principal))))
        documents: Seals = {Countered: voice.sealed, Requested: parts.documents.of_action(stamped.data, names)}
        self._enter("counter", voter, make, documents, judge.policy.digest)
        cards.draw_ahead(parts, proposed)
        return proposed

    def revoke(self, name: str, voter: Voter, reason: str) -> None:
        """Take back what was approved and has not run."""
        request, voice = self._known(name), self._voice(voter, reason)

        def make(at: int) -> Command:
            return Revoke(request.id, voice.actor, voice.said, voice.proof)

        self._enter("revoke", voter, make, {Revoked: voice.sealed})

    # ---- exceptions ----

    def break_glass(self, name: str, voter: Voter, card: str, reason: str, minutes: int) -> Status:
        """Stand in for all seats, for a reason, for at most 15 minutes; a review is owed."""
        request = self._known(name)
        self._seen_whole("break_glass", voter, request)
        _, state = self._parts.clerk.now()
        for owing in state.owing:
            self._parts.documents.learn(owing)
        voice = self._voice(voter, reason)

        def make(at: int) -> Command:
            return BreakGlass(request.id, voice.actor, card, voice.proof, voice.said, minutes * MINUTE_MS)

        self._enter("break_glass", voter, make, {BrokeGlass: voice.sealed})
        return self._status(request.id)

    def review(self, name: str, voter: Voter, finding: str) -> None:
        """Say what was found in what was done under a broken glass."""
        request, voice = self._known(name), self._voice(voter, finding)

        def make(at: int) -> Command:
            return Review(request.id, voice.actor, voice.proof, voice.said)

        self._enter("review", voter, make, {Reviewed: voice.sealed})

    def resolve(self, name: str, voter: Voter, outcome: Literal["committed", "failed"], reason: str) -> Status:
        """Say what became of an execution whose outcome is unknown."""
        request, voice = self._known(name), self._voice(voter, reason)

        def make(at: int) -> Command:
            return Resolve(request.id, voice.actor, outcome, voice.said, voice.proof)

        self._enter("resolve", voter, make, {Resolved: voice.sealed})
        return self._status(request.id)

    # ---- in common ----

    def _known(self, name: str) -> Request:
        """A request, with the names behind its ids learnt. Raises Rejected when there is none."""
        _, state = self._parts.clerk.now(name)
        request = state.requests.get(name) or state.current(name)
        if request is None:
            raise Rejected("request", f"there is no request `{name}`")
        self._parts.documents.learn(request.id)
        return request

    def _voice(self, voter: Voter, text: str, principal: str | None = None) -> _Voice:
        """A person and their words as they stand in the log, the words also sealed. Raises Rejected."""
        if principal is not None and not is_text(principal):
            raise Rejected("person", "on whose behalf somebody answers is named by a text")
        parts, names = self._parts, self._parts.names
        words = str(text).encode(errors="replace")
        return _Voice(
            names.id(voter.account),
            None if principal is None else names.id(principal),
            voter.proof(parts.key),
            parts.key.hmac(b"text", words).hex() if words.strip() else "",
            parts.documents.of_person(_both(voter, principal), words.decode()),
        )

    def _enter(
        self,
        what: str,
        voter: Voter,
        make: Make,
        sealed: Seals | None = None,
        policy: str | None = None,
    ) -> None:
        parts = self._parts
        try:
            found = parts.clerk.enter(make, sealed=sealed, policy=policy)
        except OtherPolicy:
            raise Rejected("policy", "another policy is in force than this gate decides by") from None
        if not isinstance(found, Refusal):
            parts.tell(found)
            return
        self._rejected(what, voter, found.code)
        raise Rejected(found.code, parts.said(found), retry_at=found.retry_at)

    def _seen_whole(self, what: str, voter: Voter, request: Request) -> None:
        """Refuse a yes to what its card does not show whole. Raises Rejected, LedgerError."""
        request, card = cards.kept(self._parts, request.id)
        if not card.complete:
            self._rejected(what, voter, "card")
            raise Rejected("card", f"request `{request.id}` is too large to be shown whole: nobody can agree to it")

    def _rejected(self, what: str, voter: Voter, code: str) -> None:
        """Leave an entry that somebody's answer did not count."""
        self._parts.meter.rejected(code)
        who = {"actor": self._parts.names.id(voter.account), "by": voter.by, "code": code, "what": what}
        try:
            self._parts.ledger.defer([Item.of("rejected", who)])
        except LedgerError as error:
            _LOGGER.warning("a rejected answer could not be recorded: %s", type(error).__name__)

    def _status(self, name: str) -> Status:
        now, state = self._parts.clerk.now(name)
        return judged(state.requests[name], now)


def _both(voter: Voter, principal: str | None) -> tuple[str, ...]:
    """Who answers, and for whom."""
    return (voter.account,) if principal is None else (voter.account, principal)
