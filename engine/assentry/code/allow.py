"""The allow-list: which Python `ast` may be compiled, and nothing else ever is.

What the emitter builds is checked here again, node by node, so that no mistake in it, no hostile rule
and no hostile saved policy can reach a builtin, an attribute or a statement that evaluation does not need.
"""

from __future__ import annotations

import ast
from collections.abc import Collection

from assentry.errors import FormatError

_NODES: frozenset[type[ast.AST]] = frozenset(
    {
        # statements
        ast.Module,
        ast.FunctionDef,
        ast.arguments,
        ast.arg,
        ast.Return,
        ast.Assign,
        ast.AugAssign,
        ast.If,
        ast.For,
        ast.Try,
        ast.ExceptHandler,
        # expressions
        ast.Name,
        ast.Constant,
        ast.BoolOp,
        ast.UnaryOp,
        ast.BinOp,
        ast.IfExp,
        ast.Compare,
        ast.Call,
        ast.Attribute,
        ast.Subscript,
        ast.NamedExpr,
        ast.List,
        ast.Tuple,
        ast.ListComp,
        ast.DictComp,
        ast.GeneratorExp,
        ast.comprehension,
        # operators and contexts
        ast.And,
        ast.Or,
        ast.Not,
        ast.BitAnd,
        ast.BitOr,
        ast.LShift,
        ast.Eq,
        ast.NotEq,
        ast.Lt,
        ast.LtE,
        ast.Gt,
        ast.GtE,
        ast.Is,
        ast.IsNot,
        ast.In,
        ast.Load,
        ast.Store,
    }
)

_ATTRIBUTES = frozenset({"get", "startswith", "endswith", "isdisjoint", "issuperset"})
_CONSTANTS = frozenset({str, int, float, bool, type(None), bytes})


def check(module: ast.Module, names: Collection[str]) -> None:
    """Raises FormatError unless every node is allowed and every name is one of `names` or assigned in the module."""
    nodes = list(ast.walk(module))
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef)]
    if functions != module.body or len(functions) != 1:
        raise FormatError("emitted code is one function")
    assigned = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    assigned.update(node.arg for node in nodes if isinstance(node, ast.arg))
    clash = assigned & set(names)
    if clash:
        raise FormatError(f"emitted code assigns to `{min(clash)}`")
    if not _asks_types_only(nodes):
        raise FormatError("emitted code calls `type` with one argument and does nothing else with it")
    for node in nodes:
        if type(node) not in _NODES:
            raise FormatError(f"emitted code may not hold `{type(node).__name__}`")
        if not _is_plain(node, assigned, names):
            raise FormatError(f"emitted code holds a `{type(node).__name__}` that is not allowed")


def _asks_types_only(nodes: Collection[ast.AST]) -> bool:
    """Whether `type`, which can make classes, only ever says what a value is."""
    named = sum(isinstance(node, ast.Name) and node.id == "type" for node in nodes)
    asked = sum(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "type"
        and len(node.args) == 1
        and not isinstance(node.args[0], ast.Starred)
        for node in nodes
    )
    return named == asked


def _is_plain(node: ast.AST, assigned: Collection[str], names: Collection[str]) -> bool:
    match node:
        case ast.Name(id=name):
            return "__" not in name and (name in assigned or name in names)
        case ast.arg(arg=name):
            return "__" not in name
        case ast.Attribute(attr=name, ctx=ctx):
            return name in _ATTRIBUTES and isinstance(ctx, ast.Load)
        case ast.Constant(value=value):
            return type(value) in _CONSTANTS
        case ast.FunctionDef(name=name, decorator_list=decorators, args=args):
            return not decorators and not args.defaults and not args.kw_defaults and "__" not in name
        case ast.Call(keywords=keywords):
            return not keywords
        case ast.ExceptHandler(name=name):
            return name is None
        case ast.comprehension(is_async=is_async):
            return not is_async
        case ast.For(body=body, orelse=otherwise):
            # It looks at each element for itself.
            return not otherwise and len(body) == 1 and isinstance(body[0], ast.If)
        case _:
            return True
