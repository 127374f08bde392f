"""cel-python evaluating a single condition."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from workloads.conditions import Condition, Row


def make(
    condition: Condition, rows: Sequence[Row], runner: str
) -> tuple[Callable[[Any], object], Sequence[Any]] | None:
    """How one of its runners evaluates a condition, and the inputs in its own types; None where it cannot."""
    import celpy
    from celpy.adapter import json_to_cel
    from celpy.celparser import CELParser
    from celpy.evaluation import CELEvalError

    logging.getLogger("celpy").setLevel(logging.CRITICAL)
    # Its parser is kept on the class, with the tree nodes of whichever runner came first in the process.
    CELParser.CEL_PARSER = None
    environment = celpy.Environment(runner_class=getattr(celpy, runner))
    given = [{name: json_to_cel(value) for name, value in row.items()} for row in rows]
    try:
        evaluate = environment.program(environment.compile(condition.text)).evaluate
        right = [bool(evaluate(one)) for one in given] == [condition.by_hand(row) for row in rows]
    except (AttributeError, CELEvalError):
        return None
    return (evaluate, given) if right else None
