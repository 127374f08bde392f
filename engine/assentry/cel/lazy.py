"""Steps through bindings that have not been looked at yet.

A binding of any type may be a large document of which an expression names two places. So it is looked at
where it is read: a step into it takes Python's own lists and dicts as they are, and what a step ends at is
adopted when something uses it as a value. Emitted code and the exact tier take the same steps.
"""

from __future__ import annotations

from assentry.cel.bindings import adopt
from assentry.code import ops
from assentry.errors import EvaluationError, Kind
from assentry.values import equality
from assentry.values.containers import position, select_optional
from assentry.values.registry import dispatch
from assentry.values.runtime import Optional, type_name


def select(base: object, name: str) -> object:
    """`base.name`, not looked at. Raises EvaluationError as `ops.select` does."""
    return ops.select(base, name) if isinstance(base, dict) else ops.select(adopt(base), name)


def has_key(base: object, name: str) -> bool:
    """`has(base.name)`."""
    return name in base if isinstance(base, dict) else ops.has_key(adopt(base), name)


def element(base: object, key: object) -> object:
    """`base[key]`, not looked at. Raises EvaluationError: INDEX, NO_SUCH_KEY, NO_SUCH_OVERLOAD."""
    if isinstance(base, dict) and type(key) is str:
        return dispatch("_[_]", [base, key], False)
    if isinstance(base, list | tuple):
        at = position(key, len(base))
        if at < 0:
            raise EvaluationError(Kind.INDEX)
        return base[at]
    return dispatch("_[_]", [adopt(base), key], False)


def find(base: object, key: object) -> Optional:
    """`base[?key]`: an optional of what stands there."""
    if isinstance(base, list | tuple):
        at = position(key, len(base))
        return Optional(False) if at < 0 else Optional.of(adopt(base[at]))
    if isinstance(base, dict) and type(key) is str:
        return Optional.of(adopt(base[key])) if key in base else Optional(False)
    found = dispatch("_[?_]", [adopt(base), key], False)
    assert isinstance(found, Optional)
    return found


def find_field(base: object, name: str) -> Optional:
    """`base.?name`."""
    return find(base, name) if isinstance(base, dict) else select_optional(adopt(base), name)


def contains(item: object, base: object) -> bool:
    """`item in base`; a string is found without a look at what is no string."""
    if type(item) is str and isinstance(base, list | dict):
        return item in base
    if type(base) is list:
        return any(equality.equal(item, adopt(each)) for each in base)
    return equality.contains(item, adopt(base))


def count(base: object) -> object:
    """`size(base)`."""
    if isinstance(base, list | dict | tuple):
        return len(base)
    return dispatch("size", [adopt(base)], False)


def turns(base: object) -> list[tuple[object, object]]:
    """What a loop over it visits, as `ops.turns`; elements are not looked at."""
    if isinstance(base, dict):
        return ops.turns(base if all(type(key) is str for key in base) else adopt(base))
    if isinstance(base, list | tuple):
        return ops.turns(list(base))
    raise EvaluationError(Kind.NO_SUCH_OVERLOAD, f"no such overload: a loop over {type_name(adopt(base))}")


def singles(base: object) -> list[object]:
    """As `turns`, for a loop with one variable."""
    if type(base) is list:
        return ops.singles(base)
    found = turns(base)
    return [key for key, _ in found] if isinstance(base, dict) else [each for _, each in found]
