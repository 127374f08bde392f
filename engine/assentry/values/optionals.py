"""Optional values: a value or none. (`optMap` and `optFlatMap` are macros.)

Source: cel-go's cel/library.go, the optional types.
"""

from __future__ import annotations

from assentry.errors import EvaluationError, Kind
from assentry.values.declare import Family, linear
from assentry.values.limits import items as limited
from assentry.values.runtime import NONE, Duration, Optional, Timestamp, type_name
from assentry.values.types import BOOL, list_of, optional_of, param

FAMILY = Family("optionals", "Values that may be absent.")

T = param("T")
_T = optional_of(T)

OF = FAMILY.function("optional.of", "The value as an optional.", ("optional.of(null).hasValue()", "true"))
OF_NON_ZERO = FAMILY.function(
    "optional.ofNonZeroValue",
    "The value as an optional, none for null, false, zero and what is empty.",
    ("optional.ofNonZeroValue('').hasValue()", "false"),
    ("optional.ofNonZeroValue('a').value()", "'a'"),
)
NONE_FUNCTION = FAMILY.function(
    "optional.none", "The optional without a value.", ("optional.none().hasValue()", "false")
)
HAS_VALUE = FAMILY.function("hasValue", "Whether there is a value.", ("optional.of(1).hasValue()", "true"))
VALUE = FAMILY.function(
    "value",
    "The value; an error when there is none.",
    ("optional.of(1).value()", "1"),
    ("optional.none().value()", "error: optional without a value"),
)
OR = FAMILY.function(
    "or", "The optional itself when it has a value, else another.", ("optional.none().or(optional.of(1)).value()", "1")
)
OR_VALUE = FAMILY.function(
    "orValue",
    "The value when there is one, else another.",
    ("optional.of(1).orValue(2)", "1"),
    ("optional.none().orValue(2)", "2"),
)
UNWRAP = FAMILY.function(
    "optional.unwrap",
    "The values of those that have one.",
    ("optional.unwrap([optional.of(1), optional.none()])", "[1]"),
)
UNWRAP_OPT = FAMILY.function(
    "unwrapOpt", "The values of those that have one.", ("[optional.none(), optional.of(2)].unwrapOpt()", "[2]")
)


def is_zero(value: object) -> bool:
    """Whether a value is its type's zero: the one that protocol buffers leave out. Optionals and types have none."""
    if isinstance(value, (Timestamp, Duration)):
        return value.ns == 0
    return (value is None or isinstance(value, (bool, int, float, str, bytes, list, dict))) and not value


def of_non_zero(value: object) -> Optional:
    return NONE if is_zero(value) else Optional.of(value)


def none() -> Optional:
    return NONE


def has_value(optional: Optional) -> bool:
    return optional.present


def value_of(optional: Optional) -> object:
    if not optional.present:
        raise EvaluationError(Kind.EMPTY_OPTIONAL)
    return optional.value


def either(optional: Optional, other: Optional) -> Optional:
    return optional if optional.present else other


def or_value(optional: Optional, other: object) -> object:
    return optional.value if optional.present else other


def unwrap(optionals: list[object]) -> list[object]:
    """Raises EvaluationError(NO_SUCH_OVERLOAD) for an element that is no optional."""
    result: list[object] = []
    for optional in limited(optionals):
        if not isinstance(optional, Optional):
            raise EvaluationError(Kind.NO_SUCH_OVERLOAD, f"no such overload: `unwrap` of {type_name(optional)}")
        if optional.present:
            result.append(optional.value)
    return result


OF.add("optional_of", (T,), _T, Optional.of)
OF_NON_ZERO.add("optional_ofNonZeroValue", (T,), _T, of_non_zero)
NONE_FUNCTION.add("optional_none", (), _T, none)
HAS_VALUE.add("optional_hasValue", (_T,), BOOL, has_value, member=True)
VALUE.add("optional_value", (_T,), T, value_of, member=True)
OR.add("optional_or_optional", (_T, _T), _T, either, member=True)
OR_VALUE.add("optional_orValue_value", (_T, T), T, or_value, member=True)
UNWRAP.add("optional_unwrap", (list_of(_T),), list_of(T), unwrap, cost=linear(0))
UNWRAP_OPT.add("optional_unwrapOpt", (list_of(_T),), list_of(T), unwrap, member=True, cost=linear(0))
