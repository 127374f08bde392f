"""A node of the compiled form with other children in place of its own: the mirror of `form.children`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import is_
from types import MappingProxyType
from typing import Any

from assentry.code import form


def with_children(expr: form.Expr, parts: Sequence[form.Expr]) -> form.Expr:
    """The node with these direct sub-expressions, in the order of `form.children`; itself when none changed."""
    if all(map(is_, parts, form.children(expr))):
        return expr
    return replace(expr, **_fields(expr, parts))


_NAMES: Mapping[type[form.Expr], tuple[str, ...]] = MappingProxyType(
    {
        form.Element: ("base", "key"),
        form.Field: ("base",),
        form.Fit: ("raw",),
        form.Maybe: ("raw",),
        form.Size: ("raw",),
        form.IsNull: ("raw",),
        form.Has: ("field",),
        form.Contains: ("item", "raw"),
        form.Not: ("operand",),
        form.Select: ("operand",),
        form.HasKey: ("operand",),
        form.If: ("condition", "then", "otherwise"),
        form.Let: ("value", "body"),
        form.Inlined: ("body",),
    }
)


def _fields(expr: form.Expr, parts: Sequence[form.Expr]) -> dict[str, Any]:
    """The fields of the node that hold its children, filled with other ones."""
    match expr:
        case form.And() | form.Or():
            return {"operands": tuple(parts)}
        case form.Call():
            return {"args": tuple(parts)}
        case form.ListOf():
            return {"elements": tuple((part, flag) for part, (_, flag) in zip(parts, expr.elements, strict=True))}
        case form.MapOf():
            pairs = zip(parts[::2], parts[1::2], expr.entries, strict=True)
            return {"entries": tuple((key, value, entry[2]) for key, value, entry in pairs)}
        case form.Loop():
            names = ("range", "body") if expr.where is None else ("range", "where", "body")
            return dict(zip(names, parts, strict=True))
    return dict(zip(_NAMES[type(expr)], parts, strict=True))
