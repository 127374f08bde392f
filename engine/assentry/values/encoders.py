"""Bytes as text: base64, the standard alphabet of RFC 4648.

Source: cel-go's ext/README.md, "Encoders".
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from assentry.errors import EvaluationError, Kind
from assentry.values.declare import Family, linear
from assentry.values.limits import text as limited
from assentry.values.types import BYTES, STRING

FAMILY = Family("encoders", "Encodings.")

_BASE64: Final = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?", re.ASCII)

ENCODE = FAMILY.function("base64.encode", "The bytes in base64, padded.", ("base64.encode(b'hello')", "'aGVsbG8='"))
DECODE = FAMILY.function(
    "base64.decode",
    "The bytes that base64 text stands for; padding may be missing.",
    ("base64.decode('aGVsbG8=')", "b'hello'"),
    ("base64.decode('aGVsbG8')", "b'hello'"),
    ("base64.decode('a')", "error: invalid argument"),
)


def encode(value: bytes) -> str:
    return limited(base64.b64encode(limited(value)).decode("ascii"))


def decode(text: str) -> bytes:
    if not _BASE64.fullmatch(limited(text)):
        raise EvaluationError(Kind.INVALID_ARGUMENT, "the text is not base64")
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), validate=True)
    except binascii.Error as error:
        raise EvaluationError(Kind.INVALID_ARGUMENT, "the text is not base64") from error


ENCODE.add("base64_encode_bytes", (BYTES,), STRING, encode, cost=linear(0, unit=16))
DECODE.add("base64_decode_string", (STRING,), BYTES, decode, cost=linear(0, unit=16))
