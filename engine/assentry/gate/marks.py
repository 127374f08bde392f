"""Which fields of a document a schema marks: `x-volatile` (differs between two attempts), `x-effect` (names the effect)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from assentry.values.shapes import Shape

Path = tuple[str, ...]
"""Names of properties, from the document downwards."""

MAX_DEPTH = 16

_MISSING = object()


def of_shapes(shapes: Sequence[Shape], mark: str) -> tuple[Path, ...]:
    """The marked properties of an action document, by a policy's shapes; what lies within lists is not looked at."""
    root = next((shape for shape in shapes if not shape.name and shape.kind == "object"), None)
    return () if root is None else tuple(_in_shape(shapes, root, mark, ()))


def _in_shape(shapes: Sequence[Shape], shape: Shape, mark: str, path: Path) -> Iterator[Path]:
    for declared in shape.properties:
        inner = shapes[declared.shape]
        here = (*path, declared.name)
        if any(key == mark and value != "false" for key, value in inner.marks):
            yield here
        elif len(here) < MAX_DEPTH:
            yield from _in_shape(shapes, inner, mark, here)


def of_schema(schema: Mapping[str, Any], mark: str, path: Path = ()) -> tuple[Path, ...]:
    """The marked properties of a tool's parameters, by their JSON Schema (`properties` within `properties`)."""
    found: list[Path] = []
    properties = schema.get("properties")
    for name, inner in properties.items() if isinstance(properties, Mapping) else ():
        if not isinstance(inner, Mapping):
            continue
        here = (*path, str(name))
        if inner.get(mark):
            found.append(here)
        elif len(here) < MAX_DEPTH:
            found += of_schema(inner, mark, here)
    return tuple(found)


def pick(document: object, path: Path) -> object:
    """The value at a path, or `MISSING`."""
    for name in path:
        if not isinstance(document, dict) or name not in document:
            return _MISSING
        document = document[name]
    return document


def picked(document: object, paths: Sequence[Path]) -> dict[str, object]:
    """The values that are there, each under its dotted path."""
    found = ((".".join(path), pick(document, path)) for path in paths)
    return {name: value for name, value in found if value is not _MISSING}


def without(document: Mapping[str, Any], paths: Sequence[Path]) -> dict[str, Any]:
    """A copy without the fields at these paths; what is not touched is shared."""
    copy = dict(document)
    for parent, names in _by_parent(tuple(paths)):
        _remove(copy, parent, names)
    return copy


@lru_cache(maxsize=256)
def _by_parent(paths: tuple[Path, ...]) -> tuple[tuple[Path, tuple[str, ...]], ...]:
    """The names to remove, by the object that they stand in, which is copied once."""
    parents = dict.fromkeys(path[:-1] for path in paths)
    return tuple((parent, tuple(path[-1] for path in paths if path[:-1] == parent)) for parent in parents)


def _remove(copy: dict[str, Any], parent: Path, names: tuple[str, ...]) -> None:
    """Copies the objects on the way; the outermost is a copy already."""
    for name in parent:
        inner = copy.get(name)
        if not isinstance(inner, dict):
            return
        copy[name] = copy = dict(inner)
    for name in names:
        copy.pop(name, None)
