"""What one call does: by its name, and by the arguments that say so (a mode, a method, a statement)."""

from __future__ import annotations

import ast

from assentry.scanner import table
from assentry.scanner.module import Call
from assentry.scanner.names import resolve
from assentry.scanner.table import Kind


def judge(call: Call) -> tuple[str, Kind] | None:
    """The name that is consequential, and its kind; None for a call that is not, as far as can be told."""
    for name in call.names:
        kind = table.kind_of(name) or _by_arguments(name, call)
        if kind is not None:
            return name, kind
    return None


def sounds(call: Call) -> str | None:
    """The name of a call to something unknown that is called as if it could not be undone."""
    for name in call.names:
        last = name.replace("()", "").rpartition(".")[2].lstrip("~")
        if table.sounds_consequential(last):
            return name
    return None


def _by_arguments(name: str, call: Call) -> Kind | None:
    node = call.node
    if name in table.WRITERS:
        return _writes(_argument(node, 1, "mode"))
    if name.endswith(".open") and name.startswith("pathlib."):
        return _writes(_argument(node, 0, "mode"))
    if table.METHODS.fullmatch(name):
        method = _text(_argument(node, 0, "method"))
        return None if method is not None and method.upper() in {"GET", "HEAD", "OPTIONS"} else table.REQUEST
    if name in table.OPENERS:
        method = _text(_argument(node, 99, "method"))
        sends = _argument(node, 1, "data") is not None
        return table.REQUEST if sends or (method or "GET").upper() not in {"GET", "HEAD"} else None
    if name.rpartition(".")[2] in table.SQL_METHODS and node.args:
        return table.DATABASE if _is_sql_write(node.args[0], call) else None
    return None


def _writes(mode: ast.expr | None) -> Kind | None:
    """`open` reads when nothing else is said; a mode that is worked out may be any."""
    text = "r" if mode is None else _text(mode)
    return table.WRITE if text is None or set(text) & set("wax+") else None


def _is_sql_write(statement: ast.expr, call: Call, depth: int = 0) -> bool:
    if isinstance(statement, ast.Name) and depth < 4:
        at = call.scope
        found = at.expressions.get(statement.id, []) or (
            at.parent.expressions.get(statement.id, []) if at.parent else []
        )
        return any(_is_sql_write(expression, call, depth + 1) for expression, _ in found)
    text = _text(statement)
    if text is not None:
        return table.SQL_WRITES.match(text) is not None
    names = resolve(statement, call.scope)
    if any(table.SQL_BUILDERS.fullmatch(name) for name in names):
        return True
    if isinstance(statement, ast.Call) and statement.args:  # text("..."), sql.SQL("...").format(...)
        return _is_sql_write(statement.args[0], call, depth + 1) if depth < 4 else False
    return False


def _argument(node: ast.Call, place: int, keyword: str) -> ast.expr | None:
    if place < len(node.args):
        return node.args[place]
    return next((each.value for each in node.keywords if each.arg == keyword), None)


def _text(node: ast.expr | None) -> str | None:
    """The text that a node is, or begins with."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
            return text
        case ast.BinOp(left=left, op=ast.Add() | ast.Mod()):
            return _text(left)
        case ast.Call(func=ast.Attribute(value=value, attr="format" | "strip" | "join")):
            return _text(value)
    return None
