"""Raw nodes and reads: from a place that an expression names to the value that stands there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeVar

from assentry.code.form import Contains, Element, Expr, Field, Fit, Has, IsNull, Item, Maybe, Raw, Root, Size
from assentry.errors import EvaluationError, Kind, Misfit
from assentry.evaluator.outcome import Cause, Failed, Failure, united
from assentry.evaluator.place import MISSING, Place
from assentry.source import Source, Span
from assentry.values.containers import position
from assentry.values.equality import equal
from assentry.values.registry import dispatch
from assentry.values.runtime import NONE, Optional
from assentry.values.shapes import Shapes

T = TypeVar("T")
One = TypeVar("One")
Other = TypeVar("Other")


class Reading(ABC):
    """The reads of one evaluation. Every method gives a value or raises Failed with the causes.

    `names` holds the variables in force: values, and places for the variables of loops over the input.
    """

    def __init__(self, shapes: Shapes, action: object, source: Source) -> None:
        self.shapes = shapes
        self.action = action
        self.source = source
        self.names: dict[str, object] = {}

    @abstractmethod
    def evaluate(self, node: Expr) -> object:
        """The value of any value node."""

    # ---- errors ----

    def failed(self, error: EvaluationError, span: Span) -> Failed:
        """An error as a failure: a read's own place, or the text of the expression that has no value."""
        if isinstance(error, Misfit):
            cause = Cause("path", error.path, error.expected, error.found)
        else:
            cause = Cause("expression", self.source.excerpt(span), "a value", error.kind.value)
        error.span = error.span or span
        return Failed(Failure(frozenset((cause,)), error))

    def crashed(self, error: Exception, span: Span) -> Failed:
        """Anything but an evaluation's own errors: the host's stack is at its end, or a value is none of CEL's."""
        kind = Kind.LIMIT if isinstance(error, RecursionError | MemoryError) else Kind.NO_SUCH_OVERLOAD
        return self.failed(EvaluationError(kind), span)

    def apply(self, span: Span, leaf: Callable[..., T], *args: object) -> T:
        """What a leaf function gives; its errors become failures of the expression at `span`."""
        try:
            return leaf(*args)
        except EvaluationError as error:
            raise self.failed(error, span) from None
        except Exception as error:  # noqa: BLE001  # a saved form may pass what no checker would
            raise self.crashed(error, span) from None

    @staticmethod
    def both(first: Callable[[], One], second: Callable[[], Other]) -> tuple[One, Other]:
        """Both values; when both are in error, the causes of both."""
        try:
            one = first()
        except Failed as failed:
            try:
                second()
            except Failed as other:
                raise united([failed.failure, other.failure]) from None
            raise
        return one, second()

    # ---- places ----

    def place(self, node: Raw) -> Place:
        """The place that a raw node names; what stands on the way there has to be what the schema says."""
        shape = self.shapes[node.shape]
        match node:
            case Field():
                return self._field(node, node.span)
            case Element():
                found = self._element(node, node.span)
                if isinstance(found, Place):
                    return found
                raise self.failed(EvaluationError(found), node.span)
            case Item(name=name):
                bound = self.names[name]
                if not isinstance(bound, Place):
                    return Place(bound, shape, None, name)
                return bound if bound.shape is shape else bound._replace(shape=shape)
            case Root(name=name):
                assert isinstance(self.action, dict)
                return Place(self.action.get(name, MISSING), shape, None, name)
            case _:
                raise TypeError(f"not a place: {type(node).__name__}")

    def container(self, node: Raw, span: Span) -> Place:
        """A place that holds a list or a map; `span` is what wants to go down into it."""
        place = self.place(node)
        self.apply(span, place.container)
        return place

    def _element(self, node: Element, span: Span) -> Place | Kind:
        """The place of an element, or why there is none."""
        shape = self.shapes[node.shape]
        base, key = self.both(lambda: self.container(node.base, span), lambda: self.evaluate(node.key))
        there = base.container()
        if isinstance(there, list):
            at = self.apply(span, position, key, len(there))
            return Place(there[at], shape, base, at) if at >= 0 else Kind.INDEX
        if isinstance(key, str) and key in there and base.counts(key):
            return Place(there[key], shape, base, key)
        return Kind.NO_SUCH_KEY

    def _field(self, node: Field, span: Span) -> Place:
        """The place of a field that the expression at `span` asks for."""
        return self.apply(span, self.place(node.base).child, node.name, self.shapes[node.shape])

    # ---- reads ----

    def fit(self, node: Fit) -> object:
        return self.apply(node.span, self.place(node.raw).whole, self.shapes)

    def has(self, node: Has) -> bool:
        place = self._field(node.field, node.span)
        if place.there is MISSING and not node.field.required:
            return False
        self.apply(node.span, place.shallow)
        return True

    def maybe(self, node: Maybe) -> Optional:
        if isinstance(node.raw, Element):
            found = self._element(node.raw, node.span)
            if not isinstance(found, Place):
                return NONE
        else:
            found = self._field(node.raw, node.span)
            if found.there is MISSING and not node.raw.required:
                return NONE
        return Optional.of(self.apply(node.span, found.whole, self.shapes))

    def size(self, node: Size) -> object:
        place = self.place(node.raw)
        if type(place.there) is not list and type(place.there) is not dict:
            return self.apply(node.span, dispatch, "size", [self.apply(node.span, place.whole, self.shapes)], False)
        return len(self.apply(node.span, place.container))

    def is_null(self, node: IsNull) -> bool:
        return self.apply(node.span, self.place(node.raw).shallow) is None

    def contains(self, node: Contains) -> bool:
        """Of a list, an equal element wins over one that does not fit, wherever they stand."""
        item, place = self.both(lambda: self.evaluate(node.item), lambda: self.container(node.raw, node.span))
        there = place.container()
        if isinstance(there, dict):
            return isinstance(item, str) and item in there and place.counts(item)
        first: Failed | None = None
        for _, element in self.apply(node.span, place.turns, self.shapes):
            try:
                if self.apply(node.span, equal, item, self.apply(node.span, element.whole, self.shapes)):
                    return True
            except Failed as failed:
                first = first or failed
        if first is not None:
            raise first
        return False
