"""A directory that is a handful of dictionaries: for tests, and for those who have four people and no server."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from assentry.approvals.directory import Escalation
from assentry.approvals.terms import Who


@dataclass(frozen=True, slots=True)
class Delegation:
    """An account that may act for somebody from one time up to another, in milliseconds since 1970."""

    account: str
    start: int
    stop: int


@dataclass(frozen=True)
class MemoryDirectory:
    """`people` maps each person to all of that person's accounts; the other fields are as in `Directory`.

    Names are compared as they are; a gate asks for e-mail addresses in lower case.

    An account that stands under no person is a service, an agent or a stranger. Raises ValueError when an account
    stands under two people.
    """

    people: Mapping[str, Collection[str]] = field(default_factory=dict)
    teams: Mapping[Who, Collection[str]] = field(default_factory=dict)
    owned_by: Mapping[str, Collection[str]] = field(default_factory=dict)
    delegations: Mapping[str, Collection[Delegation]] = field(default_factory=dict)
    escalations: Mapping[Who, Escalation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        persons: dict[str, str] = {}
        for person, accounts in self.people.items():
            for account in {person, *accounts}:
                if persons.setdefault(account, person) != person:
                    raise ValueError(f"account `{account}` belongs to two people")
        object.__setattr__(self, "_persons", persons)

    def canonical(self, account: str) -> str | None:
        persons: Mapping[str, str] = self.__dict__["_persons"]
        return persons.get(account)

    def members(self, who: Who) -> Collection[str]:
        return self.teams.get(who, ())

    def owners(self, identity: str) -> Collection[str]:
        return self.owned_by.get(identity, ())

    def deputies(self, person: str, at: int) -> Collection[str]:
        return [each.account for each in self.delegations.get(person, ()) if each.start <= at < each.stop]

    def escalation(self, who: Who) -> Escalation | None:
        return self.escalations.get(who)
