"""Which accounts are one person, over several sources, and who is nobody because two could be meant.

The first source decides who is one person; a person of a later source is that one when both have an account in
common, and another one otherwise. Whenever two people of the same source claim an account, or a later person would
join two earlier ones, all of them are put aside: for an approval nobody is better than the wrong one. So is whoever
has an account that is named as a service, or has owners: an agent stays an agent when a server lists it as a user.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from assentry.gate.directory.names import drawn, normal
from assentry.gate.directory.records import Person


@dataclass(slots=True)
class _One:
    """One human, as known so far."""

    id: str
    accounts: set[str]
    active: bool
    label: str
    aside: bool = False


@dataclass(slots=True)
class Identities:
    """Accounts, normalised, to persons; `labels` by person; `findings` on those put aside."""

    persons: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)


def identify(sources: Sequence[Sequence[Person]], services: Iterable[str]) -> Identities:
    """The identities that sources agree on, the ones with the first say first."""
    known = _Known()
    for people in sources:
        known.add(people)
    known.put_aside_services(frozenset(services))
    return known.result()


class _Known:
    def __init__(self) -> None:
        self._all: list[_One] = []
        self._by_account: dict[str, _One] = {}
        self._blocked: set[str] = set()
        self._findings: list[str] = []

    def add(self, people: Sequence[Person]) -> None:
        """One more source. Joins are judged by what earlier sources said, not by the order within this one."""
        rows = [(person, {normal(person.id), *map(normal, person.accounts)}) for person in people]
        claims = Counter(account for _, accounts in rows for account in accounts)
        fresh: list[_One] = []
        for person, accounts in rows:
            contested = sorted(account for account in accounts if claims[account] > 1)
            earlier = {id(one): one for account in accounts if (one := self._by_account.get(account)) is not None}
            if contested:
                self._findings.append(f"`{person.id}` is nobody: another person has the account `{contested[0]}`, too")
                self._blocked |= accounts
            elif len(earlier) > 1:
                self._join_refused(person, accounts, list(earlier.values()))
            elif earlier:
                [one] = earlier.values()
                one.accounts |= accounts
                one.active = one.active and person.active
                one.label = one.label or person.label
            else:
                fresh.append(_One(normal(person.id), accounts, person.active, person.label))
        self._all += fresh
        self._by_account = {account: one for one in self._all for account in one.accounts}

    def _join_refused(self, person: Person, accounts: set[str], earlier: Sequence[_One]) -> None:
        names = " and ".join(f"`{one.id}`" for one in sorted(earlier, key=lambda one: one.id))
        self._findings.append(f"{names} are nobody: `{person.id}` has accounts of both")
        self._blocked |= accounts
        for one in earlier:
            one.aside = True

    def put_aside_services(self, services: frozenset[str]) -> None:
        """An account that has owners, or is named as a service's, is nobody's."""
        named = frozenset(map(normal, services))
        for one in self._all:
            if found := sorted(one.accounts & named):
                one.aside = True
                self._findings.append(f"`{one.id}` is nobody: `{found[0]}` is an agent or a service")

    def result(self) -> Identities:
        for one in self._all:
            if one.aside:
                self._blocked |= one.accounts
        found = Identities(findings=self._findings)
        for one in self._all:
            if one.active and not one.aside:
                found.persons.update((account, one.id) for account in one.accounts if account not in self._blocked)
                found.labels[one.id] = one.label
        found.findings += _look_alikes(found.persons)
        return found


def _look_alikes(persons: dict[str, str]) -> list[str]:
    """Accounts of two people that look the same. They stay two."""
    seen: dict[str, str] = {}
    findings = []
    for account in sorted(persons):
        other = seen.setdefault(drawn(account), account)
        if persons[other] != persons[account]:
            findings.append(f"`{account}` of `{persons[account]}` looks like `{other}` of `{persons[other]}`")
    return findings
