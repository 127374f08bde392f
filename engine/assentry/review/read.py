"""Which places of the document some rules looked at: what they decide by, and what their reasons print."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from assentry.code import form
from assentry.code.references import conditions_of, needed
from assentry.review.paths import ANY, Path


def read_by(compiled: form.Form, rules: Collection[str]) -> frozenset[Path]:
    """The places that the conditions and reasons of the rules with these ids read, definitions included."""
    chosen = [rule for rule in compiled.rules if rule.id in rules]
    conditions = [condition for rule in chosen for condition in rule.conditions]
    for index in needed(compiled.definitions, conditions):
        conditions += conditions_of(compiled.definitions[index])
    printed = [part for rule in chosen for part in rule.reason if isinstance(part, form.Raw)]
    return frozenset(place for expr in (*conditions, *printed) for place in places(expr))


def places(expr: form.Expr) -> Iterator[Path]:
    """The places that one expression reads."""
    # Names of variables are unique within an expression, and a loop is met before its body.
    names: dict[str, Path] = {}
    waiting: list[form.Expr] = [expr]
    while waiting:
        node = waiting.pop()
        if isinstance(node, form.Loop) and isinstance(node.range, form.Raw):
            elements = (*_steps(node.range, names), ANY)
            names.update((name, elements) for name in (node.first, node.second) if name is not None)
        if isinstance(node, form.Has):
            # Whether it is there also shows where it is hidden.
            waiting.extend(_keys(node.field))
        elif isinstance(node, form.Raw):
            yield _steps(node, names)
            waiting.extend(_keys(node))
        else:
            waiting.extend(form.children(node))


def _steps(raw: form.Raw, names: dict[str, Path]) -> Path:
    match raw:
        case form.Root(name=name):
            return (name,)
        case form.Item(name=name):
            return names.get(name, ())
        case form.Field(base=base, name=name):
            return (*_steps(base, names), name)
        case form.Element(base=base, key=form.Lit(value=str() as key)):
            return (*_steps(base, names), key)
        case form.Element(base=base):
            return (*_steps(base, names), ANY)
        case _:
            return ()


def _keys(raw: form.Raw) -> Iterable[form.Expr]:
    """The expressions within a place: what its elements are chosen by."""
    while isinstance(raw, form.Field | form.Element):
        if isinstance(raw, form.Element):
            yield raw.key
        raw = raw.base
