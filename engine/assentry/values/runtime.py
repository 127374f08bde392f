"""The CEL values that Python has no type of its own for, and the names of all value types.

int, double, string, bytes, bool, null, list and map are int, float, str, bytes, bool, None, list and
dict. A map's keys are str, int and Uint, and BoolKey for bool, because Python's `True == 1`.
Values are immutable by convention: no function changes an argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, final

from assentry.errors import EvaluationError, Kind
from assentry.values import types
from assentry.values.types import Type

INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**63 - 1
UINT_MAX: Final = 2**64 - 1

TIMESTAMP_MIN: Final = -62_135_596_800 * 10**9
"""0001-01-01T00:00:00Z in nanoseconds since 1970."""
TIMESTAMP_MAX: Final = 253_402_300_800 * 10**9 - 1
"""9999-12-31T23:59:59.999999999Z in nanoseconds since 1970."""


@final
class Uint(int):
    """An unsigned 64-bit integer. Arithmetic on it gives a plain int: wrap the result again."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{int(self)}u"

    __str__ = int.__repr__


class _Nanoseconds:
    """A count of nanoseconds that equals and orders only within its own class.

    Written out rather than a dataclass: a dataclass compares by building two tuples.
    """

    __slots__ = ("ns",)
    ns: int

    def __init__(self, ns: int) -> None:
        object.__setattr__(self, "ns", ns)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.ns == other.ns

    def __hash__(self) -> int:
        return hash((type(self).__name__, self.ns))

    def __lt__(self, other: _Nanoseconds) -> bool:
        return self.ns < other.ns

    def __le__(self, other: _Nanoseconds) -> bool:
        return self.ns <= other.ns

    def __gt__(self, other: _Nanoseconds) -> bool:
        return self.ns > other.ns

    def __ge__(self, other: _Nanoseconds) -> bool:
        return self.ns >= other.ns

    def __repr__(self) -> str:
        return f"{type(self).__name__}(ns={self.ns})"

    def __reduce__(self) -> tuple[type, tuple[int]]:
        return type(self), (self.ns,)  # what `copy` needs, as nothing may be set afterwards


@final
class Timestamp(_Nanoseconds):
    """A point in time: nanoseconds since 1970-01-01T00:00:00Z, of the years 0001 to 9999."""

    __slots__ = ()


@final
class Duration(_Nanoseconds):
    """A length of time in nanoseconds, within int64 (about 292 years either way)."""

    __slots__ = ()


@final
@dataclass(frozen=True, slots=True)
class TypeValue:
    """A type as a value, by its CEL name: `type(1)` is `TypeValue("int")`."""

    name: str


@final
@dataclass(frozen=True, slots=True)
class BoolKey:
    """A bool as a map's key: `{true: 1}` is `{BoolKey(True): 1}`."""

    value: bool


@final
@dataclass(frozen=True, slots=True)
class Optional:
    """A value or none. Build with `Optional.of(value)`; `NONE` is the one without a value."""

    present: bool
    value: object = None

    @staticmethod
    def of(value: object) -> Optional:
        return Optional(True, value)


NONE: Final = Optional(False)


@final
@dataclass(frozen=True, slots=True)
class IP:
    """An IP address: `version` 4 or 6, and the address as an unsigned integer of 32 or 128 bits."""

    version: int
    address: int


@final
@dataclass(frozen=True, slots=True)
class CIDR:
    """A network: an address (host bits may be set) and the length of its prefix in bits."""

    ip: IP
    prefix: int


_TYPES: Final[Mapping[type, Type]] = {
    bool: types.BOOL,
    int: types.INT,
    Uint: types.UINT,
    float: types.DOUBLE,
    str: types.STRING,
    bytes: types.BYTES,
    type(None): types.NULL,
    list: types.list_of(types.DYN),
    dict: types.map_of(types.DYN, types.DYN),
    Timestamp: types.TIMESTAMP,
    Duration: types.DURATION,
    TypeValue: types.type_of(types.DYN),
    Optional: types.optional_of(types.DYN),
    IP: types.IP,
    CIDR: types.CIDR,
}

_NAMES: Final[Mapping[str, str]] = {"timestamp": "google.protobuf.Timestamp", "duration": "google.protobuf.Duration"}


def type_of_value(value: object) -> Type:
    """The run-time type of a value; what lists, maps and optionals hold is `dyn`.

    Raises EvaluationError(NO_SUCH_OVERLOAD) for a Python object that is no CEL value.
    """
    found = _TYPES.get(type(value))
    if found is None:
        raise EvaluationError(Kind.NO_SUCH_OVERLOAD, f"`{type(value).__name__}` is not a CEL type")
    return found


def runtime_name(declared: Type) -> str:
    """The name under which a type is a value: `google.protobuf.Timestamp` for `timestamp`."""
    return _NAMES.get(declared.name, declared.name)


def type_name(value: object) -> str:
    """The CEL name of a value's type: what `type(value)` prints."""
    return runtime_name(type_of_value(value))


TYPE_VALUES: Final[Mapping[str, TypeValue]] = {
    runtime_name(declared): TypeValue(runtime_name(declared)) for declared in _TYPES.values()
}
"""The type values that are names in every expression: `int`, `list`, `net.IP`, ..."""

_KEY_TYPES: Final = frozenset({str, int, Uint})
_LOOKUP_TYPES: Final = frozenset({str, int, Uint, float})
_TRUE_KEY: Final = BoolKey(True)
_FALSE_KEY: Final = BoolKey(False)

Key = str | int | BoolKey


def map_key(value: object) -> Key:
    """The value as a key of a map that is being built.

    Raises EvaluationError(INVALID_ARGUMENT) unless it is a string, int, uint or bool.
    """
    if isinstance(value, bool):
        return _TRUE_KEY if value else _FALSE_KEY
    if isinstance(value, (str, int)) and type(value) in _KEY_TYPES:
        return value
    raise EvaluationError(Kind.INVALID_ARGUMENT, f"unsupported key type `{type_name(value)}`")


def find(mapping: Mapping[object, object], key: object, default: object) -> object:
    """The value under a key, or `default`. Numbers find each other by value; a key of another type is not there."""
    kind = type(key)
    if kind in _LOOKUP_TYPES:
        return mapping.get(key, default)
    if kind is bool:
        return mapping.get(_TRUE_KEY if key else _FALSE_KEY, default)
    return default


def key_value(key: object) -> object:
    """A stored key as the CEL value that it stands for."""
    return key.value if isinstance(key, BoolKey) else key


def _key_order(key: object) -> tuple[int, int, str]:
    if isinstance(key, BoolKey):
        return (0, int(key.value), "")
    if isinstance(key, int):
        return (1, key, "")
    return (2, 0, str(key))


def sorted_keys(keys: Iterable[object]) -> list[object]:
    """Stored keys in the order in which macros visit them: bools, then numbers, then strings by code point."""
    return sorted(keys, key=_key_order)
