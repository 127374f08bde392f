"""Groups and roles out of verified ID tokens: they count for the one who signed in, until the token expires.

Claims say nothing of who did not sign in, and nothing about who is one person: who somebody is, and whether enough
people could fill a seat, is for the directory beneath.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from assentry.approvals.terms import Who
from assentry.errors import DirectoryUnavailable
from assentry.gate.directory.oidc import Identity
from assentry.gate.directory.snapshot import Snapshot
from assentry.gate.directory.source import SnapshotSource

MAX_SIGNED_IN = 10_000

Joined = Mapping[Who, frozenset[str]]


class ClaimsDirectory:
    """A directory, and the memberships of those who signed in.

    `groups` and `roles` map the issuer's words to the names that rules use; a claim that they do not name is nothing.
    What one process learned, another one does not know: where several decide, use SCIM.
    """

    def __init__(
        self,
        base: SnapshotSource,
        *,
        groups: Mapping[str, str],
        roles: Mapping[str, str],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._base = base
        self._groups = dict(groups)
        self._roles = dict(roles)
        self._now = now
        self._lock = threading.Lock()
        self._signed_in: dict[str, Identity] = {}
        self._last: tuple[Snapshot, Joined, Snapshot] | None = None

    def learn(self, identity: Identity) -> None:
        """Somebody signed in; the newest token of an account is the one that counts, also when it has expired.

        Raises DirectoryUnavailable when too many have.
        """
        with self._lock:
            known = self._signed_in.get(identity.account)
            if known is not None and known.issued_ms > identity.issued_ms:
                return
            if known is None and len(self._signed_in) >= MAX_SIGNED_IN:
                self._forget()
            if known is None and len(self._signed_in) >= MAX_SIGNED_IN:
                raise DirectoryUnavailable(f"more than {MAX_SIGNED_IN} people are signed in")
            self._signed_in[identity.account] = identity

    def snapshot(self) -> Snapshot:
        """The directory beneath as of now, with the memberships of those whose tokens hold. Raises DirectoryUnavailable."""
        base = self._base.snapshot()
        with self._lock:
            joined = self._joined()
            last = self._last
            if last is None or last[0] is not base or last[1] != joined:
                last = (base, joined, base.with_members(joined) if joined else base)
                self._last = last
            return last[2]

    def _forget(self) -> None:
        """Let go of those whose tokens have expired: until then no older token can bring back what a newer one took."""
        self._signed_in = dict(self._in_force())

    def _in_force(self) -> list[tuple[str, Identity]]:
        now_ms = int(self._now() * 1000)
        return [(account, identity) for account, identity in self._signed_in.items() if identity.expires_ms > now_ms]

    def _joined(self) -> Joined:
        found: dict[Who, set[str]] = {}
        for account, identity in self._in_force():
            for claim in identity.groups & self._groups.keys():
                found.setdefault(Who("group", self._groups[claim]), set()).add(account)
            for claim in identity.roles & self._roles.keys():
                found.setdefault(Who("role", self._roles[claim]), set()).add(account)
        return {who: frozenset(accounts) for who, accounts in found.items()}
