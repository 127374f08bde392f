"""Selection and indexing: `a.b`, `a.?b`, `a[k]`, `a[?k]`, of places and of values."""

from __future__ import annotations

from assentry.cel import nodes
from assentry.cel.context import PLACES, Context, Term
from assentry.cel.environment import Constant
from assentry.cel.messages import describe, index_advice, no_overload
from assentry.cel.overloads import Resolution, resolve
from assentry.cel.places import element_of, field_of, maybe_term, place_term, presence, type_of_place, type_of_shape
from assentry.code import form
from assentry.diagnostics import did_you_mean, one_of
from assentry.source import Span
from assentry.values.registry import FUNCTIONS
from assentry.values.types import DYN, ERROR, STRING, Type, optional_of


def select(context: Context, operand: Term, node: nodes.Select) -> Term:
    """The term of `operand.field` or `operand.?field`."""
    if operand.type == ERROR:
        return operand
    if isinstance(operand.expr, PLACES):
        return _select_place(context, operand, node)
    return _select_value(context, operand, node)


def _select_place(context: Context, operand: Term, node: nodes.Select) -> Term:
    chained = isinstance(operand.expr, form.Maybe)
    base = operand.expr.raw if isinstance(operand.expr, form.Maybe) else operand.expr
    assert isinstance(base, form.Raw)
    field = field_of(context, base, node.field, node.span, node.field_span)
    if field is None:
        return Term(form.Lit(node.span, None), ERROR)
    if chained:
        return maybe_term(context, node.span, field, presence(context, operand))
    return maybe_term(context, node.span, field) if node.optional else place_term(context, field)


def _select_value(context: Context, operand: Term, node: nodes.Select) -> Term:
    if operand.constant is not None and isinstance(operand.constant.value, dict) and not node.optional:
        return _select_constant(context, operand.constant, node)
    item, optional = field_type(context, operand, node)
    if optional or node.optional:
        item = optional_of(item)
    if node.optional:
        name = form.Lit(node.field_span, node.field)
        chosen = form.Call(node.span, "_?._", "select_optional_field", (operand.expr, name))
        return Term(chosen, context.typed(item))
    return Term(form.Select(node.span, operand.expr, node.field), context.typed(item))


def constant_term(context: Context, constant: Constant, span: Span) -> Term:
    """The term of a value that is known now."""
    return Term(form.Lit(span, constant.value), context.typed(constant.type), constant=constant)


def _select_constant(context: Context, held: Constant, node: nodes.Select) -> Term:
    """An entry of a value that is known now: one that is not there is a mistake."""
    found = held.entry(node.field)
    if found is not None:
        return constant_term(context, found, node.span)
    names = [name for name in held.value if isinstance(name, str)] if isinstance(held.value, dict) else []
    text = context.text(node.operand.span)
    message = f"`{text}` has no entry `{node.field}`"
    return context.error("unknown-field", message, node.field_span, did_you_mean(node.field, names))


def field_type(context: Context, operand: Term, node: nodes.Select) -> tuple[Type, bool]:
    """The type of a value's field, and whether the operand is an optional; reports what has no fields."""
    held = context.resolved(operand.type)
    optional = held.name == "optional_type"
    held = held.params[0] if optional else held
    held = held.params[0] if held.name == "wrapper" else held
    if held.name == "map":
        return held.params[1], optional
    if held.is_param:
        context.unifier.assignable(DYN, held)
        return DYN, optional
    if held.is_object:
        return _object_field(context, held, node), optional
    if held not in {DYN, ERROR}:
        text = context.text(node.operand.span)
        message = f"`{text}` is {describe(held)}: it has no field `{node.field}`"
        context.error("wrong-type", message, node.field_span, "fields are those of maps; a method ends with `()`")
        return ERROR, optional
    return DYN, optional


def _object_field(context: Context, held: Type, node: nodes.Select) -> Type:
    """A field of an object that was read as part of a list: `xs.filter(...)[0].f`."""
    shapes = context.env.shapes
    name = held.name.removeprefix("object:")
    shape = next(shape for shape in shapes if shape.kind == "object" and shape.name == name)
    declared = shape.property(node.field)
    if declared is None and shape.item is None:
        names = [known.name for known in shape.properties]
        text = context.text(node.operand.span)
        help = did_you_mean(node.field, names) or f"it has {one_of(names[:8])}{', ...' if len(names) > 8 else ''}"
        context.error("unknown-field", f"`{text}` has no field `{node.field}`", node.field_span, help)
        return ERROR
    if not node.optional and (declared is None or not declared.required):
        text = context.text(node.span)
        short = f"{context.text(node.operand.span)}.?{node.field}"
        context.error("unguarded-field", f"`{text}` may be absent", node.span, f"read it as `{short}.orValue(...)`")
    step = declared.shape if declared is not None else shape.item
    assert step is not None
    return type_of_shape(shapes, step)


# ---- indexing ----


def index(context: Context, operand: Term, key: Term, node: nodes.Index) -> Term:
    """The term of `operand[key]` or `operand[?key]`."""
    if ERROR in {operand.type, key.type}:
        return Term(form.Lit(node.span, None), ERROR)
    if operand.constant is not None and not node.optional and isinstance(key.expr, form.Lit):
        known = operand.constant.entry(key.expr.value) if isinstance(key.expr.value, str) else None
        if known is not None:
            return constant_term(context, known, node.span)
    if not isinstance(operand.expr, PLACES):
        function = "_[?_]" if node.optional else "_[_]"
        key = context.read(key)
        text = context.text(node.operand.span)
        found = overload(context, function, (operand.type, key.type), node.index.span, text)
        call = form.Call(node.span, function, found.overload, (operand.expr, key.expr))
        return Term(call, found.result)
    base = operand.expr.raw if isinstance(operand.expr, form.Maybe) else operand.expr
    assert isinstance(base, form.Raw)
    if not _indexable(context, base, key, node):
        return Term(form.Lit(node.span, None), ERROR)
    element = element_of(context, base, key, node.span, node.index.span)
    if element is None:
        return Term(form.Lit(node.span, None), ERROR)
    if isinstance(operand.expr, form.Maybe):
        return maybe_term(context, node.span, element, presence(context, operand))
    return maybe_term(context, node.span, element) if node.optional else place_term(context, element)


def _indexable(context: Context, base: form.Raw, key: Term, node: nodes.Index) -> bool:
    """Whether a place has elements under keys of this type; reports when not."""
    held = type_of_place(context, base.shape)
    held = held.params[0] if held.name == "wrapper" else held
    if held.is_object:
        named = context.unifier.assignable(key.type, STRING)
        if not named:
            context.error("wrong-type", "a field's name is a string", node.index.span)
        return named
    text = context.text(node.operand.span)
    return overload(context, "_[_]", (context.typed(held), key.type), node.index.span, text).result != ERROR


def overload(context: Context, function: str, types: tuple[Type, ...], span: Span, text: str) -> Resolution:
    """The overload of an index of what `text` says; with the result ERROR after reporting that none fits."""
    if not context.env.checked:
        return Resolution("", DYN)
    known = tuple(map(context.resolved, types))
    found = resolve(context.unifier, FUNCTIONS[function], known, member=False)
    if found is not None:
        return found
    closed = [context.unifier.resolved(item, close=True) for item in known]
    context.error("no-overload", no_overload(function, closed, member=False), span, index_advice(closed[0], text))
    return Resolution("", ERROR)
