"""What a source says of people, as plain data; names are normalised when a snapshot is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from assentry.approvals.directory import Escalation
from assentry.approvals.memory import Delegation
from assentry.approvals.terms import Who


@dataclass(frozen=True, slots=True)
class Person:
    """One person of one source: an id, all other accounts, a name for people to read."""

    id: str
    accounts: frozenset[str] = frozenset()
    active: bool = True
    label: str = ""


@dataclass(frozen=True, slots=True)
class Team:
    """The people of a group or with a role: accounts, and other groups and roles whose people belong to it."""

    members: frozenset[str] = frozenset()
    nested: frozenset[Who] = frozenset()


@dataclass(frozen=True, slots=True)
class Records:
    """All that one source says.

    `owners` names the accounts and groups that answer for an agent, a service or a resource, `services` the accounts
    behind which nobody stands, `deputies` by person who may act for that person and when. `findings` are texts on
    what could not be taken.
    """

    people: tuple[Person, ...] = ()
    teams: Mapping[Who, Team] = field(default_factory=dict)
    owners: Mapping[str, frozenset[str]] = field(default_factory=dict)
    services: frozenset[str] = frozenset()
    deputies: Mapping[str, tuple[Delegation, ...]] = field(default_factory=dict)
    escalations: Mapping[Who, Escalation] = field(default_factory=dict)
    findings: tuple[str, ...] = ()
