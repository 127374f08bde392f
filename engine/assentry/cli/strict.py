"""`strict_input`: the whole action against its schema before it is decided, fields included that no rule reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from assentry.errors import InputError

if TYPE_CHECKING:
    from jsonschema import ValidationError

    from assentry.config import Config

Door = Callable[[object], InputError | None]
"""Why an action is not let in; None when it is."""


def door(config: Config) -> Door:
    """The check that a configuration asks for. Raises ConfigError for a schema that cannot be used."""
    if not config.strict_input:
        return lambda _action: None
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    from assentry.compiler.inputs import read_schema_document

    document, _ = read_schema_document(config)
    validator = Draft202012Validator(document)

    def check(action: object) -> InputError | None:
        try:
            error = best_match(validator.iter_errors(action))
        except RecursionError:
            return InputError("does not fit the schema: nested too deeply")
        return InputError(f"does not fit the schema: {_told(error)}") if error is not None else None

    return check


def _told(error: ValidationError) -> str:
    """The place and what is wanted there, never the value: it may be what nobody must see."""
    place = _path(error.absolute_path) or "the action"
    wanted: Any = error.validator_value
    instance: Any = error.instance
    match error.validator:
        case "required":
            missing = [name for name in wanted if isinstance(instance, dict) and name not in instance]
            return f"`{place}` has no `{missing[0] if missing else '?'}`"
        case "additionalProperties" if wanted is False:
            known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
            extra = [name for name in instance if name not in known]
            return f"`{place}` has an unknown field `{extra[0] if extra else '?'}`"
        case "type":
            return f"`{place}` must be of type {wanted if isinstance(wanted, str) else ' or '.join(wanted)}"
        case "enum" | "const":
            return f"`{place}` is not one of the allowed values"
        case keyword:
            return f"`{place}` does not meet `{keyword}`"


def _path(parts: Iterable[str | int]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).removeprefix(".")
