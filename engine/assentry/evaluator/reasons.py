"""A rule's reason for one action: its text with the `{path}`s filled in. Never an error, never a leak."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from assentry.code.form import Field, Raw, Root
from assentry.diagnostics import visible
from assentry.errors import Misfit
from assentry.evaluator.place import MISSING, Place
from assentry.values.shapes import Shapes

MAX_PRINTED = 80
"""Code points of one filled-in value."""

NONE = "(none)"
REDACTED = "[redacted]"

Names = tuple[str, ...]


_PLAIN = 1e15  # whole numbers above are shorter, and more honest, with an exponent


def reason(parts: Sequence[str | Raw], action: dict[str, object], shapes: Shapes, redact: Iterable[str]) -> str:
    """The text of a reason; values at and under the dotted paths of `redact` are not shown."""
    hidden = hidden_names(redact)
    return "".join(part if isinstance(part, str) else _printed(part, action, shapes, hidden) for part in parts)


def routes_of(parts: Iterable[str | Raw]) -> Iterator[Names]:
    """The paths that the parts of a reason print."""
    return (_names(part) for part in parts if not isinstance(part, str))


def hidden_names(redact: Iterable[str]) -> list[Names]:
    return [tuple(path.split(".")) for path in redact]


def is_hidden(names: Names, hidden: Iterable[Names]) -> bool:
    """Whether a place is a redacted one or lies under one."""
    return any(names[: len(path)] == path for path in hidden)


def printed(value: object) -> str:
    """A JSON value on one short line: text as it is, everything else compact, keys sorted, `18400.0` as `18400`."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _PLAIN:
        value = int(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    shown = visible(text[: MAX_PRINTED + 1])
    return shown if len(shown) <= MAX_PRINTED else f"{shown[: MAX_PRINTED - 3]}..."


def shown(value: object, checked: object, names: Names, hidden: Sequence[Names]) -> object:
    """An input value as far as it was checked, keys sorted, with `[redacted]` in place of what is redacted.

    `checked` is the CEL value of the same place: what it does not hold is nobody's business.
    """
    if is_hidden(names, hidden):
        return REDACTED
    if isinstance(value, dict) and isinstance(checked, dict):
        return {key: shown(value[key], checked[key], (*names, key), hidden) for key in sorted(checked)}
    if isinstance(value, list) and isinstance(checked, list):
        pairs = enumerate(zip(value, checked, strict=True))
        return [shown(one, other, (*names, str(at)), hidden) for at, (one, other) in pairs]
    return value


def _printed(raw: Raw, action: dict[str, object], shapes: Shapes, hidden: Sequence[Names]) -> str:
    names = _names(raw)
    if is_hidden(names, hidden):
        return REDACTED
    try:
        place = _place(raw, action, shapes)
        return printed(shown(place.there, place.whole(shapes), names, hidden))
    except Exception:  # noqa: BLE001  # a misfit, or an object that no JSON holds: a reason never errs
        return NONE


def _names(raw: Raw) -> Names:
    match raw:
        case Field(base=base, name=name):
            return (*_names(base), name)
        case Root(name=name):
            return (name,)
        case _:
            raise Misfit("", "a path", "unsupported")


def _place(raw: Raw, action: dict[str, object], shapes: Shapes) -> Place:
    match raw:
        case Field(base=base, name=name):
            return _place(base, action, shapes).child(name, shapes[raw.shape])
        case Root(name=name):
            return Place(action.get(name, MISSING), shapes[raw.shape], None, name)
        case _:
            raise Misfit("", "a path", "unsupported")
