"""Emitting reads: inline checks for what is usual, a call for what is not.

An input value is checked where it is read: `v if type(v := d["rows"]) is int and 0 <= v <= ... else read(v)`.
Maps on the way are `d`, or `UNFIT`, which stays itself however far one goes down.
"""

from __future__ import annotations

import ast
import math
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

from assentry.code import access, form, kinds
from assentry.code.build import Builder
from assentry.source import Source
from assentry.values.fit import MISSING
from assentry.values.runtime import INT_MAX, INT_MIN
from assentry.values.shapes import Shape, Shapes

Route = tuple[str, ...]
"""The names of a place that no loop and no key leads to: `("action", "destination", "host")`."""

_MAPS = frozenset({"map", "object", "any"})
_LARGEST = 1.7976931348623157e308


def route(raw: form.Raw) -> Route | None:
    """The route of a raw place, or None when a loop variable or a key is on the way."""
    if type(raw) is form.Field and type(raw.base) is form.Root:  # as most are
        return raw.base.name, raw.name
    names: list[str] = []
    while isinstance(raw, form.Field):
        names.append(raw.name)
        raw = raw.base
    if not isinstance(raw, form.Root):
        return None
    names.append(raw.name)
    return tuple(reversed(names))


def is_closed(shape: Shape) -> bool:
    """Whether undeclared keys of such a map are nobody's business."""
    return shape.kind == "object" and shape.item is None


@dataclass(slots=True)
class Hoisted:
    """The local variables that a function holds for places that it reads more than once.

    `maps` hold a map or `UNFIT`, `values` a checked value or `UNFIT`, `lists` a list of checked elements
    or `UNFIT`, `later` a value or `UNSET` until it is first used.
    """

    maps: dict[Route, str] = field(default_factory=dict)
    values: dict[Route, str] = field(default_factory=dict)
    lists: dict[Route, str] = field(default_factory=dict)
    later: dict[Route, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Variable:
    """A loop variable or a bound name: its Python name, and how its value stands to the input.

    `checked`: a CEL value; else what stands in the input, unread.
    """

    name: str
    checked: bool
    kinds: kinds.Kinds = kinds.ANYTHING


class Reads(Builder):
    """Emits the raw nodes and the reads of one function, whose parameter `action` is a dict."""

    def __init__(self, source: Source, shapes: Shapes) -> None:
        super().__init__(source)
        self.shapes = shapes
        self.hoisted = Hoisted()
        self.variables: dict[str, Variable] = {}

    @abstractmethod
    def value(self, node: form.Expr) -> ast.expr:
        """The value of a node: always a CEL value, or an exception."""

    # ---- helpers by name ----

    def unfit(self) -> ast.expr:
        return self.given("UNFIT", access.UNFIT)

    def missing(self) -> ast.expr:
        return self.given("MISSING", MISSING)

    def fail(self) -> ast.expr:
        return self.call(self.given("fail", access.fail))

    def reader(self, name: str, shape: int, made: Callable[[Shape, Shapes], object]) -> ast.expr:
        """A helper for one shape, made once for a function."""
        full = f"{name}_{shape}"
        if full not in self.names:
            self.names[full] = made(self.shapes[shape], self.shapes)
        return self.name(full)

    # ---- places ----

    def holder(self, raw: form.Raw) -> ast.expr:
        """The map that stands at a place, or `UNFIT`."""
        where = route(raw)
        if where is not None and where in self.hoisted.maps:
            return self.name(self.hoisted.maps[where])
        if self.shapes[raw.shape].kind not in _MAPS:
            return self.unfit()
        name, first = self.named(self.there(raw))
        return self.choose(self.is_type(first, dict), self.name(name), self.unfit())

    def there(self, raw: form.Raw) -> ast.expr:
        """What stands at a place, unread; `MISSING` when nothing does."""
        match raw:
            case form.Root(name=name):
                return self.method(self.name("action"), "get", self.constant(name), self.missing())
            case form.Field(base=base, name=name):
                if self._is_nobodys(base, name):
                    return self.missing()
                return self.method(self.holder(base), "get", self.constant(name), self.missing())
            case form.Item(name=name):
                return self.name(self.variables[name].name)
            case form.Element():
                return self._element(raw, "element", access.element)
            case _:
                return self.fail()

    def taken(self, raw: form.Raw) -> ast.expr:
        """As `there`, but raises when nothing stands there: what a plain read wants, and faster."""
        match raw:
            case form.Root(name=name):
                return self.subscript(self.name("action"), self.constant(name))
            case form.Field(base=base, name=name) if not self._is_nobodys(base, name):
                return self.subscript(self.holder(base), self.constant(name))
            case _:
                return self.there(raw)

    def found(self, raw: form.Element | form.Field) -> ast.expr:
        """What stands at an optional place; `MISSING` when nothing does."""
        if isinstance(raw, form.Element):
            return self._element(raw, "maybe_element", access.maybe_element)
        return self.there(raw)

    def _element(self, raw: form.Element, name: str, made: Callable[[Shape], object]) -> ast.expr:
        shape = self.shapes[raw.base.shape]
        if is_closed(shape):
            return self.fail()
        helper = self.reader(name, raw.base.shape, lambda shape, _: made(shape))
        return self.call(helper, self.taken(raw.base), self.value(raw.key))

    def _is_nobodys(self, base: form.Raw, name: str) -> bool:
        shape = self.shapes[base.shape]
        return is_closed(shape) and shape.property(name) is None

    def named(self, value: ast.expr) -> tuple[str, ast.expr]:
        """A name for a value, and the expression that first computes and names it."""
        if isinstance(value, ast.Name):
            return value.id, value
        name = self.fresh()
        return name, self.walrus(name, value)

    # ---- reads ----

    def fit(self, node: form.Fit) -> ast.expr:
        """A checked read: a value, or an exception."""
        where = route(node.raw)
        if where is not None and where in self.hoisted.values:
            return self.sure(self.hoisted.values[where])
        if where is not None and where in self.hoisted.later:
            name = self.hoisted.later[where]
            known = self.compare(self.name(name), (ast.IsNot(), self.given("UNSET", access.UNSET)))
            return self.choose(known, self.name(name), self.walrus(name, self.read(node.raw, self.taken(node.raw))))
        if where is not None and where in self.hoisted.lists:
            return self.sure(self.hoisted.lists[where])
        return self.read(node.raw, self.taken(node.raw))

    def sure(self, name: str) -> ast.expr:
        """A hoisted value, or an exception when it is `UNFIT`."""
        is_fit = self.compare(self.name(name), (ast.IsNot(), self.unfit()))
        return self.choose(is_fit, self.name(name), self.fail())

    def operand(self, node: form.Expr) -> ast.expr:
        """A value where Python itself raises when it meets `UNFIT`: as a comparison's side or a set's candidate."""
        if isinstance(node, form.Fit):
            where = route(node.raw)
            if where is not None and where in self.hoisted.values:
                return self.name(self.hoisted.values[where])
        return self.value(node)

    def read(self, raw: form.Raw, there: ast.expr) -> ast.expr:
        """The checked value of what stands at a place."""
        if isinstance(raw, form.Item) and self.variables[raw.name].checked:
            return there
        name, first = self.named(there)
        test = self.settled(raw.shape, first, name)
        if test is None:
            return self.call(self.reader("read", raw.shape, access.whole), there)
        return self.choose(
            test, self.name(name), self.call(self.reader("read", raw.shape, access.whole), self.name(name))
        )

    def has(self, node: form.Has) -> ast.expr:
        raw = node.field
        where = route(raw)
        known = where and (self.hoisted.values.get(where) or self.hoisted.maps.get(where))
        full = self._has(raw)
        if known:
            return self.either(self.compare(self.name(known), (ast.IsNot(), self.unfit())), full)
        return full

    def _has(self, raw: form.Field) -> ast.expr:
        name, first = self.named(self.there(raw))
        helper = self.call(self.reader("present", raw.shape, access.present), self.name(name))
        shape = self.shapes[raw.shape]
        if shape.kind in {"map", "object", "list"} and shape.allowed is None:
            fits: ast.expr | None = self.is_type(self.name(name), list if shape.kind == "list" else dict)
        else:
            fits = self.settled(raw.shape, self.name(name), name)
        checked = helper if fits is None else self.either(fits, helper)
        if raw.required:
            # `present` of what is missing raises.
            return self.both(self.compare(first, (ast.IsNot(), self.given("UNSET", access.UNSET))), checked)
        return self.both(self.compare(first, (ast.IsNot(), self.missing())), checked)

    def maybe(self, node: form.Maybe) -> ast.expr:
        raw = node.raw
        if isinstance(raw, form.Field) and raw.required:
            return self.call(self.reader("maybe", raw.shape, access.maybe), self.taken(raw))
        return self.call(self.reader("maybe", raw.shape, access.maybe), self.found(raw))

    def size(self, node: form.Size) -> ast.expr:
        shape = self.shapes[node.raw.shape]
        where = route(node.raw)
        if where is not None and where in self.hoisted.lists:
            return self.call(self.given("len", len), self.name(self.hoisted.lists[where]))
        if is_closed(shape):
            return self.fail()
        helper = self.reader("count", node.raw.shape, lambda shape, _: access.count(shape))
        return self.call(helper, self.taken(node.raw))

    def is_null(self, node: form.IsNull) -> ast.expr:
        return self.call(self.reader("is_null", node.raw.shape, access.is_null), self.taken(node.raw))

    def contains(self, node: form.Contains) -> ast.expr:
        raw = node.raw
        shape = self.shapes[raw.shape]
        item_kinds = self.kinds(node.item)
        if is_closed(shape):
            return self.fail()
        if shape.kind in {"map", "object"} and item_kinds == kinds.STRING:
            return self.compare(self.operand(node.item), (ast.In(), self.holder(raw)))
        members = self.elements(raw)
        if members is not None and kinds.hashable_alike(item_kinds, self.element_kinds(raw)):
            return self.compare(self.value(node.item), (ast.In(), members))
        helper = self.reader("contains", raw.shape, access.contains)
        return self.call(helper, self.value(node.item), self.taken(raw))

    # ---- lists whose elements are scalars ----

    def elements(self, raw: form.Raw) -> ast.expr | None:
        """The checked elements of a list (or `UNFIT`) when they are scalars, else None."""
        shape = self.shapes[raw.shape]
        if shape.kind != "list" or shape.item is None or shape.allowed is not None:
            return None
        item = self.shapes[shape.item]
        if item.kind in {"list", "map", "object", "any"}:
            return None
        where = route(raw)
        if where is not None and where in self.hoisted.lists:
            return self.name(self.hoisted.lists[where])
        return self.checked_list(raw, self.taken(raw))

    def checked_list(self, raw: form.Raw, there: ast.expr) -> ast.expr:
        """The checked elements of what stands at a place, or `UNFIT`."""
        item = self.shapes[self.shapes[raw.shape].item or 0]
        if item.kind == "string" and item.allowed is None and not item.nullable:
            return self.call(self.given("strings", access.strings), there)
        return self.call(self.reader("elements", raw.shape, access.elements), there)

    def element_kinds(self, raw: form.Raw) -> kinds.Kinds:
        item = self.shapes[raw.shape].item
        return kinds.ANYTHING if item is None else kinds.of_shape(self.shapes[item])

    def kinds(self, node: form.Expr) -> kinds.Kinds:
        known = {name: variable.kinds for name, variable in self.variables.items() if variable.checked}
        return kinds.of_node(node, self.shapes, known)

    # ---- inline checks ----

    def settled(self, shape: int, first: ast.expr, name: str) -> ast.expr | None:
        """A test that holds only of a value that fits as it is, or None when there is no such inline test.

        `first` is used once, before `name`.
        """
        wanted = self.shapes[shape]
        tests = self._tests(wanted, first, name)
        if not tests:
            return None
        if wanted.nullable and wanted.kind != "null":
            return self.either(self.both(*tests), self.compare(self.name(name), (ast.Is(), self.constant(None))))
        return self.both(*tests)

    def _tests(self, shape: Shape, first: ast.expr, name: str) -> list[ast.expr]:
        allowed = shape.allowed
        match shape.kind:
            case "string" if allowed is None or all(type(each) is str for each in allowed):
                return [self.is_type(first, str), *self._among(allowed, name)]
            case "int" if _has_finite_bounds(shape) and (allowed is None or all(type(each) is int for each in allowed)):
                low, high = _int_bounds(shape)
                within = self.compare(
                    self.constant(low), (ast.LtE(), self.name(name)), (ast.LtE(), self.constant(high))
                )
                return [self.is_type(first, int), within, *self._among(allowed, name)]
            case "double" if allowed is None:
                return [self.is_type(first, float), *self._double_bounds(shape, name)]
            case "bool" if allowed is None:
                return [self.is_type(first, bool)]
            case "null":
                return [self.compare(first, (ast.Is(), self.constant(None)))]
            case _:
                return []

    def _among(self, allowed: tuple[object, ...] | None, name: str) -> list[ast.expr]:
        if allowed is None:
            return []
        return [self.compare(self.name(name), (ast.In(), self.constant(frozenset(allowed))))]

    def _double_bounds(self, shape: Shape, name: str) -> list[ast.expr]:
        """Finite (a NaN compares false), and within the schema's bounds."""
        low = self.constant(-_LARGEST if shape.minimum is None else max(-_LARGEST, shape.minimum))
        high = self.constant(_LARGEST if shape.maximum is None else min(_LARGEST, shape.maximum))
        tests = [self.compare(low, (ast.LtE(), self.name(name)), (ast.LtE(), high))]
        if shape.exclusive_minimum is not None:
            tests.append(self.compare(self.name(name), (ast.Gt(), self.constant(shape.exclusive_minimum))))
        if shape.exclusive_maximum is not None:
            tests.append(self.compare(self.name(name), (ast.Lt(), self.constant(shape.exclusive_maximum))))
        return tests


def _int_bounds(shape: Shape) -> tuple[int, int]:
    """The least and the largest integer that fit."""
    low, high = INT_MIN, INT_MAX
    if shape.minimum is not None:
        low = max(low, math.ceil(shape.minimum))
    if shape.exclusive_minimum is not None:
        low = max(low, math.floor(shape.exclusive_minimum) + 1)
    if shape.maximum is not None:
        high = min(high, math.floor(shape.maximum))
    if shape.exclusive_maximum is not None:
        high = min(high, math.ceil(shape.exclusive_maximum) - 1)
    return low, high


def _has_finite_bounds(shape: Shape) -> bool:
    bounds = (shape.minimum, shape.maximum, shape.exclusive_minimum, shape.exclusive_maximum)
    return all(bound is None or math.isfinite(bound) for bound in bounds)
