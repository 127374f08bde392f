"""Random lives of a real gate, held against a model that knows the laws and nothing of the gate's inside.

Several gates stand on one log; people come, go and change their minds, policies and directories change, the clock
goes on, the directory fails. ASSENTRY_GATE_LIVES sets how many lives; a life on SQLite is one of ten.
"""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from assentry.approvals import Settings, Who
from assentry.approvals.memory import Delegation, MemoryDirectory
from assentry.cli.ledger.laws import replay
from assentry.errors import (
    Denied,
    DirectoryUnavailable,
    GateError,
    GrantError,
    LedgerError,
    LedgerUnavailable,
    Rejected,
)
from assentry.gate import Gate, GateKeys, Permit, Tool
from assentry.gate.grant import read_grant
from assentry.ledger import opening
from assentry.ledger.clock import SetClock
from assentry.ledger.note import Signer
from assentry.ledger.sealing import SealingKey
from assentry.ledger.sqlitefile import new_file
from tests.gate.house import AGENT, NOON, RULES, act, memory, people, policy, voter

LIVES = int(os.environ.get("ASSENTRY_GATE_LIVES", "40"))
MINUTE = 60_000
SECRET = "hunter2-canary"

STRICT = RULES.replace('approvers: 1 of group("data-protection")', 'approvers: 2 of group("data-protection")')
CLOSED = RULES.replace('["data.read", "ticket.write"]', '["data.read"]').replace(
    'action.name == "data.share" with', 'action.name == "data.never" with'
)
WANTED = {
    RULES: {"data.export": 2, "data.share": 1},
    STRICT: {"data.export": 2, "data.share": 2},
    CLOSED: {"data.export": 2},
}
ALLOWED = {RULES: {"data.read", "ticket.write"}, STRICT: {"data.read", "ticket.write"}, CLOSED: {"data.read"}}

EFFECT = {"properties": {"number": {"x-effect": True}}}
TOOLS = [
    Tool("write", "ticket.write", schema=EFFECT, harmless=(ValueError,)),
    Tool("share", "data.share", schema=EFFECT, harmless=(ValueError,)),
]

ACCOUNTS = ["ann", "bob", "bob@laptop", "cyd", "dee", "eve", "fay", "etl-7", "nobody"]


@dataclass
class Town:
    """People who can change: teams, accounts, owners; and a directory that can fail."""

    data_protection: set[str] = field(default_factory=lambda: {"bob", "cyd", "dee", "eve"})
    owners: set[str] = field(default_factory=lambda: {"eve"})
    aliases: dict[str, str] = field(default_factory=lambda: {"bob@laptop": "bob"})
    deputies: dict[str, set[str]] = field(default_factory=dict)
    down: bool = False

    def snapshot(self) -> MemoryDirectory:
        if self.down:
            raise TimeoutError("no answer")
        accounts = defaultdict(list)
        for account, person in self.aliases.items():
            accounts[person].append(account)
        persons = {name: tuple(accounts[name]) for name in ("ann", "bob", "cyd", "dee", "eve", "fay", "gus")}
        return people(
            people=persons,
            teams={
                Who("group", "data-protection"): tuple(self.data_protection),
                Who("group", "etl"): tuple(self.owners),
            },
            delegations={
                name: tuple(Delegation(each, 0, 2**53) for each in given) for name, given in self.deputies.items()
            },
        )

    def person(self, account: str) -> str | None:
        if account in {"etl-7", "nobody"}:
            return None
        return self.aliases.get(account, account)


@dataclass
class Told:
    """What the model knows of one request: whose word counts is asked when it is used."""

    name: str
    number: int
    effect: bool
    approvals: dict[tuple[str, str | None], None] = field(default_factory=dict)
    authors: set[str] = field(default_factory=set)
    chain: set[str] = field(default_factory=lambda: {"ann", "etl-7"})
    denied: bool = False
    glass: str | None = None
    wanted: int = 0
    nonces: set[str] = field(default_factory=set)
    ended: str | None = None


class Failing:
    """A ledger that appends nothing while it is `down`."""

    def __init__(self, ledger: Any) -> None:
        self._ledger = ledger
        self.down = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def append(self, items: Any, *, together: bool = False) -> Any:
        if self.down:
            raise LedgerUnavailable("no connection")
        return self._ledger.append(items, together=together)


class Life(RuleBasedStateMachine):
    requests: Bundle[str] = Bundle("requests")
    permits: Bundle[tuple[str, Permit]] = Bundle("permits")

    on_disk = False

    @initialize()
    def open(self) -> None:
        self.clock = SetClock(NOON)
        self.town = Town()
        self.keys = GateKeys.generate("log.example/acme")
        self.in_force = RULES
        self.told: dict[str, Told] = {}
        self.done: set[tuple[str, int]] = set()
        self.checked = 0
        self.ledger: Any = Failing(self._file() if self.on_disk else memory(self.clock))
        self.gates = [self._gate(), self._gate()]

    def _file(self) -> Any:
        self.folder = tempfile.TemporaryDirectory()
        signer, path = Signer.generate("log.example/acme"), Path(self.folder.name) / "log.db"
        new_file(path)
        opening.create(path, "acme", signer, clock=self.clock)
        return opening.open_log(path, signer, sealing=SealingKey.generate(), clock=self.clock)

    def _gate(self) -> Gate:
        return Gate(
            policy(self.in_force),
            ledger=self.ledger,
            directory=self.town,
            keys=self.keys,
            caller=AGENT,
            tools=TOOLS,
            settings=Settings(actor_open=500, actor_hourly=500, approver_open=500),
        )

    def teardown(self) -> None:
        if self.on_disk and hasattr(self, "ledger"):
            self.ledger.close()
            self.folder.cleanup()

    # ---- acting ----

    @rule(
        target=requests,
        name=st.sampled_from(
            ["data.share"] * 4 + ["data.export"] * 2 + ["ticket.write"] * 2 + ["data.read", "db.drop"]
        ),
        number=st.integers(0, 5),
        labels=st.sampled_from([[], [], [], [], [], ["secret"]]),
        changes=st.booleans(),
        which=st.integers(0, 1),
    )
    def submit(self, name: str, number: int, labels: list[str], changes: bool, which: int) -> Any:
        gate = self.gates[which]
        action = act(name, parameters={"number": number, "token": SECRET}, resource={"labels": labels})
        secret = bool(labels) and name in {"data.share", "data.export"}
        try:
            found = gate.submit(action, accepts_changes=changes)
        except Denied as denied:
            if denied.code == "denied":
                assert secret or name not in {*ALLOWED[self.in_force], *WANTED[self.in_force]}
            return multiple()
        assert not secret
        assert not self.town.down
        told = Told(name, number, name in {"ticket.write", "data.share"}, wanted=WANTED[self.in_force].get(name, 0))
        told.chain |= self._chain()
        if isinstance(found, Permit):
            assert name in ALLOWED[self.in_force]
            self.told[found.request] = told
            self._begun(found.request, found)
            return found.request
        request = gate._parts.request(found).id
        self.told.setdefault(request, told)
        return request

    @rule(target=permits, request=requests, nonce=st.sampled_from(["n" * 32, "m" * 32]), which=st.integers(0, 1))
    def use(self, request: str, nonce: str, which: int) -> Any:
        gate, told = self.gates[which], self.told[request]
        if not told.wanted:
            return multiple()
        try:
            grant = gate.wait(request, timeout=0)
        except (Denied, TimeoutError):
            return multiple()
        try:
            permit = gate.redeem(grant, nonce)
        except (Denied, GrantError) as refused:
            if isinstance(refused, Denied) and refused.code == "superseded":
                self._reopened(grant.request, str(refused.request))
            return multiple()
        assert read_grant(grant.text, gate.keys).digest == permit.digest
        request = permit.request  # the one that took its place, where somebody proposed a change
        told = self.told[request]
        if nonce not in told.nonces:
            self._agreed(told)
            self._begun(request, permit)
        return (request, permit)

    def _agreed(self, told: Told) -> None:
        """At this moment, people who may and who are nobody of the chain said yes, and enough of them."""
        assert not self.town.down
        assert not told.denied
        wanted = max(told.wanted, WANTED[self.in_force].get(told.name, 0))
        assert told.name in {*WANTED[self.in_force], *ALLOWED[self.in_force]}
        out = told.chain | self._chain() | told.authors
        if told.glass is not None and self.town.person(told.glass) not in out and told.glass not in out:
            wanted -= told.wanted
        # One vote for each actor and for each principal, and no more seats than different people.
        pairs = set()
        for account, principal in told.approvals:
            actor = self.town.person(account)
            person = actor if principal is None else self.town.person(principal)
            stands = principal is None or account in self.town.deputies.get(str(person), ())
            if stands and person in self.town.data_protection and not {actor, person, account, principal} & out:
                pairs.add((actor, person))
        assert len({actor for actor, _ in pairs}) >= wanted
        assert len({person for _, person in pairs}) >= wanted

    def _chain(self) -> set[str]:
        return {"ann", "etl-7", "etl", *self.town.owners}

    def _begun(self, request: str, permit: Permit) -> None:
        entry = self.ledger.entry(permit.consumed)
        assert (entry.type, entry.request) == ("consumed" if self.told[request].wanted else "allowed", request)
        event("ran after approval" if self.told[request].wanted else "allowed")
        told = self.told[request]
        told.nonces.add(permit.nonce)
        assert len(told.nonces) == 1, "two executors"
        if told.effect:
            assert (told.name, told.number) not in self.done, "the effect happens twice"
            self.done.add((told.name, told.number))

    @rule(
        found=consumes(permits),
        how=st.sampled_from(["returned", "raised", "timed_out", "cancelled", "died"]),
        error=st.sampled_from([None, "ValueError", "KeyError"]),
        which=st.integers(0, 1),
    )
    def report(self, found: tuple[str, Permit], how: Any, error: str | None, which: int) -> None:
        request, permit = found
        if self.told[request].ended is not None:
            return
        try:
            self.gates[which].report(permit, how, error)
        except (Denied, GateError):
            return
        status = self.gates[which].view(request).status if not self.town.down else None
        if status in {"committed", "failed"}:
            self._over(request, status)

    def _over(self, request: str, status: str) -> None:
        told = self.told[request]
        told.ended = status
        if status == "failed":
            self.done.discard((told.name, told.number))

    # ---- people ----

    @rule(
        request=requests,
        account=st.sampled_from(ACCOUNTS),
        principal=st.sampled_from([None, None, None, "cyd", "dee", "bob"]),
        choice=st.sampled_from(["approve", "approve", "approve", "approve", "deny"]),
        stale=st.sampled_from([False, False, False, True]),
        which=st.integers(0, 1),
    )
    def vote(self, request: str, account: str, principal: str | None, choice: Any, stale: bool, which: int) -> None:
        told = self.told[request]
        gate = self.gates[which]
        try:
            card = "sha256:0" if stale else gate.card(request, voter(account)).digest
            gate.vote(request, voter(account), choice, card, principal=principal, reason=SECRET)
        except Rejected:
            return
        assert not stale
        assert not self.town.down
        person = self.town.person(account)
        assert person is not None, "no agent votes"
        assert not {account, person, principal} & (self._chain() | told.authors), "nobody approves their own"
        if choice == "deny":
            told.denied = True
        else:
            told.approvals[account, principal] = None

    @rule(request=requests, accounts=st.permutations(["bob", "cyd", "dee"]), number=st.integers(1, 3))
    def many_votes(self, request: str, accounts: list[str], number: int) -> None:
        for account in accounts[:number]:
            self.vote(request=request, account=account, principal=None, choice="approve", stale=False, which=0)

    @rule(target=requests, request=requests, account=st.sampled_from(ACCOUNTS), number=st.integers(0, 3))
    def counter(self, request: str, account: str, number: int) -> Any:
        told = self.told[request]
        gate = self.gates[0]
        try:
            card = gate.card(request, voter(account)).digest
            proposed = gate.counter(request, voter(account), {"action": {"parameters": {"number": number}}}, card)
        except Rejected:
            return multiple()
        event("changed by a person")
        made = Told(told.name, number, told.effect, chain=told.chain | self._chain(), wanted=told.wanted)
        made.wanted = max(told.wanted, WANTED[self.in_force].get(told.name, 0))
        made.authors = told.authors | {account, str(self.town.person(account))}
        self.told[proposed] = made
        return proposed

    def _reopened(self, request: str, successor: str) -> None:
        event("asked once more")
        told = self.told[request]
        made = Told(told.name, told.number, told.effect, chain=told.chain | self._chain(), authors=set(told.authors))
        made.wanted = max(told.wanted, WANTED[self.in_force].get(told.name, 0))
        self.told[successor] = made

    @rule(request=requests, account=st.sampled_from(ACCOUNTS), reason=st.sampled_from(["", "fire"]))
    def break_glass(self, request: str, account: str, reason: str) -> None:
        told = self.told[request]
        try:
            card = self.gates[0].card(request, voter(account)).digest
            self.gates[0].break_glass(request, voter(account), card, reason, minutes=5)
        except Rejected:
            return
        assert reason
        assert not told.denied
        assert not {account, self.town.person(account)} & (self._chain() | told.authors)
        event("glass broken")
        told.glass = account

    @rule(request=requests, account=st.sampled_from(ACCOUNTS), outcome=st.sampled_from(["committed", "failed"]))
    def resolve(self, request: str, account: str, outcome: Any) -> None:
        told = self.told[request]
        try:
            self.gates[1].resolve(request, voter(account), outcome, SECRET)
        except Rejected:
            return
        assert not {account, self.town.person(account)} & (self._chain() | told.authors)
        assert self.town.person(account) is not None
        event("resolved")
        self._over(request, outcome)

    @rule(request=requests, account=st.sampled_from(ACCOUNTS), what=st.sampled_from(["revoke", "review", "cancel"]))
    def other(self, request: str, account: str, what: str) -> None:
        try:
            if what == "cancel":
                self.gates[0].cancel(request)
            else:
                getattr(self.gates[0], what)(request, voter(account), "because")
        except (Denied, Rejected):
            return

    # ---- the world ----

    @rule(what=st.sampled_from(["policy", "people", "restart", "time", "time"]), data=st.data())
    def the_world_changes(self, what: str, data: st.DataObject) -> None:
        if what == "policy":
            self.in_force = data.draw(st.sampled_from([RULES, STRICT, CLOSED]))
            for gate in self.gates:
                gate.use(policy(self.in_force))
        elif what == "people":
            self._people_change(data.draw(st.sampled_from(["bob", "cyd", "dee", "eve", "fay"])), data)
        elif what == "time":
            self.clock.tick(data.draw(st.sampled_from([0, 1, 1, 2, 4, 6, 16, 31])) * MINUTE + 7)
            self.gates[0].sweep()
        elif not self.town.down:
            self.gates[data.draw(st.integers(0, 1))] = self._gate()

    @rule(request=requests, account=st.sampled_from(["bob", "cyd", "dee"]))
    def the_ledger_fails(self, request: str, account: str) -> None:
        """Commit before verdict: what cannot be written down does not run, and gives no permit."""
        gate, size = self.gates[0], self.ledger.head().size
        calls: list[Callable[[], object]] = [
            lambda: gate.submit(act("data.read")),
            lambda: gate.submit(act("ticket.write", parameters={"number": 7})),
            lambda: gate.redeem(gate.wait(request, timeout=0), "x" * 32),
            lambda: gate.vote(request, voter(account), "approve", gate.view(request).card),
        ]
        self.ledger.down = True
        for call in calls:
            with pytest.raises((GateError, LedgerError, DirectoryUnavailable, TimeoutError)):
                call()
        self.ledger.down = False
        written = {entry.type for entry in self.ledger.entries(size)}
        assert written <= {"rejected", "committed"}, "what was put off before, and nothing else"

    def _people_change(self, account: str, data: st.DataObject) -> None:
        town, what = self.town, data.draw(st.integers(0, 4))
        if what == 0:
            town.data_protection ^= {account}
        elif what == 1:
            town.owners = (town.owners ^ {account}) or {"eve"}
        elif what == 2:
            town.aliases["bob@laptop"] = account
        elif what == 3:
            town.deputies.setdefault(account, set()).symmetric_difference_update({"fay"})
        else:
            town.down = not town.down

    @precondition(lambda self: self.town.down)
    @rule()
    def the_directory_is_back(self) -> None:
        self.town.down = False

    @invariant()
    def the_history_is_legal_and_tells_no_secret(self) -> None:
        if not hasattr(self, "ledger"):
            return
        size = self.ledger.head().size
        for entry in self.ledger.entries(self.checked, size):
            assert SECRET.encode() not in entry.body
            assert b"etl-7" not in entry.body
            assert b"crm.people" not in entry.body
        if size // 25 > self.checked // 25:
            assert list(replay(self.ledger.entries())) == []
        self.checked = size


class LifeOnDisk(Life):
    on_disk = True


_SETTINGS = settings(
    max_examples=LIVES,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

TestLife = pytest.mark.timeout(1200)(Life.TestCase)
TestLife.settings = _SETTINGS
TestLifeOnDisk = pytest.mark.timeout(1200)(LifeOnDisk.TestCase)
TestLifeOnDisk.settings = settings(_SETTINGS, max_examples=max(1, LIVES // 10))
