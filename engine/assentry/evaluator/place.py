"""A place in the input document while it is being read: what stands there, and what the schema says of it."""

from __future__ import annotations

from typing import NamedTuple

from assentry.errors import EvaluationError, Kind, Misfit
from assentry.values.fit import (
    ANY,
    MISSING,
    check_length,
    describe,
    item_shape,
    json_type,
    keys_of,
    read_shallow,
    read_whole,
    step,
)
from assentry.values.limits import MAX_LIST
from assentry.values.shapes import Shape, Shapes

_TEXT = Shape("string")


class Place(NamedTuple):
    """What stands below `parent` at `key`: a name, or an index into a list. `MISSING` when nothing does.

    A map's own key, as a loop visits it, `is_key`: a text that was read already. Every method that
    reads raises Misfit with this place's path.
    """

    there: object
    shape: Shape
    parent: Place | None
    key: str | int
    is_key: bool = False

    @property
    def path(self) -> str:
        """As a verdict shows it: `action.destination.host`, `resource.labels[2]`, `action.params["k"]`."""
        if self.parent is None:
            return str(self.key)
        after = f"[{self.key}]" if isinstance(self.key, int) else step(self.key, self.parent.shape)
        return self.parent.path + after

    @property
    def names(self) -> tuple[str, ...]:
        """The path as plain names, for comparing with the dotted paths of `redact`."""
        return (*(() if self.parent is None else self.parent.names), str(self.key))

    def misfit(self) -> EvaluationError:
        """The error that this is no list or map to go down into."""
        if self.is_key:
            return EvaluationError(Kind.NO_SUCH_OVERLOAD)
        return Misfit(self.path, describe(self.shape), json_type(self.there))

    # ---- reading ----

    def whole(self, shapes: Shapes) -> object:
        """The CEL value, with all that is in it."""
        try:
            return read_whole(self.there, self.shape, shapes, "")
        except Misfit as misfit:
            raise self._here(misfit) from None

    def shallow(self) -> object:
        """The value as deep as this node alone."""
        try:
            return read_shallow(self.there, self.shape, "")
        except Misfit as misfit:
            raise self._here(misfit) from None

    def _here(self, misfit: Misfit) -> Misfit:
        """A misfit with its path from the root: paths are costly, and most reads fit."""
        return Misfit(self.path + misfit.path, misfit.expected, misfit.found)

    def container(self) -> list[object] | dict[object, object]:
        """The list or map that stands here, as such and no deeper."""
        if type(self.there) is not list and type(self.there) is not dict:
            raise self.misfit()
        there = self.shallow()
        assert isinstance(there, list | dict)
        return there

    def entries(self) -> dict[object, object]:
        """The map that stands here, as such and no deeper."""
        there = self.container()
        if not isinstance(there, dict):
            raise self.misfit()
        return there

    # ---- going down ----

    def child(self, name: str, shape: Shape) -> Place:
        """The place of what this map holds under a name; undeclared keys of a closed object are not there."""
        there = self.entries().get(name, MISSING) if self.counts(name) else MISSING
        return Place(there, shape, self, name)

    def counts(self, key: object) -> bool:
        """Whether a key of this map is anyone's business: always, but in a closed object only declared ones are."""
        closed = self.shape.kind == "object" and self.shape.item is None
        return type(key) is str and (not closed or self.shape.property(key) is not None)

    def turns(self, shapes: Shapes) -> list[tuple[Place | int, Place]]:
        """What a loop visits: index and element of a list, key and value of a map, keys sorted."""
        there = self.container()
        if len(there) > MAX_LIST:
            check_length(there, self.shape, self.path)
        if isinstance(there, list):
            item = item_shape(self.shape, shapes)
            return [(at, Place(element, item, self, at)) for at, element in enumerate(there)]
        result: list[tuple[Place | int, Place]] = []
        for key in keys_of(there, self.shape, self.path):
            declared = self.shape.property(key)
            shape = item_shape(self.shape, shapes) if declared is None else shapes[declared.shape]
            result.append((Place(key, _TEXT, self.parent, self.key, is_key=True), Place(there[key], shape, self, key)))
        return result


__all__ = ["ANY", "MISSING", "Place"]
