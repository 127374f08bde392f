"""A gate on a scratch ledger, with the project's policy and people, and with invented agents and an invented owner."""

from __future__ import annotations

import copy
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assentry.approvals import Settings
from assentry.approvals.directory import Directory, Escalation
from assentry.approvals.terms import Who
from assentry.cli.doctor.outcome import skip
from assentry.cli.doctor.project import Candidate, Project
from assentry.errors import Denied, DirectoryUnavailable
from assentry.gate import Caller, Gate, GateKeys, Grant, Permit, Tool, Voter
from assentry.gate.authority.mandates import Authority
from assentry.ledger import opening
from assentry.ledger.clock import SetClock
from assentry.ledger.log import Log
from assentry.ledger.note import Signer
from assentry.ledger.sealing import SealingKey

OWNER = "assentry-doctor-owner"
OUTSIDER = "assentry-doctor-outsider"
STRANGER = "assentry-doctor-stranger"
GIVERS = Who("role", "assentry-doctor-givers")
ORIGIN = "doctor.invalid/scratch"
NONCE = "assentry-doctor-nonce-1"
OTHER_NONCE = "assentry-doctor-nonce-2"


@dataclass
class Attended:
    """The project's directory with an owner for whoever has none, an outsider, and givers of mandates.

    `owned` replaces the owners of a requester; while `broken`, it fails.
    """

    base: Directory
    owned: dict[str, frozenset[str]] = field(default_factory=dict)
    broken: bool = False

    def snapshot(self) -> Directory:
        if self.broken:
            raise DirectoryUnavailable("the directory is down, for the sake of the examination")
        return self

    def canonical(self, account: str) -> str | None:
        return account if account in {OWNER, OUTSIDER} else self.base.canonical(account)

    def members(self, who: Who) -> Collection[str]:
        return {OWNER} if who == GIVERS else self.base.members(who)

    def owners(self, identity: str) -> Collection[str]:
        if identity in {OWNER, OUTSIDER}:
            return ()
        return self.owned.get(identity) or self.base.owners(identity) or {OWNER}

    def deputies(self, person: str, at: int) -> Collection[str]:
        return self.base.deputies(person, at)

    def escalation(self, who: Who) -> Escalation | None:
        return self.base.escalation(who)


class Scratch:
    """One scratch ledger with a gate; `options` are those of the gate."""

    def __init__(self, project: Project, path: Path, *, settings: Settings | None = None, **options: Any) -> None:
        self.project = project
        self.path = path
        self.clock = SetClock(project.now)
        self.people = Attended(project.people())
        self.signer, self.sealing = Signer.generate(ORIGIN), SealingKey.generate()
        self.keys = GateKeys.generate(ORIGIN)
        self.settings = settings or Settings()
        self._options = options
        self._open: list[Log] = []
        opening.create(path, "doctor", self.signer, clock=self.clock)
        self.log, self.gate = self.another()

    def another(self, **options: Any) -> tuple[Log, Gate]:
        """One more gate on the same ledger, as another process would have it."""
        log = opening.open_log(self.path, self.signer, sealing=self.sealing, clock=self.clock)
        self._open.append(log)
        gate = Gate(
            self.project.policy,
            ledger=log,
            directory=self.people,
            keys=self.keys,
            settings=self.settings,
            **{**self._options, **options},
        )
        return log, gate

    def close(self) -> None:
        for log in self._open:
            log.close()

    # ---- asking ----

    def submit(self, candidate: Candidate, **more: Any) -> Permit | str:
        """Attempt a candidate; `more` are fields of its `action`."""
        action = copy.deepcopy(dict(candidate.action))
        action["action"] = {**action["action"], **more}
        return self.gate.submit(action, caller=Caller(candidate.subject))

    def run(self, candidate: Candidate, **more: Any) -> Permit:
        """Attempt what is allowed."""
        found = self.submit(candidate, **more)
        return found if isinstance(found, Permit) else skip(f"`{candidate.name}` waits when it is asked for like this")

    def ask(self, candidate: Candidate, **more: Any) -> str:
        """Attempt what waits for people."""
        try:
            found = self.submit(candidate, **more)
        except Denied as denied:
            if denied.code == "unfillable":
                skip(f"there are not enough people for `{candidate.name}`: {denied}")
            raise
        return found if isinstance(found, str) else skip(f"`{candidate.name}` runs when it is asked for like this")

    def card(self, request: str) -> str:
        return self.gate.card(request, voter(OUTSIDER)).digest

    def agree(self, request: str) -> list[str]:
        """People vote until it is approved: who did."""
        card, voted = self.card(request), list[str]()
        for account in self.gate.view(request).answerers:
            voted.append(account)
            if self.gate.vote(request, voter(account), "approve", card) == "approved":
                return voted
        return skip(f"the {len(voted)} people who can answer are not enough")

    def granted(self, candidate: Candidate, **more: Any) -> Grant:
        """Ask for what waits for people, and have them agree."""
        request = self.ask(candidate, **more)
        self.agree(request)
        return self.gate.wait(request)

    def bodies(self) -> bytes:
        return b"\n".join(entry.body for entry in self.log.entries())


def voter(account: str) -> Voter:
    """A person, as the examination proves it."""
    return Voter(account, by="assentry doctor")


def tool(name: str, **more: Any) -> Tool:
    """A tool that this examination declares."""
    return Tool("assentry-doctor", name, **more)


TOOL = {"name": "assentry-doctor"}
"""How an action names that tool."""

AUTHORITY = Authority(GIVERS, needed=lambda caller: caller.subject["id"] not in {OWNER, OUTSIDER})
