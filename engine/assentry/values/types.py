"""The types of CEL values, as one small frozen tree.

Source: the type system of the CEL language definition (google/cel-spec, doc/langdef.md).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Type:
    """A type by name and parameters: `Type("list", (INT,))` is `list(int)`.

    A name that begins with `~` is a type parameter of a function signature.
    `object` types name an entry of a schema: `Type("object:action.destination")`.
    """

    name: str
    params: tuple[Type, ...] = ()

    @property
    def is_param(self) -> bool:
        return self.name.startswith("~")

    @property
    def is_object(self) -> bool:
        return self.name.startswith("object:")

    def __str__(self) -> str:
        name = self.name.removeprefix("~").removeprefix("object:")
        if not self.params:
            return name
        return f"{name}({', '.join(str(param) for param in self.params)})"


BOOL = Type("bool")
INT = Type("int")
UINT = Type("uint")
DOUBLE = Type("double")
STRING = Type("string")
BYTES = Type("bytes")
NULL = Type("null_type")
TIMESTAMP = Type("timestamp")
DURATION = Type("duration")
DYN = Type("dyn")
ERROR = Type("error")
IP = Type("net.IP")
CIDR = Type("net.CIDR")


def list_of(item: Type) -> Type:
    return Type("list", (item,))


def map_of(key: Type, value: Type) -> Type:
    return Type("map", (key, value))


def optional_of(item: Type) -> Type:
    return Type("optional_type", (item,))


def type_of(item: Type) -> Type:
    return Type("type", (item,))


def nullable(item: Type) -> Type:
    """`item` or null: CEL's wrapper types, for every type of a schema."""
    if item.name in {"wrapper", "dyn", "null_type"}:
        return item
    return Type("wrapper", (item,))


def param(name: str) -> Type:
    """A type parameter of a signature: `param("A")`."""
    return Type(f"~{name}")
