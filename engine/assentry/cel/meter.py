"""The work budget of one evaluation: an upper bound, counted down by loops before they run.

The unit is that of cost.py. What stands outside of loops is charged at once; a loop is charged the number
of its elements times the worst case of one turn, loops within it charging for themselves. So a budget bounds
time and memory, whatever the bindings are, and counting costs a loop one addition.
"""

from __future__ import annotations

from collections.abc import Sized
from typing import TypeVar

from assentry.cel.cost import Estimate
from assentry.code import form

WORK = 10_000_000
"""Steps that an evaluation may take when nothing else is said: about a second of emitted code."""

EXACT = 8
"""Steps that one of the exact tier counts as: it takes about that much longer."""

Items = TypeVar("Items", bound=Sized)


class Exhausted(BaseException):
    """The budget is used up. Not an Exception: no `||` absorbs it and no handler of errors sees it."""


class Meter:
    """What is left of a budget."""

    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        self.left = left

    def __call__(self, items: Items, each: int) -> Items:
        """The items of a loop whose turns cost so much each. Raises Exhausted."""
        self.left -= len(items) * each
        if self.left < 0:
            raise Exhausted
        return items


class _OneTurn(Estimate):
    """The cost of an expression without that of its loops' turns."""

    def cost(self, expr: form.Expr) -> int:
        return 1 + self.cost(expr.range) if isinstance(expr, form.Loop) else super().cost(expr)


def outside_loops(expr: form.Expr) -> int:
    """The worst case of all that is evaluated once."""
    return _OneTurn(()).cost(expr)


def each_turn(loop: form.Loop) -> int:
    """The worst case of one turn, loops within it left out."""
    return 1 + sum(map(outside_loops, (loop.body,) if loop.where is None else (loop.where, loop.body)))
