"""The obvious slow interpreter of CEL over its syntax tree.

`look` gives a value, a `Place` (a raw place of the input that nothing has read yet) or a `Perhaps` (what
`.?` makes of one); `evaluate_node` reads it. An error is a `Failed` with its causes. Macros stand in `macros.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from assentry.cel import nodes
from assentry.cel.parse import parse
from assentry.diagnostics import Diagnostic
from assentry.errors import CompileError, EvaluationError, Kind
from assentry.source import Source, Span
from assentry.values import equality, registry, runtime
from assentry.values.containers import position
from assentry.values.limits import MAX_LIST
from tests.oracle.outcome import Cause, Failed, applied, misworked, united
from tests.oracle.place import MISSING, Place


@dataclass(frozen=True)
class Suspended:
    """A binding that is evaluated where it is used: a function's argument, a definition, a `cel.bind`."""

    look: Callable[[], Any]


@dataclass(frozen=True)
class Perhaps:
    """A place behind `.?` or `[?`: None when it is absent. Reading it gives an optional value."""

    place: Place | None

    def read(self) -> runtime.Optional:
        return runtime.NONE if self.place is None else runtime.Optional.of(self.place.deep())

    def is_there(self) -> bool:
        """`hasValue()`: an object has to be one, anything else is read."""
        if self.place is not None:
            self.place.shallow() if self.place.spec.kind == "object" else self.place.deep()
        return self.place is not None


class World(Protocol):
    """What names and functions mean outside an expression; `container` is where names are looked up first."""

    @property
    def container(self) -> str: ...

    def name(self, dotted: str, absolute: bool) -> Any:
        """The binding of a dotted name, or MISSING."""

    def function(self, name: str) -> Callable[[Sequence[nodes.Node], Scope], Any] | None:
        """A function of the rule set, or None."""


@dataclass(frozen=True)
class Scope:
    """The file that an expression stands in, what is outside it, and its local variables."""

    source: Source
    world: World
    local: Mapping[str, Any] = field(default_factory=dict)

    def where(self, bindings: Mapping[str, Any]) -> Scope:
        return Scope(self.source, self.world, {**self.local, **bindings})


def dotted(node: nodes.Node) -> list[str] | None:
    """`["a", "b"]` for the plain chain `a.b`."""
    if isinstance(node, nodes.Ident):
        return [node.name]
    if isinstance(node, nodes.Select) and not node.optional:
        before = dotted(node.operand)
        return None if before is None else [*before, node.field]
    return None


def root(node: nodes.Node) -> nodes.Node:
    while isinstance(node, nodes.Select):
        node = node.operand
    return node


def full_names(name: str, absolute: bool, container: str) -> list[str]:
    """What a name may stand for, from the container outward."""
    parts = [] if absolute or not container else container.split(".")
    return [".".join([*parts[:length], name]) for length in range(len(parts), -1, -1)]


def bound(node: nodes.Node, scope: Scope) -> Any:
    """What a whole dotted name is bound to, or MISSING."""
    names = dotted(node)
    first = root(node)
    if names is None or not isinstance(first, nodes.Ident):
        return MISSING
    if not first.absolute and names[0] in scope.local:
        found = scope.local[names[0]] if len(names) == 1 else MISSING
    else:
        found = scope.world.name(".".join(names), first.absolute)
    return found.look() if isinstance(found, Suspended) else found


def look(node: nodes.Node, scope: Scope) -> Any:
    """The value of an expression, or the place in the input that it names."""
    found = bound(node, scope)
    if found is not MISSING:
        return found
    match node:
        case nodes.Literal():
            return runtime.Uint(str(node.value)) if node.kind == "uint" else node.value
        case nodes.Ident():
            raise misworked(scope.source, node.span, "a value", Kind.UNBOUND.value)
        case nodes.Select():
            return select(node, scope)
        case nodes.Index():
            return index(node, scope)
        case nodes.And():
            return connect(node.operands, scope, absorbing=False)
        case nodes.Or():
            return connect(node.operands, scope, absorbing=True)
        case nodes.Ternary():
            chosen = node.then if truth(node.condition, scope) else node.otherwise
            return evaluate_node(chosen, scope)
        case nodes.Unary(operator="!"):
            return not truth(node.operand, scope)
        case nodes.Unary():
            return strict("-_", [node.operand], node, scope)
        case nodes.Binary(operator="in"):
            return contains(node, scope)
        case nodes.Binary():
            return strict(f"_{node.operator}_", [node.left, node.right], node, scope)
        case nodes.ListLiteral():
            return list_literal(node, scope)
        case nodes.MapLiteral():
            return map_literal(node, scope)
        case nodes.Call():
            return call(node, scope)
    raise misworked(scope.source, node.span, "a value", Kind.UNBOUND.value)


def evaluate_node(node: nodes.Node, scope: Scope) -> Any:
    """The value of an expression; a place is read whole."""
    found = look(node, scope)
    if isinstance(found, Perhaps):
        return found.read()
    return found.deep() if isinstance(found, Place) else found


def truth(node: nodes.Node, scope: Scope) -> bool:
    """The value of a condition: true or false, or the error that it is something else."""
    value = evaluate_node(node, scope)
    if not isinstance(value, bool):
        raise misworked(scope.source, node.span, "bool", runtime.type_name(value))
    return value


def connect(operands: Sequence[nodes.Node], scope: Scope, absorbing: bool) -> bool:
    """`&&` (absorbing false) and `||` (absorbing true): the absorbing value wins over any error, in any order."""
    causes: set[Cause] = set()
    for operand in operands:
        try:
            if truth(operand, scope) is absorbing:
                return absorbing
        except Failed as failure:
            causes |= failure.causes
    if causes:
        raise Failed(causes)
    return not absorbing


def all_of(operands: Iterable[nodes.Node], scope: Scope) -> list[Any]:
    """All the values, or all the causes."""
    return united([partial(evaluate_node, operand, scope) for operand in operands])


def strict(function: str, operands: Sequence[nodes.Node], node: nodes.Node, scope: Scope, member: bool = False) -> Any:
    """A function of values: all arguments first, then the leaf."""
    args = all_of(operands, scope)
    return applied(scope.source, node.span, lambda: registry.dispatch(function, args, member))


# ---- fields and elements ----


def select(node: nodes.Select, scope: Scope) -> Any:
    base = look(node.operand, scope)
    if isinstance(base, Perhaps):
        return perhaps(base.place, node.field)
    if isinstance(base, Place):
        return perhaps(base, node.field) if node.optional else base.field(node.field)
    if node.optional:
        return applied(scope.source, node.span, lambda: registry.dispatch("_?._", [base, node.field], False))
    return applied(scope.source, node.span, lambda: field_of(base, node.field))


def perhaps(base: Place | None, name: str) -> Perhaps:
    """The field of a place as an optional: only an absent optional field is none."""
    if base is None:
        return Perhaps(None)
    place = base.field(name)
    return Perhaps(None if place.there is MISSING and not base.demands(name) else place)


def field_of(value: Any, name: str) -> Any:
    if isinstance(value, runtime.Optional):
        return registry.dispatch("_?._", [value, name], False)
    if not isinstance(value, dict):
        raise EvaluationError(Kind.NO_SUCH_OVERLOAD)
    if name not in value:
        raise EvaluationError(Kind.NO_SUCH_KEY)
    return value[name]


def has(node: nodes.Select, span: Span, scope: Scope) -> bool:
    base = look(node.operand, scope)
    if isinstance(base, Place | Perhaps):
        found = perhaps(base.place if isinstance(base, Perhaps) else base, node.field)
        if found.place is not None:
            found.place.shallow()
        return found.place is not None
    if isinstance(base, runtime.Optional):
        if not base.present:
            return False
        base = base.value
    if not isinstance(base, dict):
        raise misworked(scope.source, span, "a value", Kind.NO_SUCH_OVERLOAD.value)
    return node.field in base


def index(node: nodes.Index, scope: Scope) -> Any:
    base, key = united([lambda: collection(node.operand, scope), lambda: evaluate_node(node.index, scope)])
    if isinstance(base, Perhaps) and base.place is None:
        return base
    if not isinstance(base, Place | Perhaps):
        function = "_[?_]" if node.optional else "_[_]"
        return applied(scope.source, node.span, lambda: registry.dispatch(function, [base, key], False))
    holder: Any = base.place if isinstance(base, Perhaps) else base
    place, absent = applied(scope.source, node.span, lambda: element(holder, key))
    if node.optional or isinstance(base, Perhaps):
        return Perhaps(place)
    if place is None:
        raise misworked(scope.source, node.span, "a value", absent)
    return place


def element(base: Place, key: Any) -> tuple[Place | None, str]:
    """The place of `base[key]`, or None and why there is none."""
    if type(base.there) is list:
        at = position(key, len(base.there))
        return (base.sequence()[at] if at >= 0 else None), Kind.INDEX.value
    there = isinstance(key, str) and key in base.there and base.counts(key)
    return (base.field(key) if there else None), Kind.NO_SUCH_KEY.value


def contains(node: nodes.Binary, scope: Scope) -> bool:
    """`item in list` element by element, `key in map` by key."""
    item, base = united([lambda: evaluate_node(node.left, scope), lambda: collection(node.right, scope)])
    if isinstance(base, Perhaps):
        base = base.read()
    if not isinstance(base, Place):
        return bool(applied(scope.source, node.span, lambda: registry.dispatch("@in", [item, base], False)))
    if type(base.there) is dict:
        return isinstance(item, str) and item in base.there and base.counts(item)
    first: Failed | None = None
    for _, place in turns(base):
        try:
            if equality.equal(item, place.deep()):
                return True
        except Failed as failure:
            first = first or failure
    if first is not None:
        raise first
    return False


def collection(node: nodes.Node, scope: Scope) -> Any:
    """A place (or the place behind an optional) with a list or map in it, or a value."""
    found = look(node, scope)
    place = found.place if isinstance(found, Perhaps) else found
    if isinstance(place, Place):
        place.container()
    return found


def turns(base: Place) -> list[tuple[int | str, Place]]:
    """Index and place of each element of a raw list, or key and place of each entry of a raw map, keys sorted."""
    there = base.container()
    if len(there) > MAX_LIST:
        raise base.misfit("too long")
    if isinstance(there, list):
        return list(enumerate(base.sequence()))
    if any(type(key) is not str for key in there):
        raise base.misfit("unsupported")
    return [(key, base.field(key)) for key in sorted(there) if base.counts(key)]


# ---- literals and calls ----


def list_literal(node: nodes.ListLiteral, scope: Scope) -> list[Any]:
    values = all_of([part for part, _ in node.elements], scope)
    result = []
    for value, (_, optional) in zip(values, node.elements, strict=True):
        if not optional:
            result.append(value)
        elif not isinstance(value, runtime.Optional):
            raise misworked(scope.source, node.span, "a value", Kind.NO_SUCH_OVERLOAD.value)
        elif value.present:
            result.append(value.value)
    return result


def map_literal(node: nodes.MapLiteral, scope: Scope) -> dict[Any, Any]:
    parts = [part for key, value, _ in node.entries for part in (key, value)]
    values = all_of(parts, scope)
    result: dict[Any, Any] = {}
    for at, (_, _, optional) in enumerate(node.entries):
        key, value = values[2 * at], values[2 * at + 1]
        if optional and not isinstance(value, runtime.Optional):
            raise misworked(scope.source, node.span, "a value", Kind.NO_SUCH_OVERLOAD.value)
        if optional and not value.present:
            continue
        held = value.value if optional else value
        applied(scope.source, node.span, partial(insert, result, key, held))
    return result


def insert(into: dict[Any, Any], key: Any, value: Any) -> None:
    """An entry more; a key that is there already, also as a number of another type, is an error."""
    key = runtime.map_key(key)
    if key in into:
        raise EvaluationError(Kind.DUPLICATE_KEY)
    into[key] = value


def call(node: nodes.Call, scope: Scope) -> Any:
    """A macro, a function of the rule set, a namespaced function (`math.abs(x)`), or a method or function."""
    from tests.oracle.macros import expand

    qualifier = None if node.target is None else dotted(node.target)
    qualified = qualifier is not None and (qualifier[0] not in scope.local)
    name = ".".join([*(qualifier or []), node.function]) if qualified else node.function
    absolute = node.absolute if node.target is None else getattr(root(node.target), "absolute", False)
    macro = expand(node, name)
    if macro is not None:
        return macro(scope)
    if node.target is None or qualified:
        own = scope.world.function(name)
        if own is not None:
            return own(node.args, scope)
        known = [full for full in full_names(name, absolute, scope.world.container) if full in registry.FUNCTIONS]
        name, qualified = known[0] if known else name, qualified and bool(known)
    if node.target is None or qualified:
        return sized(node, node.args, scope) if name == "size" else strict(name, node.args, node, scope)
    if node.function == "size":
        return sized(node, [node.target], scope)
    if node.function == "hasValue" and not node.args and isinstance(found := look(node.target, scope), Perhaps):
        return found.is_there()
    if node.function in ("or", "orValue") and len(node.args) == 1:
        return alternative(node, node.target, scope)
    return strict(node.function, [node.target, *node.args], node, scope, member=True)


def alternative(node: nodes.Call, target: nodes.Node, scope: Scope) -> Any:
    """`a.or(b)` and `a.orValue(b)`: b is evaluated only when a is none."""
    first = evaluate_node(target, scope)
    if not isinstance(first, runtime.Optional):
        raise misworked(scope.source, node.span, "a value", Kind.NO_SUCH_OVERLOAD.value)
    if first.present:
        return first if node.function == "or" else first.value
    second = evaluate_node(node.args[0], scope)
    return applied(scope.source, node.span, lambda: registry.dispatch(node.function, [first, second], True))


def sized(node: nodes.Call, operands: Sequence[nodes.Node], scope: Scope) -> Any:
    """`size()` of a raw list or map does not read its elements."""
    if len(operands) == 1:
        base = look(operands[0], scope)
        if isinstance(base, Place) and base.spec.kind in ("list", "map") and type(base.there) in (list, dict):
            return len(base.container())
    return strict("size", operands, node, scope, member=node.target is not None)


# ---- a plain CEL program ----


@dataclass(frozen=True)
class Program:
    """The world of one expression: variables by full name, looked up from the container outward."""

    bindings: Mapping[str, Any]
    container: str = ""

    def name(self, dotted: str, absolute: bool) -> Any:
        for full in full_names(dotted, absolute, self.container):
            if full in self.bindings:
                return self.bindings[full]
            if full in runtime.TYPE_VALUES:
                return runtime.TYPE_VALUES[full]
        return MISSING

    def function(self, name: str) -> None:
        return None


def evaluate(text: str, bindings: Mapping[str, Any] | None = None, container: str = "") -> Any:
    """The value of a CEL expression; raises `Failed` when it has none, CompileError when it cannot be read."""
    source, findings = Source("<expression>", text), list[Diagnostic]()
    node = parse(source, findings)
    if node is None:
        raise CompileError(findings)
    return evaluate_node(node, Scope(source, Program(bindings or {}, container)))
