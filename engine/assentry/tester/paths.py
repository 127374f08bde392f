"""Dotted paths into an action: `resource.labels`, set or removed without touching the original."""

from __future__ import annotations


class PathError(ValueError):
    """A path that does not fit the action; the message says where it ends."""


def replaced(value: object, path: str, replacement: object) -> object:
    """`value` with what stands at `path` replaced; maps on the way are made where there are none."""
    name, rest, table = _step(value, path)
    if not rest:
        return {**table, name: replacement}
    return {**table, name: _below(table.get(name, {}), rest, name, replaced_with=replacement)}


def _below(value: object, rest: str, name: str, *, replaced_with: object) -> object:
    if not isinstance(value, dict):
        raise PathError(f"`{name}` is not a map, so there is no `{rest}` in it")
    return replaced(value, rest, replaced_with)


def removed(value: object, path: str) -> object:
    """`value` without what stands at `path`; a path that leads nowhere is an error."""
    name, rest, table = _step(value, path)
    if name not in table:
        raise PathError(f"there is no `{name}` to remove")
    if not rest:
        return {key: item for key, item in table.items() if key != name}
    return {**table, name: removed(table[name], rest)}


def _step(value: object, path: str) -> tuple[str, str, dict[str, object]]:
    name, _, rest = path.partition(".")
    if not name or path.endswith("."):
        raise PathError("a path is names joined by dots, such as `resource.labels`")
    if "[" in name:
        raise PathError("a path has no `[...]`: set the whole list or map")
    if not isinstance(value, dict):
        raise PathError(f"there is no map here to hold `{name}`")
    return name, rest, value
