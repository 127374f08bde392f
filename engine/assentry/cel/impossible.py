"""Comparisons that no fitting value can meet: with a value that the schema's enum does not have.

A place holds one of its allowed values, or its read is an error. So `environment == "prod"` is never true
where the schema says `production`, and a deny rule that waits for it would never speak. A list with a name
of its own (`const`, data) may serve several fields, so only what is written on the spot is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from assentry.cel.context import Context
from assentry.code import form
from assentry.diagnostics import did_you_mean, one_of
from assentry.source import Span
from assentry.values.equality import equal

SHOWN = 8


def refuse_impossible(context: Context, place: form.Expr, other: form.Expr) -> None:
    """Reports each constant of `other` that a place with allowed values never has."""
    if not isinstance(place, form.Fit):
        return
    shape = context.env.shapes[place.raw.shape]
    if shape.allowed is None:
        return
    for value, span in _constants(other):
        if value is None and shape.nullable:
            continue
        if not any(equal(value, allowed) for allowed in shape.allowed):
            known = [each for each in shape.allowed if isinstance(each, str)]
            help = did_you_mean(value, known) if isinstance(value, str) else None
            if help is None and len(known) == len(shape.allowed) <= SHOWN:
                help = f"it is {one_of(known)}"
            text = context.text(place.span)
            context.error("never-equal", f"`{text}` is never {_shown(value)} by its schema", span, help)


def _constants(expr: form.Expr) -> Iterator[tuple[object, Span]]:
    match expr:
        case form.Lit(value=value, span=span) if not isinstance(value, list | dict):
            yield value, span
        case form.ListOf(elements=elements):
            for element, _ in elements:
                if isinstance(element, form.Lit):
                    yield element.value, element.span


def _shown(value: object) -> str:
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"
