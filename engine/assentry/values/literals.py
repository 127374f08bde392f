"""Any CEL value as plain JSON data and back: typed and lossless, for saved policies and for test cases.

int, uint     {"type": "int", "value": "-7"}              digits as text: JSON numbers lose them
double        {"type": "double", "value": "0.1"}          shortest text, or NaN, Infinity, -Infinity
string, bool  {"type": "string", "value": "text"}
null          {"type": "null"}
bytes         {"type": "bytes", "value_b64": "aGk="}
list          {"type": "list", "value": [...]}
map           {"type": "map", "value": [[key, value], ...]}
timestamp     {"type": "timestamp", "seconds": "1234", "nanos": 5}      since 1970, nanos 0 to 999999999
duration      {"type": "duration", "seconds": "-1", "nanos": -500000000}  nanos with the sign of seconds
type          {"type": "type", "value": "google.protobuf.Timestamp"}
optional      {"type": "optional", "value": {...}} or {"type": "optional"}
net.IP, CIDR  {"type": "net.IP", "version": 4, "address": "2130706433"}, with "prefix" for net.CIDR
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Callable, Mapping
from typing import Final

from assentry.errors import FormatError
from assentry.values.limits import MAX_NESTING, MAX_NODES
from assentry.values.runtime import (
    CIDR,
    INT_MAX,
    INT_MIN,
    IP,
    NONE,
    TIMESTAMP_MAX,
    TIMESTAMP_MIN,
    UINT_MAX,
    Duration,
    Optional,
    Timestamp,
    TypeValue,
    Uint,
    key_value,
    map_key,
)

Data = dict[str, object]

_SECOND: Final = 10**9
_BITS: Final = {4: 32, 6: 128}
_DIGITS: Final = re.compile(r"-?[0-9]{1,40}", re.ASCII)
_DOUBLE: Final = re.compile(r"-?[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,4})?|NaN|-?Infinity", re.ASCII)


def to_data(value: object) -> Data:
    """The value as JSON-able data.

    Raises FormatError for what is no CEL value, is nested too deep or holds too many values.
    """
    return _write(value, [MAX_NODES], MAX_NESTING)


def from_data(data: object) -> object:
    """The value that `to_data` wrote.

    Raises FormatError for anything else.
    """
    return _read(data, MAX_NESTING)


# ---- writing ----


def _write(value: object, left: list[int], depth: int) -> Data:
    left[0] -= 1
    if left[0] < 0 or depth < 0:
        raise FormatError("a value is too large to write")
    match value:
        case list():
            return {"type": "list", "value": [_write(item, left, depth - 1) for item in value]}
        case dict():
            entries = [
                [_write(key_value(key), left, depth - 1), _write(held, left, depth - 1)] for key, held in value.items()
            ]
            return {"type": "map", "value": entries}
        case Optional():
            return {"type": "optional"} | ({"value": _write(value.value, left, depth - 1)} if value.present else {})
        case _:
            return _write_scalar(value)


def _write_scalar(value: object) -> Data:
    match value:
        case None:
            return {"type": "null"}
        case bool() | str():
            return {"type": "bool" if isinstance(value, bool) else "string", "value": value}
        case int():
            return {"type": "uint" if isinstance(value, Uint) else "int", "value": str(value)}
        case float():
            return {"type": "double", "value": _double_text(value)}
        case bytes():
            return {"type": "bytes", "value_b64": base64.b64encode(value).decode("ascii")}
        case Timestamp():
            return {"type": "timestamp", "seconds": str(value.ns // _SECOND), "nanos": value.ns % _SECOND}
        case Duration():
            sign = -1 if value.ns < 0 else 1
            seconds, nanos = divmod(abs(value.ns), _SECOND)
            return {"type": "duration", "seconds": str(sign * seconds), "nanos": sign * nanos}
        case TypeValue():
            return {"type": "type", "value": value.name}
        case IP():
            return {"type": "net.IP", "version": value.version, "address": str(value.address)}
        case CIDR():
            return {**_write_scalar(value.ip), "type": "net.CIDR", "prefix": value.prefix}
        case _:
            raise FormatError(f"`{type(value).__name__}` is not a CEL type")


def _double_text(value: float) -> str:
    if math.isfinite(value):
        return repr(value)
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


# ---- reading ----


def _read(data: object, depth: int) -> object:
    if not isinstance(data, dict) or depth < 0:
        raise FormatError("a typed value is expected")
    kind, value = data.get("type"), data.get("value")
    if kind == "list" and isinstance(value, list):
        return [_read(item, depth - 1) for item in value]
    if kind == "map" and isinstance(value, list):
        return _read_map(value, depth)
    if kind == "optional":
        return Optional.of(_read(value, depth - 1)) if "value" in data else NONE
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise FormatError("a typed value is expected")
    return reader(data)


def _read_map(entries: list[object], depth: int) -> dict[object, object]:
    result: dict[object, object] = {}
    for entry in entries:
        if not isinstance(entry, list) or len(entry) != 2:
            raise FormatError("a map's entry must be a key and a value")
        key = _read(entry[0], depth - 1)
        if not isinstance(key, (str, int)):
            raise FormatError("a map's key must be a string, int, uint or bool")
        if (stored := map_key(key)) in result:
            raise FormatError("a map's key is given twice")
        result[stored] = _read(entry[1], depth - 1)
    return result


def _integer(data: Mapping[str, object], name: str, low: int, high: int) -> int:
    value = data.get(name)
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return value
    raise FormatError(f"`{name}` must be an integer from {low} to {high}")


def _read_null(_: Data) -> None:
    return None


def _read_bool(data: Data) -> bool:
    value = data.get("value")
    if isinstance(value, bool):
        return value
    raise FormatError("a bool must be true or false")


def _read_text(data: Data) -> str:
    value = data.get("value")
    if isinstance(value, str):
        return value
    raise FormatError("a string is expected")


def _read_int(data: Data) -> int:
    return _integer(data, "value", INT_MIN, INT_MAX)


def _read_uint(data: Data) -> Uint:
    return Uint(_integer(data, "value", 0, UINT_MAX))


def _read_double(data: Data) -> float:
    text = data.get("value")
    if not isinstance(text, str) or not _DOUBLE.fullmatch(text):
        raise FormatError("a double must be written as text")
    return float(text)


def _read_bytes(data: Data) -> bytes:
    text = data.get("value_b64")
    if not isinstance(text, str):
        raise FormatError("bytes must be written in base64")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise FormatError("bytes must be written in base64") from error


def _nanoseconds(data: Data, low: int, high: int) -> int:
    seconds = _integer(data, "seconds", low // _SECOND, high // _SECOND + 1)
    total = seconds * _SECOND + (_integer(data, "nanos", 1 - _SECOND, _SECOND - 1) if "nanos" in data else 0)
    if low <= total <= high:
        return total
    raise FormatError("a point or length of time is out of range")


def _read_timestamp(data: Data) -> Timestamp:
    return Timestamp(_nanoseconds(data, TIMESTAMP_MIN, TIMESTAMP_MAX))


def _read_duration(data: Data) -> Duration:
    return Duration(_nanoseconds(data, INT_MIN, INT_MAX))


def _read_type(data: Data) -> TypeValue:
    return TypeValue(_read_text(data))


def _read_ip(data: Data) -> IP:
    version = _integer(data, "version", 4, 6)
    if version not in _BITS:
        raise FormatError("an address is of version 4 or 6")
    return IP(version, _integer(data, "address", 0, 2 ** _BITS[version] - 1))


def _read_cidr(data: Data) -> CIDR:
    ip = _read_ip(data)
    return CIDR(ip, _integer(data, "prefix", 0, _BITS[ip.version]))


_READERS: Final[Mapping[str, Callable[[Data], object]]] = {
    "null": _read_null,
    "bool": _read_bool,
    "string": _read_text,
    "int": _read_int,
    "uint": _read_uint,
    "double": _read_double,
    "bytes": _read_bytes,
    "timestamp": _read_timestamp,
    "duration": _read_duration,
    "type": _read_type,
    "net.IP": _read_ip,
    "net.CIDR": _read_cidr,
}
