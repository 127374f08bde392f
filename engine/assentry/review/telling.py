"""Names that tell what stands under them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from assentry.review.layers import project

# The last of a name's words counts: `max_tokens` is none.
_TELLING = re.compile(
    r"(?:.*[^a-z])?(?:password|passwd|pwd|passphrase|passcode|pass|pin|otp|cvv|cvc|secrets?|token|credentials?|cookie|"
    r"authorization|apikey|(?:api|access|secret|private|signing|encryption|account|auth|master|session)[^a-z]?key|"
    r"connection[^a-z]?string|dsn)"
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def is_telling(name: str) -> bool:
    """Whether what stands under a name is a secret, whatever its form: `db_password`, `apiKey`."""
    words = _HUMP.sub("_", project(name).decode("latin-1")).lower()
    return _TELLING.fullmatch(words) is not None


def told(members: Mapping[object, object]) -> frozenset[str]:
    """The names of these members under which a secret stands: of `{"name": "DB_PASSWORD", "value": ...}` it is `value`."""
    found = {str(name) for name in members if is_telling(str(name))}
    if any(isinstance(each := members.get(name), str) and is_telling(each) for name in ("name", "key")):
        found.add("value")
    return frozenset(str(name) for name, value in members.items() if str(name) in found and _can_be_secret(value))


def _can_be_secret(value: object) -> bool:
    return not isinstance(value, bool | None) and value not in ("", {}, [])
