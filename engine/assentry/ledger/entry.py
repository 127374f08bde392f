"""What goes into the log and what comes back: items, receipts, conflicts, entries.

The body of an entry is canonical JSON, its keys in order:
`at`, `claims` (where there are any), `data`, `request`, `sealed` (where there is a document), `tenant`, `type`, `v`.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal, NamedTuple

from assentry.errors import InputError
from assentry.ledger.encoding import canonical, parsed, to_base64

MAX_BODY = 65535
"""Bytes of a body: tlog-tiles counts an entry's length in 16 bits. What is larger belongs into a sealed document."""

NO_ENTRY = -1
"""As `if_last`: the request has no entry yet."""

AT = slice(7, 31)
"""Where the time stands in a body: `{"at":"2026-11-20T12:00:00.000Z"`."""

_TYPE, _END = b',"type":"', b'","v":1}'

_AT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")


class Moment(NamedTuple):
    """What the ledger says, under its lock, to the builder of a body.

    `time` is the ledger's, in milliseconds since 1970; `index` the one that the entry gets if nothing stands in its
    way; `policy` the digest of the policy in force. Entries below `size` are committed; those from there up to
    `index` stand before this one in the same commit, and can be read only when it is done.
    """

    time: int
    index: int  # type: ignore[assignment]  # not that of a tuple
    tenant: str
    policy: str | None = None
    size: int = 0
    batch: int = 0
    """Tells the commits of this process apart, and the attempts at one: what bears one number stands or falls together."""

    @property
    def at(self) -> str:
        """The time as RFC 3339, UTC, with milliseconds."""
        return to_at(self.time)


class Claim(NamedTuple):
    """A name that one entry of the log can have, once and for ever: `Claim("consume", grant_id)`."""

    space: str
    key: str

    @property
    def name(self) -> str:
        return f"{self.space}:{self.key}"


@dataclass(frozen=True)
class Sealed:
    """An encrypted document beside an entry, as `sealing.seal` makes it.

    `ciphertext` is None where only digests are kept. `subjects` are opaque ids of the people the document is about.
    """

    digest: bytes
    commitment: bytes
    ciphertext: bytes | None
    wrapped_key: bytes | None
    subjects: tuple[str, ...] = ()

    def reference(self) -> dict[str, object]:
        """What stands in the body."""
        return {
            "ciphertext": to_base64(self.digest),
            "commitment": to_base64(self.commitment),
            "stored": self.ciphertext is not None,
            "subjects": sorted(self.subjects),
        }

    @property
    def written(self) -> bytes:
        """The reference in canonical JSON, made once: what writes a body needs it, and what checks it."""
        written: bytes | None = self.__dict__.get("_written")
        if written is None:
            written = self.__dict__["_written"] = self._write()
        return written

    def _write(self) -> bytes:
        stored = b"false" if self.ciphertext is None else b"true"
        return b'{"ciphertext":"%b","commitment":"%b","stored":%b,"subjects":%b}' % (
            b64encode(self.digest),
            b64encode(self.commitment),
            stored,
            _listed(self.subjects),
        )


@lru_cache(maxsize=256)
def _listed(names: tuple[str, ...]) -> bytes:
    """Subjects as they stand in a body; those of one caller stand in each of its entries."""
    return canonical(sorted(names))


class Refused(Exception):
    """Raised by the builder of a body: given this moment, the entry shall not be. It leaves the batch as a Conflict."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(detail or reason)


Builder = Callable[[Moment], bytes]
"""Makes a body. Called under the ledger's lock, possibly more than once: quick, and without effects."""


class Item(NamedTuple):
    """One entry to be appended, and what must hold for it."""

    body: Builder | bytes
    """The body, or what makes it; a finished one keeps its own `at`, which has to fit the log's order."""
    request: str | None = None
    if_last: int | None = None
    """The index of the request's newest entry, NO_ENTRY for none; None is not to ask."""
    claims: tuple[Claim, ...] = ()
    idempotency: tuple[str, bytes] | None = None
    """A key and a hash of the caller's payload: the same again returns the first receipt, another payload a conflict."""
    sealed: Sealed | None = None
    if_policy: str | None = None
    """The policy's digest that must be in force; None is not to ask."""
    policy: str | None = None
    """The digest of the policy that this entry puts in force."""

    @classmethod
    def of(
        cls,
        kind: str,
        data: Mapping[str, object],
        *,
        request: str | None = None,
        if_last: int | None = None,
        claims: tuple[Claim, ...] = (),
        sealed: Sealed | None = None,
    ) -> Item:
        """An item whose body is made of a type and data, and names its own request, claims and sealed document."""
        body = draft(kind, data, request, claims=claims, sealed=sealed)
        return cls(body, request, if_last, claims, sealed=sealed)


class Receipt(NamedTuple):
    """An entry that is durable. `replayed` says that an earlier call with this idempotency key had appended it."""

    index: int  # type: ignore[assignment]  # not that of a tuple
    time: int
    leaf: bytes
    replayed: bool = False

    @property
    def at(self) -> str:
        return to_at(self.time)


Reason = Literal["if_last", "claim", "idempotency", "policy", "refused", "time", "together"]


@dataclass(frozen=True, slots=True)
class Conflict:
    """An item that was not appended. `index` is the entry that stands in its way, where one does."""

    reason: Reason
    index: int | None = None
    detail: str = ""


@dataclass(frozen=True)
class Entry:
    """One entry as it stands in the log. All but index and body raise InputError where the body is not one of ours."""

    index: int
    body: bytes

    @property
    def content(self) -> dict[str, object]:
        """The body, parsed once. (`cached_property` takes a lock in Python 3.11, which costs as much as the parsing.)"""
        content = self.__dict__.get("_content")
        if content is None:
            try:
                content = parsed(self.body.decode())
            except ValueError as error:
                raise self._none("not JSON") from error
            if not isinstance(content, dict):
                raise self._none("no object")
            self.__dict__["_content"] = content
        return content

    @property
    def type(self) -> str:
        """Read from the end of the body, which says it where nothing else can, without parsing all of it."""
        place = self.body.rfind(_TYPE)
        kind = self.body[place + len(_TYPE) : -len(_END)]
        if place < 0 or not self.body.endswith(_END) or not kind.replace(b"_", b"").isalnum():
            return self._text("type")
        return kind.decode()

    @property
    def request(self) -> str | None:
        return None if self.content.get("request") is None else self._text("request")

    @property
    def data(self) -> dict[str, object]:
        data = self.content.get("data")
        if not isinstance(data, dict):
            raise self._none("without `data`")
        return data

    @property
    def time(self) -> int:
        """Milliseconds since 1970."""
        return from_at(self.at)

    @property
    def at(self) -> str:
        """The time as it stands there."""
        return self._text("at")

    def _text(self, name: str) -> str:
        value = self.content.get(name)
        if not isinstance(value, str):
            raise self._none(f"without `{name}`")
        return value

    def _none(self, what: str) -> InputError:
        return InputError(f"the body of entry {self.index} is none: {what}")


def draft(
    kind: str,
    data: Mapping[str, object],
    request: str | None = None,
    *,
    claims: tuple[Claim, ...] = (),
    sealed: Sealed | None = None,
) -> Builder:
    """A builder for a body of this type and data.

    Raises InputError, when the data has no canonical form, as it is called.
    """

    def build(moment: Moment) -> bytes:
        content: dict[str, object] = {"at": moment.at}
        if claims:
            content["claims"] = sorted(claim.name for claim in claims)
        content["data"] = dict(data)
        content["request"] = request
        if sealed is not None:
            content["sealed"] = sealed.reference()
        content |= {"tenant": moment.tenant, "type": kind, "v": 1}
        return canonical(content)

    return build


@lru_cache(maxsize=64)
def to_at(time: int) -> str:
    """Milliseconds since 1970 as `2026-11-20T12:00:00.000Z`."""
    seconds, milliseconds = divmod(time, 1000)
    return f"{_second(seconds)}.{milliseconds:03d}Z"


@lru_cache(maxsize=64)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19]


def from_at(text: str) -> int:
    """The milliseconds of `2026-11-20T12:00:00.000Z`. Raises InputError for another form."""
    if _AT.fullmatch(text):
        with suppress(ValueError):
            moment = datetime.fromisoformat(f"{text[:19]}+00:00")
            return round(moment.timestamp()) * 1000 + int(text[20:23])
    raise InputError("not a time of the ledger: expected the form `2026-11-20T12:00:00.000Z`")
