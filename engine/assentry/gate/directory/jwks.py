"""The keys of an OpenID Connect issuer: found by discovery, kept, and which of them a token may be verified with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assentry.errors import DirectoryUnavailable, IdentityRefused
from assentry.gate.directory.kept import Ages, Kept, seconds
from assentry.gate.directory.web import checked_address, web

ALGORITHMS: Mapping[str, tuple[str, str | None]] = {
    "RS256": ("RSA", None),
    "PS256": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "EdDSA": ("OKP", "Ed25519"),
    "Ed25519": ("OKP", "Ed25519"),
}
"""Signatures that can be allowed, each with the kind of key and its curve. `none` and shared secrets are not among them."""

ROTATED_S = 30.0
"""An unknown key is looked for on the server at most this often, in seconds."""

MAX_KEYS = 100
MIN_MODULUS = 342
"""Base64 letters of 2048 bits: no shorter RSA key verifies anything."""


class IssuerKeys:
    """The public keys of one issuer. `get` raises DirectoryUnavailable when they cannot be had."""

    def __init__(self, issuer: str, ages: Ages) -> None:
        self._issuer = issuer
        self._ages = ages
        self._kept = Kept(f"the issuer `{issuer}`", self._ask, ages)

    def find(self, key_id: str | None, algorithm: str) -> Mapping[str, Any]:
        """The key that a token names, looked for once more when it is new. Raises IdentityRefused, DirectoryUnavailable."""
        found = _choose(self._kept.get(), key_id, algorithm)
        if found is None:
            found = _choose(self._kept.get(newer_than=seconds() - ROTATED_S), key_id, algorithm)
        if found is None:
            raise IdentityRefused("key", "the token is signed with a key that is not one of its issuer's")
        return found

    async def _ask(self) -> Sequence[Mapping[str, Any]]:
        address = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        async with web({"accept": "application/json"}, self._ages.timeout) as server:
            found = await server.json(address)
            if not isinstance(found, dict) or found.get("issuer") != self._issuer:
                raise DirectoryUnavailable(f"`{address}` speaks for another issuer")
            place = found.get("jwks_uri")
            if not isinstance(place, str):
                raise DirectoryUnavailable(f"`{address}` does not say where the keys are")
            checked_address(place, "`jwks_uri`")
            keys = await server.json(place)
        listed = keys.get("keys") if isinstance(keys, dict) else None
        if not isinstance(listed, list) or len(listed) > MAX_KEYS or not all(isinstance(key, dict) for key in listed):
            raise DirectoryUnavailable(f"`{place}` gives no set of keys")
        return listed


def _choose(keys: Sequence[Mapping[str, Any]], key_id: str | None, algorithm: str) -> Mapping[str, Any] | None:
    """The one key that fits; without an id it must be the only one."""
    kind, curve = ALGORITHMS[algorithm]
    fitting = [
        key
        for key in keys
        if key.get("kty") == kind
        and (key.get("crv") == curve if curve is not None else len(str(key.get("n"))) >= MIN_MODULUS)
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and "verify" in key.get("key_ops", ["verify"])
        and (key_id is None or key.get("kid") == key_id)
    ]
    return fitting[0] if len(fitting) == 1 else None
