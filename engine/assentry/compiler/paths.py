"""Paths into the action document outside conditions: in `redact` lists and `{path}`s of reasons."""

from __future__ import annotations

import re

from assentry.code.form import Field, Raw, Root
from assentry.compiler.report import Report
from assentry.compiler.schema import Schema
from assentry.diagnostics import did_you_mean, one_of
from assentry.source import Source, Span

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def resolve(names: tuple[str, ...], span: Span, source: Source, schema: Schema, report: Report) -> Raw | None:
    """The place that a dotted path names, or None after reporting that the schema has no such field."""
    roots = {root.name: root for root in schema.roots}
    root = roots.get(names[0])
    if root is None:
        report.error(
            "unknown-field",
            f"the action document has no part `{names[0]}`",
            source,
            span,
            help=did_you_mean(names[0], roots) or f"its parts are {one_of(sorted(roots))}",
        )
        return None
    place: Raw = Root(span, root.shape, root.name, root.required)
    for name in names[1:]:
        step = _step(place, name, span, schema)
        if step is None:
            shape = schema.shapes[place.shape]
            report.error(
                "unknown-field",
                f"`{shape.name or place_name(place)}` has no field `{name}`",
                source,
                span,
                help=did_you_mean(name, [declared.name for declared in shape.properties]),
            )
            return None
        place = step
    return place


def place_name(place: Raw) -> str:
    """The dotted path of a place made by `resolve`."""
    if isinstance(place, Field):
        return f"{place_name(place.base)}.{place.name}"
    return place.name if isinstance(place, Root) else ""


def _step(base: Raw, name: str, span: Span, schema: Schema) -> Field | None:
    shape = schema.shapes[base.shape]
    declared = shape.property(name)
    if declared is not None:
        return Field(span, declared.shape, base, name, declared.required)
    if shape.kind == "any":
        return Field(span, base.shape, base, name, False)
    if shape.kind in {"map", "object"} and shape.item is not None:
        return Field(span, shape.item, base, name, False)
    return None


def template(text: str, span: Span, source: Source, schema: Schema, report: Report) -> tuple[str | Raw, ...]:
    """The parts of a reason: literal texts and the places between `{` and `}`; `{{` and `}}` are braces."""
    parts: list[str | Raw] = []
    literal = ""
    for piece in re.findall(r"\{\{|\}\}|\{[^{}]*\}|[{}]|[^{}]+", text):
        if piece in {"{{", "}}"}:
            literal += piece[0]
        elif piece in {"{", "}"}:
            report.error(
                "bad-reason",
                f"a lone `{piece}` in a reason",
                source,
                span,
                help="write `{resource.id}` for a value, `{{` or `}}` for a brace",
            )
        elif piece.startswith("{"):
            names = tuple(name.strip() for name in piece[1:-1].split("."))
            if not all(_NAME.fullmatch(name) for name in names):
                report.error(
                    "bad-reason",
                    f"`{piece}` is not a path",
                    source,
                    span,
                    help="between braces stands a path such as `{resource.id}`; conditions cannot stand there",
                )
                continue
            place = resolve(names, span, source, schema, report)
            if place is not None:
                parts += [literal, place] if literal else [place]
                literal = ""
        else:
            literal += piece
    return (*parts, literal) if literal else tuple(parts)
