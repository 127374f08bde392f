"""Who has no say (law 4), asked before anybody's eligibility: the requester's whole chain, then and now.

Services and agents need no list: no person stands behind them, so they can do nothing that a person has to do.
"""

from __future__ import annotations

from collections.abc import Iterable

from assentry.approvals.directory import Reading
from assentry.approvals.request import Chain, Request


def of_chain(people: Reading, chain: Chain) -> frozenset[str]:
    """The accounts and persons of a chain as of now: all its identities, their owners, the members of groups."""
    return people.kin(chain.names)


def of_request(people: Reading, request: Request, *, development: bool = False) -> frozenset[str]:
    """The accounts and persons excluded from a request: those of the chain then and now, every author of a change.

    Accounts that were excluded stand for whoever is behind them now. In development mode nobody is excluded.
    """
    if development:
        return frozenset()
    known = request.excluded | of_chain(people, request.chain)
    return known | people.persons(known)


def owners(people: Reading, requester: str) -> frozenset[str]:
    """All that own a requester: accounts, groups and services."""
    return people.owning(requester)


def is_answered_for(people: Reading, requester: str) -> bool:
    """Whether the requester is a person, or some person is known to own it."""
    if people.person(requester) is not None:
        return True
    return bool(people.persons(people.kin(owners(people, requester))))


def touches(excluded: frozenset[str], names: Iterable[str | None]) -> bool:
    """Whether one of these accounts or persons is excluded."""
    return any(name in excluded for name in names if name is not None)
