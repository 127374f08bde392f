"""Index: which rules an action can meet at all, by its name.

A rule is left out of an action's bucket only when one of its conditions is false whatever else the
action holds: an equality with another name, a list of other names. The name's own read is checked
first, and a name that does not fit its schema leaves nothing out (language page, "How it decides", 6).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assentry.code import form
from assentry.compiler.digest import digest
from assentry.compiler.fold import Folded
from assentry.compiler.infer import Inferred
from assentry.compiler.schema import Schema
from assentry.source import Span
from assentry.version import LANGUAGE

PATH = ("action", "name")

# The names for which a condition can be other than false; None: no telling.
Names = frozenset[str] | None


def index(folded: Folded) -> form.Form:
    """The whole compiled form, with its index on the action's name."""
    read = _name_read(folded.schema)
    return form.Form(
        files=tuple(form.FileForm(source.name, source.text) for source in folded.sources),
        shapes=folded.schema.shapes,
        default=folded.default,
        definitions=folded.definitions,
        rules=folded.rules,
        index=_index(folded, read),
        digest=digest(folded.inputs),
        language=LANGUAGE,
    )


def _index(program: Inferred, read: form.Fit | None) -> form.IndexForm:
    if read is None:
        return form.IndexForm(None, tuple(range(len(program.rules))), ())
    definitions: list[Names] = []
    for definition in program.definitions:
        definitions.append(_any(_every(head.conditions, definitions) for head in definition.heads))
    always: list[int] = []
    buckets: dict[str, list[int]] = {}
    for number, rule in enumerate(program.rules):
        names = _every(rule.conditions, definitions)
        if names is None:
            always.append(number)
        else:
            for name in names:
                buckets.setdefault(name, []).append(number)
    return form.IndexForm(read, tuple(always), tuple((name, tuple(buckets[name])) for name in sorted(buckets)))


def _name_read(schema: Schema) -> form.Fit | None:
    """The checked read of `action.name`, when the schema has it as a required text."""
    root = next((root for root in schema.roots if root.name == PATH[0]), None)
    if root is None:
        return None
    field = schema.shapes[root.shape].property(PATH[1])
    if field is None or schema.shapes[field.shape].kind != "string":
        return None
    nowhere = Span(0, 0)
    place = form.Root(nowhere, root.shape, root.name, root.required)
    return form.Fit(nowhere, form.Field(nowhere, field.shape, place, field.name, field.required))


def _every(conditions: Sequence[form.Expr], definitions: Sequence[Names]) -> Names:
    """AND: only names that every telling condition admits."""
    result: Names = None
    for condition in conditions:
        names = _names(condition, definitions)
        if names is not None:
            result = names if result is None else result & names
    return result


def _any(alternatives: Iterable[Names]) -> Names:
    """OR: the names of all alternatives, when all tell."""
    result: frozenset[str] = frozenset()
    for names in alternatives:
        if names is None:
            return None
        result |= names
    return result


def _names(condition: form.Expr, definitions: Sequence[Names]) -> Names:
    match condition:
        case form.Lit(value=False):
            return frozenset()
        case form.Call(function="_==_", args=(left, form.Lit(value=str(name)))) if _is_name(left):
            return frozenset({name})
        case form.Call(function="_==_", args=(form.Lit(value=str(name)), right)) if _is_name(right):
            return frozenset({name})
        case form.Call(function="@in", args=(item, form.Lit(value=list(names)))) if _is_name(item):
            return frozenset(name for name in names if isinstance(name, str))
        case form.And(operands=operands):
            return _every(operands, definitions)
        case form.Or(operands=operands):
            return _any([_names(operand, definitions) for operand in operands])
        case form.Inlined(body=body):
            return _names(body, definitions)
        case form.Define(index=number):
            return definitions[number]
        case _:
            return None


def _is_name(expr: form.Expr) -> bool:
    match expr:
        case form.Fit(raw=form.Field(base=form.Root(name=root), name=field)):
            return (root, field) == PATH
        case _:
            return False
