"""Expressions for the tests of the checker: a small action schema, its names, and forms as short text."""

from __future__ import annotations

from typing import Any

from assentry.cel.environment import Constant, Environment, Function, FunctionHead
from assentry.cel.infer import infer, infer_condition
from assentry.cel.parse import parse
from assentry.code import form
from assentry.compiler.schema import read_schema
from assentry.diagnostics import Diagnostic
from assentry.source import Source

TEXT = {"type": "string"}
NODE = {"$ref": "#/$defs/node"}

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["action", "subject"],
    "$defs": {
        "node": {
            "type": "object",
            "required": ["id"],
            "properties": {"id": TEXT, "next": NODE, "below": {"type": "array", "items": NODE}},
        }
    },
    "properties": {
        "action": {
            "type": "object",
            "required": ["name", "labels", "cost"],
            "properties": {
                "name": TEXT,
                "labels": {"type": "array", "items": TEXT},
                "rows": {"type": "integer", "minimum": 0},
                "cost": {"type": "number"},
                "note": {"type": ["string", "null"]},
                "force": {"type": ["boolean", "null"]},
                "at": {"type": "string", "format": "date-time"},
                "sizes": {"type": "array", "items": {"type": "integer"}},
                "tags": {"type": "object", "additionalProperties": TEXT},
                "params": {"type": "object", "additionalProperties": True},
                "sample": {},
                "to": {
                    "type": "object",
                    "required": ["kind"],
                    "properties": {"kind": TEXT, "host": TEXT, "external": {"type": "boolean"}},
                },
                "parts": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["id"],
                        "properties": {"id": TEXT, "secret": {"type": "boolean"}},
                    },
                },
                "tree": NODE,
                "maybe": {
                    "anyOf": [{"type": "object", "required": ["x"], "properties": {"x": TEXT}}, {"type": "null"}]
                },
            },
        },
        "subject": {"type": "object", "required": ["id"], "properties": {"id": TEXT, "owner": TEXT}},
    },
}

READ = read_schema(SCHEMA, "the test schema")

FUNCTIONS = {
    "is_read(n)": ["n in ['read', 'list']"],
    "big(n)": ["n > 10", "n < 1000"],
    "never(n)": ["true"],
    "outside(d)": ["has(d.external) && d.external"],
    "some(xs)": ["xs.exists(x, x == 'a')"],
    "close(a, b)": ["a - b < 5", "b - a < 5"],
    "nested(n)": ["big(n + 1)"],
}


def functions() -> dict[str, Function]:
    """The rule-language functions of FUNCTIONS, each in a file of its own, in container `main`."""
    made: dict[str, Function] = {}
    for file, (head, conditions) in enumerate(FUNCTIONS.items(), start=1):
        name, _, params = head.rstrip(")").partition("(")
        text = "; ".join(conditions)
        source = Source(f"{name}.assent", text)
        starts = [text.index(condition) for condition in conditions]
        parts = tuple(
            _parsed(Source(source.name, " " * start + condition))
            for start, condition in zip(starts, conditions, strict=True)
        )
        names = tuple(param.strip() for param in params.split(","))
        made[f"main.{name}"] = Function(f"main.{name}", (FunctionHead(names, parts, source, file),))
    return made


def functions_in_a_chain(length: int) -> dict[str, Function]:
    """`f0(n) if n > 0`, and each further one calling the one before."""
    made = {}
    for number in range(length):
        text = f"f{number - 1}(n)" if number else "n > 0"
        source = Source("chain.assent", text)
        made[f"main.f{number}"] = Function(f"main.f{number}", (FunctionHead(("n",), (_parsed(source),), source, 1),))
    return made


def _parsed(source: Source) -> Any:
    report: list[Diagnostic] = []
    node = parse(source, report)
    assert node is not None, report
    return node


def environment(**changes: Any) -> Environment:
    """The names of a rule file in package `main`."""
    names: dict[str, Any] = {
        "shapes": READ.shapes,
        "roots": {root.name: root for root in READ.roots},
        "constants": {
            "accounts": Constant.of({"owned": ["a", "b"], "limit": 3}),
            "main.LABELS": Constant.of(["pii", "phi"]),
            "main.LIMIT": Constant.of(60),
        },
        "definitions": {"main.external": 0, "other.known": 1},
        "functions": functions(),
        "container": "main",
        "risk": True,
    }
    return Environment(**{**names, **changes})


def inferred(text: str, env: Environment | None = None) -> tuple[form.Expr, str]:
    """The compiled form and the type of an expression that is right."""
    report: list[Diagnostic] = []
    source = Source("test", text)
    found = infer(_parsed(source), env or environment(), source, report)
    assert found is not None, [finding.message for finding in report]
    return found[0], str(found[1])


def findings(text: str, env: Environment | None = None, *, condition: bool = False) -> list[Diagnostic]:
    """What is reported of an expression."""
    report: list[Diagnostic] = []
    source = Source("test", text)
    node = parse(source, report)
    if node is not None:
        (infer_condition if condition else infer)(node, env or environment(), source, report)
    return report


def lowered(text: str, env: Environment | None = None) -> str:
    """The compiled form of an expression as short text (see `show`)."""
    return show(inferred(text, env)[0])


def show(expr: form.Expr) -> str:
    """A compiled form as text: `fit(action.rows?)`, `less_int64(a, b)`; a call whose overload is open as `_<_?(a, b)`."""
    match expr:
        case form.Root(name=name):
            return name
        case form.Item(name=name):
            return f"${name}"
        case form.Field(base=base, name=name, required=required):
            return f"{show(base)}.{name}{'' if required else '?'}"
        case form.Element(base=base, key=key):
            return f"{show(base)}[{show(key)}]"
        case form.Lit(value=value):
            return repr(value)
        case form.Var(name=name):
            return name
        case form.Define(index=index):
            return f"def{index}"
        case form.Risk(operator=operator, bound=bound):
            return f"risk {operator} {bound}"
        case form.Call(function=function, overload=overload):
            return f"{overload or function + '?'}({_all(form.children(expr))})"
        case form.Select(operand=operand, name=name):
            return f"{show(operand)}.{name}"
        case form.HasKey(operand=operand, name=name):
            return f"haskey({show(operand)}.{name})"
        case form.ListOf(elements=elements):
            return f"[{', '.join(('?' if optional else '') + show(part) for part, optional in elements)}]"
        case form.Let(name=name, value=value, body=body):
            return f"let({name} = {show(value)}, {show(body)})"
        case form.Loop(kind=kind, first=first, second=second):
            names = first if second is None else f"{first}, {second}"
            where = f" if {show(expr.where)}" if expr.where is not None else ""
            return f"{kind}({names} in {show(expr.range)}{where}: {show(expr.body)})"
        case form.Inlined(name=name, file=file, body=body):
            return f"{name}@{file}{{{show(body)}}}"
        case _:
            return f"{type(expr).__name__.lower()}({_all(form.children(expr))})"


def _all(parts: tuple[form.Expr, ...]) -> str:
    return ", ".join(map(show, parts))
