"""Documents sealed beside their entries, and how they are erased.

Each document has a key of its own (AES-256-GCM), wrapped under the tenant's sealing key, which no database holds.
Destroying the wrapped key erases the document wherever copies of its ciphertext lie. The entry's body holds the
hash of the ciphertext and a commitment to the plaintext; its salt is sealed with the document, so that after
erasure nobody can confirm a guess.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from hmac import compare_digest

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from assentry.errors import LedgerKey, SealedError
from assentry.ledger.encoding import from_base64, to_base64
from assentry.ledger.entry import Sealed

SALT = 32
KEY = 32
NONCE = 12

_PREFIX = "SEALING+KEY+"


@dataclass(frozen=True)
class SealingKey:
    """A tenant's key for the keys of documents. It is never printed."""

    _key: bytes

    @classmethod
    def generate(cls) -> SealingKey:
        return cls(os.urandom(KEY))

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(self._key)

    def private_text(self) -> str:
        """The text of the key, for its file only."""
        return _PREFIX + to_base64(self._key)

    def __repr__(self) -> str:
        return "SealingKey()"

    def seal(self, tenant: str, document: bytes, subjects: Sequence[str] = (), *, keep: bool = True) -> Sealed:
        """Encrypt a document about `subjects` (opaque ids); without `keep` only its digests remain."""
        random = os.urandom(SALT + KEY + 2 * NONCE)
        salt, key, nonces = random[:SALT], random[SALT : -2 * NONCE], random[-2 * NONCE :]
        salted = salt + document
        ciphertext = _encrypt(AESGCM(key), nonces[:NONCE], salted, _document_context(tenant))
        digest = sha256(ciphertext).digest()
        commitment = sha256(salted).digest()
        if not keep:
            return Sealed(digest, commitment, None, None, tuple(subjects))
        wrapped = _encrypt(self._cipher, nonces[NONCE:], key, _key_context(tenant, digest))
        return Sealed(digest, commitment, ciphertext, wrapped, tuple(subjects))

    def open(self, tenant: str, ciphertext: bytes, wrapped_key: bytes, commitment: bytes) -> bytes:
        """The document.

        Raises LedgerKey when this is not the key it was sealed under, SealedError when it was changed.
        """
        context = _key_context(tenant, sha256(ciphertext).digest())
        try:
            key = _decrypt(self._cipher, wrapped_key, context)
        except InvalidTag as error:
            raise LedgerKey("the document's key does not open: another sealing key, or another document") from error
        try:
            salted = _decrypt(AESGCM(key), ciphertext, _document_context(tenant))
        except InvalidTag as error:
            raise SealedError("the sealed document does not open") from error
        if not compare_digest(sha256(salted).digest(), commitment):
            raise SealedError("the sealed document is not the one that its entry commits to")
        return salted[SALT:]


def parse_sealing_key(text: str) -> SealingKey:
    """Read a sealing key. Raises LedgerKey, which never quotes it."""
    text = text.strip()
    if not text.startswith(_PREFIX):
        raise LedgerKey(f"not a sealing key: it does not begin with `{_PREFIX}`")
    try:
        raw = from_base64(text[len(_PREFIX) :])
    except ValueError as error:
        raise LedgerKey("not a sealing key: not base64") from error
    if len(raw) != 32:
        raise LedgerKey("not a sealing key: not of 32 bytes")
    return SealingKey(raw)


@lru_cache(maxsize=16)
def _document_context(tenant: str) -> bytes:
    return f"assentry/sealed/v1\n{tenant}".encode()


def _key_context(tenant: str, digest: bytes) -> bytes:
    return f"assentry/document-key/v1\n{tenant}\n".encode() + digest


def _encrypt(cipher: AESGCM, nonce: bytes, plain: bytes, context: bytes) -> bytes:
    return nonce + cipher.encrypt(nonce, plain, context)


def _decrypt(cipher: AESGCM, sealed: bytes, context: bytes) -> bytes:
    if len(sealed) < NONCE + 16:
        raise InvalidTag
    return cipher.decrypt(sealed[:NONCE], sealed[NONCE:], context)
