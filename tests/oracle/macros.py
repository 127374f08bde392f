"""The macros of CEL, each the way its definition reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from assentry.cel import nodes
from assentry.errors import EvaluationError, Kind
from assentry.values import runtime
from assentry.values.limits import MAX_LIST, Scale
from assentry.values.registry import dispatch
from tests.oracle import cel
from tests.oracle.outcome import Failed, applied, misworked
from tests.oracle.place import Place

Macro = Callable[[cel.Scope], Any]

QUANTIFIERS = {"all": "all", "exists": "exists", "exists_one": "exists_one", "existsOne": "exists_one"}
TRANSFORMS = {"transformList", "transformMap", "transformMapEntry"}


def expand(node: nodes.Call, name: str) -> Macro | None:
    """What a call does when it is a macro, else None."""
    args = node.args
    variables = [arg.name for arg in args[:2] if isinstance(arg, nodes.Ident) and not arg.absolute]
    if name == "has" and len(args) == 1 and isinstance(select := args[0], nodes.Select):
        return lambda scope: cel.has(select, node.span, scope)
    if name == "cel.bind" and len(args) == 3 and variables:
        return lambda scope: bind(variables[0], args[1], args[2], scope)
    target, word = node.target, node.function
    if target is None or not variables:
        return None
    if word in ("optMap", "optFlatMap") and len(args) == 2:
        return lambda scope: opt_map(target, variables[0], args[1], node, scope)
    if word in QUANTIFIERS and len(args) in (2, 3):
        names = variables[: len(args) - 1]
        return lambda scope: quantify(QUANTIFIERS[word], names, args[-1], node, scope)
    if word == "filter" and len(args) == 2:
        return lambda scope: [value for _, value in kept(variables[:1], args[1], args[0], node, scope)]
    if word == "map" and len(args) in (2, 3):
        where = args[1] if len(args) == 3 else None
        return lambda scope: [value for _, value in built(variables[:1], where, args[-1], node, scope)]
    if word == "sortBy" and len(args) == 2:
        return lambda scope: sort_by(target, variables[0], args[1], node, scope)
    if word in TRANSFORMS and len(args) in (3, 4) and len(variables) == 2:
        where = args[2] if len(args) == 4 else None
        return lambda scope: transform(word, variables, where, args[-1], node, scope)
    return None


def bind(name: str, value: nodes.Node, body: nodes.Node, scope: cel.Scope) -> Any:
    """The value is in error only where the body uses it, and a place is read only as far as the body does."""
    later = cel.Suspended(lambda: cel.look(value, scope))
    return cel.evaluate_node(body, scope.where({name: later}))


def opt_map(target: nodes.Node, name: str, body: nodes.Node, node: nodes.Call, scope: cel.Scope) -> Any:
    optional = cel.look(target, scope)
    if isinstance(optional, cel.Perhaps) and optional.place is not None:
        optional.place.shallow()
        held: Any = optional.place
    elif isinstance(optional, cel.Perhaps):
        return runtime.NONE
    elif not isinstance(optional, runtime.Optional):
        raise misworked(scope.source, node.span, "a value", Kind.NO_SUCH_OVERLOAD.value)
    elif not optional.present:
        return runtime.NONE
    else:
        held = optional.value
    mapped = cel.evaluate_node(body, scope.where({name: held}))
    return runtime.Optional.of(mapped) if node.function == "optMap" else mapped


def rounds(names: Sequence[str], node: nodes.Call, scope: cel.Scope) -> Iterator[tuple[Any, Any, cel.Scope]]:
    """Each turn of a loop: the index or key, the element, and the scope in which its body stands."""
    assert node.target is not None
    base = cel.look(node.target, scope)
    if isinstance(base, cel.Perhaps):
        base = base.read()
    if isinstance(base, Place) and base.spec.kind == "any" and len(names) == 2:
        base = base.deep()  # whether it is a list or a map is known only when it is read
    if isinstance(base, Place):
        pairs: list[tuple[Any, Any]] = [*cel.turns(base)]
    else:
        pairs = applied(scope.source, node.span, lambda: value_pairs(base))
    over_map = type(base.there if isinstance(base, Place) else base) is dict
    for key, element in pairs:
        single = key if over_map else element
        values = (single,) if len(names) == 1 else (key, element)
        yield key, single, scope.where(dict(zip(names, values, strict=True)))


def value_pairs(base: Any) -> list[tuple[Any, Any]]:
    if not isinstance(base, list | dict):
        raise EvaluationError(Kind.NO_SUCH_OVERLOAD)
    if len(base) > MAX_LIST:
        raise EvaluationError(Kind.LIMIT)
    if isinstance(base, list):
        return list(enumerate(base))
    return [(runtime.key_value(key), base[key]) for key in runtime.sorted_keys(base)]


def quantify(kind: str, names: Sequence[str], predicate: nodes.Node, node: nodes.Call, scope: cel.Scope) -> bool:
    """`all` and `exists` absorb errors over the elements; `exists_one` looks at every one of them."""
    first: Failed | None = None
    count = 0
    for _, _, inner in rounds(names, node, scope):
        try:
            holds = cel.truth(predicate, inner)
        except Failed as failure:
            if kind == "exists_one":
                raise
            first = first or failure
            continue
        if kind != "exists_one" and holds is (kind == "exists"):
            return holds
        count += holds
    if first is not None:
        raise first
    return count == 1 if kind == "exists_one" else kind == "all"


def kept(
    names: Sequence[str], where: nodes.Node | None, body: nodes.Node, node: nodes.Call, scope: cel.Scope
) -> Iterator[tuple[Any, Any]]:
    """Key and body's value for each turn whose `where` holds; the first error ends it."""
    for key, _, inner in rounds(names, node, scope):
        if where is None or cel.truth(where, inner):
            yield key, cel.evaluate_node(body, inner)


def sort_by(target: nodes.Node, name: str, key: nodes.Node, node: nodes.Call, scope: cel.Scope) -> Any:
    """The list in the order of its keys; the list is read whole."""
    base = cel.evaluate_node(target, scope)
    pairs = applied(scope.source, node.span, lambda: value_pairs(base))
    scale, keys = Scale(), []
    for _, element in pairs:
        keys.append(cel.evaluate_node(key, scope.where({name: element})))
        applied(scope.source, node.span, partial(scale.add, keys[-1]))
    return applied(scope.source, node.span, lambda: dispatch("@sortByAssociatedKeys", [base, keys], True))


def built(
    names: Sequence[str], where: nodes.Node | None, body: nodes.Node, node: nodes.Call, scope: cel.Scope
) -> Iterator[tuple[Any, Any]]:
    """As `kept`, as long as all values together are not too large."""
    scale = Scale()
    for key, value in kept(names, where, body, node, scope):
        applied(scope.source, node.span, partial(scale.add, value))
        yield key, value


def transform(
    word: str, names: Sequence[str], where: nodes.Node | None, body: nodes.Node, node: nodes.Call, scope: cel.Scope
) -> Any:
    turns = built(names, where, body, node, scope)
    if word == "transformList":
        return [value for _, value in turns]
    if word == "transformMap":
        return {runtime.map_key(key): value for key, value in turns}
    result: dict[Any, Any] = {}
    for _, entry in turns:
        if not isinstance(entry, dict):
            raise misworked(scope.source, node.span, "a value", Kind.NO_SUCH_OVERLOAD.value)
        for key, value in entry.items():
            plain = runtime.key_value(key)
            applied(scope.source, node.span, partial(cel.insert, result, plain, value))
    return result
