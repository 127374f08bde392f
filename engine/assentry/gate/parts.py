"""What the sides of a gate share: one log, one directory, the policy in force, keys, tools, documents."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from threading import Lock
from typing import Protocol

from assentry.approvals import Refusal
from assentry.approvals.events import Event
from assentry.approvals.request import Request
from assentry.errors import GateError
from assentry.gate.clerk import Clerk, Entered
from assentry.gate.documents import Documents
from assentry.gate.judge import Judge
from assentry.gate.keys import TenantKey
from assentry.gate.metrics import Meter
from assentry.gate.mint import Mint
from assentry.gate.opaque import MARK, Names
from assentry.gate.stamp import Document
from assentry.gate.tool import Tool, Tools
from assentry.ledger.store import Ledger

_LOGGER = logging.getLogger(__name__)
_ID = re.compile(re.escape(MARK) + r"[A-Za-z0-9_-]{22}")


Conditions = tuple[tuple[str, str], ...]
"""Names of what an action depends on, each with a mark of what it was."""


class Listener(Protocol):
    """A channel as the gate sees it: it is told what happened, once it is durable, and decides nothing."""

    def tell(self, events: Sequence[Event]) -> None:
        """Called in the thread that wrote the events; whatever it raises is logged and goes no further."""
        ...


@dataclass
class Parts:
    """`judge` is replaced as a whole when a policy comes into force, under the lock `changing`."""

    ledger: Ledger
    clerk: Clerk
    documents: Documents
    names: Names
    key: TenantKey
    tools: Tools
    judge: Judge
    mint: Mint
    changing: Lock
    meter: Meter
    listeners: tuple[Listener, ...] = ()
    owns_ledger: bool = False

    def request(self, name: str) -> Request:
        """A request by its id, or by that of one who waits for it. Raises GateError when there is none."""
        _, state = self.clerk.now(name)
        found = state.requests.get(name) or state.current(name)
        if found is None:
            raise GateError(f"there is no request `{name}`")
        return found

    def mark(self, nonce: str) -> str:
        """What the log knows of an executor's nonce: who reads the log cannot take its place."""
        return self.key.hmac(b"nonce", nonce.encode()).hex()

    def conditions(self, tool: Tool | None, document: Document) -> Conditions:
        """What a tool depends on, read now. Raises Denied when it cannot be read."""
        if tool is None or tool.preconditions is None:
            return ()
        return self.marked(tool.read(deepcopy(document)))

    def marked(self, conditions: Iterable[tuple[str, str]]) -> Conditions:
        """Conditions as the log knows them: what was read may be a secret, and who reads the log confirms no guess."""
        return tuple(
            (name, self.key.hmac(b"condition", f"{name}\0{value}".encode(errors="surrogatepass")).hex())
            for name, value in conditions
        )

    def tell(self, entered: Entered) -> None:
        """Tell the listeners what was written."""
        for listener in self.listeners if entered.events else ():
            try:
                listener.tell(entered.events)
            except Exception as error:  # noqa: BLE001 -- who cannot be told changes nothing of what happened
                _LOGGER.warning("a channel could not be told: %s", type(error).__name__)

    def said(self, refusal: Refusal) -> str:
        """A refusal's message with names instead of ids."""
        return _ID.sub(lambda found: self.names.name(found.group()) or found.group(), refusal.message)


def new_id(kind: str) -> str:
    """An id of its own: 128 random bits."""
    return f"{kind}-{os.urandom(16).hex()}"
