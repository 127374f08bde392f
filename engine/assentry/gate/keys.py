"""The gate's keys: the tenant's secret, and the keys that sign grants. None of them signs or seals the log.

The secret makes digests and ids that nobody without it can confirm by guessing. Grants of a log for development are
signed by a key of their own, so that no executor takes one for a real one.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from hmac import digest
from pathlib import Path

from assentry.errors import LedgerKey
from assentry.ledger.encoding import from_base64, to_base64
from assentry.ledger.keyfiles import read_private, read_signer, write_private
from assentry.ledger.note import Signer

TENANT_KEY = "tenant.key"
GRANT_KEY = "grant.key"
DEVELOPMENT_KEY = "development.key"

_PREFIX = "TENANT+KEY+"


@dataclass(frozen=True)
class TenantKey:
    """The secret of a tenant. It is never printed."""

    _key: bytes

    @classmethod
    def generate(cls) -> TenantKey:
        return cls(os.urandom(32))

    @classmethod
    def parse(cls, text: str) -> TenantKey:
        """Read a tenant's secret. Raises LedgerKey, which never quotes it."""
        try:
            raw = from_base64(text.strip().removeprefix(_PREFIX))
        except ValueError as error:
            raise LedgerKey("not a tenant's key: not base64") from error
        if len(raw) != 32 or not text.startswith(_PREFIX):
            raise LedgerKey(f"not a tenant's key: expected `{_PREFIX}` and 32 bytes")
        return cls(raw)

    def private_text(self) -> str:
        """The text of the key, for its file only."""
        return _PREFIX + to_base64(self._key)

    @property
    def mark(self) -> str:
        """What a log may know of the key: that another one is another, and nothing else."""
        return self.hmac(b"tenant", b"").hex()

    def hmac(self, purpose: bytes, message: bytes) -> bytes:
        """HMAC-SHA-256 of a message; `purpose` keeps one use of the key apart from another."""
        return digest(self._key, purpose + b"\0" + message, "sha256")

    def __repr__(self) -> str:
        return "TenantKey()"


@dataclass(frozen=True)
class GateKeys:
    """`grants` signs grants and permits; in a log for development, `development` does."""

    tenant: TenantKey
    grants: Signer
    development: Signer

    @classmethod
    def generate(cls, origin: str) -> GateKeys:
        """New keys that are kept nowhere. Raises LedgerKey for an origin that no key can be named after."""
        grants, development = Signer.generate(f"{origin}/grants"), Signer.generate(f"{origin}/development")
        return cls(TenantKey.generate(), grants, development)

    def signer(self, *, development: bool) -> Signer:
        """Who signs grants in this mode."""
        return self.development if development else self.grants


def make(folder: Path, origin: str) -> GateKeys:
    """The keys in a folder; those that are missing are made, with `grant.pub` beside them. Raises LedgerKey."""
    fresh = GateKeys.generate(origin)
    missing = {
        TENANT_KEY: fresh.tenant.private_text(),
        GRANT_KEY: fresh.grants.private_text(),
        DEVELOPMENT_KEY: fresh.development.private_text(),
    }
    for name, text in missing.items():
        if not (folder / name).exists():
            write_private(folder / name, text)
    keys = read(folder)
    for name, signer in ((GRANT_KEY, keys.grants), (DEVELOPMENT_KEY, keys.development)):
        (folder / name).with_suffix(".pub").write_text(f"{signer.verifier}\n", encoding="utf-8")
    return keys


def read(folder: Path) -> GateKeys:
    """The keys in a folder. Raises LedgerKey when one is missing, unreadable, or readable by others."""
    path = folder / TENANT_KEY
    try:
        tenant = TenantKey.parse(read_private(path))
    except LedgerKey as error:
        raise error if str(path) in str(error) else LedgerKey(f"`{path}`: {error}") from error
    return GateKeys(tenant, read_signer(folder / GRANT_KEY), read_signer(folder / DEVELOPMENT_KEY))
