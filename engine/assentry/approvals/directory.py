"""The promise of a directory: who is who, and who may answer for whom, as of now.

Accounts are what a transport proves; a *person* is the one human behind one or more accounts. A directory that
fails is taken as a no by everything here: nobody is eligible, nothing is approved, nothing runs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from assentry.approvals.terms import Who
from assentry.errors import DirectoryUnavailable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Escalation:
    """Who else may take a seat once it has waited for `after_ms` milliseconds."""

    to: Who
    after_ms: int


class Directory(Protocol):
    """People, groups, roles, owners, delegations and escalations. Any method may raise whatever it likes."""

    def canonical(self, account: str) -> str | None:
        """The one person behind an account; None for a service, an agent, a group and whoever is not known.

        A person's own id is an account of that person, also after two ids turned out to be one person.
        """
        ...

    def members(self, who: Who) -> Collection[str]:
        """The accounts in a group or with a role, those of nested groups included; empty when there is none."""
        ...

    def owners(self, identity: str) -> Collection[str]:
        """The accounts and groups that answer for an agent or a service; empty when none is known."""
        ...

    def deputies(self, person: str, at: int) -> Collection[str]:
        """The accounts that may act for a person at a time, in milliseconds since 1970."""
        ...

    def escalation(self, who: Who) -> Escalation | None:
        """Whom a seat is widened to, and when; None when it is not."""
        ...


class Reading:
    """A directory as one decision sees it: every question is asked once, and every failure is DirectoryUnavailable.

    Whoever knows that the directory has not changed may give one reading to many decisions.
    """

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._kept: dict[Hashable, Any] = {}

    def person(self, account: str) -> str | None:
        """The person behind an account, or None."""
        return self._ask(("person", account), lambda: _name(self._directory.canonical(account)))

    def persons(self, accounts: Iterable[str]) -> frozenset[str]:
        """The persons behind accounts; services, agents and strangers are left out."""
        return frozenset(person for account in accounts if (person := self.person(account)) is not None)

    def members(self, who: Who) -> frozenset[str]:
        """The accounts of a group or with a role."""
        return self._ask(("members", who), lambda: _names(self._directory.members(who)))

    def team(self, who: Who) -> frozenset[str]:
        """The persons of a group or with a role."""
        return self._ask(("team", who), lambda: self.persons(self.members(who)))

    def owning(self, identity: str) -> frozenset[str]:
        """All that own an identity: its owners, their owners, and so on."""
        return self._ask(("owning", identity), lambda: self._all_owners(identity))

    def kin(self, identities: Collection[str]) -> frozenset[str]:
        """Identities, all that own them, the members of all groups among them: as accounts and as persons."""
        return self._ask(("kin", *identities), lambda: self._all_kin(identities))

    def _all_owners(self, identity: str) -> frozenset[str]:
        found: set[str] = set()
        ahead = [identity]
        while ahead:
            owners = self._owners(ahead.pop())
            ahead += owners - found
            found |= owners
        return frozenset(found)

    def _owners(self, identity: str) -> frozenset[str]:
        return self._ask(("owners", identity), lambda: _names(self._directory.owners(identity)))

    def _all_kin(self, identities: Collection[str]) -> frozenset[str]:
        names = set(identities)
        names.update(*[self.owning(each) for each in names])
        accounts = names.union(*[self.members(Who("group", each)) for each in names])
        return frozenset(accounts) | self.persons(accounts)

    def is_deputy(self, actor: str, principal: str, at: int) -> bool:
        """Whether one person may act for another; only what the other delegated, never what was delegated to that one."""
        accounts = self._ask(("deputies", principal, at), lambda: _names(self._directory.deputies(principal, at)))
        return actor in self.persons(accounts)

    def escalation(self, who: Who) -> Escalation | None:
        """Whom a seat is widened to, and when."""
        return self._ask(("escalation", who), lambda: self._directory.escalation(who))

    def _ask(self, question: Hashable, answer: Callable[[], T]) -> T:
        if question not in self._kept:
            try:
                self._kept[question] = answer()
            except DirectoryUnavailable:
                raise
            except Exception as error:
                # A failing directory means no, however it fails.
                raise DirectoryUnavailable(f"the directory failed: {type(error).__name__}") from error
        answered: T = self._kept[question]
        return answered


def _name(answer: object) -> str | None:
    if answer is None or isinstance(answer, str):
        return answer or None
    raise DirectoryUnavailable("the directory gave a person that is no text")


def _names(answer: object) -> frozenset[str]:
    """A text is a collection of letters, and a directory that mistakes one for the other has failed."""
    if (
        isinstance(answer, str)
        or not isinstance(answer, Collection)
        or not all(isinstance(each, str) for each in answer)
    ):
        raise DirectoryUnavailable("the directory gave accounts that are no collection of texts")
    return frozenset(answer)
