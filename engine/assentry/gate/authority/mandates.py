"""Giving, passing on and taking back mandates, and holding what a use of one spends."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from assentry.approvals.terms import Who
from assentry.errors import Denied, DirectoryUnavailable, Rejected
from assentry.gate.authority.book import Book, Mandate
from assentry.gate.authority.mandate import Terms, amount_at, outside, widened
from assentry.gate.canonical import canonical
from assentry.gate.parts import Parts, new_id
from assentry.gate.people import Voter
from assentry.gate.stamp import Caller
from assentry.ledger.entry import Claim, Conflict, Item, Moment, Refused, draft

PATIENCE = 15.0
"""Seconds for which a reservation is tried anew while others are quicker."""


def _is_no_person(caller: Caller) -> bool:
    return caller.subject["type"] not in {"user", "person"}


@dataclass(frozen=True)
class Authority:
    """Who may give mandates, and who acts only under one: by default every caller that is no person."""

    givers: Who
    needed: Callable[[Caller], bool] = field(default=_is_no_person)


class Mandates:
    """The mandates at one gate. Everything that counts stands in the log before it is answered."""

    def __init__(self, parts: Parts, authority: Authority) -> None:
        self._parts = parts
        self._authority = authority
        self.book = Book(parts.ledger, parts.names.id)
        self.book.catch_up()

    def needed(self, caller: Caller) -> bool:
        """Whether this caller acts only under a mandate."""
        return self._authority.needed(caller)

    # ---- giving and taking back ----

    def give(self, voter: Voter, holder: str, terms: Terms) -> str:
        """A person gives an agent a mandate: its id. Raises Rejected for who may not, LedgerError."""
        person = self._giver(voter)
        if self._person(holder) is not None:
            raise Rejected("person", "a mandate is given to an agent or a service; people act as themselves")
        return self._enter(person, holder, None, terms, voter.by, (voter.account, holder))

    def delegate(self, caller: Caller, mandate: str, holder: str, terms: Terms) -> str:
        """A holder passes a mandate on, narrowed: the new one's id. Raises Denied, LedgerError."""
        self.book.catch_up()
        now, _ = self._parts.clerk.now()
        parent, who = self.book.find(mandate), self._parts.names.id(caller.subject["id"])
        if parent is None or parent.holder != who or self.book.is_withdrawn(mandate) or now >= parent.terms.expires:
            raise Denied("mandate", f"there is no mandate `{mandate}` that the caller holds")
        wider = widened(terms, parent.terms)
        if wider is not None:
            raise Denied("mandate", f"a mandate that is passed on covers no more than it did: {wider}")
        if holder == caller.subject["id"] or self._person(holder) is not None:
            raise Denied("mandate", "a mandate is passed on to another agent or service")
        return self._enter(who, holder, mandate, terms, "caller", (caller.subject["id"], holder))

    def withdraw(self, by: Voter | Caller, mandate: str, reason: str) -> None:
        """Take a mandate back, and all that was passed on from it. Raises Rejected for who may not, LedgerError.

        Those may who gave it or hold it, in its whole chain, and whoever may give mandates.
        """
        self.book.catch_up()
        if self.book.find(mandate) is None:
            raise Rejected("mandate", f"there is no mandate `{mandate}`")
        name = by.account if isinstance(by, Voter) else by.subject["id"]
        who = self._parts.names.id(name)
        concerned = {each for one in self.book.chain(mandate) for each in (one.giver, one.holder)}
        if who not in concerned and (self._person(name) or "") not in concerned:
            if not isinstance(by, Voter):
                raise Rejected("mandate", "the caller has nothing to do with this mandate")
            self._giver(by)
        sealed = self._parts.documents.of_person((name,), reason)
        self._parts.ledger.append([Item.of("withdrawn", {"by": who, "mandate": mandate}, sealed=sealed)])
        self.book.catch_up()

    def free(self, voter: Voter, mandate: str, reason: str) -> int:
        """Free what is held by uses that never began, because their process died: how many. Raises Rejected, LedgerError.

        Only those older than a lease: whoever reserved longer ago than that has given up.
        """
        who = self._giver(voter)
        self.book.catch_up()
        now, _ = self._parts.clerk.now()
        found = self.book.abandoned(mandate, now - self._parts.clerk.settings.lease_ms)
        for nonce in found:
            sealed = self._parts.documents.of_person((voter.account,), reason)
            self._parts.ledger.append([Item.of("released", {"by": who, "nonce": nonce}, sealed=sealed)])
        self.book.catch_up()
        return len(found)

    def _giver(self, voter: Voter) -> str:
        try:
            people = self._parts.clerk.people()
            person = people.person(self._parts.names.id(voter.account))
            may = person is not None and person in people.team(self._authority.givers)
        except DirectoryUnavailable as error:
            raise Rejected("directory", str(error)) from error
        if person is None or not may:
            raise Rejected("seat", f"mandates are given by {self._authority.givers}")
        return person

    def _person(self, name: str) -> str | None:
        try:
            return self._parts.clerk.people().person(self._parts.names.id(name))
        except DirectoryUnavailable as error:
            raise Rejected("directory", str(error)) from error

    def _enter(self, giver: str, holder: str, parent: str | None, terms: Terms, by: str, names: tuple[str, ...]) -> str:
        made, parts = new_id("m"), self._parts
        document = canonical({"names": list(names), "terms": terms.to_data()})
        sealed = parts.ledger.seal(document, parts.names.ids(names))
        data = {"by": by, "giver": giver, "holder": parts.names.id(holder), "id": made, "parent": parent}
        parts.ledger.append([Item.of("mandated", data, sealed=sealed)])
        self.book.catch_up()
        return made

    # ---- using ----

    def covering(self, caller: Caller, document: Mapping[str, Any], now: int, *, spends: bool = True) -> Mandate:
        """The first mandate of a caller that covers an action, with everything it was passed on from.

        What it spends has to be left, unless it does not spend anew.

        Raises Denied, naming what the nearest one lacks.
        """
        self.book.catch_up()
        task = caller.subject.get("task")
        why = "the caller holds none"
        for mandate in self.book.held_by(self._parts.names.id(caller.subject["id"])):
            reasons = (outside(each.terms, document, task, now) for each in self.book.chain(mandate.id))
            reason = next((each for each in reasons if each is not None), None)
            if reason is None and spends:
                reason = self._overspent(mandate, document)
            if reason is None:
                return mandate
            why = reason
        raise Denied("mandate", f"no mandate covers this: {why}")

    def _overspent(self, mandate: Mandate, document: Mapping[str, Any]) -> str | None:
        for each in self.book.chain(mandate.id):
            for path, budget in sorted(each.terms.budgets.items()):
                amount = amount_at(document, path)
                if amount is None:
                    return f"`{path}` is no whole number from 0, and it has a budget for that"
                if self.book.used(each.id, path) + amount > budget:
                    return f"the budget of `{path}` is spent or held"
        return None

    def reserve(self, caller: Caller, document: Mapping[str, Any], nonce: str, request: str | None = None) -> None:
        """Hold what a use spends, before it: in the log, in the order of the log. Raises Denied, LedgerError.

        A nonce holds once; for the same request it goes on holding, where nobody could say whether the use was recorded.
        """
        end = time.monotonic() + PATIENCE
        while True:
            now, _ = self._parts.clerk.now()
            self.book.catch_up()
            held = self.book.held(nonce)
            if held is not None and (request is None or held.request != request):
                raise Denied("permit", "the nonce is in use: every execution has one of its own")
            mandate = self.covering(caller, document, now, spends=held is None)
            if held is not None:
                return
            (result,) = self._parts.ledger.append([self._reservation(caller, mandate, document, nonce, request)])
            if not isinstance(result, Conflict):
                return
            if time.monotonic() > end:
                raise Denied("mandate", "others were quicker, again and again")
            time.sleep(random.uniform(0, 0.005))  # noqa: S311 -- apart from others, not secret

    def _reservation(
        self, caller: Caller, mandate: Mandate, document: Mapping[str, Any], nonce: str, request: str | None
    ) -> Item:
        chain = self.book.chain(mandate.id)
        spent = {each.id: {path: amount_at(document, path) or 0 for path in each.terms.budgets} for each in chain}
        # The number of each use is claimed, so of two that count alike one counts again.
        claims = tuple(Claim("mandate", f"{each.id}:{self.book.uses(each.id)}") for each in chain)
        data = {"mandates": [each.id for each in chain], "nonce": nonce, "request": request, "spent": spent}

        def build(moment: Moment) -> bytes:
            self.book.catch_up(moment.size)
            try:
                current = self.covering_now(caller, mandate, document, moment.time)
            except Denied as denied:
                raise Refused("mandate", str(denied)) from denied
            if not current or self.book.held(nonce) is not None:
                raise Refused("again")
            return draft("reserved", data, None, claims=claims)(moment)

        return Item(build, claims=claims)

    def covering_now(self, caller: Caller, mandate: Mandate, document: Mapping[str, Any], now: int) -> bool:
        """Whether a mandate still covers an action, as of what was caught up."""
        task = caller.subject.get("task")
        chain = self.book.chain(mandate.id)
        covered = all(outside(each.terms, document, task, now) is None for each in chain)
        return covered and not self.book.is_withdrawn(mandate.id) and self._overspent(mandate, document) is None

    def release(self, nonce: str) -> None:
        """What was held is free: nothing was used. Raises LedgerError."""
        self._parts.ledger.append([Item.of("released", {"nonce": nonce})])
        self.book.catch_up()
