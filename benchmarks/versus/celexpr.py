"""cel-expr-python evaluating a single condition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from workloads.conditions import Condition, Row


def _type(cel: Any, text: str) -> Any:
    if text.startswith("list("):
        return cel.Type.List(_type(cel, text[5:-1]))
    if text.startswith("map("):
        key, _, value = text[4:-1].partition(", ")
        return cel.Type.Map(_type(cel, key), _type(cel, value))
    return getattr(cel.Type, text.upper())


def make(condition: Condition, rows: Sequence[Row]) -> tuple[Callable[[Any], object], Sequence[Row]]:
    """How it evaluates a condition, and the inputs as it takes them: as they are."""
    from cel_expr_python import cel

    environment = cel.NewEnv(variables={name: _type(cel, text) for name, text in condition.types.items()})
    evaluate = environment.compile(condition.text).eval
    return lambda row: evaluate(data=row).value(), rows
