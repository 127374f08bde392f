"""Functions of the rule language: each call becomes the function's body with its arguments in place.

Arguments go in by name, as CEL's purity allows: an argument that the body does not use is never read and
never errs. A place stays a place; any other argument that is used more than once is computed once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assentry.cel import nodes
from assentry.cel.context import Context, Term, conjunction
from assentry.cel.environment import Function, FunctionHead
from assentry.cel.rebuild import with_children
from assentry.code import form
from assentry.diagnostics import Related
from assentry.values.types import BOOL


def inline(context: Context, function: Function, args: Sequence[Term], node: nodes.Call) -> Term:
    """The term of a call of a rule-language function."""
    wanted = len(function.heads[0].params)
    if len(args) != wanted:
        takes = f"{wanted} argument{'' if wanted == 1 else 's'}"
        message = f"`{node.function}` takes {takes}, not {len(args)}"
        params = ", ".join(function.heads[0].params)
        return context.error("wrong-arity", message, node.span, f"write it as `{node.function}({params})`")
    bound = [_Argument(context, term, arg) for term, arg in zip(args, node.args, strict=True)]
    heads = tuple(_head(context, function, head, bound, node) for head in function.heads)
    body: form.Expr = heads[0] if len(heads) == 1 else form.Or(node.span, heads)
    for argument in bound:
        body = argument.placed(context, body)
    return Term(body, BOOL)


class _Argument:
    """An argument of one call: a term to repeat at each use, or a variable that stands for it meanwhile."""

    def __init__(self, context: Context, term: Term, node: nodes.Node) -> None:
        self.file = context.env.file
        self.node = node
        self.value: form.Expr | None = None
        self.term = term
        if not isinstance(term.expr, form.Raw | form.Maybe | form.Lit | form.Var):
            self.value = term.expr
            self.term = context.variable("argument", term.type, node.span)

    def within(self, file: int) -> Term:
        """What stands for the argument in a body of another file."""
        if file == self.file:
            return self.term
        return replace(self.term, origin=self.file)

    def placed(self, context: Context, body: form.Expr) -> form.Expr:
        """The body with the argument put where its variable stands."""
        if self.value is None or not isinstance(self.term.expr, form.Var):
            return body
        name = self.term.expr.name
        if context.uses[name] == 0:
            return body
        if context.uses[name] == 1:
            return _substituted(body, name, self.file, self.value)
        return form.Let(self.node.span, name, self.value, body)


def _head(
    context: Context, function: Function, head: FunctionHead, bound: Sequence[_Argument], node: nodes.Call
) -> form.Expr:
    """One head's conditions, in the names of its own file and with the parameters bound."""
    names = {param: argument.within(head.file) for param, argument in zip(head.params, bound, strict=True)}
    before = context.env, context.source, context.scope, context.calls
    context.env = replace(head.environment or context.env, file=head.file)
    context.calls = (Related("called from here", context.source, node.span), *context.calls)
    context.source, context.scope = head.source, names
    try:
        conditions = tuple([context.boolean(condition) for condition in head.conditions])
    finally:
        context.env, context.source, context.scope, context.calls = before
    body = conjunction(head.conditions[0].span, conditions)
    return form.Inlined(node.span, function.name, head.file, body)


def _substituted(expr: form.Expr, name: str, file: int, value: form.Expr) -> form.Expr:
    """The expression with the one use of a variable replaced by a value of another file."""
    if isinstance(expr, form.Var) and expr.name == name:
        return form.Inlined(expr.span, "", file, value)
    return with_children(expr, tuple([_substituted(child, name, file, value) for child in form.children(expr)]))
