"""Signed notes (C2SP signed-note): a text, and lines that say who signed it.

Keys are Ed25519. A verifier key is `<name>+<id>+<base64>`; a signer key is the same behind `PRIVATE+KEY+`,
as Go's `note` package writes them, so that other tools of the trade read ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from hmac import compare_digest

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from assentry.errors import LedgerKey, NoteError
from assentry.ledger.encoding import from_base64, to_base64

ED25519 = 0x01
COSIGNATURE = 0x04
MAX_SIGNATURES = 64

_PRIVATE = "PRIVATE+KEY+"
_DASH = "\u2014 "


@dataclass(frozen=True)
class Verifier:
    """A public key with its name; `kind` is the signature type, ED25519 or COSIGNATURE."""

    name: str
    public: bytes
    kind: int = ED25519

    @cached_property
    def id(self) -> bytes:
        """Four bytes that, with the name, find the signature line of this key."""
        return key_id(self.name, self.public, self.kind)

    @cached_property
    def _key(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.public)

    @cached_property
    def _text(self) -> str:
        return f"{self.name}+{self.id.hex()}+{to_base64(bytes((self.kind,)) + self.public)}"

    def __str__(self) -> str:
        return self._text

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature over these very bytes is this key's."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def verify_text(self, text: str, signature: bytes) -> bool:
        """Whether a note's signature, without its key id, is this key's over the text."""
        if self.kind == COSIGNATURE:
            if len(signature) != 72 or signature[0] >= 0x80:
                return False
            return self.verify(cosigned(int.from_bytes(signature[:8], "big"), text), signature[8:])
        return self.verify(text.encode(), signature)


@dataclass(frozen=True)
class Signer:
    """A private key with its name. It is never printed."""

    name: str
    _key: Ed25519PrivateKey
    kind: int = ED25519

    @cached_property
    def verifier(self) -> Verifier:
        return Verifier(self.name, self._key.public_key().public_bytes_raw(), self.kind)

    @classmethod
    def generate(cls, name: str, kind: int = ED25519) -> Signer:
        """A new key. Raises LedgerKey for a name that a note cannot carry."""
        _named(name)
        return cls(name, Ed25519PrivateKey.generate(), kind)

    def renamed(self, name: str) -> Signer:
        """The same key material under another name."""
        _named(name)
        return Signer(name, self._key, self.kind)

    def private_text(self) -> str:
        """The text of the private key, for its file only."""
        seed = to_base64(bytes((self.kind,)) + self._key.private_bytes_raw())
        return f"{_PRIVATE}{self.name}+{self.verifier.id.hex()}+{seed}"

    def sign(self, message: bytes) -> bytes:
        """The plain Ed25519 signature over these very bytes: 64 bytes."""
        return self._key.sign(message)

    def has_signed(self, message: bytes, signature: bytes) -> bool:
        """Whether a signature over these very bytes is this key's.

        Who has the key signs again: that gives the same, and takes a third of the time of verifying.
        """
        return compare_digest(self.sign(message), signature) or self.verifier.verify(message, signature)

    def __repr__(self) -> str:
        return f"Signer({self.verifier})"


@dataclass(frozen=True)
class Signature:
    """One signature line: `signature` is what follows the key id."""

    name: str
    id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {to_base64(self.id + self.signature)}\n"


@dataclass(frozen=True)
class Note:
    """A text, ending in a newline, and its signatures, unverified until `verified` says so."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(str(line) for line in self.signatures)

    def verified(self, keys: Iterable[Verifier]) -> tuple[Verifier, ...]:
        """The keys among `keys` that signed.

        Raises NoteError when a known key's signature is wrong, or no known key signed.
        """
        known = {(key.name, key.id): key for key in keys}
        found: dict[tuple[str, bytes], Verifier] = {}
        for line in self.signatures:
            key = known.get((line.name, line.id))
            if key is None:
                continue
            if not key.verify_text(self.text, line.signature):
                raise NoteError(f"the signature of `{key.name}` is not valid for this text")
            found[line.name, line.id] = key
        if not found:
            names = ", ".join(f"`{key.name}+{key.id.hex()}`" for key in known.values()) or "no key at all"
            raise NoteError(f"no signature of a trusted key: trusted is {names}")
        return tuple(found.values())


def key_id(name: str, public: bytes, kind: int = ED25519) -> bytes:
    """The key id as signed-note recommends it."""
    return sha256(f"{name}\n".encode() + bytes((kind,)) + public).digest()[:4]


def cosigned(time: int, text: str) -> bytes:
    """The message that a cosignature/v1 signs; `time` is in seconds since 1970."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def sign(text: str, signer: Signer) -> Signature:
    """Sign a note's text with an ED25519 key."""
    return Signature(signer.name, signer.verifier.id, signer.sign(text.encode()))


def cosign(text: str, signer: Signer, time: int) -> Signature:
    """Sign a checkpoint's text with a COSIGNATURE key, as of `time` seconds since 1970."""
    signature = time.to_bytes(8, "big") + signer.sign(cosigned(time, text))
    return Signature(signer.name, signer.verifier.id, signature)


def cosignature_time(line: Signature) -> int:
    """The time, in seconds since 1970, that a cosignature states."""
    return int.from_bytes(line.signature[:8], "big")


# ---- reading ----


def parse_note(data: bytes | str) -> Note:
    """Read a note. Raises NoteError when it is malformed; signatures are not checked here."""
    try:
        text = data if isinstance(data, str) else data.decode()
        text.encode()
    except UnicodeError as error:
        raise NoteError("not a note: not UTF-8") from error
    if re.search(r"[\x00-\x09\x0b-\x1f]", text):
        raise NoteError("not a note: it holds a control character")
    place = text.rfind("\n\n")
    if place < 0 or not text.endswith("\n"):
        raise NoteError("not a note: no blank line before its signatures")
    return Note(text[: place + 1], parse_signatures(text[place + 2 :]))


def parse_signatures(text: str) -> tuple[Signature, ...]:
    """Read signature lines. Raises NoteError when there is none, or one is malformed."""
    if not text.endswith("\n"):
        raise NoteError("not a note: the last signature line does not end")
    lines = text[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteError(f"more than {MAX_SIGNATURES} signatures")
    return tuple(_parse_signature(line) for line in lines)


def _parse_signature(line: str) -> Signature:
    if not line.startswith(_DASH):
        raise NoteError("not a note: a signature line does not begin with a dash")
    name, _, encoded = line[len(_DASH) :].partition(" ")
    try:
        _named(name)
        raw = from_base64(encoded)
    except (ValueError, LedgerKey) as error:
        raise NoteError(f"not a note: in a signature line, {error}") from error
    if len(raw) < 5:
        raise NoteError("not a note: a signature that is too short")
    return Signature(name, raw[:4], raw[4:])


def parse_verifier(text: str) -> Verifier:
    """Read a verifier key. Raises LedgerKey when it is malformed or of another type."""
    name, identity, kind, public = _parse_key(text.strip(), "verifier key")
    return _identified(Verifier(name, public, kind), identity, "verifier key")


def parse_signer(text: str) -> Signer:
    """Read a signer key. Raises LedgerKey, which never quotes it."""
    text = text.strip()
    if not text.startswith(_PRIVATE):
        raise LedgerKey("not a signer key: it does not begin with `PRIVATE+KEY+`")
    name, identity, kind, seed = _parse_key(text[len(_PRIVATE) :], "signer key")
    signer = Signer(name, Ed25519PrivateKey.from_private_bytes(seed), kind)
    _identified(signer.verifier, identity, "signer key")
    return signer


def _parse_key(text: str, what: str) -> tuple[str, str, int, bytes]:
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise LedgerKey(f"not a {what}: expected a name, an id and a key, joined by `+`")
    name, identity, encoded = parts
    try:
        raw = from_base64(encoded)
    except ValueError as error:
        raise LedgerKey(f"not a {what}: the key is {error}") from error
    _named(name)
    if len(raw) != 33 or raw[0] not in (ED25519, COSIGNATURE):
        raise LedgerKey(f"not a {what}: neither Ed25519 nor a cosignature key")
    return name, identity, raw[0], raw[1:]


def _identified(key: Verifier, identity: str, what: str) -> Verifier:
    if key.id.hex() != identity:
        raise LedgerKey(f"not a {what}: its id is not that of its name and key")
    return key


def _named(name: str) -> None:
    if not name or "+" in name or any(character.isspace() for character in name) or not name.isprintable():
        raise LedgerKey("a name that is empty, or holds a blank or `+`")
