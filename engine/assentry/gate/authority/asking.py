"""Attempts and executions of callers that act only under a mandate.

What a use spends is held before the action is attempted, so that no process dies between the two with nothing held.
It stays held until the tool is known to have failed, or the action was denied; what nobody knows the outcome of
stays held until a person resolves it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from assentry.errors import Denied, LedgerError
from assentry.gate import selftest
from assentry.gate.asking import Asking, Attempt, Wish
from assentry.gate.authority.mandates import Authority, Mandates
from assentry.gate.denying import denying
from assentry.gate.grant import Permit
from assentry.gate.parts import Parts, new_id
from assentry.gate.stamp import Caller, Document, named, stamp


class MandatedAsking(Asking):
    """As `Asking`; a caller that needs a mandate is denied without one (code `mandate`)."""

    def __init__(self, parts: Parts, authority: Authority) -> None:
        super().__init__(parts)
        self.mandates = Mandates(parts, authority)

    def submit(self, action: Mapping[str, Any], caller: Caller, wish: Wish) -> Attempt:
        """Attempt an action. Raises Denied."""
        if caller is selftest.CALLER or not self.mandates.needed(caller):
            return super().submit(action, caller, wish)
        nonce = wish.nonce or new_id("n")
        wish = replace(wish, nonce=nonce)
        try:
            document, decision = self._foreseen(action, caller)
            if decision != "deny":
                self._reserve(caller, document, nonce)
        except Denied as denied:
            self._unheard(denied.code, caller)
            raise
        if decision == "deny":
            return super().submit(document, caller, wish)
        try:
            attempt = super().submit(document, caller, wish)
        except Denied as denied:
            self._release(nonce, denied)
            raise
        if attempt.permit is None:  # it waits; what it will spend is held when it runs
            self._release(nonce)
        return attempt

    def consume(self, name: str, nonce: str, preconditions: Mapping[str, str] | None = None) -> tuple[Permit, Document]:
        """Use an approved request up. Raises Denied."""
        with denying():
            request = self._parts.request(name)
            document = self.document(request)
        caller = Caller(document["subject"])
        is_again = request.run is not None and request.run.nonce == self._parts.mark(nonce)
        if is_again or not self.mandates.needed(caller):
            return super().consume(name, nonce, preconditions)
        self._reserve(caller, document, nonce, request.id)
        try:
            return super().consume(name, nonce, preconditions)
        except Denied as denied:
            self._release(nonce, denied)
            raise

    def _foreseen(self, action: Mapping[str, Any], caller: Caller) -> tuple[Document, str]:
        """The document as it will be stamped, and what the policy will say, unless either changes meanwhile."""
        parts = self._parts
        with denying(self._parts.meter):
            now, _ = parts.clerk.now()
        stamped = stamp(action, caller, parts.tools.find(*named(action)), now)
        if not isinstance(stamped.document.get("resource"), Mapping):
            raise Denied("canonical", "`resource` is no object")
        return stamped.document, parts.judge.decide(stamped.document, now).decision

    def _reserve(self, caller: Caller, document: Document, nonce: str, request: str | None = None) -> None:
        with denying(self._parts.meter):
            self.mandates.reserve(caller, document, self._parts.mark(nonce), request)

    def _release(self, nonce: str, denied: Denied | None = None) -> None:
        """What was held is free, unless the action may have been recorded all the same."""
        if denied is not None and denied.code == "ledger":
            return
        try:
            self.mandates.release(self._parts.mark(nonce))
        except LedgerError:
            return  # it stays held: too much is refused rather than too little
