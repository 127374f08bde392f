"""Who somebody is, by an OpenID Connect ID token: signature, issuer, audience, times and nonce (OpenID Connect Core, 3.1.3.7)."""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from assentry.errors import ConfigError, DirectoryUnavailable, IdentityRefused
from assentry.gate.directory.jwks import ALGORITHMS, IssuerKeys
from assentry.gate.directory.kept import Ages
from assentry.gate.directory.names import of_issuer, usable
from assentry.gate.directory.web import checked_address, need, parse

MAX_TOKEN = 16 * 1024
LEEWAY_S = 30.0
"""How far an issuer's clock may be ahead, in seconds. Nothing is added to the end of a token."""

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
KEY_AGES = Ages(refresh=300, max_age=3600, timeout=10, wait=5, retry=2)


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody as an issuer vouches for, until `expires_ms` (since 1970).

    `account` is `issuer#subject`. `groups` and `roles` are what the claims say, in the issuer's words. `email` is
    None unless the issuer says that it is verified.
    """

    account: str
    issuer: str
    subject: str
    issued_ms: int
    expires_ms: int
    groups: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    email: str | None = None


class OidcVerifier:
    """Verifies the ID tokens of one issuer for one audience (the client id). Threads may share one.

    Raises ConfigError for an issuer that is neither https nor local, an algorithm that is not of `jwks.ALGORITHMS`,
    and where the extra `directory` is not installed.
    """

    def __init__(
        self,
        issuer: str,
        audience: str,
        *,
        algorithms: Sequence[str] = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519"),
        claims: tuple[str, str] = ("groups", "roles"),
        ages: Ages = KEY_AGES,
        now: Callable[[], float] = time.time,
    ) -> None:
        need("httpx2")
        need("joserfc")
        checked_address(issuer, "the issuer")
        if not audience:
            raise ConfigError("the audience must be the client id under which people sign in")
        if unknown := [name for name in algorithms if name not in ALGORITHMS]:
            raise ConfigError(f"`{unknown[0]}` is no signature to allow: expected {', '.join(ALGORITHMS)}")
        self._issuer = issuer
        self._audience = audience
        self._algorithms = frozenset(algorithms)
        self._claims = claims
        self._now = now
        self._keys = IssuerKeys(issuer, ages)

    def verify(self, token: str, *, nonce: str | None = None) -> Identity:
        """Who sent this token; `nonce` is the one that was given for this sign-in, where one was.

        Raises IdentityRefused for a token that does not prove it, DirectoryUnavailable when the issuer's keys cannot
        be had. Takes bounded time.
        """
        claims = _document(self._signed(token))
        self._addressed(claims, nonce)
        issued, expires = self._in_force(claims)
        subject = claims.get("sub")
        if not isinstance(subject, str) or not usable(subject) or len(subject) > 255:
            _no("subject", "the token names no subject")
        email = claims.get("email")
        is_verified = isinstance(email, str) and usable(email) and claims.get("email_verified") is True
        groups, roles = (_texts(claims, name) for name in self._claims)
        account = of_issuer(self._issuer, subject)
        return Identity(
            account, self._issuer, subject, issued, expires, groups, roles, str(email) if is_verified else None
        )

    def _signed(self, token: str) -> bytes:
        """The payload of a token, its signature verified."""
        if len(token) > MAX_TOKEN or _COMPACT.fullmatch(token) is None:
            _no("form", "this is no signed token")
        from joserfc import jwk, jws
        from joserfc.errors import JoseError

        try:
            header = jws.extract_compact(token.encode("ascii")).headers()
            algorithm, key_id = header.get("alg"), header.get("kid")
            if algorithm not in self._algorithms:
                _no("algorithm", "the token is signed in a way that is not allowed")
            if "crit" in header or "b64" in header or header.get("typ", "JWT") not in {"JWT", "jwt"}:
                _no("form", "this is no ID token")
            if key_id is not None and not isinstance(key_id, str):
                _no("form", "the token names its key by something else than a text")
            key = jwk.import_key(dict(self._keys.find(key_id, algorithm)))
            registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
            return jws.deserialize_compact(token, key, registry=registry).payload
        except (IdentityRefused, DirectoryUnavailable):
            raise
        except (JoseError, ValueError, TypeError) as error:
            raise IdentityRefused("signature", "the token is not signed by its issuer") from error

    def _addressed(self, claims: Mapping[str, Any], nonce: str | None) -> None:
        if claims.get("iss") != self._issuer:
            _no("issuer", "the token is of another issuer")
        listed = claims.get("aud")
        audience = [listed] if isinstance(listed, str) else listed
        if not isinstance(audience, list) or self._audience not in audience:
            _no("audience", "the token is for somebody else")
        party = claims.get("azp", self._audience if len(audience) == 1 else None)
        if party != self._audience:
            _no("audience", "the token was made for another party")
        if nonce is not None:
            given = claims.get("nonce")
            if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
                _no("nonce", "the token is not of this sign-in")

    def _in_force(self, claims: Mapping[str, Any]) -> tuple[int, int]:
        """When it was issued and when it ends, in milliseconds."""
        now = self._now()
        issued, expires, begins = (_seconds(claims.get(name)) for name in ("iat", "exp", "nbf"))
        if expires is None or issued is None or ("nbf" in claims and begins is None):
            _no("form", "the token does not say from when to when it holds")
        if expires <= now:
            _no("expired", "the token has expired")
        if issued > now + LEEWAY_S or (begins or 0) > now + LEEWAY_S:
            _no("early", "the token does not hold yet")
        return int(issued * 1000), int(expires * 1000)


def _document(payload: bytes) -> Mapping[str, Any]:
    try:
        claims = parse("the token", payload)
    except DirectoryUnavailable as error:
        raise IdentityRefused("form", "the token holds no claims") from error
    return claims if isinstance(claims, dict) else _no("form", "the token holds no claims")


def _seconds(value: object) -> float | None:
    is_time = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e11
    return float(value) if is_time and isinstance(value, int | float) else None


def _texts(claims: Mapping[str, Any], name: str) -> frozenset[str]:
    """A claim that is a list of texts; none when it is absent."""
    value = claims.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        _no("form", f"the claim `{name}` is no list of texts")
    return frozenset(value)


def _no(code: str, message: str) -> NoReturn:
    raise IdentityRefused(code, message)
