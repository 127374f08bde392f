"""A small organisation with a gate: agents, people, rules, and a few words to act by.

The agent etl-7 is owned by the group `etl` (eve) and acts with ann's credential. Data protection: bob, cyd, dee.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest

import assentry
from assentry.approvals import Settings, Who
from assentry.approvals.memory import MemoryDirectory
from assentry.errors import Denied, Rejected
from assentry.evaluator.policy import Policy
from assentry.gate import Caller, Gate, GateKeys, Voter
from assentry.ledger import opening
from assentry.ledger.clock import SetClock
from assentry.ledger.note import Signer
from assentry.ledger.sealing import SealingKey
from assentry.ledger.store import Ledger

NOON = 1_795_176_000_000
"""2026-11-20T12:00:00Z in milliseconds."""

RULES = """
package house

allow reads if action.name in ["data.read", "ticket.write"] with { controls: [A.5.15] }

require approval exports if action.name == "data.export" with {
    title: "Exports are looked at"
    controls: [A.5.14]
    approvers: 2 of group("data-protection")
    within: 30m
}

require approval small if action.name == "data.share" with {
    title: "Shares are looked at"
    controls: [A.5.14]
    approvers: 1 of group("data-protection")
    within: 30m
}

deny secrets if {
    action.name in ["data.export", "data.share"]
    has(resource.labels)
    "secret" in resource.labels
} with { title: "Secrets stay", controls: [A.8.12] }
"""

AGENT = Caller({"type": "agent", "id": "etl-7"}, holder="ann")


@cache
def policy(rules: str = RULES) -> Policy:
    return assentry.load_sources({"house.assent": rules})


def people(**changes: Any) -> MemoryDirectory:
    """The directory; a field can be replaced."""
    fields: dict[str, Any] = {
        "people": dict.fromkeys(("ann", "cyd", "dee", "eve", "fay", "gus"), ()) | {"bob": ("bob@laptop",)},
        "teams": {
            Who("group", "data-protection"): ("bob", "cyd", "dee", "eve"),
            Who("group", "etl"): ("eve",),
            Who("group", "ops"): ("fay", "gus"),
        },
        "owned_by": {"etl-7": ("etl",), "mail-1": ("fay",)},
    }
    return MemoryDirectory(**(fields | changes))


def export(table: str = "crm.people", **more: Any) -> dict[str, Any]:
    """An action that two people have to agree to."""
    return act("data.export", table, **more)


def act(name: str, table: str = "crm.people", **more: Any) -> dict[str, Any]:
    """An action on a table."""
    resource = {"type": "table", "id": table, **more.pop("resource", {})}
    return {"action": {"name": name, **more}, "resource": resource, "context": {}}


def voter(account: str) -> Voter:
    """A person as the console proved it."""
    return Voter(account, by="console", session=f"session of {account}")


def denied(code: str) -> pytest.RaisesExc[Denied]:
    """A Denied with this code."""
    return pytest.raises(Denied, check=lambda error: error.code == code)


def rejected(code: str) -> pytest.RaisesExc[Rejected]:
    """A Rejected with this code."""
    return pytest.raises(Rejected, check=lambda error: error.code == code)


@dataclass
class House:
    """A gate with all that belongs to it. In memory; the clock stands until it is set."""

    rules: str = RULES
    directory: Any = field(default_factory=people)
    clock: SetClock = field(default_factory=lambda: SetClock(NOON))
    settings: Settings = field(default_factory=Settings)
    ledger: Ledger | None = None
    keys: GateKeys = field(default_factory=lambda: GateKeys.generate("log.example/acme"))
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.ledger is None:
            self.ledger = memory(self.clock)
        self.gate = self.open()

    def open(self) -> Gate:
        """A gate on the same log: another process, as far as it can be told here."""
        return Gate(
            policy(self.rules),
            ledger=self.ledger,
            directory=self.directory,
            keys=self.keys,
            settings=self.settings,
            caller=AGENT,
            **self.options,
        )

    def ask(self, action: Mapping[str, Any] | None = None, **wish: Any) -> str:
        """Attempt what has to wait; the id it waits under."""
        found = self.gate.submit(export() if action is None else action, **wish)
        assert isinstance(found, str)
        return found

    def card(self, request: str, viewer: str = "bob") -> str:
        return self.gate.card(request, voter(viewer)).digest

    def approve(self, request: str, *accounts: str) -> None:
        card = self.card(request)
        for account in accounts:
            self.gate.vote(request, voter(account), "approve", card)

    def kinds(self) -> list[str]:
        """The types of all entries."""
        assert self.ledger is not None
        return [entry.type for entry in self.ledger.entries()]

    def bodies(self) -> bytes:
        assert self.ledger is not None
        return b"\n".join(entry.body for entry in self.ledger.entries())

    def tick(self, milliseconds: int) -> None:
        self.clock.tick(milliseconds)


def memory(clock: SetClock, *, development: bool = False) -> Ledger:
    """A log in memory that does not count as development unless that is wanted."""
    signer = Signer.generate("log.example/acme")
    log = opening.memory("acme", signer, sealing=SealingKey.generate(), clock=clock)
    return log if development else _real(log)


def _real(log: Any) -> Ledger:
    """Memory is for development; tests of the laws need a log that is not."""
    log._development = False
    found: Ledger = log
    return found
