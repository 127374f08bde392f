"""From the syntax tree of an expression to its compiled form: names, types, macros, overloads, places.

One walk over the tree. Every node gives a term (context.py): a value, or a place of the input that
becomes a value when something consumes it. A mistake is reported and stands for anything, so that one
walk finds all mistakes.

    environment  what names mean            select   `a.b`, `a[k]`
    unify        types and their parameters calls    functions and operators
    overloads    the choice of a signature  inline   functions of the rule language
    places       steps through the input    macros   `has`, `cel.bind`, optionals; loops
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from assentry.cel import nodes
from assentry.cel.calls import binary, call, is_risk, qualified, risk_misused, unary
from assentry.cel.context import Context, Term, TooLarge, moved
from assentry.cel.environment import Environment, Meaning
from assentry.cel.macros import expand
from assentry.cel.messages import describe
from assentry.cel.places import place_term
from assentry.cel.select import constant_term, index, select
from assentry.code import form
from assentry.diagnostics import Diagnostic, did_you_mean, one_of
from assentry.source import Source, Span
from assentry.values.runtime import Uint
from assentry.values.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DYN,
    ERROR,
    INT,
    NULL,
    STRING,
    UINT,
    Type,
    list_of,
    map_of,
)

_LITERALS: Mapping[str, Type] = MappingProxyType(
    {"int": INT, "uint": UINT, "double": DOUBLE, "string": STRING, "bytes": BYTES, "bool": BOOL, "null": NULL}
)

_KEYS = frozenset({"string", "int", "uint", "bool", "dyn", "error", "wrapper"})


def infer(
    node: nodes.Node, env: Environment, source: Source, report: list[Diagnostic]
) -> tuple[form.Expr, Type] | None:
    """The compiled form of an expression with its type, or None after reporting what is wrong with it."""

    def whole(context: Context) -> tuple[form.Expr, Type]:
        term = context.read(context.infer(node))
        return term.expr, context.unifier.resolved(term.type, close=True)

    return _run(whole, env, source, report, node.span)


def infer_condition(node: nodes.Node, env: Environment, source: Source, report: list[Diagnostic]) -> form.Expr | None:
    """The compiled form of an expression that has to be true or false, or None after reporting."""
    found = _run(lambda context: (context.boolean(node), BOOL), env, source, report, node.span)
    return None if found is None else found[0]


def _run(
    body: Callable[[Context], tuple[form.Expr, Type]],
    env: Environment,
    source: Source,
    report: list[Diagnostic],
    span: Span,
) -> tuple[form.Expr, Type] | None:
    findings: list[Diagnostic] = []
    try:
        found = body(Context(env, source, findings, _HANDLERS))
    except TooLarge:
        found = None
    except RecursionError:
        message = "the condition is nested too deep with its functions put in"
        findings = [Diagnostic("too-deep", message, source, span, "write it as definitions of their own")]
        found = None
    report.extend(findings)
    return None if findings else found


# ---- literals and names ----


def _literal(context: Context, node: nodes.Literal) -> Term:
    value = Uint(node.value) if node.kind == "uint" and isinstance(node.value, int) else node.value
    return Term(form.Lit(node.span, value), context.typed(_LITERALS[node.kind]))


def _ident(context: Context, node: nodes.Ident) -> Term:
    if not node.absolute and (local := context.scope.get(node.name)) is not None:
        if isinstance(local.expr, form.Var):
            context.used(local.expr.name)
        return moved(local, node.span)
    if is_risk(context, node):
        return risk_misused(context, node.span)
    meaning = context.env.lookup(node.name, node.absolute)
    if meaning is not None:
        return _meant(context, meaning, node.span)
    if context.env.open_world or not context.env.checked:
        return Term(form.Var(node.span, node.name), DYN)
    return _unknown(context, node.name, node.span)


def _meant(context: Context, meaning: Meaning, span: Span) -> Term:
    if meaning.variable is not None:
        return Term(form.Var(span, meaning.name), context.typed(meaning.variable))
    if meaning.root is not None:
        if not meaning.root.required:
            return context.error(
                "unguarded-field",
                f"`{meaning.name}` may be absent, and no condition can ask whether it is",
                span,
                f"make `{meaning.name}` required in the schema, or move it below a part that is",
            )
        return place_term(context, form.Root(span, meaning.root.shape, meaning.name, meaning.root.required))
    if meaning.constant is not None:
        return constant_term(context, meaning.constant, span)
    assert meaning.definition is not None
    return Term(form.Define(span, meaning.definition), BOOL)


def _unknown(context: Context, name: str, span: Span, *, owner: bool = False) -> Term:
    """The finding for a name without a meaning; `owner` when something is read of it: `common.external`."""
    env = context.env
    if env.lookup_function(name) is not None:
        return context.error("unknown-name", f"`{name}` is a function", span, f"call it: `{name}(...)`")
    if any(full in env.rules for full in env.candidates(name)):
        return _rule_read(context, name, span)
    help = did_you_mean(name, {*env.names(), *context.scope})
    if help is None:
        # The same name one level below a top-level part: `rows` for `action.rows`.
        below = [f"{root}.{name}" for root, place in env.roots.items() if env.shapes[place.shape].property(name)]
        help = f"did you mean `{below[0]}`?" if below else None
    if help is None and owner and env.container:
        help = f"if `{name}` is a package, check its files together with this one; if it is data, import it"
    if help is None and 0 < len(env.roots) <= 8:
        help = f"the parts of the action are {one_of(sorted(env.roots))}"
    if help is None:
        known = sorted({*env.names(), *context.scope})
        help = f"the names here are {one_of(known[:8])}{', ...' if len(known) > 8 else ''}" if known else "declare it"
    return context.error("unknown-name", f"there is no `{name}` here", span, help)


def _rule_read(context: Context, name: str, span: Span) -> Term:
    """The finding for a rule that stands in a condition: what rules share is a definition."""
    help = "move its conditions into a definition, `some_name if ...`, and read that in both places"
    return context.error("unknown-name", f"`{name}` is a rule, and conditions cannot read rules", span, help)


def _select(context: Context, node: nodes.Select) -> Term:
    if not node.optional and (names := qualified(node)) is not None:
        first = _first(node)
        if first.absolute or first.name not in context.scope:
            meaning = context.env.lookup(names, first.absolute)
            if meaning is not None:
                return _meant(context, meaning, node.span)
            if names in context.env.rules and context.env.lookup(first.name) is None:
                return _rule_read(context, names, node.span)
            if (term := _unknown_member(context, names, first, node)) is not None:
                return term
    return select(context, _owner(context, node.operand), node)


def _owner(context: Context, node: nodes.Node) -> Term:
    """The term of what stands before a dot."""
    if isinstance(node, nodes.Ident) and node.name not in context.scope and not is_risk(context, node):
        env = context.env
        if env.checked and not env.open_world and env.lookup(node.name, node.absolute) is None:
            return _unknown(context, node.name, node.span, owner=True)
    return context.infer(node)


def _first(node: nodes.Node) -> nodes.Ident:
    while isinstance(node, nodes.Select):
        node = node.operand
    assert isinstance(node, nodes.Ident)
    return node


def _unknown_member(context: Context, names: str, first: nodes.Ident, node: nodes.Select) -> Term | None:
    """The finding for `exports.sensitve` where `exports` is nothing but the beginning of other names."""
    env = context.env
    if env.open_world or not env.checked or is_risk(context, first) or names.count(".") != 1:
        return None
    if env.lookup(first.name, first.absolute) is not None:
        return None
    within = {name for name in env.names() if name.startswith(f"{first.name}.")}
    if not within or any(name.startswith(f"{names}.") for name in within):
        return None
    help = did_you_mean(names, within) or f"it has {one_of(sorted(within)[:8])}{', ...' if len(within) > 8 else ''}"
    return context.error("unknown-name", f"`{first.name}` has no `{node.field}`", node.field_span, help)


def _index(context: Context, node: nodes.Index) -> Term:
    operand = context.infer(node.operand)
    return index(context, operand, context.infer(node.index), node)


def _call(context: Context, node: nodes.Call) -> Term:
    return expand(context, node) or call(context, node)


# ---- lists and maps ----


def _list(context: Context, node: nodes.ListLiteral) -> Term:
    item: Type | None = None
    elements = []
    for part, optional in node.elements:
        term = context.read(context.infer(part))
        found = _held(context, term, part) if optional else term.type
        item = context.unifier.joined(item, found)
        elements.append((term.expr, optional))
    result = list_of(context.unifier.fresh() if item is None else item)
    return Term(form.ListOf(node.span, tuple(elements)), context.typed(result))


def _map(context: Context, node: nodes.MapLiteral) -> Term:
    key_type: Type | None = None
    value_type: Type | None = None
    entries = []
    for key, value, optional in node.entries:
        key_term, value_term = context.read(context.infer(key)), context.read(context.infer(value))
        key_type = context.unifier.joined(key_type, _key_type(context, key_term, key))
        found = _held(context, value_term, value) if optional else value_term.type
        value_type = context.unifier.joined(value_type, found)
        entries.append((key_term.expr, value_term.expr, optional))
    result = map_of(key_type or context.unifier.fresh(), value_type or context.unifier.fresh())
    return Term(form.MapOf(node.span, tuple(entries)), context.typed(result))


def _key_type(context: Context, term: Term, node: nodes.Node) -> Type:
    """The type of a map literal's key; reports what cannot be one."""
    found = context.resolved(term.type)
    if found.name in _KEYS or found.is_param:
        return found
    message = f"`{context.text(node.span)}` is {describe(found)}, which cannot be the key of a map"
    return context.error("bad-map-key", message, node.span, "keys are strings, ints, uints and bools").type


def _held(context: Context, term: Term, node: nodes.Node) -> Type:
    """What an optional element holds."""
    found = context.resolved(term.type)
    if found.name == "optional_type":
        return found.params[0]
    if found not in {DYN, ERROR} and not found.is_param:
        message = f"`{context.text(node.span)}` is {describe(found)}: after `?` stands an optional value"
        context.error("wrong-type", message, node.span, "leave out the `?`")
    return found


def _message(context: Context, node: nodes.MessageLiteral) -> Term:
    return context.error(
        "message-literal",
        f"`{node.name}` is not a type that can be built",
        node.span,
        "protocol buffer messages are not supported",
    )


# ---- logic ----


def _and(context: Context, node: nodes.And) -> Term:
    return Term(form.And(node.span, _conditions(context, node.operands)), BOOL)


def _or(context: Context, node: nodes.Or) -> Term:
    return Term(form.Or(node.span, _conditions(context, node.operands)), BOOL)


def _conditions(context: Context, operands: Iterable[nodes.Node]) -> tuple[form.Expr, ...]:
    return tuple([context.boolean(operand) for operand in operands])


def _ternary(context: Context, node: nodes.Ternary) -> Term:
    condition = context.boolean(node.condition)
    then, otherwise = context.read(context.infer(node.then)), context.read(context.infer(node.otherwise))
    expr = form.If(node.span, condition, then.expr, otherwise.expr)
    result = context.unifier.fresh()
    if not context.unifier.all_assignable((then.type, otherwise.type), (result, result)):
        types = [context.unifier.resolved(term.type, close=True) for term in (then, otherwise)]
        message = f"one branch is {describe(types[0])}, the other {describe(types[1])}"
        return context.error("wrong-type", message, node.otherwise.span, "both branches of `?:` are of one type")
    return Term(expr, context.resolved(result))


_HANDLERS: Mapping[type[nodes.Node], Callable[[Context, Any], Term]] = MappingProxyType(
    {
        nodes.Literal: _literal,
        nodes.Ident: _ident,
        nodes.Select: _select,
        nodes.Index: _index,
        nodes.Call: _call,
        nodes.ListLiteral: _list,
        nodes.MapLiteral: _map,
        nodes.MessageLiteral: _message,
        nodes.And: _and,
        nodes.Or: _or,
        nodes.Ternary: _ternary,
        nodes.Unary: unary,
        nodes.Binary: binary,
    }
)
