"""Types as text: `list(string)`, `map(string, dyn)`, `optional_type(int)`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from assentry.values.types import (
    BOOL,
    BYTES,
    CIDR,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    IP,
    NULL,
    STRING,
    TIMESTAMP,
    UINT,
    Type,
    list_of,
    map_of,
    nullable,
    optional_of,
    param,
    type_of,
)

MAX_DEPTH = 32

_SIMPLE: Mapping[str, Type] = MappingProxyType(
    {
        "bool": BOOL,
        "int": INT,
        "uint": UINT,
        "double": DOUBLE,
        "string": STRING,
        "bytes": BYTES,
        "null": NULL,
        "null_type": NULL,
        "dyn": DYN,
        "any": DYN,
        "timestamp": TIMESTAMP,
        "duration": DURATION,
        "google.protobuf.Timestamp": TIMESTAMP,
        "google.protobuf.Duration": DURATION,
        "net.IP": IP,
        "net.CIDR": CIDR,
        "list": list_of(DYN),
        "map": map_of(DYN, DYN),
        "type": type_of(DYN),
        "optional_type": optional_of(DYN),
    }
)
_ARITY: Mapping[str, int] = MappingProxyType({"list": 1, "map": 2, "type": 1, "optional_type": 1, "wrapper": 1})
_TOKEN = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_.]*|[(),])")


def parse_type(text: str) -> Type:
    """The type that a text names. One upper-case letter is a type parameter; other names are opaque types.

    Raises ValueError for what is no type.
    """
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != "".join(text.split()) or not tokens:
        raise ValueError(f"`{text}` is not a type")
    found, rest = _parse(tokens, text, 0)
    if rest:
        raise ValueError(f"`{text}` is not a type: `{rest[0]}` is left over")
    return found


def _parse(tokens: list[str], text: str, depth: int) -> tuple[Type, list[str]]:
    if not tokens or tokens[0] in "()," or depth > MAX_DEPTH:
        raise ValueError(f"`{text}` is not a type")
    name, rest = tokens[0], tokens[1:]
    params: list[Type] = []
    if rest[:1] == ["("]:
        separator = "("
        while separator != ")":
            inner, rest = _parse(rest[1:], text, depth + 1)
            params.append(inner)
            if not rest or rest[0] not in {",", ")"}:
                raise ValueError(f"`{text}` is not a type: a `)` is missing")
            separator = rest[0]
        rest = rest[1:]
    return _named(name, tuple(params), text), rest


def _named(name: str, params: tuple[Type, ...], text: str) -> Type:
    if not params and name in _SIMPLE:
        return _SIMPLE[name]
    if not params and len(name) == 1 and name.isupper():
        return param(name)
    wanted = _ARITY.get(name)
    if (wanted is not None and wanted != len(params)) or (wanted is None and name in _SIMPLE):
        raise ValueError(f"`{text}` is not a type: `{name}` takes {wanted or 'no'} parameters")
    return nullable(params[0]) if name == "wrapper" else Type(name, params)


def type_text(item: Type) -> str:
    """The text of a type, as `parse_type` reads it."""
    name = {"null_type": "null"}.get(item.name, item.name.removeprefix("~"))
    return f"{name}({', '.join(map(type_text, item.params))})" if item.params else name
