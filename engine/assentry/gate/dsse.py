"""DSSE: a payload with its type, signed by Ed25519 over an unambiguous encoding of both; strict in what it reads."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from assentry.errors import GrantError
from assentry.ledger.encoding import canonical, from_base64, to_base64
from assentry.ledger.note import Signer, Verifier

MAX_BYTES = 1024 * 1024


def encoding(kind: str, payload: bytes) -> bytes:
    """What is signed: DSSE's pre-authentication encoding."""
    return b"DSSEv1 %d %s %d %s" % (len(kind.encode()), kind.encode(), len(payload), payload)


@dataclass(frozen=True)
class Envelope:
    """A payload and one signature; `key` is the signer's name with its id."""

    kind: str
    payload: bytes
    key: str
    signature: bytes

    def __str__(self) -> str:
        signature = {"keyid": self.key, "sig": to_base64(self.signature)}
        content = {"payload": to_base64(self.payload), "payloadType": self.kind, "signatures": [signature]}
        return canonical(content).decode()


def seal(kind: str, content: dict[str, object], signer: Signer) -> Envelope:
    """Sign the canonical JSON of some content."""
    payload = canonical(content)
    return Envelope(kind, payload, key_name(signer.verifier), signer.sign(encoding(kind, payload)))


def key_name(key: Verifier) -> str:
    """What an envelope calls a key: a hint for finding it, which proves nothing."""
    return f"{key.name}+{key.id.hex()}"


def parse(text: str | bytes, kind: str) -> Envelope:
    """Read an envelope of one type, without checking its signature. Raises GrantError for anything else."""
    try:
        envelope = _parse(text)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise GrantError("not a signed envelope (DSSE)") from error
    if envelope.kind != kind:
        raise GrantError(f"not of type `{kind}`")
    return envelope


def _parse(text: str | bytes) -> Envelope:
    if len(text) > MAX_BYTES:
        raise ValueError("too large")
    data = text.decode() if isinstance(text, bytes) else text
    content = json.loads(data)
    (signature,) = content["signatures"]
    envelope = Envelope(
        _text(content["payloadType"]),
        from_base64(_text(content["payload"])),
        _text(signature["keyid"]),
        from_base64(_text(signature["sig"])),
    )
    # One envelope has one spelling, so that no byte of it is free.
    if str(envelope) != data.strip():
        raise ValueError("not canonical")
    return envelope


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def opened(envelope: Envelope, keys: tuple[Verifier, ...]) -> tuple[Verifier, dict[str, Any]]:
    """The key that signed, which is one of those trusted, and the content. Raises GrantError."""
    for key in keys:
        if key_name(key) == envelope.key and key.verify(encoding(envelope.kind, envelope.payload), envelope.signature):
            content = json.loads(envelope.payload)
            if isinstance(content, dict) and canonical(content) == envelope.payload:
                return key, content
            raise GrantError("what is signed is no canonical JSON object")
    raise GrantError("not signed by a trusted key")
