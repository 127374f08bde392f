"""The oracle's world of people: plain facts, and what follows from them by looking at every possibility."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

Who = tuple[str, str]
"""`("group", name)` or `("role", name)`."""


@dataclass
class People:
    """Who is who right now. `accounts` maps an account to its person, and a service or an agent to None.

    `owners` maps an agent to accounts and groups, `deputies` a person to accounts with the milliseconds between
    which they may act for that person, `widens` a seat's people to whom they are widened and after how long.
    """

    accounts: dict[str, str | None] = field(default_factory=dict)
    teams: dict[Who, set[str]] = field(default_factory=dict)
    owners: dict[str, set[str]] = field(default_factory=dict)
    deputies: dict[str, dict[str, tuple[int, int]]] = field(default_factory=dict)
    widens: dict[Who, tuple[Who, int]] = field(default_factory=dict)
    down: bool = False

    def person(self, account: str) -> str | None:
        return self.accounts.get(account)

    def team(self, who: Who) -> set[str]:
        """The persons of a group or with a role."""
        return {person for account in self.teams.get(who, ()) if (person := self.person(account)) is not None}

    def deputy(self, actor: str, principal: str, at: int) -> bool:
        """Whether the first person may act for the second, directly, at this time."""
        entries = self.deputies.get(principal, {}).items()
        return any(self.person(account) == actor and start <= at < stop for account, (start, stop) in entries)

    def owning(self, agent: str) -> set[str]:
        """Everybody and everything that owns an agent, owners of owners included."""
        found: set[str] = set()
        while more := {owner for each in {agent, *found} for owner in self.owners.get(each, ())} - found:
            found |= more
        return found

    def kin(self, names: Iterable[str]) -> set[str]:
        """These names, all that own them, all members of groups among them: accounts and persons."""
        found = set(names)
        for name in tuple(found):
            found |= self.owning(name)
        for name in tuple(found):
            found |= self.teams.get(("group", name), set())
        return found | self.persons(found)

    def persons(self, names: Iterable[str]) -> set[str]:
        return {person for name in names if (person := self.person(name)) is not None}


def most(units: Sequence[set[str]], free: frozenset[str] = frozenset()) -> int:
    """How many places can be filled at once, one candidate a place: by trying everything."""
    if not units:
        return 0
    best = most(units[1:], free)
    for candidate in units[0] - free:
        best = max(best, 1 + most(units[1:], free | {candidate}))
        if best == len(units):
            break
    return best


def short(seats: Sequence[tuple[Who, set[str]]]) -> list[Who]:
    """The seats, in order, whose people do not suffice when those before them are filled first."""
    missing: list[Who] = []
    filled = 0
    for length in range(1, len(seats) + 1):
        now = most([candidates for _, candidates in seats[:length]])
        if now == filled and seats[length - 1][0] not in missing:
            missing.append(seats[length - 1][0])
        filled = now
    return missing
