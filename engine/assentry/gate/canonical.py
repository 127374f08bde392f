"""The one spelling of an action: canonical JSON by RFC 8785, and what has none.

What was approved is what runs because both are the document parsed back from these bytes. Python's own encoder
writes them in most cases; numbers and keys that it spells in another way are left to a library. Tests hold the two
against each other.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from assentry.errors import InputError
from assentry.ledger.encoding import encode

MAX_INTEGER = 2**53 - 1
"""Beyond it a JSON number is not the same everywhere."""
MAX_DEPTH = 64
MAX_BYTES = 4 * 1024 * 1024

_decode = json.JSONDecoder().decode
_EXPONENT = 1e21
"""From here on the canonical form of a number has an exponent, so that it is read as a double again."""


class _NoForm(Exception):
    """There is no canonical form; the field is looked for when this is known."""


def canonical(value: object) -> bytes:
    """The canonical form of a JSON value: None, bool, int, float, str, list, tuple and dict of these.

    Raises InputError, naming the field, for what has none: another type, NaN or infinity, an integer beyond 2**53 - 1
    (also as a double that is written as one), half a surrogate pair, a key that is no string, more than 64 levels,
    more than 4 MiB.
    """
    return spelled(value)[0]


def spelled(value: object) -> tuple[bytes, bool]:
    """The canonical form, and whether `encoding.encode` writes it, as then also that of what is part of it."""
    try:
        plain = _is_plain(value, MAX_DEPTH)
        data = encode(value).encode() if plain else _by_library(value)
    except (_NoForm, UnicodeEncodeError):
        _refuse(value)
    if len(data) > MAX_BYTES:
        raise InputError(f"a document of {len(data):,} bytes: at most {MAX_BYTES:,} can be decided")
    return data, plain


def is_text(value: object) -> bool:
    """Whether a value is a text with a canonical form, and not an empty one."""
    return type(value) is str and value != "" and _why(value) is None


def parse(data: bytes) -> Any:
    """What canonical bytes say."""
    return _decode(data.decode())


def _is_plain(value: object, left: int) -> bool:
    """Whether Python's encoder writes the canonical form."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is int:
        if -MAX_INTEGER <= value <= MAX_INTEGER:  # type: ignore[operator]
            return True
        raise _NoForm
    if kind is dict:
        return _is_plain_object(value, left - 1)  # type: ignore[arg-type]
    if kind is list or kind is tuple:
        if not left:
            raise _NoForm
        plain = True
        for item in value:  # type: ignore[attr-defined]
            if type(item) is not str:
                plain = _is_plain(item, left - 1) and plain
        return plain
    if kind is float:
        return _is_plain_double(value)  # type: ignore[arg-type]
    raise _NoForm


def _is_plain_object(value: dict[object, object], left: int) -> bool:
    if left < 0:
        raise _NoForm
    plain = True
    for key, item in value.items():
        if type(key) is not str:
            raise _NoForm
        # Beyond the surrogates, UTF-16 orders keys in another way than Python does.
        if not (key.isascii() or max(key) < "\ud800"):
            plain = False
        if type(item) is not str:
            plain = _is_plain(item, left) and plain
    return plain


def _is_plain_double(value: float) -> bool:
    if value.is_integer():
        if MAX_INTEGER < abs(value) < _EXPONENT:
            raise _NoForm
        return False
    if value - value != 0:  # NaN and infinities
        raise _NoForm
    return abs(value) >= 1e-4


def _by_library(value: object) -> bytes:
    import rfc8785

    try:
        return rfc8785.dumps(value)  # type: ignore[arg-type]
    except rfc8785.CanonicalizationError as error:
        raise _NoForm from error


# ---- which field it is ----


def _refuse(value: object) -> NoReturn:
    path, why = _culprit(value, "", MAX_DEPTH) or ("", "has no canonical form")
    raise InputError(f"`{path or 'the document'}` {why}")


def _culprit(value: object, path: str, left: int) -> tuple[str, str] | None:
    """The first field without a canonical form, and why it has none."""
    if isinstance(value, dict | list | tuple) and not left:
        return path, f"is nested more than {MAX_DEPTH} levels deep"
    if type(value) is dict:
        return _culprit_in_object(value, path, left)
    if type(value) in {list, tuple}:
        return _culprit_in_list(value, path, left)  # type: ignore[arg-type]
    why = _why(value)
    return None if why is None else (path, why)


def _shown(key: str) -> str:
    """A name that the message may quote: without secrets, in what shows."""
    from assentry.review import Redactor
    from assentry.review.rows import one_line

    return one_line(Redactor(()).text(key[:1000])[:80])


def _culprit_in_list(value: list[object], path: str, left: int) -> tuple[str, str] | None:
    return next((found for at, item in enumerate(value) if (found := _culprit(item, f"{path}[{at}]", left - 1))), None)


def _culprit_in_object(value: dict[object, object], path: str, left: int) -> tuple[str, str] | None:
    for key, item in value.items():
        if type(key) is not str or _why(key) is not None:
            return path, "has a key that is no text"
        name = _shown(key)
        inner = f"{path}.{name}".removeprefix(".") if key.isidentifier() else f'{path}["{name}"]'
        if found := _culprit(item, inner, left - 1):
            return found
    return None


def _why(value: object) -> str | None:
    """Why a value that is no container has no canonical form; None when it has one."""
    kind = type(value)
    if kind is str:
        try:
            value.encode()  # type: ignore[attr-defined]
        except UnicodeEncodeError:
            return "holds half a surrogate pair, so it has no canonical form"
        return None
    if kind is int or (kind is float and value.is_integer()):  # type: ignore[attr-defined]
        beyond = abs(value) > MAX_INTEGER and not (kind is float and abs(value) >= _EXPONENT)  # type: ignore[arg-type]
        return "is an integer beyond 2^53, so it has no canonical form" if beyond else None
    if kind is float and value - value != 0:  # type: ignore[operator]
        return "is not finite, so it has no canonical form"
    return None if kind in {float, bool, type(None)} else f"is a {kind.__name__}, which has no canonical form"
