"""Exact forms: base64 and numbers that have one spelling, and canonical JSON (RFC 8785) without floats."""

from __future__ import annotations

import base64
import binascii
import json
import re
from _json import make_encoder
from collections.abc import Sequence
from json.encoder import encode_basestring
from typing import Any, NoReturn

from assentry.errors import InputError

MAX_HASHES = 63
"""No proof in a tree of less than 2**63 leaves has more."""

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")

MAX_INTEGER = 2**53 - 1
"""Beyond it a JSON number is not the same everywhere."""

MAX_LEVELS = 200
"""Maps and lists in each other that are written: what every reader of JSON takes, however it was set up."""


def _no_json(value: object) -> NoReturn:
    raise TypeError(f"{type(value).__name__} is no JSON")


_chunks = make_encoder(None, _no_json, encode_basestring, None, ":", ",", True, False, False)
"""What `json.JSONEncoder.encode` makes anew for each value: keys sorted, no blanks, text as it is, no circles expected."""


def encode(value: object) -> str:
    """JSON as Python's encoder writes it; canonical where `value` was looked at before."""
    return "".join(_chunks(value, 0))


def to_base64(data: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes:
    """Decode base64, strictly: one text for one value, so that no byte of a signed file is free.

    Raises ValueError for another alphabet, missing padding, white space, or bits behind the last byte.
    """
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise ValueError("not base64") from error
    if to_base64(data) != text:
        raise ValueError("not the canonical spelling of base64")
    return data


def from_decimal(text: str) -> int:
    """A whole number as C2SP writes sizes and indices: ASCII digits, none leading. Raises ValueError for another."""
    if not _DECIMAL.fullmatch(text):
        raise ValueError("not a number")
    return int(text)


def from_hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    """The hashes of a Merkle proof, one a line. Raises ValueError for one that is none, and for more than any proof has."""
    if len(lines) > MAX_HASHES:
        raise ValueError(f"{len(lines)} hashes: at most {MAX_HASHES} make a proof")
    hashes = tuple(map(from_base64, lines))
    if any(len(item) != 32 for item in hashes):
        raise ValueError("a hash that is not of 32 bytes")
    return hashes


def parsed(text: bytes | str) -> Any:
    """JSON, read. Raises ValueError for what is none, or nested deeper than anybody can read."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def canonical_text(text: str) -> bytes:
    """The canonical JSON of a string, by the encoder's inmost function: `canonical` takes twenty times as long.

    Raises InputError for half a surrogate pair.
    """
    try:
        return encode_basestring(text).encode()
    except UnicodeEncodeError as error:
        raise InputError("a string holds half a surrogate pair, so it has no canonical form") from error


def canonical(value: object) -> bytes:
    """The canonical JSON of a value of null, bool, int, str, list and dict.

    Python's own encoder writes exactly RFC 8785 once floats, large integers and keys that UTF-16 orders in
    another way are out of the way; a test holds it against a library.

    Raises InputError, naming the place, for anything else: a float, an integer beyond 2**53 - 1, half a
    surrogate pair, a key that is no string, nesting that nobody can read.
    """
    try:
        _check(value, "", MAX_LEVELS)
        return encode(value).encode()
    except RecursionError as error:
        raise InputError("nested too deeply, so it has no canonical form") from error
    except UnicodeEncodeError as error:
        raise InputError("a string holds half a surrogate pair, so it has no canonical form") from error


def _check(value: object, path: str, levels: int) -> None:
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return
    if kind is int:
        if not -MAX_INTEGER <= value <= MAX_INTEGER:  # type: ignore[operator]
            raise InputError(f"`{path}` is an integer beyond 2**53, so it has no canonical form")
    elif not levels:
        raise InputError("nested too deeply, so it has no canonical form")
    elif kind is dict:
        for key, item in value.items():  # type: ignore[attr-defined]
            if type(key) is not str or not (key.isascii() or max(key) < "\ud800"):
                raise InputError(f"`{path}` has a key that is not a string of the basic plane below the surrogates")
            _check(item, f"{path}.{key}" if path else key, levels - 1)
    elif kind is list or kind is tuple:
        for place, item in enumerate(value):  # type: ignore[arg-type]
            _check(item, f"{path}[{place}]", levels - 1)
    else:
        raise InputError(f"`{path}` is a {kind.__name__}: a body holds null, bool, int, string, list and map only")
