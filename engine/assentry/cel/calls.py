"""Calls of functions and operators: which function a name means, and which overload the types leave."""

from __future__ import annotations

from typing import Literal

from assentry.cel import nodes
from assentry.cel.context import Context, Term
from assentry.cel.environment import Function as UserFunction
from assentry.cel.impossible import refuse_impossible
from assentry.cel.inline import inline
from assentry.cel.messages import advice, candidates, no_overload
from assentry.cel.overloads import Resolution, resolve
from assentry.cel.places import has_value, type_of_place
from assentry.code import form
from assentry.diagnostics import did_you_mean, one_of
from assentry.source import Span
from assentry.values.declare import Function
from assentry.values.regex import check_pattern
from assentry.values.registry import FUNCTIONS
from assentry.values.types import BOOL, DOUBLE, DYN, ERROR, INT, STRING, UINT, Type

_OPERATORS = {
    "==": "_==_", "!=": "_!=_", "<": "_<_", "<=": "_<=_", ">": "_>_", ">=": "_>=_", "in": "@in",
    "+": "_+_", "-": "_-_", "*": "_*_", "/": "_/_", "%": "_%_",
}  # fmt: skip
_Order = Literal["<", "<=", ">", ">="]
_FLIPPED: dict[str, _Order] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


# ---- functions ----


def call(context: Context, node: nodes.Call) -> Term:
    """The term of a call that is no macro."""
    if node.target is None:
        found = context.env.lookup_function(node.function, node.absolute)
        return _apply(context, node, found, node.function, None)
    names = qualified(node.target)
    if names is not None:
        name = f"{names}.{node.function}"
        found = context.env.lookup_function(name, _leading(node.target).absolute)
        if found is not None:
            return _apply(context, node, found, name, None)
        if not _resolvable(context, node.target) and (help := _namespace_help(context, names, name)):
            return context.error("unknown-function", f"there is no function `{name}`", node.name_span, help)
    found = context.env.lookup_function(node.function)
    if found is None and node.function in MACROS and context.env.checked:
        return _miswritten_macro(context, node)
    target = context.infer(node.target)
    if isinstance(found, UserFunction):
        args = ", ".join(context.text(part.span) for part in (node.target, *node.args))
        message = f"`{node.function}` is a function of these rules, not a method"
        return context.error("unknown-function", message, node.name_span, f"call it as `{node.function}({args})`")
    if found is None and target.type == ERROR:
        return target
    return _apply(context, node, found, node.function, target)


def _miswritten_macro(context: Context, node: nodes.Call) -> Term:
    count = len(node.args)
    message = f"`{node.function}` does not take {count} argument{'' if count == 1 else 's'}"
    return context.error("macro-use", message, node.name_span, MACROS[node.function])


def _apply(
    context: Context, node: nodes.Call, function: UserFunction | Function | None, name: str, target: Term | None
) -> Term:
    args = [context.infer(arg) for arg in node.args]
    if isinstance(function, UserFunction):
        return inline(context, function, args, node)
    if function is None:
        if context.env.checked:
            return _unknown(context, node, name, member=target is not None)
        parts = args if target is None else [target, *args]
        return Term(form.Call(node.span, name, "", tuple(map(context.value, parts)), target is not None), DYN)
    parts = args if target is None else [target, *args]
    if function.name == "matches":
        _check_regex(context, parts[-1:], node.args[-1:])
    if (term := _without_reading(context, function, parts, node)) is not None:
        return term
    return apply(context, function, parts, node, member=target is not None)


def apply(context: Context, function: Function, parts: list[Term], node: nodes.Call, *, member: bool) -> Term:
    """A call of a declared function with the terms of its arguments, the target first."""
    if function.gathers and len(parts) > max(len(overload.params) for overload in function.overloads):
        if (wrong := _none_of_its_own(context, function, parts, node)) is not None:
            return wrong
        parts = [_gathered(context, parts, node)]
    parts = [context.read(part) for part in parts]
    args = tuple(part.expr for part in parts)
    if not context.env.checked:
        return Term(form.Call(node.span, function.name, "", args, member), DYN)
    types = tuple([context.resolved(part.type) for part in parts])
    if ERROR in types:
        return Term(form.Lit(node.span, None), ERROR)
    found = resolve(context.unifier, function, types, member)
    if found is None:
        shown = [context.unifier.resolved(item, close=True) for item in types]
        message = no_overload(function.name, shown, member)
        return context.error("no-overload", message, node.name_span, candidates(function, shown, member))
    return Term(form.Call(node.span, function.name, found.overload, args, member), found.result)


def _none_of_its_own(context: Context, function: Function, parts: list[Term], node: nodes.Call) -> Term | None:
    """The finding for an argument that the function would not take alone, not as a list either."""
    taken = {overload.params[0] for overload in function.overloads if len(overload.params) == 1}
    for part in parts:
        found = context.resolved(part.type)
        if found.is_param or (found in taken | {DYN, ERROR} and found.name != "list") or not context.env.checked:
            continue
        message = no_overload(function.name, [context.unifier.resolved(found, close=True)], member=False)
        return context.error("no-overload", message, part.expr.span, "each argument is one number")
    return None


def _gathered(context: Context, parts: list[Term], node: nodes.Call) -> Term:
    """`f(a, b, c)` of a function that takes any number: one list of them."""
    item: Type | None = None
    for part in parts:
        item = context.unifier.joined(item, part.type)
    assert item is not None
    span = Span(node.args[0].span.start, node.args[-1].span.end)
    elements = tuple((context.value(part), False) for part in parts)
    return Term(form.ListOf(span, elements), context.typed(Type("list", (item,))))


def _without_reading(context: Context, function: Function, parts: list[Term], node: nodes.Call) -> Term | None:
    """`size(a)` and `a.?b.hasValue()` of places, which read less than the whole."""
    if len(parts) != 1:
        return None
    expr = parts[0].expr
    if (
        function.name == "size"
        and isinstance(expr, form.Raw)
        and context.env.shapes[expr.shape].kind in {"list", "map"}
    ):
        return Term(form.Size(node.span, expr), INT)
    if function.name == "hasValue" and isinstance(expr, form.Maybe):
        return Term(has_value(context, parts[0], node.span), BOOL)
    return None


def _unknown(context: Context, node: nodes.Call, name: str, *, member: bool) -> Term:
    meaning = None if member else context.env.lookup(name)
    if meaning is not None and meaning.definition is not None:
        message = f"`{name}` is a definition, not a function"
        return context.error("unknown-function", message, node.name_span, f"write `{name}` without parentheses")
    if name in MACROS:
        return _miswritten_macro(context, node)
    known = {*context.env.function_names(), *MACROS}
    help = did_you_mean(name, {other for other in known if "." not in other or not member})
    help = help or "`assentry functions` lists those there are"
    return context.error("unknown-function", f"there is no function `{name}`", node.name_span, help)


MACROS = {
    "has": "write it as `has(a.b)`",
    "all": "write it as `list.all(x, condition)`",
    "exists": "write it as `list.exists(x, condition)`",
    "exists_one": "write it as `list.exists_one(x, condition)`",
    "existsOne": "write it as `list.existsOne(x, condition)`",
    "map": "write it as `list.map(x, value)` or `list.map(x, condition, value)`",
    "filter": "write it as `list.filter(x, condition)`",
    "transformList": "write it as `list.transformList(i, x, value)` or with a condition before the value",
    "transformMap": "write it as `map.transformMap(k, v, value)` or with a condition before the value",
    "transformMapEntry": "write it as `map.transformMapEntry(k, v, {key: value})` or with a condition before the entry",
    "optMap": "write it as `optional.optMap(x, value)`",
    "optFlatMap": "write it as `optional.optFlatMap(x, optional)`",
    "sortBy": "write it as `list.sortBy(x, key)`",
    "bind": "write it as `cel.bind(name, value, expression)`",
}
"""How each macro is written, for calls with the wrong number of arguments."""


# ---- names ----


def qualified(node: nodes.Node) -> str | None:
    """`a.b.c` of a chain of plain selections, else None."""
    names: list[str] = []
    while isinstance(node, nodes.Select) and not node.optional:
        names.append(node.field)
        node = node.operand
    if not isinstance(node, nodes.Ident):
        return None
    names.append(node.name)
    return ".".join(reversed(names))


def _leading(node: nodes.Node) -> nodes.Ident:
    while isinstance(node, nodes.Select):
        node = node.operand
    assert isinstance(node, nodes.Ident)
    return node


def _resolvable(context: Context, node: nodes.Node) -> bool:
    """Whether a chain of names means something up to some point."""
    first = _leading(node)
    if first.name in context.scope or context.env.open_world or not context.env.checked:
        return True
    while True:
        names = qualified(node)
        if names is not None and context.env.lookup(names, first.absolute) is not None:
            return True
        if not isinstance(node, nodes.Select):
            return False
        node = node.operand


def _namespace_help(context: Context, prefix: str, name: str) -> str | None:
    """A hint when `prefix` is a namespace of functions (`math`, a package), else None."""
    functions = context.env.function_names()
    within = sorted(known for known in functions if known.startswith(f"{prefix}."))
    if not within:
        return did_you_mean(name, {known for known in functions if "." in known})
    return did_you_mean(name, within) or (
        f"it has {one_of(within)}" if len(within) <= 8 else f"`{prefix}` has no such function"
    )


# ---- regular expressions ----


def _check_regex(context: Context, patterns: list[Term], args: tuple[nodes.Node, ...]) -> None:
    """Refuse a pattern that is written out and that RE2 cannot take."""
    if not patterns or not isinstance(patterns[0].expr, form.Lit) or not isinstance(patterns[0].expr.value, str):
        return
    if (reason := check_pattern(patterns[0].expr.value)) is not None:
        context.error(
            "bad-regex",
            f"RE2 cannot take this pattern: {reason}",
            args[0].span,
            "RE2 has no look-around and no back-references",
        )


# ---- operators ----


_COMPARISONS = frozenset({"_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_"})
_NUMBERS = frozenset({INT, UINT, DOUBLE})


def binary(context: Context, node: nodes.Binary) -> Term:
    """The term of `left operator right`."""
    if context.env.risk and (risk := _risk(context, node)) is not None:
        return risk
    left, right = context.infer(node.left), context.infer(node.right)
    if node.operator == "in":
        return _membership(context, left, right, node)
    if node.operator in {"==", "!="} and (found := _null_test(context, left, right, node)) is not None:
        return found
    return _operator(context, _OPERATORS[node.operator], (left, right), node)


def _operator(context: Context, function: str, terms: tuple[Term, Term], node: nodes.Binary) -> Term:
    left, right = map(context.read, terms)
    if context.env.mixed_numbers and function in _COMPARISONS:
        left, right = _as_double(context, left, right), _as_double(context, right, left)
    found = _resolved_operator(context, function, (left.type, right.type), node)
    if function in {"_==_", "_!=_", "@in"} and found.result != ERROR:
        refuse_impossible(context, left.expr, right.expr)
        refuse_impossible(context, right.expr, left.expr)
    return Term(form.Call(node.span, function, found.overload, (left.expr, right.expr)), found.result)


def _resolved_operator(context: Context, function: str, types: tuple[Type, Type], node: nodes.Binary) -> Resolution:
    if not context.env.checked:
        return Resolution("", DYN)
    known = (context.resolved(types[0]), context.resolved(types[1]))
    if ERROR in known:
        return Resolution("", ERROR)
    found = resolve(context.unifier, FUNCTIONS[function], known, member=False)
    if found is not None:
        return found
    if context.env.mixed_numbers and _are_numbers(function, *known):
        return Resolution("", BOOL)
    shown = [context.unifier.resolved(item, close=True) for item in known]
    texts = [context.text(node.left.span), context.text(node.right.span)]
    help = advice(function, shown, texts) or candidates(FUNCTIONS[function], shown, member=False)
    context.error("no-overload", no_overload(function, shown, member=False), node.operator_span, help)
    return Resolution("", BOOL if node.operator in _FLIPPED or node.operator in {"==", "!=", "in"} else ERROR)


def _null_test(context: Context, left: Term, right: Term, node: nodes.Binary) -> Term | None:
    """`action.target == null` where the schema has an object or null: all that can be asked of an object itself."""
    raw, other = (left.expr, right.expr) if isinstance(left.expr, form.Raw) else (right.expr, left.expr)
    if not (isinstance(raw, form.Raw) and isinstance(other, form.Lit) and other.value is None):
        return None
    shape = context.env.shapes[raw.shape]
    if shape.kind != "object":
        return None
    if not shape.nullable:
        return context.error("no-overload", f"`{context.text(raw.span)}` is never null", node.operator_span)
    test = form.IsNull(node.span, raw)
    return Term(test if node.operator == "==" else form.Not(node.span, test), BOOL)


def _as_double(context: Context, term: Term, other: Term) -> Term:
    """A whole number written where a double is compared, as that double: `amount >= 1000`."""
    value = term.expr.value if isinstance(term.expr, form.Lit) else None
    if type(value) is int and _number(context.resolved(other.type)) == DOUBLE and int(float(value)) == value:
        return Term(form.Lit(term.expr.span, float(value)), DOUBLE)
    return term


def _are_numbers(function: str, left: Type, right: Type) -> bool:
    """Whether two types can be compared by their numbers' values."""
    if function == "@in":
        right = right.params[0] if right.name in {"list", "map"} else right
    elif function not in _COMPARISONS:
        return False
    return _number(left) in _NUMBERS and _number(right) in _NUMBERS


def _number(item: Type) -> Type:
    """The type itself, or what a nullable one holds."""
    return item.params[0] if item.name == "wrapper" else item


def _membership(context: Context, left: Term, right: Term, node: nodes.Binary) -> Term:
    """`item in container`: a place is looked at element by element."""
    if not isinstance(right.expr, form.Raw):
        return _operator(context, "@in", (left, right), node)
    held = type_of_place(context, right.expr.shape)
    held = held.params[0] if held.name == "wrapper" else held
    item = context.read(left)
    if not held.is_object:
        _resolved_operator(context, "@in", (item.type, context.typed(held)), node)
    elif not context.unifier.assignable(item.type, STRING):
        context.error("no-overload", "a field's name is a string", node.left.span)
    return Term(form.Contains(node.span, item.expr, right.expr), context.typed(BOOL))


def _risk(context: Context, node: nodes.Binary) -> Term | None:
    """`risk >= 60` and `60 <= risk`; None when neither side is the name `risk`."""
    left, right = is_risk(context, node.left), is_risk(context, node.right)
    if not left and not right:
        return None
    bound = None if left and right else context.infer(node.right if left else node.left)
    if bound is None or node.operator not in _FLIPPED:
        return risk_misused(context, node.span)
    if bound.type == ERROR:
        return bound
    value = bound.expr.value if isinstance(bound.expr, form.Lit) else None
    if type(value) is not int:
        return risk_misused(context, (node.right if left else node.left).span)
    flipped = _FLIPPED[node.operator]
    operator = _FLIPPED[flipped] if left else flipped
    return Term(form.Risk(node.span, operator, value), BOOL)


def is_risk(context: Context, node: nodes.Node) -> bool:
    return isinstance(node, nodes.Ident) and node.name == "risk" and context.env.risk and "risk" not in context.scope


def risk_misused(context: Context, span: Span) -> Term:
    return context.error(
        "risk-use",
        "`risk` is only compared with a whole number, by `<`, `<=`, `>` or `>=`",
        span,
        "write it as `risk >= 60`",
    )


def unary(context: Context, node: nodes.Unary) -> Term:
    """`!a` and `-a`."""
    if node.operator == "!":
        return Term(form.Not(node.span, context.boolean(node.operand)), BOOL)
    operand = context.read(context.infer(node.operand))
    if not context.env.checked:
        return Term(form.Call(node.span, "-_", "", (operand.expr,)), DYN)
    known = context.resolved(operand.type)
    if known == ERROR:
        return operand
    found = resolve(context.unifier, FUNCTIONS["-_"], (known,), member=False)
    if found is None:
        shown = [context.unifier.resolved(known, close=True)]
        message = no_overload("-_", shown, member=False)
        return context.error("no-overload", message, node.span, candidates(FUNCTIONS["-_"], shown, member=False))
    return Term(form.Call(node.span, "-_", found.overload, (operand.expr,)), found.result)
