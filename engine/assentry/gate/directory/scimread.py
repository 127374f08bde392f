"""What a SCIM 2.0 server says (RFC 7643) as records: users, groups, roles.

A user who is not as the standard has it is nobody. A group that is not is a no to everything: its members could be
those who must not approve, and to leave one out would let that one in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assentry.approvals.terms import Who
from assentry.errors import ConfigError, DirectoryUnavailable
from assentry.gate.directory.names import normal, of_issuer, usable
from assentry.gate.directory.records import Person, Records, Team

NAMES = ("userName", "externalId", "emails")
"""The attributes that can be accounts."""

SUBJECTS = ("id", "userName", "externalId")
"""The attributes that can be the subject of an ID token."""


@dataclass(frozen=True, slots=True)
class Naming:
    """Which attributes of a user are accounts. Raises ConfigError for others.

    With an `issuer`, the attribute `subject` is what ID tokens of that issuer call the user, too.
    """

    accounts: tuple[str, ...] = ("userName",)
    issuer: str | None = None
    subject: str = "externalId"

    def __post_init__(self) -> None:
        unknown = [name for name in self.accounts if name not in NAMES]
        if unknown or not self.accounts:
            raise ConfigError(f"the accounts of a SCIM user can be {', '.join(NAMES)}, not `{', '.join(unknown)}`")
        if self.subject not in SUBJECTS:
            raise ConfigError(f"the subject of a SCIM user can be {', '.join(SUBJECTS)}, not `{self.subject}`")


def own_account(user: str) -> str:
    """The account of a user that never changes: its id on the server."""
    return f"scim:{user}"


def read_records(users: Sequence[Mapping[str, Any]], groups: Sequence[Mapping[str, Any]], naming: Naming) -> Records:
    """The records in resources that have an `id` each. Raises DirectoryUnavailable."""
    findings: list[str] = []
    people = []
    teams: dict[Who, Team] = {}
    by_role: dict[str, set[str]] = {}
    for user in users:
        person = _person(user, naming)
        if person is None:
            findings.append(f"the SCIM user `{user['id']}` is nobody: its attributes are not as they should be")
            continue
        people.append(person)
        for role in _values(user.get("roles")) or ():
            by_role.setdefault(role, set()).add(person.id)
    names = _group_names(groups)
    for group in groups:
        teams[names[group["id"]]] = _team(group, names)
    teams |= {Who("role", role): Team(frozenset(members)) for role, members in by_role.items() if usable(role)}
    return Records(tuple(people), teams, findings=tuple(findings))


def _person(user: Mapping[str, Any], naming: Naming) -> Person | None:
    accounts: set[str] = set()
    for name in naming.accounts:
        value = user.get(name)
        found = _values(value) if name == "emails" else ([] if value is None else [value])
        if found is None or not all(isinstance(each, str) and usable(each) for each in found):
            return None
        accounts.update(found)
    if naming.issuer is not None:
        subject = user.get(naming.subject)
        if isinstance(subject, str) and usable(subject):
            accounts.add(of_issuer(naming.issuer, subject))
        elif subject is not None:
            return None
    label = user.get("displayName")
    is_active = user.get("active", True) is True
    return Person(
        own_account(user["id"]), frozenset(accounts), is_active, label if isinstance(label, str) else user["id"]
    )


def _values(entries: object) -> list[str] | None:
    """The `value` of each entry of a multi-valued attribute; None when one is no text, or it is no such attribute."""
    if entries is None:
        return []
    if not isinstance(entries, list):
        return None
    values = [entry.get("value") if isinstance(entry, dict) else None for entry in entries]
    texts = [value for value in values if isinstance(value, str)]
    return texts if len(texts) == len(values) else None


def _group_names(groups: Sequence[Mapping[str, Any]]) -> dict[str, Who]:
    names: dict[str, Who] = {}
    seen: set[str] = set()
    for group in groups:
        name = group.get("displayName")
        if not isinstance(name, str) or not usable(name):
            raise DirectoryUnavailable(f"the SCIM group `{group['id']}` has no usable name")
        if normal(name) in seen:
            raise DirectoryUnavailable(f"two SCIM groups are called `{name}`: a filter can choose one of them")
        seen.add(normal(name))
        names[group["id"]] = Who("group", name)
    return names


def _team(group: Mapping[str, Any], groups: Mapping[str, Who]) -> Team:
    members: set[str] = set()
    nested: set[Who] = set()
    values = _values(group.get("members"))
    if values is None:
        raise DirectoryUnavailable(f"the members of the SCIM group `{group['id']}` are not as they should be")
    for value in values:
        if value in groups:
            nested.add(groups[value])
        else:
            members.add(own_account(value))
    return Team(frozenset(members), frozenset(nested))
