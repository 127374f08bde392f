"""Grants and permits: signed statements (DSSE, Ed25519) about one request.

A *grant* says that people agreed: authentic wherever it is read, and never proof that it was not used or revoked
since. A *permit* says that it was used, now, by the executor with this nonce: only that lets an executor run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assentry.errors import GrantError, NoteError
from assentry.gate import dsse
from assentry.ledger.entry import Entry
from assentry.ledger.note import Verifier
from assentry.ledger.proof import Proof, parse_proof, verify_proof

GRANT = "application/vnd.assentry.grant.v1+json"
PERMIT = "application/vnd.assentry.permit.v1+json"
SKEW_MS = 30_000
"""How far the clocks of a signer and a reader may be apart; the end of a grant has no such leeway."""

_TEXTS = ("id", "origin", "tenant", "audience", "digest", "policy")
_NUMBERS = ("v", "iat", "nbf", "exp", "epoch")


@dataclass(frozen=True)
class Grant:
    """A grant as it was read. `content` has every field (see docs/guides/grants.md); times are in milliseconds."""

    text: str
    content: Mapping[str, Any]
    key: Verifier

    @property
    def request(self) -> str:
        return str(self.content["id"])

    @property
    def digest(self) -> str:
        """The digest of the action that may run."""
        return str(self.content["digest"])

    @property
    def expires(self) -> int:
        return int(self.content["exp"])

    @property
    def marks(self) -> tuple[str, ...]:
        """`development`, `break-glass`: what somebody has to know who relies on it."""
        return tuple(self.content["marks"])

    @property
    def proof(self) -> Proof:
        """That the entry `approved` stands in the log. Raises NoteError when it is malformed."""
        return parse_proof(str(self.content["proof"]))


def read_grant(text: str | bytes, keys: tuple[Verifier, ...]) -> Grant:
    """A grant signed by one of these keys; nothing is said about time or use. Raises GrantError."""
    envelope = dsse.parse(text, GRANT)
    key, content = dsse.opened(envelope, keys)
    if content.get("v") != 1:
        raise GrantError("a grant of another version")
    _typed(content, _TEXTS, _NUMBERS)
    if not isinstance(content.get("marks"), list) or not isinstance(content.get("proof"), str):
        raise GrantError("a grant that lacks a field")
    return Grant(str(envelope), content, key)


def check_times(content: Mapping[str, Any], now: int) -> None:
    """Hold a grant to its times; `now` is in milliseconds since 1970. Raises GrantError."""
    if now >= content["exp"]:
        raise GrantError("the grant has expired")
    if now + SKEW_MS < content["iat"] or now + SKEW_MS < content["nbf"]:
        raise GrantError("the grant is not valid yet")


def check_proof(grant: Grant, keys: tuple[Verifier, ...]) -> None:
    """Hold a grant's proof to the keys of the log: the approval of this very request stands there. Raises GrantError."""
    try:
        proof = verify_proof(str(grant.content["proof"]), grant.proof.extra or b"", keys)
    except NoteError as error:
        raise GrantError(f"the proof of the approval does not hold: {error}") from error
    entry = Entry(proof.index, proof.extra or b"")
    known = (proof.checkpoint.origin, entry.type, entry.request, entry.content.get("tenant"))
    if known != (grant.content["origin"], "approved", grant.request, grant.content["tenant"]):
        raise GrantError("the proof is not of the approval of this request in this log")


def _typed(content: Mapping[str, Any], texts: tuple[str, ...], numbers: tuple[str, ...]) -> None:
    for name in texts:
        if not isinstance(content.get(name), str) or not content[name]:
            raise GrantError(f"`{name}` is missing")
    for name in numbers:
        if type(content.get(name)) is not int:
            raise GrantError(f"`{name}` is missing")


@dataclass(frozen=True)
class Permit:
    """The right to run one action now, once, by whoever holds `nonce`.

    `consumed` is the index of the entry that used the grant up (or allowed the action), `lease_until` the end of the
    time to run, in milliseconds since 1970. `Gate.signed` gives the form for an executor elsewhere.
    """

    request: str
    digest: str
    nonce: str = field(repr=False)
    consumed: int
    lease_until: int
    origin: str
    tenant: str
    audience: str
    policy: str
    marks: tuple[str, ...] = ()

    def content(self) -> dict[str, object]:
        """What is signed."""
        return {
            "v": 1,
            "id": self.request,
            "digest": self.digest,
            "nonce": self.nonce,
            "consumed": self.consumed,
            "lease_until": self.lease_until,
            "origin": self.origin,
            "tenant": self.tenant,
            "audience": self.audience,
            "policy": self.policy,
            "marks": list(self.marks),
        }


def read_permit(text: str | bytes, keys: tuple[Verifier, ...]) -> Permit:
    """A permit signed by one of these keys: what an executor elsewhere demands. Raises GrantError."""
    _, content = dsse.opened(dsse.parse(text, PERMIT), keys)
    if content.get("v") != 1:
        raise GrantError("a permit of another version")
    _typed(content, ("nonce", *_TEXTS), ("consumed", "lease_until"))
    if not isinstance(content.get("marks"), list):
        raise GrantError("a permit that lacks a field")
    return Permit(
        request=content["id"],
        digest=content["digest"],
        nonce=content["nonce"],
        consumed=content["consumed"],
        lease_until=content["lease_until"],
        origin=content["origin"],
        tenant=content["tenant"],
        audience=content["audience"],
        policy=content["policy"],
        marks=tuple(content["marks"]),
    )
