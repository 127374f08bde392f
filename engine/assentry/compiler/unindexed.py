"""Which rules the index cannot help, and why: every action evaluates them."""

from __future__ import annotations

from collections.abc import Iterator

from assentry.code import form
from assentry.diagnostics import Diagnostic
from assentry.source import Source

_HELP = (
    'compare one field with constants, as `resource.type == "table"` or `has(action.destination)` do, to narrow it down'
)


def unindexed(compiled: form.Form) -> Iterator[Diagnostic]:
    """A warning for each rule that has no test for the index, at its head, with what its conditions do instead."""
    sources = [Source(file.name, file.text) for file in compiled.files]
    for rule, known in zip(compiled.rules, compiled.index.rules, strict=True):
        if not known.tests:
            reasons = dict.fromkeys(_why(condition) for condition in rule.conditions)
            why = ", ".join(reasons) or "it has no conditions"
            message = f"every action evaluates `{rule.id}`: {why}"
            yield Diagnostic("not-indexed", message, sources[rule.file], rule.span, _HELP, severity="warning")


def _why(condition: form.Expr) -> str:
    match condition:
        case form.Not(operand=operand):
            return _why(operand)
        case form.Inlined(body=body):
            return _why(body)
        case form.Lit():
            return "a condition is a constant"
        case form.Risk():
            return "`risk` is known only when the other rules are decided"
        case form.Loop():
            return "a condition looks at all elements"
        case form.Or() | form.And():
            return "alternatives do not all compare one field with constants"
        case form.Define():
            return "the alternatives of a definition do not all compare one field with constants"
        case form.Call(function=name, args=args) if sum(isinstance(arg, form.Fit) for arg in args) > 1:
            return "a condition compares two fields" if name.startswith(("_", "@")) else f"`{name}` has to be called"
        case form.Call(function=name) if not name.startswith(("_", "@")):
            return f"`{name}` has to be called"
        case _:
            return "a condition compares what has to be worked out first"
