"""The static worst-case cost of an expression, and the budget that every condition has to keep.

The unit is a step: one read, comparison or call. Loops multiply by the most elements that they can meet:
those of a literal, else the limit on lists. Texts are handled in blocks of 1,024 code points, about what
one step's time handles. The budget lets two nested loops over lists of the input pass with room to work in,
and refuses three.
"""

from __future__ import annotations

from collections.abc import Sequence

from assentry.code import form
from assentry.diagnostics import Diagnostic
from assentry.source import Source, Span
from assentry.values.limits import MAX_LIST, MAX_STRING
from assentry.values.registry import OVERLOADS
from assentry.values.shapes import Shapes

BUDGET = 5_000_000_000
"""Steps that one rule's or definition's conditions may cost together: below `MAX_LIST` to the third."""

MAX_TEXTS = 1024
"""Calls in one rule's or definition's conditions that may build a long text or list."""

BLOCK = 1024
_TEXT = MAX_STRING // BLOCK
_STEPS = (form.Field, form.Element)
_LONG = frozenset({"string", "bytes", "list"})


def cost(expr: form.Expr, shapes: Shapes = ()) -> int:
    """The most steps that an evaluation of the expression takes."""
    return Estimate(shapes).cost(expr)


def check(
    conditions: Sequence[form.Expr],
    source: Source,
    span: Span,
    shapes: Shapes = (),
    *,
    budget: int = BUDGET,
) -> list[Diagnostic]:
    """A finding at `span` when conditions that belong together cost more than the budget."""
    estimate = Estimate(shapes)
    total = sum(map(estimate.cost, conditions))
    if total > budget:
        message = f"this can take {_rounded(total)} steps; the limit is {_rounded(budget)}"
        advice = f"nest fewer loops: each runs over up to {MAX_LIST:,} elements"
        return [Diagnostic("too-costly", message, source, span, advice)]
    if estimate.texts > MAX_TEXTS:
        message = f"this can build {estimate.texts:,} long texts at once; the limit is {MAX_TEXTS:,}"
        return [Diagnostic("too-costly", message, source, span, "join fewer texts in one expression")]
    return []


def _rounded(number: int) -> str:
    for size, word in ((10**12, "million million"), (10**9, "thousand million"), (10**6, "million")):
        if number >= size:
            return f"{number // size:,} {word}"
    return f"{number:,}"


class Estimate:
    """The worst-case steps of expressions over places of these shapes.

    `texts` counts the calls so far that may build a text or a list, loops once: what they build may be held all at once.
    """

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self.texts = 0

    def cost(self, expr: form.Expr) -> int:
        match expr:
            case form.Lit():
                return 1
            case form.Fit(raw=raw):
                return self.way(raw) + self.whole(raw.shape)
            case form.Raw():
                return self.way(expr)
            case form.Contains(item=item, raw=raw):
                looked_at = 1 if self._is_map(raw) else self.elements(raw)
                return self.cost(item) + self.cost(raw) + looked_at * _TEXT
            case form.Loop(where=where, body=body):
                inner = self.cost(body) + (self.cost(where) if where is not None else 0)
                return self.cost(expr.range) + self.elements(expr.range) * (1 + inner)
            case form.Call():
                return self.call(expr)
            case _:
                return 1 + sum(map(self.cost, form.children(expr)))

    def way(self, raw: form.Raw) -> int:
        """The steps to a place."""
        steps = 1
        while isinstance(raw, _STEPS):
            steps += 1 if isinstance(raw, form.Field) else 1 + self.cost(raw.key)
            raw = raw.base
        return steps

    def call(self, expr: form.Call) -> int:
        sizes = [self.size(arg) for arg in expr.args]
        overload = OVERLOADS.get(expr.overload)
        own = 1 + sum(sizes) if overload is None else overload.cost.bound(sizes)
        self.texts += overload is None or overload.result.name in _LONG
        return own + sum(map(self.cost, expr.args))

    def elements(self, expr: form.Expr) -> int:
        """The most elements that a list or map has."""
        match expr:
            case form.Lit(value=list() | dict() as held):
                return len(held)
            case form.ListOf(elements=elements):
                return len(elements)
            case form.MapOf(entries=entries):
                return len(entries)
            case form.Loop():
                return self.elements(expr.range)
            case form.Inlined(body=body) | form.Let(body=body):
                return self.elements(body)
            case form.If(then=then, otherwise=otherwise):
                return max(self.elements(then), self.elements(otherwise))
            case form.Raw(shape=shape) | form.Fit(raw=form.Raw(shape=shape)) if self.shapes:
                return MAX_LIST if self.shapes[shape].kind in {"list", "map", "any"} else 1
            case _:
                return MAX_LIST

    def _is_map(self, raw: form.Raw) -> bool:
        """Whether a place holds a map: a key is looked up there, not looked for."""
        return bool(self.shapes) and self.shapes[raw.shape].kind == "map"

    def size(self, expr: form.Expr) -> int:
        """The size of an argument as functions count it, texts in blocks."""
        match expr:
            case form.Lit(value=str() | bytes() as text):
                return 1 + len(text) // BLOCK
            case form.Lit(value=list() | dict() as held):
                return len(held)
            case form.Lit():
                return 1
            case form.ListOf() | form.MapOf() | form.Loop(kind="map" | "filter" | "transform_list" | "transform_map"):
                return self.elements(expr)
            case form.Fit(raw=form.Raw(shape=shape)) if self.shapes:
                kind = self.shapes[shape].kind
                return MAX_LIST if kind in {"list", "map"} else _TEXT if kind in {"string", "any"} else 1
            case form.Inlined(body=body) | form.Let(body=body):
                return self.size(body)
            case form.Call(overload=overload) if overload in OVERLOADS:
                return {"list": MAX_LIST, "map": MAX_LIST, "string": _TEXT, "bytes": _TEXT}.get(
                    OVERLOADS[overload].result.name, 1
                )
            case _:
                return _TEXT

    def whole(self, shape: int) -> int:
        """The steps of reading a value whole. A list or map counts once, however deep it is nested: to read it
        costs no more than to receive the input did."""
        kind = self.shapes[shape].kind if self.shapes else "any"
        return MAX_LIST if kind in {"list", "map"} else _TEXT if kind == "any" else 1
