"""Expressions of the compiled form as plain JSON data and back.

A node is a list: its tag, start and end of its span, then its fields in the order of `NODES`, the
allow-list of everything that may stand in a saved policy. Reading checks each field, that places and
values stand where they may, and that every name is bound around its use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Literal, NamedTuple

from assentry.code import checks, form
from assentry.source import Span
from assentry.values import literals
from assentry.values.registry import FUNCTIONS, OVERLOADS
from assentry.values.runtime import INT_MAX, INT_MIN
from assentry.values.shapes import Shapes

MAX_DEPTH = 200
"""Levels of one expression."""

Data = object
Fields = tuple[tuple[str, str], ...]
Scope = Literal["place", "value"]

NODES: Mapping[str, tuple[type[form.Expr], Fields]] = {
    "root": (form.Root, (("shape", "shape"), ("name", "text"), ("required", "flag"))),
    "item": (form.Item, (("shape", "shape"), ("name", "place_name"))),
    "field": (form.Field, (("shape", "shape"), ("base", "raw"), ("name", "text"), ("required", "flag"))),
    "element": (form.Element, (("shape", "shape"), ("base", "raw"), ("key", "value"))),
    "fit": (form.Fit, (("raw", "raw"),)),
    "has": (form.Has, (("field", "field"),)),
    "maybe": (form.Maybe, (("raw", "step"),)),
    "size": (form.Size, (("raw", "raw"),)),
    "is_null": (form.IsNull, (("raw", "raw"),)),
    "contains": (form.Contains, (("item", "value"), ("raw", "raw"))),
    "lit": (form.Lit, (("value", "literal"),)),
    "var": (form.Var, (("name", "value_name"),)),
    "and": (form.And, (("operands", "values"),)),
    "or": (form.Or, (("operands", "values"),)),
    "not": (form.Not, (("operand", "value"),)),
    "if": (form.If, (("condition", "value"), ("then", "value"), ("otherwise", "value"))),
    "call": (form.Call, (("function", "function"), ("overload", "overload"), ("args", "values"), ("member", "flag"))),
    "select": (form.Select, (("operand", "value"), ("name", "text"))),
    "has_key": (form.HasKey, (("operand", "value"), ("name", "text"))),
    "list": (form.ListOf, (("elements", "elements"),)),
    "map": (form.MapOf, (("entries", "entries"),)),
    "let": (form.Let, (("name", "text"), ("value", "value"), ("body", "value"))),
    "loop": (
        form.Loop,
        (
            ("kind", "loop_kind"),
            ("first", "text"),
            ("second", "text_or_none"),
            ("range", "any"),
            ("where", "value_or_none"),
            ("body", "value"),
        ),
    ),
    "define": (form.Define, (("index", "definition"),)),
    "inlined": (form.Inlined, (("name", "text"), ("file", "file"), ("body", "value"))),
    "risk": (form.Risk, (("operator", "operator"), ("bound", "integer"))),
}

_TAGS: Mapping[type[form.Expr], str] = {node: tag for tag, (node, _) in NODES.items()}
_LOOPS: tuple[form.LoopKind, ...] = (
    "all",
    "exists",
    "exists_one",
    "map",
    "filter",
    "transform_list",
    "transform_map",
    "transform_map_entry",
)
_OPERATORS: tuple[Literal["<", "<=", ">", ">="], ...] = ("<", "<=", ">", ">=")

# ---- writing ----


def write(node: form.Expr, depth: int = MAX_DEPTH) -> list[Data]:
    """The data of an expression. Raises FormatError when it is nested deeper than `MAX_DEPTH`."""
    if depth <= 0:
        checks.refuse("an expression is nested too deep to be saved")
    tag = _TAGS.get(type(node)) or checks.refuse("a condition that could not be read cannot be saved")
    head: list[Data] = [tag, node.span.start, node.span.end]
    if isinstance(node, form.Lit):
        return [*head, _literal(node.value)]
    return [*head, *(_written(getattr(node, name), depth - 1) for name, _ in NODES[tag][1])]


def _literal(value: object) -> Data:
    """Texts, truth and null as they are; any other value with its type."""
    return value if value is None or isinstance(value, str | bool) else literals.to_data(value)


def _written(value: object, depth: int) -> Data:
    if isinstance(value, form.Expr):
        return write(value, depth)
    if isinstance(value, tuple):
        return [_written(each, depth) for each in value]
    return value


# ---- reading ----


class Bounds(NamedTuple):
    """What the indices in an expression may point to."""

    shapes: Shapes
    files: int
    definitions: int


class Reader:
    """Reads the expressions of one rule or definition. Every method raises FormatError for what is not allowed."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._scope: dict[str, Scope] = {}
        self._depth = 0

    def value(self, data: Data) -> form.Expr:
        """A value node."""
        node = self.node(data)
        return node if not isinstance(node, form.Raw) else checks.refuse("a place stands where a value has to")

    def raw(self, data: Data) -> form.Raw:
        """A raw node."""
        node = self.node(data)
        return node if isinstance(node, form.Raw) else checks.refuse("a value stands where a place has to")

    def values(self, data: Data) -> tuple[form.Expr, ...]:
        return tuple([self.value(each) for each in checks.items(data)])

    def node(self, data: Data) -> form.Expr:
        """Any node."""
        parts = checks.items(data)
        if len(parts) < 3 or not isinstance(parts[0], str) or parts[0] not in NODES:
            checks.refuse("an unknown kind of node")
        if self._depth >= MAX_DEPTH:
            checks.refuse("an expression is nested too deep")
        start = checks.whole(parts[1])
        span = Span(start, checks.whole(parts[2], start))
        self._depth += 1
        node = self._made(parts[0], span, parts[3:])
        self._depth -= 1
        return node

    def _made(self, tag: str, span: Span, parts: Sequence[Data]) -> form.Expr:
        kind, fields = NODES[tag]
        if len(parts) != len(fields):
            checks.refuse("a node with another number of fields")
        if tag == "let":
            return self._let(span, parts)
        if tag == "loop":
            return self._loop(span, parts)
        node = kind(span, *[_READ[codec](self, part) for (_, codec), part in zip(fields, parts, strict=True)])
        if isinstance(node, form.Call) and node.overload and OVERLOADS[node.overload].function != node.function:
            checks.refuse("an overload of another function")
        return node

    # ---- nodes that bind names ----

    def _let(self, span: Span, parts: Sequence[Data]) -> form.Let:
        name, value = checks.text(parts[0]), self.value(parts[1])
        with self._bound({name: "value"}):
            return form.Let(span, name, value, self.value(parts[2]))

    def _loop(self, span: Span, parts: Sequence[Data]) -> form.Loop:
        kind = checks.one_of(parts[0], _LOOPS)
        first, second = checks.text(parts[1]), None if parts[2] is None else checks.text(parts[2])
        over = self.node(parts[3])
        scope: Scope = "place" if isinstance(over, form.Raw) else "value"
        names = {first: scope} if second is None else {first: scope, second: scope}
        if isinstance(over, form.Raw) and second is not None and self._bounds.shapes[over.shape].kind == "list":
            names[first] = "value"  # the index
        with self._bound(names):
            where = None if parts[4] is None else self.value(parts[4])
            return form.Loop(span, kind, first, second, over, where, self.value(parts[5]))

    @contextmanager
    def _bound(self, names: Mapping[str, Scope]) -> Iterator[None]:
        if any(name in self._scope for name in names):
            checks.refuse("a name is bound twice")
        self._scope.update(names)
        yield
        for name in names:
            del self._scope[name]

    # ---- fields ----

    def _place_name(self, data: Data) -> str:
        return self._name(data, "place")

    def _value_name(self, data: Data) -> str:
        return self._name(data, "value")

    def _name(self, data: Data, scope: Scope) -> str:
        name = checks.text(data)
        return name if self._scope.get(name) == scope else checks.refuse("a name that nothing binds")

    def _shape(self, data: Data) -> int:
        return checks.position(data, len(self._bounds.shapes))

    def _file(self, data: Data) -> int:
        return checks.position(data, self._bounds.files)

    def _definition(self, data: Data) -> int:
        return checks.position(data, self._bounds.definitions)

    def _field(self, data: Data) -> form.Field:
        node = self.node(data)
        return node if isinstance(node, form.Field) else checks.refuse("a field is expected")

    def _step(self, data: Data) -> form.Field | form.Element:
        node = self.node(data)
        return node if isinstance(node, form.Field | form.Element) else checks.refuse("a field or element is expected")

    def _elements(self, data: Data) -> tuple[tuple[form.Expr, bool], ...]:
        pairs = [checks.items(each, 2) for each in checks.items(data)]
        return tuple([(self.value(value), checks.flag(optional)) for value, optional in pairs])

    def _entries(self, data: Data) -> tuple[tuple[form.Expr, form.Expr, bool], ...]:
        triples = [checks.items(each, 3) for each in checks.items(data)]
        return tuple([(self.value(key), self.value(value), checks.flag(optional)) for key, value, optional in triples])

    def _literal(self, data: Data) -> object:
        return data if data is None or isinstance(data, str | bool) else literals.from_data(data)

    def _function(self, data: Data) -> str:
        name = checks.text(data)
        return name if name in FUNCTIONS else checks.refuse("an unknown function")

    def _overload(self, data: Data) -> str:
        name = checks.text(data)
        return name if not name or name in OVERLOADS else checks.refuse("an unknown overload")


_READ: Mapping[str, Callable[[Reader, Data], object]] = {
    "value": Reader.value,
    "raw": Reader.raw,
    "values": Reader.values,
    "any": Reader.node,
    "text": lambda _, data: checks.text(data),
    "flag": lambda _, data: checks.flag(data),
    "integer": lambda _, data: checks.whole(data, INT_MIN, INT_MAX),
    "operator": lambda _, data: checks.one_of(data, _OPERATORS),
    "place_name": Reader._place_name,
    "value_name": Reader._value_name,
    "shape": Reader._shape,
    "file": Reader._file,
    "definition": Reader._definition,
    "field": Reader._field,
    "step": Reader._step,
    "elements": Reader._elements,
    "entries": Reader._entries,
    "literal": Reader._literal,
    "function": Reader._function,
    "overload": Reader._overload,
}
