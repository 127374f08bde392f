"""The values that a condition looked at on its way: the exact tier again, writing down as it goes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from assentry.code import form
from assentry.diagnostics import visible
from assentry.errors import AssentryError
from assentry.evaluator.exact import Exact, World
from assentry.evaluator.outcome import Failed
from assentry.evaluator.reasons import MAX_PRINTED, REDACTED
from assentry.evaluator.taint import Taint
from assentry.source import Source
from assentry.values.registry import dispatch
from assentry.values.runtime import CIDR, IP, Duration, Optional, Timestamp, TypeValue, key_value, sorted_keys

MAX_VALUES = 24
"""Sub-values kept for one condition."""

_MAX_STEPS = 1000
_MAX_PARTS = 16
ERROR = "(error)"

# What is worth telling: neither what is written there anyway nor the logic between.
_TOLD = (
    form.Fit,
    form.Has,
    form.Maybe,
    form.Size,
    form.IsNull,
    form.Contains,
    form.Call,
    form.Select,
    form.HasKey,
    form.Loop,
    form.Define,
    form.Inlined,
    form.Risk,
)


@dataclass(frozen=True, slots=True)
class SubValue:
    """A part of a condition, where it stands (`file:line:column`) and what it came to, as printed text."""

    text: str
    at: str
    value: str

    def to_dict(self) -> dict[str, object]:
        return {"text": self.text, "at": self.at, "value": self.value}


class Tracer(Exact):
    """Evaluates one condition and keeps what its parts came to."""

    def __init__(self, world: World, action: object, risk: int, taint: Taint) -> None:
        super().__init__(world, action, risk=risk)
        self._taint = taint
        self._steps: list[tuple[form.Expr, Source, object]] = []

    def evaluate(self, node: form.Expr) -> object:
        if not isinstance(node, _TOLD) or len(self._steps) > _MAX_STEPS:
            return super().evaluate(node)
        source = self.source
        try:
            value = super().evaluate(node)
        except Failed as failed:
            self._steps.append((node, source, failed))
            raise
        self._steps.append((node, source, value))
        return value

    def values(self, condition: form.Expr, file: int) -> tuple[SubValue, ...]:
        """The sub-values of a condition, in order of place, each once."""
        self.condition(condition, file)
        found: dict[tuple[str, str], tuple[tuple[str, int, int], SubValue]] = {}
        for node, source, value in self._steps:
            if node is condition and not isinstance(node, form.Risk):
                continue
            told = self._told(node, source, value)
            if told.text:
                found.setdefault((told.text, told.value), ((source.name, node.span.start, -node.span.end), told))
        ordered = sorted(found.values(), key=lambda pair: pair[0])
        return tuple(told for _, told in ordered[:MAX_VALUES])

    def _told(self, node: form.Expr, source: Source, value: object) -> SubValue:
        line, column = source.position(node.span.start)
        at = f"{source.name}:{line}:{column}"
        if isinstance(node, form.Risk):
            return SubValue("risk", at, str(self.risk))
        text = visible(source.excerpt(node.span))
        if isinstance(value, Failed):
            return SubValue(text, at, ERROR)
        if not isinstance(value, bool) and self._taint.is_hidden(node):
            return SubValue(text, at, REDACTED)
        return SubValue(text, at, shown(value))


def shown(value: object) -> str:
    """A CEL value on one short line: JSON where there is any, with the values of CEL's own types as texts."""
    text = visible(json.dumps(_plain(value, 4), ensure_ascii=False)[: MAX_PRINTED + 1])
    return text if len(text) <= MAX_PRINTED else f"{text[: MAX_PRINTED - 3]}..."


def _plain(value: object, depth: int) -> object:
    """The value as JSON data, cut where it would not be shown anyway."""
    match value:
        case None | bool() | float():
            return value
        case int():
            return int(value)
        case str():
            return value[: MAX_PRINTED + 1]
        case list():
            return [_plain(each, depth - 1) for each in value[:_MAX_PARTS]] if depth else "..."
        case dict():
            return _plain_map(value, depth)
        case Optional():
            return _plain(value.value, depth) if value.present else "(none)"
        case TypeValue():
            return value.name
        case Timestamp() | Duration() | IP() | CIDR():
            return _text(value)
        case _:
            return f"({type(value).__name__})"


def _plain_map(value: Mapping[object, object], depth: int) -> object:
    if not depth:
        return "..."
    return {str(key_value(key)): _plain(value[key], depth - 1) for key in sorted_keys(value)[:_MAX_PARTS]}


def _text(value: object) -> str:
    try:
        return str(dispatch("string", [value], False))
    except AssentryError:
        return f"({type(value).__name__})"
