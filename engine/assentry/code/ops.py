"""What the form's own nodes do with values: fields, literals and the turns of a loop.

Functions and operators live in the values room; these are the nodes that are none. Both ways of
evaluating a form call them, so that they cannot differ here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assentry.errors import EvaluationError, Kind
from assentry.values.containers import select_optional
from assentry.values.limits import MAX_LIST, Scale, exceeded, items
from assentry.values.runtime import Optional, key_value, map_key, sorted_keys, type_name

_ABSENT = object()


def select(value: object, name: str) -> object:
    """`value.name`; on an optional the result is optional too.

    Raises EvaluationError: NO_SUCH_KEY, or NO_SUCH_OVERLOAD for anything but a map or an optional.
    """
    if isinstance(value, dict):
        found = value.get(name, _ABSENT)
        if found is _ABSENT:
            raise EvaluationError(Kind.NO_SUCH_KEY, f"no such key `{name}`")
        return found
    if isinstance(value, Optional):
        return select_optional(value, name)
    raise EvaluationError(Kind.NO_SUCH_OVERLOAD, f"no such overload: field of {type_name(value)}")


def has_key(value: object, name: str) -> bool:
    """`has(value.name)`; false of none. Raises EvaluationError(NO_SUCH_OVERLOAD) for anything but a map or an optional."""
    if isinstance(value, Optional):
        if not value.present:
            return False
        value = value.value
    if isinstance(value, dict):
        return name in value
    raise EvaluationError(Kind.NO_SUCH_OVERLOAD, f"no such overload: `has` on {type_name(value)}")


def list_of(elements: Sequence[tuple[object, bool]]) -> list[object]:
    """A list literal from its elements, each with whether it is optional. Raises EvaluationError(NO_SUCH_OVERLOAD, LIMIT)."""
    result: list[object] = []
    for value, optional in elements:
        if not optional:
            result.append(value)
        elif (held := _optional(value)).present:
            result.append(held.value)
    return items(result)


def map_of(entries: Sequence[tuple[object, object, bool]]) -> dict[object, object]:
    """A map literal from its entries: key, value, optional.

    Raises EvaluationError: DUPLICATE_KEY, INVALID_ARGUMENT for a value that cannot be a key, NO_SUCH_OVERLOAD, LIMIT.
    """
    result: dict[object, object] = {}
    for key, value, optional in entries:
        if not optional:
            _insert(result, key, value)
        elif (held := _optional(value)).present:
            _insert(result, key, held.value)
    return result


def gathered(values: Iterable[object]) -> list[object]:
    """The list that a loop builds. Raises EvaluationError(LIMIT) when it holds too much, see `limits.Scale`."""
    scale = Scale()
    result: list[object] = []
    for value in values:
        scale.add(value)
        result.append(value)
    return result


def gathered_map(entries: Iterable[tuple[object, object]]) -> dict[object, object]:
    """The map that a loop builds, from keys and values. Raises EvaluationError(LIMIT) as `gathered` does."""
    scale = Scale()
    result: dict[object, object] = {}
    for key, value in entries:
        scale.add(value)
        result[map_key(key)] = value
    return result


def merged(maps: Iterable[object]) -> dict[object, object]:
    """One map of all their entries: what `transformMapEntry` gives. Raises as `map_of` does."""
    result: dict[object, object] = {}
    for entries in maps:
        merge(result, entries)
    return result


def merge(into: dict[object, object], entries: object) -> None:
    """Put the entries of a map into another. Raises as `map_of` does."""
    if not isinstance(entries, dict):
        raise EvaluationError(Kind.NO_SUCH_OVERLOAD, f"no such overload: entries of {type_name(entries)}")
    for key, value in entries.items():
        _insert(into, key_value(key), value)


def turns(value: object) -> list[tuple[object, object]]:
    """What a loop over a value visits: index and element of a list, key and value of a map, keys sorted.

    Raises EvaluationError: NO_SUCH_OVERLOAD for anything else, LIMIT.
    """
    if isinstance(value, list):
        return list(enumerate(items(value)))
    if isinstance(value, dict):
        if len(value) > MAX_LIST:
            raise exceeded(f"more than {MAX_LIST} entries")
        return [(key_value(key), value[key]) for key in sorted_keys(value)]
    raise EvaluationError(Kind.NO_SUCH_OVERLOAD, f"no such overload: a loop over {type_name(value)}")


def singles(value: object) -> list[object]:
    """As `turns`, for a loop with one variable: the elements of a list, the keys of a map."""
    if isinstance(value, list):
        return items(value)
    return [key for key, _ in turns(value)]


def _optional(value: object) -> Optional:
    if isinstance(value, Optional):
        return value
    raise EvaluationError(Kind.NO_SUCH_OVERLOAD, f"no such overload: an optional entry of {type_name(value)}")


def _insert(into: dict[object, object], key: object, value: object) -> None:
    stored = map_key(key)
    if stored in into:
        raise EvaluationError(Kind.DUPLICATE_KEY, "duplicate key")
    if len(into) >= MAX_LIST:
        raise exceeded(f"more than {MAX_LIST} entries")
    into[stored] = value
