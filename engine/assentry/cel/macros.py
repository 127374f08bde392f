"""Macros: what looks like a call and decides by itself what is evaluated, how often, and with which names.

Source: the macros of the CEL language definition, and of cel-go's bindings, optional types, two-variable
comprehensions and lists libraries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from assentry.cel import nodes
from assentry.cel.calls import MACROS
from assentry.cel.context import PLACES, Context, Term, conjunction, none, standard_call
from assentry.cel.loops import entry_loop, filter_loop, map_loop, quantifier, sort_by
from assentry.cel.messages import describe
from assentry.cel.places import field_of, place_term, presence
from assentry.cel.select import field_type
from assentry.code import form
from assentry.values.types import BOOL, ERROR, NULL, Type, optional_of

Macro = Callable[[Context, nodes.Call], Term]


def expand(context: Context, node: nodes.Call) -> Term | None:
    """The term of a macro's call; None when the call is none."""
    if node.target is None:
        if node.function == "has":
            return _has(context, node)
        return None
    macro = _METHODS.get((node.function, len(node.args)))
    if macro is not None:
        return macro(context, node)
    if node.function == "bind" and isinstance(node.target, nodes.Ident) and node.target.name == "cel":
        return _bind(context, node)
    return None


# ---- has ----


def _has(context: Context, node: nodes.Call) -> Term:
    selected = node.args[0] if len(node.args) == 1 else None
    if not isinstance(selected, nodes.Select) or selected.optional:
        return context.error(
            "macro-use",
            "`has` asks whether one field is there",
            node.span if selected is None else selected.span,
            "write it as `has(a.b)`; whether a key is in a map says `key in map`",
        )
    operand = context.infer(selected.operand)
    if operand.type == ERROR:
        return operand
    if not isinstance(operand.expr, PLACES):
        field_type(context, operand, _optional(selected))
        return Term(form.HasKey(node.span, operand.expr, selected.field), BOOL)
    base = operand.expr.raw if isinstance(operand.expr, form.Maybe) else operand.expr
    assert isinstance(base, form.Raw)
    field = field_of(context, base, selected.field, selected.span, selected.field_span)
    if field is None:
        return Term(form.Lit(node.span, None), ERROR)
    has = form.Has(node.span, field)
    before = presence(context, operand) if isinstance(operand.expr, form.Maybe) else ()
    return Term(conjunction(node.span, (*before, has)), BOOL)


def _optional(node: nodes.Select) -> nodes.Select:
    """The selection as `a.?b`: `has` may ask for what may be absent."""
    return nodes.Select(node.span, node.operand, node.field, node.field_span, True)


# ---- names for values ----


def _bind(context: Context, node: nodes.Call) -> Term:
    """`cel.bind(name, value, body)`."""
    if len(node.args) != 3 or not isinstance(node.args[0], nodes.Ident) or node.args[0].absolute:
        return context.error("macro-use", "`cel.bind` gives a name to a value", node.span, MACROS["bind"])
    name, value, body = node.args[0].name, context.infer(node.args[1]), node.args[2]
    if isinstance(value.expr, PLACES):
        # A place needs no value of its own: the name stands for the place.
        with context.scoped({name: value}):
            return context.infer(body)
    variable = context.variable(name, value.type, node.args[0].span)
    assert isinstance(variable.expr, form.Var)
    with context.scoped({name: variable}):
        term = context.infer(body)
    return Term(form.Let(node.span, variable.expr.name, value.expr, context.value(term)), term.type)


# ---- optionals ----


def _opt_map(context: Context, node: nodes.Call) -> Term:
    return _on_optional(context, node, flat=False)


def _opt_flat_map(context: Context, node: nodes.Call) -> Term:
    return _on_optional(context, node, flat=True)


def _on_optional(context: Context, node: nodes.Call, *, flat: bool) -> Term:
    """`optional.optMap(x, value)`: the value of the body for what the optional holds, or none."""
    name, body = node.args
    if not isinstance(name, nodes.Ident) or name.absolute:
        return context.error(
            "macro-use", f"`{node.function}` takes the name of a variable here", name.span, MACROS[node.function]
        )
    assert node.target is not None
    optional = context.infer(node.target)
    if optional.type == ERROR:
        return optional
    if isinstance(optional.expr, form.Maybe):
        condition = conjunction(node.span, presence(context, optional))
        held = place_term(context, optional.expr.raw)
        with context.scoped({name.name: held}):
            found, item = _opt_body(context, node, body, flat=flat)
        return Term(form.If(node.span, condition, found, none(node.span)), item)
    target = context.value(optional)
    known = context.resolved(optional.type)
    if not context.unifier.assignable(known, optional_of(inner := context.unifier.fresh())):
        message = f"`{node.function}` works on an optional value, not on {describe(context.unifier.resolved(known, close=True))}"
        return context.error("wrong-type", message, node.name_span, "make one of it: `optional.of(...)`")
    certain = known.name == "optional_type"
    whole = context.variable("optional", known, node.target.span)
    held = context.variable(name.name, context.resolved(inner), name.span)
    assert isinstance(whole.expr, form.Var)
    assert isinstance(held.expr, form.Var)
    with context.scoped({name.name: held}):
        found, item = _opt_body(context, node, body, flat=flat)
    value = standard_call(node.span, "value", whole.expr, member=True, certain=certain)
    condition = standard_call(node.span, "hasValue", whole.expr, member=True, certain=certain)
    chosen = form.If(node.span, condition, form.Let(node.span, held.expr.name, value, found), none(node.span))
    return Term(form.Let(node.span, whole.expr.name, target, chosen), item)


def _opt_body(context: Context, node: nodes.Call, body: nodes.Node, *, flat: bool) -> tuple[form.Expr, Type]:
    """The optional that the body gives, and its type."""
    term = context.infer(body)
    value = context.value(term)
    if not flat:
        return standard_call(body.span, "optional.of", value), context.typed(optional_of(term.type))
    wanted = optional_of(context.unifier.fresh())
    if not context.unifier.assignable(term.type, wanted):
        found = context.unifier.resolved(term.type, close=True)
        message = f"the body of `optFlatMap` is an optional value, not {describe(found)}"
        context.error("wrong-type", message, body.span, "for a plain value write `optMap`")
        return value, ERROR
    return value, context.typed(wanted if term.type == NULL else term.type)


_METHODS: Mapping[tuple[str, int], Macro] = MappingProxyType(
    {
        ("all", 2): quantifier,
        ("all", 3): quantifier,
        ("exists", 2): quantifier,
        ("exists", 3): quantifier,
        ("exists_one", 2): quantifier,
        ("exists_one", 3): quantifier,
        ("existsOne", 2): quantifier,
        ("existsOne", 3): quantifier,
        ("map", 2): map_loop,
        ("map", 3): map_loop,
        ("filter", 2): filter_loop,
        ("transformList", 3): map_loop,
        ("transformList", 4): map_loop,
        ("transformMap", 3): map_loop,
        ("transformMap", 4): map_loop,
        ("transformMapEntry", 3): entry_loop,
        ("transformMapEntry", 4): entry_loop,
        ("optMap", 2): _opt_map,
        ("optFlatMap", 2): _opt_flat_map,
        ("sortBy", 2): sort_by,
    }
)
