"""Text: searching, cutting, joining, changing. Positions count code points from 0.

Source: langdef.md, "String Functions"; cel-go's ext/README.md, "Strings".
"""

from __future__ import annotations

from typing import Final

from assentry.errors import EvaluationError, Kind
from assentry.values.declare import Family, linear, product
from assentry.values.limits import MAX_LIST, MAX_STRING, exceeded
from assentry.values.limits import text as limited
from assentry.values.runtime import type_name
from assentry.values.types import BOOL, INT, STRING, list_of

FAMILY = Family("strings", "Text.")

SPACE: Final = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
"""Unicode's White_Space, which Python's own `strip` goes beyond (U+001C to U+001F)."""

_UPPER: Final = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}
_LOWER: Final = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_ESCAPES: Final = str.maketrans(
    {
        "\a": "\\a",
        "\b": "\\b",
        "\f": "\\f",
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        "\v": "\\v",
        "\\": "\\\\",
        '"': '\\"',
        **{chr(code): "\ufffd" for code in range(0xD800, 0xE000)},
    }
)

CONTAINS = FAMILY.function("contains", "Whether a string holds another.", ("'hello world'.contains('o w')", "true"))
STARTS_WITH = FAMILY.function(
    "startsWith", "Whether a string begins with another.", ("'foobar'.startsWith('foo')", "true")
)
ENDS_WITH = FAMILY.function("endsWith", "Whether a string ends with another.", ("'foobar'.endsWith('foo')", "false"))
CHAR_AT = FAMILY.function(
    "charAt",
    "The character at a position; the end of the string has the empty one.",
    ("'hello'.charAt(4)", "'o'"),
    ("'hello'.charAt(5)", "''"),
    ("'hello'.charAt(-1)", "error: index out of range"),
)
INDEX_OF = FAMILY.function(
    "indexOf",
    "The first position, from a start, at which a string holds another, or -1.",
    ("'hello mellow'.indexOf('ello')", "1"),
    ("'hello mellow'.indexOf('ello', 2)", "7"),
    ("'hello mellow'.indexOf('jello')", "-1"),
    ("'hello'.indexOf('', 2)", "2"),
    ("'hello'.indexOf('l', 20)", "error: index out of range"),
)
LAST_INDEX_OF = FAMILY.function(
    "lastIndexOf",
    "The last position, up to a start, at which a string holds another, or -1.",
    ("'hello mellow'.lastIndexOf('ello')", "7"),
    ("'hello mellow'.lastIndexOf('ello', 6)", "1"),
    ("'hello'.lastIndexOf('')", "5"),
    ("'hello'.lastIndexOf('l', -1)", "error: index out of range"),
)
SUBSTRING = FAMILY.function(
    "substring",
    "The part from a position, up to but without another.",
    ("'tacocat'.substring(4)", "'cat'"),
    ("'tacocat'.substring(0, 4)", "'taco'"),
    ("'tacocat'.substring(2, 1)", "error: invalid argument"),
    ("'tacocat'.substring(-1)", "error: index out of range"),
)
REPLACE = FAMILY.function(
    "replace",
    "The string with another in the place of a part, wherever it occurs or the first so many times.",
    ("'hello hello'.replace('he', 'we')", "'wello wello'"),
    ("'hello hello'.replace('he', 'we', 1)", "'wello hello'"),
    ("'hello hello'.replace('he', 'we', -1)", "'wello wello'"),
    ("'ab'.replace('', '-')", "'-a-b-'"),
)
SPLIT = FAMILY.function(
    "split",
    "The parts between a separator, at most so many; an empty separator gives the characters.",
    ("'a b c'.split(' ')", "['a', 'b', 'c']"),
    ("'a b c'.split(' ', 2)", "['a', 'b c']"),
    ("'a b c'.split(' ', 0)", "[]"),
    ("'abc'.split('')", "['a', 'b', 'c']"),
)
JOIN = FAMILY.function(
    "join",
    "The strings of a list, one after the other, with a separator between them.",
    ("['a', 'b'].join()", "'ab'"),
    ("['a', 'b'].join(', ')", "'a, b'"),
    ("[].join('/')", "''"),
)
TRIM = FAMILY.function("trim", "The string without white space at its ends.", ("'  \\ttrim\\n '.trim()", "'trim'"))
LOWER = FAMILY.function(
    "lowerAscii", "The string with A to Z in lower case.", ("'TacoC\u00c6t'.lowerAscii()", "'tacoc\u00c6t'")
)
UPPER = FAMILY.function(
    "upperAscii", "The string with a to z in upper case.", ("'TacoC\u00e6t'.upperAscii()", "'TACOC\u00e6T'")
)
REVERSE = FAMILY.function("reverse", "The code points of a string in reverse order.", ("'gums'.reverse()", "'smug'"))
QUOTE = FAMILY.function(
    "strings.quote",
    "The string in double quotes, its special characters escaped.",
    ("strings.quote('a \"b\"\\n')", '\'"a \\\\"b\\\\"\\\\n"\''),
)


def _out_of_range() -> EvaluationError:
    return EvaluationError(Kind.INDEX)


def _within(text: str, position: int) -> int:
    if 0 <= position <= len(limited(text)):
        return position
    raise _out_of_range()


def contains(text: str, part: str) -> bool:
    return part in text


def char_at(text: str, position: int) -> str:
    return text[_within(text, position) :][:1]


def index_of(text: str, part: str) -> int:
    return limited(text).find(part)


def index_of_from(text: str, part: str, start: int) -> int:
    return text.find(part, _within(text, start))


def last_index_of(text: str, part: str) -> int:
    """Searches the reversed text forwards: CPython's own backward search is quadratic."""
    found = limited(text)[::-1].find(part[::-1])
    return found if found < 0 else len(text) - found - len(part)


def last_index_of_to(text: str, part: str, start: int) -> int:
    return last_index_of(text[: _within(text, start) + len(part)], part)


def substring_from(text: str, start: int) -> str:
    return text[_within(text, start) :]


def substring(text: str, start: int, end: int) -> str:
    first, last = _within(text, start), _within(text, end)
    if first > last:
        raise EvaluationError(Kind.INVALID_ARGUMENT, "the end of the substring lies before its start")
    return text[first:last]


def replace_all(text: str, old: str, new: str) -> str:
    return replace(text, old, new, -1)


def replace(text: str, old: str, new: str, count: int) -> str:
    """At most `count` times, or always when negative; the result's length is known before it is built."""
    occurs = limited(text).count(limited(old))
    times = occurs if count < 0 else min(occurs, count)
    if len(text) + times * (len(new) - len(old)) > MAX_STRING:
        raise exceeded(f"a string of more than {MAX_STRING} code points")
    return text.replace(old, new, times)


def split_all(text: str, separator: str) -> list[str]:
    return split(text, separator, -1)


def split(text: str, separator: str, count: int) -> list[str]:
    """At most `count` parts, the last with the rest of the text; all when negative."""
    if count == 0:
        return []
    parts = limited(text).count(separator) + 1 if separator else len(limited(text)) or 1
    parts = parts if count < 0 else min(parts, count)
    if parts > MAX_LIST:
        raise exceeded(f"a list of more than {MAX_LIST} elements")
    if separator:
        return text.split(separator, parts - 1)
    return [*text[: parts - 1], text[parts - 1 :]]


def join(items: list[object]) -> str:
    return join_with(items, "")


def join_with(items: list[object], separator: str) -> str:
    """Raises EvaluationError(NO_SUCH_OVERLOAD) for an element that is no string."""
    size = len(limited(separator)) * max(0, len(items) - 1)
    strings: list[str] = []
    for item in items:
        if not isinstance(item, str):
            raise EvaluationError(Kind.NO_SUCH_OVERLOAD, f"no such overload: `join` of {type_name(item)}")
        strings.append(item)
        size += len(item)
        if size > MAX_STRING:
            raise exceeded(f"a string of more than {MAX_STRING} code points")
    return separator.join(strings)


def trim(text: str) -> str:
    return limited(text).strip(SPACE)


def lower_ascii(text: str) -> str:
    return limited(text).lower() if text.isascii() else limited(text).translate(_LOWER)


def upper_ascii(text: str) -> str:
    return limited(text).upper() if text.isascii() else limited(text).translate(_UPPER)


def reverse(text: str) -> str:
    return limited(text)[::-1]


def quote(text: str) -> str:
    return limited(f'"{limited(text).translate(_ESCAPES)}"')


_TEXT2 = (STRING, STRING)
CONTAINS.add("contains_string", _TEXT2, BOOL, contains, member=True, cost=linear(0, 1, unit=64))
STARTS_WITH.add("starts_with_string", _TEXT2, BOOL, str.startswith, member=True, cost=linear(1, unit=64))
ENDS_WITH.add("ends_with_string", _TEXT2, BOOL, str.endswith, member=True, cost=linear(1, unit=64))

_SCAN = linear(0, unit=16)
CHAR_AT.add("string_char_at_int", (STRING, INT), STRING, char_at, member=True)
INDEX_OF.add("string_index_of_string", _TEXT2, INT, index_of, member=True, cost=linear(0, 1, unit=64))
INDEX_OF.add("string_index_of_string_int", (*_TEXT2, INT), INT, index_of_from, member=True, cost=linear(0, 1, unit=64))
LAST_INDEX_OF.add("string_last_index_of_string", _TEXT2, INT, last_index_of, member=True, cost=linear(0, 1, unit=16))
LAST_INDEX_OF.add(
    "string_last_index_of_string_int", (*_TEXT2, INT), INT, last_index_of_to, member=True, cost=linear(0, 1, unit=16)
)
SUBSTRING.add("string_substring_int", (STRING, INT), STRING, substring_from, member=True, cost=_SCAN)
SUBSTRING.add("string_substring_int_int", (STRING, INT, INT), STRING, substring, member=True, cost=_SCAN)
REPLACE.add(
    "string_replace_string_string", (*_TEXT2, STRING), STRING, replace_all, member=True, cost=product(0, 2, unit=16)
)
REPLACE.add(
    "string_replace_string_string_int",
    (*_TEXT2, STRING, INT),
    STRING,
    replace,
    member=True,
    cost=product(0, 2, unit=16),
)
SPLIT.add("string_split_string", _TEXT2, list_of(STRING), split_all, member=True, cost=linear(0))
SPLIT.add("string_split_string_int", (*_TEXT2, INT), list_of(STRING), split, member=True, cost=linear(0))
JOIN.add("list_join", (list_of(STRING),), STRING, join, member=True, cost=linear(0))
JOIN.add("list_join_string", (list_of(STRING), STRING), STRING, join_with, member=True, cost=product(0, 1, unit=16))
TRIM.add("string_trim", (STRING,), STRING, trim, member=True, cost=_SCAN)
LOWER.add("string_lower_ascii", (STRING,), STRING, lower_ascii, member=True, cost=_SCAN)
UPPER.add("string_upper_ascii", (STRING,), STRING, upper_ascii, member=True, cost=_SCAN)
REVERSE.add("string_reverse", (STRING,), STRING, reverse, member=True, cost=_SCAN)
QUOTE.add("strings_quote", (STRING,), STRING, quote, cost=_SCAN)
