"""Macros that run over a list or a map: `all`, `exists`, `exists_one`, `map`, `filter`, `transform...`, `sortBy`."""

from __future__ import annotations

from dataclasses import dataclass

from assentry.cel import nodes
from assentry.cel.calls import MACROS, apply
from assentry.cel.context import Context, Term
from assentry.cel.messages import describe
from assentry.cel.places import plain_shape, type_of_place
from assentry.code import form
from assentry.values.registry import FUNCTIONS
from assentry.values.types import BOOL, DYN, ERROR, INT, STRING, Type, list_of, map_of

_KINDS: dict[str, form.LoopKind] = {
    "all": "all",
    "exists": "exists",
    "exists_one": "exists_one",
    "existsOne": "exists_one",
    "map": "map",
    "filter": "filter",
    "transformList": "transform_list",
    "transformMap": "transform_map",
    "transformMapEntry": "transform_map_entry",
}


@dataclass(frozen=True, slots=True)
class _Range:
    """What a loop runs over, with its variables: their unique names and their terms in the body."""

    expr: form.Expr
    names: tuple[str, ...]
    terms: tuple[Term, ...]


def quantifier(context: Context, node: nodes.Call) -> Term:
    """`all`, `exists` and `exists_one`, with one or two variables."""
    over = _range(context, node, len(node.args) - 1)
    if over is None:
        return _failed(node)
    with context.scoped(_bound(over, node), loop=True):
        body = context.boolean(node.args[-1])
    return Term(_loop(node, over, None, body), BOOL)


def filter_loop(context: Context, node: nodes.Call) -> Term:
    """`filter`: the elements (or keys) for which the condition holds."""
    over = _range(context, node, 1)
    if over is None:
        return _failed(node)
    with context.scoped(_bound(over, node), loop=True):
        body = context.boolean(node.args[1])
    return Term(_loop(node, over, None, body), context.typed(list_of(over.terms[0].type)))


def map_loop(context: Context, node: nodes.Call) -> Term:
    """`map`, `transformList` and `transformMap`, with or without a condition."""
    variables = 1 if node.function == "map" else 2
    over = _range(context, node, variables)
    if over is None:
        return _failed(node)
    with context.scoped(_bound(over, node), loop=True):
        where = context.boolean(node.args[variables]) if len(node.args) == variables + 2 else None
        item = context.infer(node.args[-1])
        body = context.value(item)
    result = map_of(over.terms[0].type, item.type) if node.function == "transformMap" else list_of(item.type)
    return Term(_loop(node, over, where, body), context.typed(result))


def entry_loop(context: Context, node: nodes.Call) -> Term:
    """`transformMapEntry`: each body gives a map of one entry."""
    over = _range(context, node, 2)
    if over is None:
        return _failed(node)
    with context.scoped(_bound(over, node), loop=True):
        where = context.boolean(node.args[2]) if len(node.args) == 4 else None
        entry = context.infer(node.args[-1])
        body = context.value(entry)
    result = map_of(context.unifier.fresh(), context.unifier.fresh())
    if not context.unifier.assignable(entry.type, result):
        found = context.unifier.resolved(entry.type, close=True)
        message = f"the body of `transformMapEntry` is a map of one entry, not {describe(found)}"
        return context.error("wrong-type", message, node.args[-1].span, "write it as `{key: value}`")
    return Term(_loop(node, over, where, body), context.typed(result))


def sort_by(context: Context, node: nodes.Call) -> Term:
    """`list.sortBy(x, key)`: the list in the order of its keys."""
    assert node.target is not None
    target = context.infer(node.target)
    whole = context.variable("list", target.type, node.target.span)
    assert isinstance(whole.expr, form.Var)
    if not _variables(context, node, 1) or target.type == ERROR:
        return _failed(node)
    over = _over_value(context, node, whole, 1)
    if over is None:
        return _failed(node)
    with context.scoped(_bound(over, node), loop=True):
        key = context.infer(node.args[1])
        body = context.value(key)
    keys = Term(
        form.Loop(node.span, "map", over.names[0], None, over.expr, None, body), context.typed(list_of(key.type))
    )
    ordered = apply(context, FUNCTIONS["@sortByAssociatedKeys"], [whole, keys], node, member=True)
    if ordered.type == ERROR and ERROR not in {key.type, target.type}:
        found = describe(context.unifier.resolved(key.type, close=True))
        context.report.pop()
        return context.error("wrong-type", f"a list cannot be sorted by {found}", node.args[1].span)
    return Term(form.Let(node.span, whole.expr.name, context.value(target), ordered.expr), ordered.type)


# ---- what a loop runs over ----


def _range(context: Context, node: nodes.Call, variables: int) -> _Range | None:
    """The range of a macro's target; None after reporting what is wrong with it or the variables."""
    assert node.target is not None
    target = context.infer(node.target)
    if not _variables(context, node, variables) or target.type == ERROR:
        return None
    if isinstance(target.expr, form.Raw):
        over = _over_place(context, node, target.expr, variables)
        if over is not None:
            return over
    return _over_value(context, node, target, variables)


def _variables(context: Context, node: nodes.Call, count: int) -> bool:
    """Whether the first arguments are names of variables; reports those that are not."""
    names: set[str] = set()
    for arg in node.args[:count]:
        if not isinstance(arg, nodes.Ident) or arg.absolute:
            message = f"`{node.function}` takes the name of a variable here"
            context.error("macro-use", message, arg.span, MACROS[node.function])
            return False
        if arg.name in names:
            context.error("macro-use", f"`{arg.name}` names two variables of one loop", arg.span, "rename one of them")
            return False
        names.add(arg.name)
    return True


def _over_place(context: Context, node: nodes.Call, raw: form.Raw, variables: int) -> _Range | None:
    """A loop over a list or map of the input, whose elements are read where they are used."""
    shapes = context.env.shapes
    shape = shapes[raw.shape]
    if shape.allowed is not None:
        return None
    item = raw.shape if shape.item is None else shape.item
    names = [arg for arg in node.args[:variables] if isinstance(arg, nodes.Ident)]
    if shape.kind == "list" or (shape.kind == "any" and variables == 1):
        element = _item(context, names[-1], item)
        if variables == 1:
            return _made(raw, element)
        return _made(raw, context.variable(names[0].name, INT, names[0].span), element)
    text = plain_shape(shapes, "string")
    if shape.kind == "map" and text is not None:
        key = _item(context, names[0], text)
        return _made(raw, key) if variables == 1 else _made(raw, key, _item(context, names[1], item))
    return None


def _over_value(context: Context, node: nodes.Call, target: Term, variables: int) -> _Range | None:
    assert node.target is not None
    held = context.resolved(target.type)
    held = held.params[0] if held.name == "wrapper" else held
    types: tuple[Type, ...]
    match held.name:
        case "list":
            types = (INT, held.params[0])[-variables:]
        case "map":
            types = held.params[:variables]
        case _ if held == DYN or held.is_param:
            context.unifier.assignable(DYN, held)
            types = (DYN, DYN)[:variables]
        case _:
            text = context.text(node.target.span)
            advice = f"write `{text}.orValue([])`" if held.name == "optional_type" else _range_help(held)
            message = f"`{text}` is {describe(held)}: `{node.function}` runs over a list or a map"
            context.error("wrong-type", message, node.target.span, advice)
            return None
    names = [arg for arg in node.args[:variables] if isinstance(arg, nodes.Ident)]
    terms = [context.variable(arg.name, item, arg.span) for arg, item in zip(names, types, strict=True)]
    return _made(context.value(target), *terms)


def _range_help(held: Type) -> str:
    if held.is_object:
        return "its fields are fixed: name the one that you mean"
    if held == STRING:
        return "whether a text contains another says `text.contains(other)`"
    return "only lists and maps have something to run over"


def _item(context: Context, name: nodes.Ident, shape: int) -> Term:
    """A loop variable that stands for a place."""
    unique = context.fresh_name(name.name)
    item = form.Item(name.span, shape, unique)
    return Term(item, context.typed(type_of_place(context, shape)))


def _made(expr: form.Expr, *terms: Term) -> _Range:
    names = tuple(term.expr.name for term in terms if isinstance(term.expr, form.Item | form.Var))
    return _Range(expr, names, terms)


def _bound(over: _Range, node: nodes.Call) -> dict[str, Term]:
    names = [arg.name for arg in node.args if isinstance(arg, nodes.Ident)]
    return dict(zip(names, over.terms, strict=False))


def _loop(node: nodes.Call, over: _Range, where: form.Expr | None, body: form.Expr) -> form.Loop:
    first, *rest = over.names
    return form.Loop(node.span, _KINDS[node.function], first, rest[0] if rest else None, over.expr, where, body)


def _failed(node: nodes.Call) -> Term:
    return Term(form.Lit(node.span, None), ERROR)
