"""Hypothesis strategies for CEL values, and what tests of values ask of errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import strategies as st

from assentry.errors import EvaluationError, Kind
from assentry.values.runtime import (
    CIDR,
    INT_MAX,
    INT_MIN,
    IP,
    NONE,
    TIMESTAMP_MAX,
    TIMESTAMP_MIN,
    TYPE_VALUES,
    UINT_MAX,
    Duration,
    Optional,
    Timestamp,
    Uint,
    map_key,
)
from assentry.values.types import Type

ints = st.integers(INT_MIN, INT_MAX) | st.sampled_from([INT_MIN, INT_MAX, 2**53, 2**53 + 1, 0, 1, -1, 63, 64])
uints = (st.integers(0, UINT_MAX) | st.sampled_from([0, 1, 2**63, UINT_MAX])).map(Uint)
doubles = st.floats() | st.sampled_from([0.0, -0.0, 1.0, 2.0**53, 2.0**63, -(2.0**63), 2.0**64, 0.1])
strings = st.text(max_size=12) | st.sampled_from(
    ["", "a", "1h", "UTC", "%s", "(", "10.0.0.1", "10.0.0.0/8", "true", "12"]
)
byte_strings = st.binary(max_size=12)
timestamps = st.integers(TIMESTAMP_MIN, TIMESTAMP_MAX).map(Timestamp) | st.sampled_from(
    [Timestamp(TIMESTAMP_MIN), Timestamp(TIMESTAMP_MAX), Timestamp(0)]
)
durations = st.integers(INT_MIN, INT_MAX).map(Duration)
ips = st.integers(0, 2**32 - 1).map(lambda bits: IP(4, bits)) | st.integers(0, 2**128 - 1).map(lambda bits: IP(6, bits))
cidrs = ips.flatmap(lambda ip: st.integers(0, 32 if ip.version == 4 else 128).map(lambda prefix: CIDR(ip, prefix)))
type_values = st.sampled_from(sorted(TYPE_VALUES.values(), key=str))

scalars: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    ints,
    uints,
    doubles,
    strings,
    byte_strings,
    timestamps,
    durations,
    ips,
    cidrs,
    type_values,
)
keys = st.one_of(strings, st.integers(-3, 3), st.integers(0, 3).map(Uint), st.booleans())


def lists_of(items: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(items, max_size=4)


def maps_of(of_keys: st.SearchStrategy[Any], items: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[Any, Any]]:
    return st.lists(st.tuples(of_keys, items), max_size=4).map(
        lambda entries: {map_key(key): value for key, value in entries}
    )


def optionals_of(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Optional]:
    return st.just(NONE) | items.map(Optional.of)


values: st.SearchStrategy[Any] = st.recursive(
    scalars, lambda inner: lists_of(inner) | maps_of(keys, inner) | optionals_of(inner), max_leaves=8
)

_SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "bool": st.booleans(),
    "int": ints | st.integers(-2, 5),
    "uint": uints,
    "double": doubles,
    "string": strings,
    "bytes": byte_strings,
    "null_type": st.none(),
    "timestamp": timestamps,
    "duration": durations,
    "type": type_values,
    "net.IP": ips,
    "net.CIDR": cidrs,
    "dyn": values,
}


def of_type(declared: Type, params: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """Values of a type; `params` says what the type parameters stand for."""
    if declared.is_param:
        return params.setdefault(declared.name, values)
    if declared.name == "list":
        return lists_of(of_type(declared.params[0], params))
    if declared.name == "map":
        return maps_of(keys, of_type(declared.params[1], params))
    if declared.name == "optional_type":
        return optionals_of(of_type(declared.params[0], params))
    return _SCALARS[declared.name]


@contextmanager
def fails(kind: Kind) -> Iterator[None]:
    """The block raises EvaluationError of this kind."""
    with pytest.raises(EvaluationError) as caught:
        yield
    assert caught.value.kind is kind


def nested(depth: int, innermost: object = 1) -> list[object]:
    """`[[[...]]]`."""
    value = innermost
    for _ in range(depth):
        value = [value]
    return [value]


def doubled(times: int) -> list[object]:
    """A list of two to the `times` empty lists that takes no more room than `times` small lists."""
    value: list[object] = []
    for _ in range(times):
        value = [value, value]
    return value
