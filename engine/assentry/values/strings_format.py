"""`format`: text with places for values.

A place is `%`, an optional precision (`.3`), and a verb: `s` any value as text, `d` a number in
decimal, `f` and `e` with a precision (6 unless said) fixed or scientific, `b` `o` `x` `X` an integer
in another base (`b` also a bool; `x` also the bytes of text). `%%` is a per cent sign. With `s`, bytes that
are no UTF-8 show as U+FFFD, and a duration as its seconds turned into a double.

Source: cel-spec's doc/extensions/strings.md.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from assentry.errors import EvaluationError, Kind
from assentry.values import double_text
from assentry.values.declare import Family, linear
from assentry.values.limits import MAX_NESTING, MAX_STRING, exceeded
from assentry.values.limits import text as limited
from assentry.values.runtime import Duration, Timestamp, TypeValue, key_value, type_name
from assentry.values.time_text import SECOND, timestamp_text
from assentry.values.types import DYN, STRING, list_of

FAMILY = Family("strings", "Text.")

FORMAT = FAMILY.function(
    "format",
    "Text with the values of a list in the places of `%s`, `%d`, `%.2f`, `%e`, `%b`, `%o`, `%x`.",
    ("'%d rows for %s'.format([3, 'ann'])", "'3 rows for ann'"),
    ("'%.2f %e'.format([2.71828, 1052.5])", "'2.72 1.052500e+03'"),
    ("'%b %o %x %X'.format([5, 11, 'hi', 30])", "'101 13 6869 1E'"),
    ("'%s'.format([['abc', 3.5, {'b': null, 'a': true}]])", "'[abc, 3.5, {a: true, b: null}]'"),
    ("'100%%'.format([])", "'100%'"),
    ("'%d'.format(['a'])", "error: invalid argument"),
    ("'%d %d'.format([1])", "error: index out of range"),
)

MAX_PRECISION: Final = 1000
"""More digits than any double has."""

_DEFAULT_PRECISION: Final = 6
_NOT_UTF8: Final = re.compile("[\udc80-\udcff]+")


def _invalid(message: str) -> EvaluationError:
    return EvaluationError(Kind.INVALID_ARGUMENT, message)


def _unfit(verb: str, value: object) -> EvaluationError:
    return _invalid(f"`%{verb}` cannot show {type_name(value)}")


def format_string(template: str, args: list[object]) -> str:
    """The template with the values in its places; values that no place asks for are left out.

    Raises EvaluationError: INVALID_ARGUMENT for an unknown place or a value that its place cannot
    show, INDEX for too few values, LIMIT when the text grows too long.
    """
    parts: list[str] = []
    left, at, used = MAX_STRING, 0, 0
    limited(template)
    while (place := template.find("%", at)) >= 0:
        parts.append(template[at:place])
        if template.startswith("%%", place):
            shown, at = "%", place + 2
        else:
            verb, precision, at = _place(template, place + 1)
            if used >= len(args):
                raise EvaluationError(Kind.INDEX, f"`format` has no value for place {used + 1}")
            shown, used = _show(verb, precision, args[used], left), used + 1
        parts.append(shown)
        left -= len(shown) + len(parts[-2])
        if left < 0:
            raise exceeded(f"a string of more than {MAX_STRING} code points")
    parts.append(template[at:])
    return limited("".join(parts))


def _place(template: str, at: int) -> tuple[str, int, int]:
    """Verb, precision and end of the place whose `%` ends at `at`."""
    precision = _DEFAULT_PRECISION
    if template.startswith(".", at):
        end = at + 1
        while end < len(template) and template[end] in "0123456789":
            end += 1
        digits = template[at + 1 : end].lstrip("0")
        if end == at + 1:
            raise _invalid("a precision needs digits")
        if len(digits) > 4 or int(digits or "0") > MAX_PRECISION:
            raise _invalid(f"a precision is at most {MAX_PRECISION}")
        precision, at = int(digits or "0"), end
    if at >= len(template):
        raise _invalid("the template ends inside a place")
    return template[at], precision, at + 1


def _show(verb: str, precision: int, value: object, left: int) -> str:
    if verb == "s":
        return _text(value, left)
    if verb in "fe":
        return _decimal_places(verb, precision, value)
    show = _VERBS.get(verb)
    if show is None:
        raise _invalid("unknown verb in a place of `format`")
    return show(verb, value)


# ---- the verbs of numbers ----


def _integer(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _not_finite(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _decimal(verb: str, value: object) -> str:
    if isinstance(value, float):
        return double_text.fixed(value) if math.isfinite(value) else _not_finite(value)
    if (integer := _integer(value)) is None:
        raise _unfit(verb, value)
    return f"{integer:d}"


def _decimal_places(verb: str, precision: int, value: object) -> str:
    number = value if isinstance(value, float) else _integer(value)
    if number is None:
        raise _unfit(verb, value)
    number = float(number)
    return f"{number:.{precision}{verb}}" if math.isfinite(number) else _not_finite(number)


def _binary(verb: str, value: object) -> str:
    if isinstance(value, int):  # a bool is 1 or 0
        return f"{int(value):b}"
    raise _unfit(verb, value)


def _octal(verb: str, value: object) -> str:
    if (integer := _integer(value)) is None:
        raise _unfit(verb, value)
    return f"{integer:o}"


def _hex(verb: str, value: object) -> str:
    if (integer := _integer(value)) is not None:
        return f"{integer:{verb}}"
    if isinstance(value, str):
        value = limited(value).encode("utf-8", "replace")
    if not isinstance(value, bytes):
        raise _unfit(verb, value)
    digits = limited(value).hex()
    return digits.upper() if verb == "X" else digits


_VERBS: Final[Mapping[str, Callable[[str, object], str]]] = {
    "d": _decimal,
    "b": _binary,
    "o": _octal,
    "x": _hex,
    "X": _hex,
}

# ---- any value as text ----


def _text(value: object, left: int) -> str:
    """A value as text, refused as soon as it is longer than what is left of the limit."""
    parts: list[str] = []
    for part in _parts(value, 0):
        parts.append(part)
        left -= len(part)
        if left < 0:
            raise exceeded(f"a string of more than {MAX_STRING} code points")
    return "".join(parts)


def _parts(value: object, depth: int) -> Iterator[str]:
    if depth > MAX_NESTING:
        raise exceeded(f"a value of more than {MAX_NESTING} levels")
    if isinstance(value, list):
        yield "["
        for index, item in enumerate(value):
            if index:
                yield ", "
            yield from _parts(item, depth + 1)
        yield "]"
    elif isinstance(value, dict):
        yield "{"
        entries = _entries(value)
        for index, (key, held) in enumerate(entries):
            yield f", {key}: " if index else f"{key}: "
            yield from _parts(held, depth + 1)
        yield "}"
    else:
        yield _scalar(value)


def _entries(value: dict[object, object]) -> list[tuple[str, object]]:
    """Entries by the text of their keys."""
    return sorted(((_scalar(key_value(key)), held) for key, held in value.items()), key=lambda entry: entry[0])


def _scalar(value: object) -> str:
    match value:
        case str():
            return value
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return _decimal("s", value)
        case bytes():
            return _utf8(value)
        case Timestamp():
            return timestamp_text(value)
        case Duration():
            seconds, nanoseconds = divmod(abs(value.ns), SECOND)
            text = double_text.fixed(seconds + nanoseconds / SECOND)
            return f"{'-' if value.ns < 0 else ''}{text}s"
        case TypeValue():
            return value.name
        case _:
            raise _unfit("s", value)


def _utf8(value: bytes) -> str:
    """The text of the bytes; a run of bytes that are no UTF-8 shows as one U+FFFD."""
    return _NOT_UTF8.sub("\ufffd", limited(value).decode("utf-8", "surrogateescape"))


FORMAT.add("string_format", (STRING, list_of(DYN)), STRING, format_string, member=True, cost=linear(0, 1))
