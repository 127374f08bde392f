"""The value of a CEL expression that reads nothing, as the documentation shows it."""

from __future__ import annotations

from assentry import cel
from assentry.cel.escape import spell_bytes, spell_string
from assentry.errors import CompileError, EvaluationError
from assentry.values import double_text, network, runtime, time_text


def value_text(text: str) -> str:
    """What an expression gives: a literal, `error: ...`, or `refused: ` and why it is none."""
    try:
        return literal(cel.compile(text, {}).evaluate())
    except CompileError as error:
        return f"refused: {error.diagnostics[0].message}"
    except EvaluationError as error:
        return f"error: {error.kind.value}"


def literal(value: object) -> str:
    """A CEL value as one would write it."""
    match value:
        case None | bool():
            return {None: "null", True: "true", False: "false"}[value]
        case runtime.Uint():
            return f"{int(value)}u"
        case int():
            return str(value)
        case float():
            text = double_text.general(value)
            return text if not value.is_integer() or "e" in text or "." in text else f"{text}.0"
        case str():
            return spell_string(value)
        case bytes():
            return spell_bytes(value)
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case dict():
            entries = (f"{literal(runtime.key_value(key))}: {literal(item)}" for key, item in value.items())
            return f"{{{', '.join(entries)}}}"
    return _built(value)


def _built(value: object) -> str:
    """The call that makes a value which has no literal."""
    match value:
        case runtime.Timestamp():
            return f'timestamp("{time_text.timestamp_text(value)}")'
        case runtime.Duration():
            return f'duration("{time_text.duration_text(value)}")'
        case runtime.Optional(present=False):
            return "optional.none()"
        case runtime.Optional(value=held):
            return f"optional.of({literal(held)})"
        case runtime.IP():
            return f'ip("{network.ip_text(value)}")'
        case runtime.CIDR():
            return f'cidr("{network.cidr_text(value)}")'
        case runtime.TypeValue(name=name):
            return name
    raise AssertionError(type(value).__name__)
