"""Opaque ids: what stands in the log for a person, an account or a group that owns something.

An id is an HMAC under the tenant's secret, so nobody else can confirm a guess, and after erasure the log names nobody.
The gate has to ask the directory by names, so it keeps those that it has met; where it has not, it finds them in the
documents sealed beside a request's entries.
"""

from __future__ import annotations

import threading
from base64 import urlsafe_b64encode
from collections.abc import Collection, Iterable

from assentry.approvals.directory import Directory, Escalation
from assentry.approvals.terms import Who
from assentry.gate.directory.names import normal
from assentry.gate.keys import TenantKey

MARK = "~"
"""What an opaque id begins with."""

MAX_NAMES = 200_000
"""Names that are kept at once; callers can invent any number of them."""


class Names:
    """Names and their ids, both ways. Safe for threads.

    `revision` grows with every name that is new, `forgotten` whenever there were too many and all begins anew.
    """

    def __init__(self, key: TenantKey) -> None:
        self._key = key
        self._ids: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._mutex = threading.Lock()
        self.revision = 0
        self.forgotten = 0

    def id(self, name: str) -> str:
        """The id of a name. One spelling of an address is as good as another."""
        found = self._ids.get(name)
        return self._learn(name) if found is None else found

    def ids(self, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.id(name) for name in names)

    def name(self, identity: str) -> str | None:
        """The name behind an id; None when it was never met here."""
        return self._names.get(identity)

    def names(self, identities: Iterable[str]) -> list[str]:
        """The names behind ids, as far as they are known, in order."""
        return sorted(name for identity in identities if (name := self._names.get(identity)) is not None)

    def _learn(self, name: str) -> str:
        usual = normal(name)
        identity = (
            MARK + urlsafe_b64encode(self._key.hmac(b"name", usual.encode(errors="surrogatepass"))[:16]).decode()[:22]
        )
        with self._mutex:
            if len(self._ids) >= MAX_NAMES:
                self._ids.clear()
                self._names.clear()
                self.forgotten += 1
            self._ids[name] = identity
            self._names[identity] = usual
            self.revision += 1
        return identity


class OpaqueDirectory:
    """A directory in terms of ids: what `approvals.decide` asks. Groups and roles of rules keep their names."""

    def __init__(self, directory: Directory, names: Names) -> None:
        self._directory = directory
        self._names = names

    def canonical(self, account: str) -> str | None:
        name = self._name(account)
        person = None if name is None else self._directory.canonical(name)
        return None if person is None else self._names.id(person)

    def members(self, who: Who) -> Collection[str]:
        name = self._name(who.name) if who.name.startswith(MARK) else who.name
        return () if name is None else self._ids(self._directory.members(Who(who.selector, name)))

    def owners(self, identity: str) -> Collection[str]:
        name = self._name(identity)
        return () if name is None else self._ids(self._directory.owners(name))

    def deputies(self, person: str, at: int) -> Collection[str]:
        name = self._name(person)
        return () if name is None else self._ids(self._directory.deputies(name, at))

    def escalation(self, who: Who) -> Escalation | None:
        return self._directory.escalation(who)

    def _name(self, identity: str) -> str | None:
        return self._names.name(identity)

    def _ids(self, names: Collection[str]) -> Collection[str]:
        # A text is a collection of letters: leave it as it is, so that it is noticed for what it is.
        return names if isinstance(names, str) else self._names.ids(names)
