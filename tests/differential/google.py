"""Google's own Python wheel (cel-expr-python, around the C++ implementation) as a second opinion."""

from __future__ import annotations

import ctypes
import datetime as dt
import math
import re
from collections.abc import Mapping
from typing import Any

from cel_expr_python import cel
from cel_expr_python.ext import ext_bindings, ext_encoders, ext_math, ext_optional, ext_strings

from assentry.values.runtime import Duration, Timestamp, TypeValue, Uint, key_value, map_key
from tests.differential.expressions import CONTAINER, Drawn
from tests.differential.literals import VARIABLES
from tests.differential.ours import Errs, Gives, Outcome, Refused, agree

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_TYPES: Mapping[str, Any] = {
    "bool": cel.Type.BOOL,
    "int": cel.Type.INT,
    "uint": cel.Type.UINT,
    "double": cel.Type.DOUBLE,
    "string": cel.Type.STRING,
    "bytes": cel.Type.BYTES,
    "timestamp": cel.Type.TIMESTAMP,
    "duration": cel.Type.DURATION,
    "dyn": cel.Type.DYN,
}
_TYPE_NAMES = {
    "INT": "int",
    "UINT": "uint",
    "DOUBLE": "double",
    "STRING": "string",
    "BYTES": "bytes",
    "BOOL": "bool",
    "NULL": "null_type",
    "TYPE": "type",
    "TIMESTAMP": "google.protobuf.Timestamp",
    "DURATION": "google.protobuf.Duration",
}


def declared(text: str) -> Any:
    """The wheel's type for a type's text."""
    if text.startswith("list("):
        return cel.Type.List(declared(text[5:-1]))
    if text.startswith("map("):
        key, _, value = text[4:-1].partition(", ")
        return cel.Type.Map(declared(key), declared(value))
    return _TYPES[text]


_ENVIRONMENT = cel.NewEnv(
    variables={name: declared(kind) for name, kind in VARIABLES.items()},
    extensions=[
        ext_bindings.ExtBindings(),
        ext_encoders.ExtEncoders(),
        ext_math.ExtMath(),
        ext_optional.ExtOptional(),
        ext_strings.ExtStrings(),
    ],
    container=cel.ExpressionContainer(CONTAINER),
)


def by_google(text: str, bindings: Mapping[str, object]) -> Outcome | None:
    """What the wheel makes of an expression; None when it cannot hand its answer over (an optional)."""
    try:
        program = _ENVIRONMENT.compile(text)
    except Exception as error:  # noqa: BLE001  # the wheel raises bare exceptions for all that it refuses
        return Refused(frozenset({str(error)}))
    try:
        return _outcome(program.eval(data={name: _given(value) for name, value in bindings.items()}))
    except TypeError:
        return None
    except RuntimeError as error:
        return Errs(frozenset({str(error)}))


def _given(value: object) -> object:
    """A binding as the wheel takes it: plain integers, datetimes."""
    match value:
        case Uint():
            return int(value)
        case Timestamp(ns=ns):
            return _EPOCH + dt.timedelta(microseconds=ns // 1000)
        case Duration(ns=ns):
            return dt.timedelta(microseconds=ns // 1000)
        case list():
            return [_given(item) for item in value]
        case dict():
            return {key_value(key): _given(item) for key, item in value.items()}
        case _:
            return value


def _outcome(found: Any) -> Gives | Errs:
    if found.type().name() == "ERROR":
        return Errs(frozenset({str(found.value())}))
    try:
        return Gives(_value(found))
    except _NestedError as error:
        return Errs(frozenset({str(error)}))


class _NestedError(Exception):
    """An error inside a list or map: the wheel hands it over as a value."""


def _value(found: Any) -> object:
    """A CEL value as we hold it; times lose what is finer than a microsecond."""
    kind = found.type().name()
    if kind == "NULL":
        _keep_none()
        return None
    value = found.value()
    match kind.partition("<")[0]:
        case "ERROR":
            raise _NestedError(str(value))
        case "UINT":
            return Uint(value)
        case "BYTES":
            return bytes(value)
        case "TIMESTAMP":
            return Timestamp((value - _EPOCH) // dt.timedelta(microseconds=1) * 1000)
        case "DURATION":
            return Duration(value // dt.timedelta(microseconds=1) * 1000)
        case "TYPE":
            name = value.name().partition("<")[0]
            return TypeValue(_TYPE_NAMES.get(name, name.lower()))
        case "LIST":
            return [_value(item) for item in value]
        case "MAP":
            return {map_key(_key(key)): _value(item) for key, item in value.items()}
        case _:
            return value


def _key(key: Any) -> object:
    return _value(key) if hasattr(key, "plain_value") else key


def _keep_none() -> None:
    """The wheel gives `None` away without counting it; once the count is zero the interpreter dies."""
    for _ in range(4):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(None))


# ---- where we differ from it on purpose, or it from the specification ----

_DIFFERENCES: tuple[tuple[str, str], ...] = (
    # ours, theirs: patterns of what each says, of which at least one is not empty
    (r"^gives", r"No matching overloads found : @in"),  # what cannot be a key is in no map
    (r"^gives", r"No matching overloads found : _\[\?_\]\(list, (uint64|double)"),  # `list[?1u]`, though `list[1u]`
    (r"^gives .*\.5Z", r"^gives .*\.500Z"),  # `string(timestamp('2023-12-25T12:30:45.5Z'))`
    (r"^errs int\(.*no such overload", r"^gives"),  # `int(bool)` is theirs alone
    ("", r"substring.*greater than <string>.size"),  # it cannot cut up to the end
    ("", r"^refused.*cannot be the range of a comprehension"),  # its checker takes no `{}[k].map(...)`
    ("", r"^refused.*invalid int literal"),  # `--9223372036854775808`
    ("", r"^refused.*invalid single argument value"),  # `math.greatest([])` is an error when evaluated here
    ("", r"^refused.*expected type 'optional_type.dyn.' but found 'dyn'"),  # `[?d[?k]]` of a `d` of any type
    (r"^refused no-overload: `int` does not take a duration", ""),  # accepted there, and never evaluated
    ("", r"^refused.*simple literal arguments must be numeric"),  # `math.least(1, ['a'])`
    ("", r"No matching overloads found : .list..reverse|'reverse' applied to '\(list"),  # it knows that of strings only
    (r"^errs (u?int|double)\(.*invalid argument", r"^gives"),  # numbers with blanks around them
    ("", r"^refused.*applied to '\(map\(string, int\), dyn\)'"),  # a map's mixed values are of any type here
    (r"^errs .*duplicate key", r"^gives"),  # `{1: a, 1u: b}` has one key twice
)

# What a difference looks like hangs on the values: expressions in which it says anything.
_UNSURE = re.compile(
    r"(\{.*,.*\}|\bmd\b).*\.(map|filter)\("  # it visits a map's keys in another order in every process
    r"|\.format\(.*(dyn|\b[ad]\b)"  # `%s` and `%d` of a double
    r"| in \{"  # what cannot be a key is in no map
    # After a loop that ended early, `cel.bind` and `optMap` bind what the loop would have looked at next.
    r"|\.(all|exists)\(.*(cel\.bind|\.optMap|\.optFlatMap)\("
    r"|(cel\.bind|\.optMap|\.optFlatMap)\(.*\.(all|exists)\("
)


def agrees(ours: Outcome, theirs: Outcome) -> bool:
    """Whether the wheel's outcome is ours, as far as it can tell: its maps hand over plain integers as keys."""
    if isinstance(ours, Gives):
        ours = Gives(_plain_keys(ours.value))
    return agree(ours, theirs)


def _plain_keys(value: object) -> object:
    if isinstance(value, list):
        return [_plain_keys(item) for item in value]
    if isinstance(value, dict):
        return {int(key) if type(key) is Uint else key: _plain_keys(item) for key, item in value.items()}
    return value


def is_known(drawn: Drawn, ours: Outcome, theirs: Outcome) -> bool:
    """Whether a disagreement about an expression is one that docs/language/cel-differences.md names."""
    if not isinstance(ours, Refused) and not isinstance(theirs, Refused):
        has_nan = any(isinstance(bound, float) and math.isnan(bound) for bound in drawn.bindings.values())
        says_nan = has_nan and "string(" in drawn.text
        if says_nan or _UNSURE.search(drawn.text):
            return True
    said = _said(ours), _said(theirs)
    return any(re.search(one, said[0]) and re.search(other, said[1]) for one, other in _DIFFERENCES)


def _said(outcome: Outcome) -> str:
    match outcome:
        case Gives(value=value):
            return f"gives {value!r}"
        case Errs(kinds=kinds):
            return f"errs {', '.join(sorted(kinds))}"
        case Refused(findings=findings):
            return f"refused {', '.join(sorted(findings))}".replace("\n", " ")
