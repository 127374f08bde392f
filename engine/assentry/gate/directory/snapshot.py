"""A directory as of one moment: it answers from memory, at once, and never changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from typing import TypeVar

from assentry.approvals.directory import Escalation
from assentry.approvals.memory import Delegation
from assentry.approvals.terms import Who
from assentry.gate.directory.identities import identify
from assentry.gate.directory.names import normal
from assentry.gate.directory.records import Records, Team

K = TypeVar("K")
V = TypeVar("V")


class Snapshot:
    """`approvals.Directory` over the records of one or more sources; those that come first decide.

    `version` is a digest of the records: two snapshots of one version answer equally. `findings` are texts on who
    and what was put aside, sorted. A group, an identity's owners or an escalation that two sources define are
    those of the first of them.
    """

    def __init__(self, sources: Sequence[Records]) -> None:
        self._owners = _first((normal(name), owners) for each in sources for name, owners in each.owners.items())
        services = {name for each in sources for name in each.services} | self._owners.keys()
        self._identities = identify([each.people for each in sources], services)
        self._teams = _first((_usual(who), team) for each in sources for who, team in each.teams.items())
        self._escalations = _first((_usual(who), to) for each in sources for who, to in each.escalations.items())
        self._deputies = self._delegations(sources)
        self.findings = tuple(
            sorted({*self._identities.findings, *(text for each in sources for text in each.findings)})
        )
        self.version = _digest(sources)

    def canonical(self, account: str) -> str | None:
        """The person behind an account; None for a service, an agent, who left, and whoever is not known."""
        return self._identities.persons.get(normal(account))

    def members(self, who: Who) -> Collection[str]:
        """The accounts of a group or with a role, nested ones included; groups that contain each other are no harm."""
        found: set[str] = set()
        seen = {_usual(who)}
        ahead = [_usual(who)]
        while ahead:
            team = self._teams.get(ahead.pop())
            if team is not None:
                found |= team.members
                new = {_usual(each) for each in team.nested} - seen
                seen |= new
                ahead += new
        return found

    def owners(self, identity: str) -> Collection[str]:
        """The accounts and groups that answer for an agent, a service or a resource."""
        return self._owners.get(normal(identity), frozenset())

    def deputies(self, person: str, at: int) -> Collection[str]:
        """The accounts that may act for a person at a time, in milliseconds since 1970."""
        canonical = self.canonical(person) or normal(person)
        return [each.account for each in self._deputies.get(canonical, ()) if each.start <= at < each.stop]

    def escalation(self, who: Who) -> Escalation | None:
        """Whom a seat is widened to, and when."""
        return self._escalations.get(_usual(who))

    def label(self, person: str) -> str:
        """A person's name, for people to read; the id where none is known."""
        return self._identities.labels.get(person) or person

    def with_members(self, more: Mapping[Who, frozenset[str]]) -> Snapshot:
        """The same with more accounts in groups and roles, those included that it did not know."""
        wider = copy(self)
        wider._teams = dict(self._teams)
        for each, accounts in more.items():
            who = _usual(each)
            team = self._teams.get(who, Team())
            wider._teams[who] = Team(team.members | accounts, team.nested)
        known = json.dumps([self.version, sorted([str(who), sorted(names)] for who, names in more.items())])
        wider.version = _sha256(known)
        return wider

    @property
    def people(self) -> Collection[str]:
        """All persons who could answer something."""
        return self._identities.labels.keys()

    @property
    def teams(self) -> Collection[Who]:
        """All groups and roles."""
        return self._teams.keys()

    def _delegations(self, sources: Iterable[Records]) -> dict[str, tuple[Delegation, ...]]:
        found: dict[str, tuple[Delegation, ...]] = {}
        for each in sources:
            for account, delegations in each.deputies.items():
                person = self.canonical(account)
                if person is not None:
                    found[person] = found.get(person, ()) + tuple(delegations)
        return found


def _usual(who: Who) -> Who:
    """The form in which groups are compared: one that is named by an address can be met in another spelling."""
    return Who(who.selector, normal(who.name))


def _first(pairs: Iterable[tuple[K, V]]) -> dict[K, V]:
    found: dict[K, V] = {}
    for key, value in pairs:
        found.setdefault(key, value)
    return found


def _digest(sources: Iterable[Records]) -> str:
    """Over everything that an answer can hang on, in an order of its own."""
    text = json.dumps([_plain(each) for each in sources], ensure_ascii=True, sort_keys=True)
    return _sha256(text)


def _sha256(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _plain(records: Records) -> dict[str, object]:
    return {
        "people": sorted(
            [person.id, sorted(person.accounts), person.active, person.label] for person in records.people
        ),
        "teams": sorted([str(who), *_members(team)] for who, team in records.teams.items()),
        "owners": sorted([name, sorted(owners)] for name, owners in records.owners.items()),
        "services": sorted(records.services),
        "deputies": sorted(
            [person, sorted([each.account, each.start, each.stop] for each in delegations)]
            for person, delegations in records.deputies.items()
        ),
        "escalations": sorted([str(who), str(each.to), each.after_ms] for who, each in records.escalations.items()),
    }


def _members(team: Team) -> tuple[list[str], list[str]]:
    return sorted(team.members), sorted(map(str, team.nested))
