"""Regular expressions, by RE2 only: linear time whatever the pattern.

Source: langdef.md, "Regular Expressions"; the syntax page of google/re2.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from assentry.errors import EvaluationError, Kind
from assentry.values.declare import Family, product
from assentry.values.limits import MAX_STRING
from assentry.values.limits import text as limited
from assentry.values.types import BOOL, STRING

if TYPE_CHECKING:
    import re2

FAMILY = Family("regex", "Regular expressions.")

MATCHES = FAMILY.function(
    "matches",
    "Whether part of a string matches an RE2 pattern; `^` and `$` tie it to the ends.",
    ("'foobar'.matches('o+b')", "true"),
    ("matches('foobar', '^bar')", "false"),
    ("'a'.matches('(')", "error: invalid argument"),
)


# RE2 keeps at most 8 MiB for a pattern, and that only after matching text made to fill it; reading a
# pattern again takes some ten microseconds.
@lru_cache(maxsize=128)
def _compiled(pattern: str) -> re2._Regexp[str]:
    import re2

    options = re2.Options()
    options.log_errors = False
    options.never_capture = True  # only whether it matches is asked
    try:
        return re2.compile(limited(pattern), options)
    except (re2.error, UnicodeEncodeError) as error:
        raise EvaluationError(Kind.INVALID_ARGUMENT, f"not an RE2 pattern: {error}") from error


def check_pattern(text: str) -> str | None:
    """Why RE2 cannot take a pattern, in its own words, or None when it can."""
    if len(text) > MAX_STRING:
        return f"longer than {MAX_STRING} code points"
    try:
        _compiled(text)
    except EvaluationError as error:
        # The library gives its reason as bytes.
        reason = error.__cause__.args[0] if error.__cause__ is not None and error.__cause__.args else error
        return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    return None


def matches(text: str, pattern: str) -> bool:
    """Whether the pattern matches somewhere in the text.

    Raises EvaluationError(INVALID_ARGUMENT) for what is no pattern or no Unicode text.
    """
    try:
        # Bytes, because for a str the library works out where in it the match lies.
        return _compiled(pattern).search(limited(text).encode()) is not None
    except UnicodeEncodeError as error:
        raise EvaluationError(Kind.INVALID_ARGUMENT, "the string holds half of a surrogate pair") from error


MATCHES.add("matches", (STRING, STRING), BOOL, matches, cost=product(0, 1, unit=64))
MATCHES.add("matches_string", (STRING, STRING), BOOL, matches, member=True, cost=product(0, 1, unit=64))
