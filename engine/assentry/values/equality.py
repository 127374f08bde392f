"""CEL equality: numbers by value across their types, everything else within its type, deep.

Python's own `==` differs in four ways that matter: `True == 1`, a NaN is found in a list by identity,
an int and a float compare exactly (CEL compares them as doubles), and depth is bounded by a crash.
"""

from __future__ import annotations

import math

from assentry.errors import EvaluationError, Kind
from assentry.values.limits import MAX_NESTING, MAX_NODES, exceeded
from assentry.values.runtime import Optional, Uint, find, type_name

_NUMBERS = frozenset({int, Uint, float})
_PLAIN = frozenset({str, bytes, bool, type(None)})
_DEEP = frozenset({list, dict, Optional})
_ABSENT = object()
_EXACT = 2**53
"""Up to here an int and a double compare as doubles as they compare exactly."""

_Pairs = set[tuple[int, int]]


def equal(left: object, right: object) -> bool:
    """Whether two CEL values are equal; values of different types (other than numbers) are not.

    Raises EvaluationError(LIMIT) for values nested deeper than `MAX_NESTING`.
    """
    kind = type(left)
    if kind is type(right):
        if kind in _DEEP:
            return _equal_deep(left, right, set(), 0)
        return left == right
    if kind in _NUMBERS and type(right) in _NUMBERS:
        return _equal_numbers(left, right)
    return False


def _equal_numbers(left: object, right: object) -> bool:
    """Numbers of different types. A double against an integer compares as doubles (ordering does too)."""
    if type(left) is float or type(right) is float:
        return float(left) == float(right)  # type: ignore[arg-type]
    return left == right


def _equal_deep(left: object, right: object, seen: _Pairs, depth: int) -> bool:
    """`seen` holds pairs of containers already found equal or being compared, so that a value that
    shares its parts a thousand times over costs no more than its parts."""
    kind = type(left)
    if kind is not type(right) or kind not in _DEEP:
        return equal(left, right)
    if depth > MAX_NESTING:
        raise exceeded(f"a value of more than {MAX_NESTING} levels")
    pair = (id(left), id(right))
    if pair in seen:
        return True
    seen.add(pair)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and _equal_lists(left, right, seen, depth)
    if isinstance(left, dict) and isinstance(right, dict):
        return len(left) == len(right) and all(
            key in right and _equal_deep(value, right[key], seen, depth + 1) for key, value in left.items()
        )
    return _equal_optionals(left, right, seen, depth)


def _equal_lists(left: list[object], right: list[object], seen: _Pairs, depth: int) -> bool:
    """Element by element; what need not be descended into is compared here, because most lists hold such values."""
    for one, other in zip(left, right, strict=True):
        kind = type(one)
        if kind in _DEEP:
            if not _equal_deep(one, other, seen, depth + 1):
                return False
        elif kind is type(other):
            if one != other:
                return False
        elif not equal(one, other):
            return False
    return True


def _equal_optionals(left: object, right: object, seen: _Pairs, depth: int) -> bool:
    if not (isinstance(left, Optional) and isinstance(right, Optional)) or left.present != right.present:
        return False
    return not left.present or _equal_deep(left.value, right.value, seen, depth + 1)


def contains(item: object, container: object) -> bool:
    """`item in container`: an equal element of a list, or a key of a map.

    Raises EvaluationError(NO_SUCH_OVERLOAD) when the container is neither.
    """
    if isinstance(container, list):
        return in_list(item, container)
    if isinstance(container, dict):
        return in_map(item, container)
    raise EvaluationError(Kind.NO_SUCH_OVERLOAD, f"no such overload: `in` on {type_name(container)}")


def in_list(item: object, container: list[object]) -> bool:
    """Whether an element of the list equals the item."""
    kind = type(item)
    if kind is str:  # Python's `in` is right here: nothing but an equal string equals a string
        return item in container
    if kind is int and -_EXACT <= item <= _EXACT and item not in container:  # type: ignore[operator]
        return False  # what Python's `in` finds may still be `true`, which equals 1 in Python alone
    return any(equal(item, element) for element in container)


def in_map(item: object, container: dict[object, object]) -> bool:
    """Whether the item is a key of the map; a value that cannot be a key is in no map."""
    return find(container, item, _ABSENT) is not _ABSENT


def bucket(value: object) -> object:
    """A hashable stand-in: equal values have equal buckets, so only those within one need comparing.

    A NaN, which equals nothing, has a bucket of its own each time.
    Raises EvaluationError(LIMIT) for values nested too deep or holding too many values.
    """
    return _bucket(value, [MAX_NODES], 0)


def _bucket(value: object, left: list[int], depth: int) -> object:
    kind = type(value)
    if kind in _PLAIN:
        return (kind, value)
    if isinstance(value, (int, float)):
        number = float(value)
        return object() if math.isnan(number) else number
    if kind not in _DEEP:
        return value
    if depth > MAX_NESTING:
        raise exceeded(f"a value of more than {MAX_NESTING} levels")
    if isinstance(value, Optional):
        return (Optional, value.present, _bucket(value.value, left, depth + 1))
    size = len(value) if isinstance(value, (list, dict)) else 0
    left[0] -= size + 1
    if left[0] < 0:
        raise exceeded(f"a value that holds more than {MAX_NODES} values")
    if isinstance(value, dict):
        return frozenset((key, _bucket(held, left, depth + 1)) for key, held in value.items())
    return tuple(_bucket(held, left, depth + 1) for held in value) if isinstance(value, list) else value
