"""Which places a function reads more than once, and the statements that read those first.

A map on many ways, a value that many rules compare and a list that many rules search are looked up and
checked once, at the head of the function. Nothing there raises: what does not fit is `UNFIT`, and only
a rule that uses it errs.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator

from assentry.code import access, form
from assentry.code.emit import Emitter
from assentry.code.reads import Route, route

OFTEN = 2
"""Uses from which on a place is read at the head of the function."""


def prelude(emitter: Emitter, conditions: Iterable[form.Expr]) -> list[ast.stmt]:
    """The statements, and in `emitter.hoisted` the variables that they fill."""
    maps, values, lists = _uses(emitter, conditions)
    statements: list[ast.stmt] = []
    for where, raw in sorted(maps.items(), key=lambda each: len(each[0])):
        name = emitter.fresh()
        statements.append(emitter.assign(name, emitter.holder(raw)))
        emitter.hoisted.maps[where] = name
    for where, raw in lists.items():
        name = emitter.fresh()
        statements.append(emitter.assign(name, emitter.checked_list(raw, _or_unfit(emitter, raw))))
        emitter.hoisted.lists[where] = name
    for where, raw in values.items():
        if where not in lists:
            statements += _value(emitter, where, raw)
    return statements


def _value(emitter: Emitter, where: Route, raw: form.Raw) -> Iterator[ast.stmt]:
    name = emitter.fresh()
    test = emitter.settled(raw.shape, emitter.name(name), name)
    if test is None:
        # Costly to read: only once something asks for it.
        yield emitter.assign(name, emitter.given("UNSET", access.UNSET))
        emitter.hoisted.later[where] = name
        return
    yield emitter.assign(name, _or_unfit(emitter, raw))
    unusual = emitter.placed(ast.UnaryOp(ast.Not(), test))
    reader = emitter.reader("quiet", raw.shape, access.quiet)
    yield emitter.when(unusual, emitter.assign(name, emitter.call(reader, emitter.name(name))))
    emitter.hoisted.values[where] = name


def _or_unfit(emitter: Emitter, raw: form.Raw) -> ast.expr:
    """What stands at a place, or `UNFIT`."""
    holder = emitter.holder(raw.base) if isinstance(raw, form.Field) else emitter.name("action")
    assert isinstance(raw, form.Field | form.Root)
    return emitter.method(holder, "get", emitter.constant(raw.name), emitter.unfit())


_Places = dict[Route, form.Raw]


def _uses(emitter: Emitter, conditions: Iterable[form.Expr]) -> tuple[_Places, _Places, _Places]:
    """Maps that are passed through, values that are read and lists that are searched, each often."""
    counts: dict[str, Counter[Route]] = {"maps": Counter(), "values": Counter(), "lists": Counter()}
    places: _Places = {}

    def use(way: str, raw: form.Raw) -> None:
        where = route(raw)
        if where is not None:
            counts[way][where] += 1
            places[where] = raw

    for node in _nodes(emitter, conditions):
        match node:
            case form.Field(base=base):
                use("maps", base)
            case form.Fit(raw=raw):
                use("values", raw)
                use("lists", raw)
            case form.Contains(raw=raw) | form.Size(raw=raw) | form.Loop(range=form.Raw() as raw):
                use("lists", raw)
                use("maps", raw)
    often = {way: [where for where, count in counter.items() if count >= OFTEN] for way, counter in counts.items()}
    maps = {where: places[where] for where in often["maps"] if _is(emitter, places[where], "map", "object", "any")}
    lists = {where: places[where] for where in often["lists"] if emitter.elements(places[where]) is not None}
    return maps, {where: places[where] for where in often["values"]}, lists


def _is(emitter: Emitter, raw: form.Raw, *shapes: str) -> bool:
    return emitter.shapes[raw.shape].kind in shapes


def _nodes(emitter: Emitter, conditions: Iterable[form.Expr]) -> Iterator[form.Expr]:
    """All nodes that the function's own code evaluates."""
    waiting = list(conditions)
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(form.children(node))
        if isinstance(node, form.Define) and emitter.is_inlined(node.index):
            waiting.extend(condition for head in emitter.definitions[node.index].heads for condition in head.conditions)
