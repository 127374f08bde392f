"""Places of the input document: their types, and the steps from one to the next.

A place stays a place as long as it is only passed through: `a.b`, `a[0]`, `a.?b`, `has(a.b)`, `x in a`,
`size(a)` and macros read no more of it than they need. Only what consumes a value reads it whole.
"""

from __future__ import annotations

from collections.abc import Sequence

from assentry.cel.context import Context, Term, conjunction, standard_call
from assentry.cel.messages import describe
from assentry.code import form
from assentry.diagnostics import did_you_mean, one_of
from assentry.source import Span
from assentry.values.shapes import Shape, ShapeKind, Shapes
from assentry.values.types import (
    BOOL,
    DOUBLE,
    DYN,
    INT,
    NULL,
    STRING,
    TIMESTAMP,
    Type,
    list_of,
    map_of,
    nullable,
    optional_of,
)

_SCALARS = {
    "any": DYN,
    "bool": BOOL,
    "int": INT,
    "double": DOUBLE,
    "string": STRING,
    "timestamp": TIMESTAMP,
    "null": NULL,
}


def type_of_shape(shapes: Shapes, index: int) -> Type:
    """The CEL type of what fits a shape. A list or map that holds itself holds `dyn` at that point."""
    return _type(shapes, index, ())


def _type(shapes: Shapes, index: int, outer: tuple[int, ...]) -> Type:
    shape = shapes[index]
    if index in outer:
        return DYN
    match shape.kind:
        case "list":
            found = list_of(_item_type(shapes, shape, (*outer, index)))
        case "map":
            found = map_of(STRING, _item_type(shapes, shape, (*outer, index)))
        case "object":
            found = Type(f"object:{shape.name}")
        case kind:
            found = _SCALARS[kind]
    return nullable(found) if shape.nullable else found


def _item_type(shapes: Shapes, shape: Shape, outer: tuple[int, ...]) -> Type:
    return DYN if shape.item is None else _type(shapes, shape.item, outer)


def plain_shape(shapes: Sequence[Shape], kind: ShapeKind) -> int | None:
    """The first shape of a table that demands this kind and nothing else."""
    for index, shape in enumerate(shapes):
        if shape.kind == kind and not shape.nullable and shape.allowed is None and shape.item is None:
            return index
    return None


def type_of_place(context: Context, shape: int) -> Type:
    """The CEL type of what fits a shape of the context's table."""
    types = context.env.types
    if shape not in types:
        types[shape] = type_of_shape(context.env.shapes, shape)
    return types[shape]


def place_term(context: Context, raw: form.Raw) -> Term:
    """The term of a place."""
    return Term(raw, context.typed(type_of_place(context, raw.shape)))


def maybe_term(
    context: Context, span: Span, raw: form.Field | form.Element, present: tuple[form.Expr, ...] = ()
) -> Term:
    """The term of a place that may be absent: an optional value."""
    item = type_of_place(context, raw.shape)
    return Term(form.Maybe(span, raw), context.typed(optional_of(item)), present)


# ---- steps ----


def field_of(context: Context, base: form.Raw, name: str, span: Span, field_span: Span) -> form.Field | None:
    """The place `base.name`; None after reporting that there is no such field."""
    shapes = context.env.shapes
    shape = shapes[base.shape]
    declared = shape.property(name)
    if declared is not None:
        return form.Field(span, declared.shape, base, name, declared.required)
    if shape.item is not None and shape.kind != "list":
        return form.Field(span, shape.item, base, name, required=False)
    if shape.kind == "any" and shape.allowed is None:
        return form.Field(span, base.shape, base, name, required=False)
    text = context.text(base.span)
    if shape.kind != "object":
        found = describe(type_of_place(context, base.shape))
        context.error(
            "wrong-type",
            f"`{text}` is {found}: it has no field `{name}`",
            field_span,
            _no_field_help(context, shape, text, name),
        )
        return None
    context.error(
        "unknown-field", f"`{text}` has no field `{name}`", field_span, _unknown_field_help(context, shape, name)
    )
    return None


def _no_field_help(context: Context, shape: Shape, text: str, name: str) -> str | None:
    if shape.kind != "list":
        return None
    item = context.env.shapes[shape.item] if shape.item is not None else None
    inner = f"x.{name} ..." if item is not None and item.property(name) is not None else "x ..."
    return f"look at its elements, as in `{text}.exists(x, {inner})`"


def _unknown_field_help(context: Context, shape: Shape, name: str) -> str | None:
    """The same name one level below, a near name among the fields, or all fields when they are few."""
    names = [declared.name for declared in shape.properties]
    for declared in shape.properties:
        if context.env.shapes[declared.shape].property(name) is not None:
            return f"did you mean `{declared.name}.{name}`?"
    if (near := did_you_mean(name, names)) is not None:
        return near
    return f"its fields are {one_of(names)}" if 0 < len(names) <= 12 else None


def element_of(context: Context, base: form.Raw, key: Term, span: Span, key_span: Span) -> form.Element | None:
    """The place `base[key]`; None after reporting. The types of list and key are the caller's to check."""
    shapes = context.env.shapes
    shape = shapes[base.shape]
    if shape.kind != "object":
        item = base.shape if shape.item is None else shape.item
        return form.Element(span, item, base, context.value(key))
    value = key.expr
    if not isinstance(value, form.Lit) or not isinstance(value.value, str):
        message = f"`{context.text(base.span)}` is an object with fields, which no computed name can choose"
        context.error("wrong-type", message, key_span, f"name the field: `{context.text(base.span)}.field`")
        return None
    field = field_of(context, base, value.value, span, key_span)
    return None if field is None else form.Element(span, field.shape, base, value)


# ---- chains of optional steps ----


def presence(context: Context, term: Term) -> tuple[form.Expr, ...]:
    """Conditions under which the place of an optional term is there, in the order of the way to it."""
    assert isinstance(term.expr, form.Maybe)
    raw, span = term.expr.raw, term.expr.span
    if isinstance(raw, form.Field):
        return (*term.present, form.Has(span, raw))
    holder = context.env.shapes[raw.base.shape].kind
    if holder in {"map", "object"}:
        return (*term.present, form.Contains(span, raw.key, raw.base))
    if holder == "list" and isinstance(raw.key, form.Lit) and type(raw.key.value) is int and raw.key.value >= 0:
        size = form.Size(span, raw.base)
        return (*term.present, form.Call(span, "_<_", "less_int64", (raw.key, size)))
    return (*term.present, standard_call(span, "hasValue", term.expr, member=True))


def has_value(context: Context, term: Term, span: Span) -> form.Expr:
    """`a.?b.hasValue()` of a place: of an object, that it is there; of anything else, that it can be read too."""
    assert isinstance(term.expr, form.Maybe)
    if context.env.shapes[term.expr.raw.shape].kind == "object":
        return conjunction(span, presence(context, term))
    return conjunction(span, (*term.present, standard_call(span, "hasValue", term.expr, member=True)))
