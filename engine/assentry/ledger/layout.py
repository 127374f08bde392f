"""The layout of a body: canonical JSON whose keys stand in a known order, so that some can be read without parsing.

    {"at":"…","claims":[…],"data":{…},"request":…,"sealed":{…},"tenant":"…","type":"…","v":1}

`claims` and `sealed` stand only where there are any.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from assentry.errors import LedgerError
from assentry.ledger.encoding import canonical_text
from assentry.ledger.entry import AT, MAX_BODY, Claim, Item, Moment, Sealed

_START = b'{"at":"'
_DATA = b'"data":'
_END = b'","v":1}'
_REST = 33
"""Where the key behind `at` begins."""


def write(
    kind: str, data: bytes, request: str | None, moment: Moment, claims: Sequence[Claim], sealed: Sealed | None
) -> bytes:
    """A body around canonical data. Raises InputError for half a surrogate pair."""
    start = _START + moment.at.encode() + b'",' + _claims(claims)
    return start + _DATA + data + _middle(request, sealed, moment.tenant) + kind.encode() + _END


def check(body: bytes, item: Item, moment: Moment) -> None:
    """Hold a builder's body to the layout: it has to say what its item says.

    Raises LedgerError, naming what is wrong.
    """
    if not isinstance(body, bytes):
        raise LedgerError(f"a builder returned {type(body).__name__} where a body, bytes, was expected")
    if len(body) > MAX_BODY:
        raise LedgerError(f"a body of {len(body):,} bytes: at most {MAX_BODY:,} fit; seal what is large")
    if not body.startswith(_START) or (not isinstance(item.body, bytes) and body[AT] != moment.at.encode()):
        raise LedgerError("a body has to begin with the moment's `at`")
    if not body.startswith(_claims(item.claims) + _DATA + b"{", _REST):
        raise LedgerError("a body has to list exactly the claims of its item")
    middle = b"}" + _middle(item.request, item.sealed, moment.tenant)
    place = body.rfind(middle)
    kind = body[place + len(middle) : -len(_END)]
    if place < 0 or not body.endswith(_END) or not kind or b'"' in kind:
        raise LedgerError(
            "a body has to end with the request, the sealed document, the tenant, the type and the version"
        )


def _claims(claims: Sequence[Claim]) -> bytes:
    if not claims:
        return b""
    names = b",".join([canonical_text(name) for name in sorted([claim.name for claim in claims])])
    return b'"claims":[' + names + b"],"


def _middle(request: str | None, sealed: Sealed | None, tenant: str) -> bytes:
    requested = b',"request":' + (b"null" if request is None else canonical_text(request))
    return requested + (_tenant(tenant) if sealed is None else b',"sealed":' + sealed.written + _tenant(tenant))


@lru_cache(maxsize=16)
def _tenant(tenant: str) -> bytes:
    return b',"tenant":' + canonical_text(tenant) + b',"type":"'
