"""String and bytes literals: from spelling to value and back.

Source: CEL language definition, "String and Bytes Values" (google/cel-spec, doc/langdef.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable

_PUNCTUATION = {"\\": "\\", "?": "?", '"': '"', "'": "'", "`": "`"}
_CONTROL = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_SIMPLE = _PUNCTUATION | _CONTROL
_DIGITS = {"x": 2, "X": 2, "u": 4, "U": 8}
_ESCAPE = re.compile(r"\\(?:([xX])([0-9a-fA-F]{2})|(u)([0-9a-fA-F]{4})|(U)([0-9a-fA-F]{8})|([0-3][0-7]{2})|([\s\S]))")

Complain = Callable[[int, int, str, str], None]
"""Called with start and end (offsets within the literal's body), a message and a help."""


def split(spelling: str) -> tuple[bool, bool, int, str]:
    """A literal's spelling as (is it bytes, is it raw, where its body starts, its body)."""
    at = 0
    is_bytes = is_raw = False
    while spelling[at] not in "\"'":
        is_bytes = is_bytes or spelling[at] in "bB"
        is_raw = is_raw or spelling[at] in "rR"
        at += 1
    width = 3 if spelling[at : at + 3] in {'"""', "'''"} and len(spelling) >= at + 6 else 1
    return is_bytes, is_raw, at + width, spelling[at + width : len(spelling) - width]


def decode_string(body: str, complain: Complain) -> str:
    """The value of a string body with its escapes resolved; what is wrong goes to `complain`."""
    if "\\" not in body:
        return body

    def resolve(match: re.Match[str]) -> str:
        if match[8] is not None:
            if (simple := _SIMPLE.get(match[8])) is not None:
                return simple
            _complain_unknown(match, complain)
            return match[8]
        point = _code_point(match)
        if 0xD800 <= point <= 0xDFFF or point > 0x10FFFF:
            what = "a surrogate" if point <= 0xDFFF else "beyond U+10FFFF"
            complain(
                match.start(), match.end(), f"`{match[0]}` is no character: it is {what}", "write the character itself"
            )
            return "?"
        return chr(point)

    return _ESCAPE.sub(resolve, body)


def decode_bytes(body: str, complain: Complain) -> bytes:
    """The value of a bytes body: text as UTF-8, octal and hexadecimal escapes as single bytes."""
    if "\\" not in body:
        return body.encode("utf-8", "replace")
    parts: list[bytes] = []
    done = 0
    for match in _ESCAPE.finditer(body):
        parts.append(body[done : match.start()].encode("utf-8", "replace"))
        done = match.end()
        if match[8] is not None:
            if (simple := _SIMPLE.get(match[8])) is None:
                _complain_unknown(match, complain)
            parts.append((simple or match[8]).encode("utf-8", "replace"))
        elif match[3] or match[5]:
            complain(match.start(), match.end(), f"`{match[0]}` stands in bytes", "bytes know `\\xHH` and `\\ooo` only")
        else:
            parts.append(bytes([_code_point(match)]))
    parts.append(body[done:].encode("utf-8", "replace"))
    return b"".join(parts)


def _code_point(match: re.Match[str]) -> int:
    return int(match[7], 8) if match[7] is not None else int(match[2] or match[4] or match[6], 16)


def _complain_unknown(match: re.Match[str], complain: Complain) -> None:
    letter = match[8]
    if (digits := _DIGITS.get(letter)) is not None:
        message, advice = f"`\\{letter}` needs {digits} hexadecimal digits", "for a backslash write `\\\\`"
    elif letter in "01234567":
        message, advice = "an octal escape is three digits from `\\000` to `\\377`", "for a backslash write `\\\\`"
    elif letter == "/":
        message, advice = "`\\/` is no escape", "write `/` alone"
    else:
        message = f"`\\{letter}` is no escape"
        advice = 'for a backslash write `\\\\`, or use a raw string: r"..."'
    complain(match.start(), match.end(), message, advice)


_SPELLED = {
    "\\": "\\\\",
    '"': '\\"',
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
}
_UNSAFE = re.compile(
    '[\x00-\x1f\x7f-\x9f\\\\"\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u00ad\ud800-\udfff\U000e0000-\U000e007f]'
)


def spell_string(value: str) -> str:
    """A double-quoted literal with this value; control, bidi and invisible characters are escaped."""
    return f'"{_UNSAFE.sub(_spell, value)}"'


def spell_bytes(value: bytes) -> str:
    """A double-quoted bytes literal with this value; all but printable ASCII is escaped."""
    return (
        'b"' + "".join(_SPELLED.get(c) or (c if " " <= c <= "~" else f"\\x{ord(c):02x}") for c in map(chr, value)) + '"'
    )


def _spell(match: re.Match[str]) -> str:
    char = match[0]
    if (short := _SPELLED.get(char)) is not None:
        return short
    point = ord(char)
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"
