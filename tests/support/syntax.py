"""Syntax trees for tests: without their places, written short, and drawn by hypothesis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from hypothesis import strategies as st

from assentry.cel import nodes as cel
from assentry.cel import parse as cel_parse
from assentry.diagnostics import Diagnostic, render
from assentry.language import nodes
from assentry.language import parse as language_parse
from assentry.source import Source, Span

NOWHERE = Span(0, 0)


def expression(text: str) -> cel.Node:
    """The tree of a legal expression."""
    report: list[Diagnostic] = []
    node = cel_parse.parse(Source("x.cel", text), report)
    assert node is not None, "\n".join(map(render, report))
    assert not report
    return node


def file(text: str) -> nodes.File:
    """The tree of a legal rule file."""
    report: list[Diagnostic] = []
    tree = language_parse.parse(Source("x.assent", text), report)
    assert tree is not None, "\n".join(map(render, report))
    assert not report, "\n".join(map(render, report))
    return tree


def findings(text: str) -> list[Diagnostic]:
    """What is wrong with a rule file."""
    report: list[Diagnostic] = []
    language_parse.parse(Source("x.assent", text), report)
    return report


def unplaced(node: Any) -> Any:
    """The tree as plain tuples, without spans, source and comments; values with their types, NaN-safe."""
    if isinstance(node, Span | Source):
        return None
    if is_dataclass(node):
        return type(node).__name__, *(unplaced(getattr(node, f.name)) for f in fields(node) if f.name != "comments")
    if isinstance(node, tuple):
        return tuple(map(unplaced, node))
    return type(node).__name__, repr(node)


def short(node: cel.Node) -> str:
    """An expression in prefix form: `(&& a (== b 1))`."""
    match node:
        case cel.Literal():
            return f"{node.value!r}u" if node.kind == "uint" else repr(node.value)
        case cel.Ident():
            return f".{node.name}" if node.absolute else node.name
        case cel.Select():
            return f"{short(node.operand)}.{'?' if node.optional else ''}{node.field}"
        case cel.Index():
            return f"{short(node.operand)}[{'?' if node.optional else ''}{short(node.index)}]"
        case cel.Call():
            target = "" if node.target is None else f"{short(node.target)}."
            return f"{target}{'.' if node.absolute else ''}{node.function}({', '.join(map(short, node.args))})"
        case cel.And() | cel.Or():
            return f"({'&&' if isinstance(node, cel.And) else '||'} {' '.join(map(short, node.operands))})"
        case cel.Ternary():
            return f"(? {short(node.condition)} {short(node.then)} {short(node.otherwise)})"
        case cel.Unary():
            return f"({node.operator} {short(node.operand)})"
        case cel.Binary():
            return f"({node.operator} {short(node.left)} {short(node.right)})"
        case cel.ListLiteral():
            return f"[{', '.join(('?' if optional else '') + short(element) for element, optional in node.elements)}]"
        case cel.MapLiteral():
            entries = [f"{'?' if o else ''}{short(key)}: {short(value)}" for key, value, o in node.entries]
            return f"{{{', '.join(entries)}}}"
        case cel.MessageLiteral():
            entries = [f"{'?' if o else ''}{name}: {short(value)}" for name, value, o in node.fields]
            return f"{node.name}{{{', '.join(entries)}}}"
        case _:
            raise TypeError(type(node).__name__)


def parts(node: cel.Node) -> Iterator[cel.Node]:
    """The node and all below it."""
    yield node
    for field in fields(node):
        pending = [getattr(node, field.name)]
        while pending:
            value = pending.pop()
            if isinstance(value, cel.Node):
                yield from parts(value)
            elif type(value) is tuple:
                pending.extend(value)


# ---- trees drawn at random ----
#
# Written with `draw` and not by composing strategies: hypothesis writes out what it composes.

_RESERVED = {"as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package"}
_RESERVED |= {"namespace", "return", "var", "void", "while", "allow", "deny", "require", "risk", "default", "with"}
_RESERVED |= {"in", "true", "false", "null", "and", "or", "not", "is", "of"}
_names = st.from_regex(r"[a-z_][a-z0-9_]{0,6}", fullmatch=True).filter(lambda name: name not in _RESERVED)
_fields = _names | st.sampled_from(["if", "in", "true", "allow", "with", "a-b", "x y", "a.b/c"])
# Characters that a rule file refuses may stand in a value, spelled as escapes.
_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    ['"', "'", "\\", "\r\n", "\u202e"]
)
_ints = st.integers(-(2**63), 2**63 - 1)
_floats = st.floats(allow_nan=False, allow_infinity=False)
_LITERALS: tuple[tuple[cel.LiteralKind, st.SearchStrategy[Any]], ...] = (
    ("int", _ints),
    ("uint", st.integers(0, 2**64 - 1)),
    ("double", _floats),
    ("string", _texts),
    ("bytes", st.binary(max_size=6)),
    ("bool", st.booleans()),
    ("null", st.none()),
)
_OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%")


@st.composite
def expressions(draw: st.DrawFn) -> cel.Node:
    """Any expression, at most four levels deep."""
    return _expression(draw, 3)


def _expression(draw: st.DrawFn, depth: int) -> cel.Node:
    kind = draw(st.integers(0, 13 if depth else 2))
    if kind < 2:
        literal, values = draw(st.sampled_from(_LITERALS))
        return cel.Literal(NOWHERE, literal, draw(values))
    if kind == 2:
        return cel.Ident(NOWHERE, draw(_names), draw(st.integers(0, 3)) == 3)

    def some(least: int, most: int) -> tuple[cel.Node, ...]:
        return tuple(_expression(draw, depth - 1) for _ in range(draw(st.integers(least, most))))

    first = _expression(draw, depth - 1)
    if kind in {3, 4}:
        return cel.Select(NOWHERE, first, draw(_fields), NOWHERE, draw(st.booleans()))
    if kind == 5:
        return cel.Index(NOWHERE, first, _expression(draw, depth - 1), draw(st.booleans()))
    if kind == 6:
        return cel.Call(NOWHERE, draw(_names), first, some(0, 2), NOWHERE)
    if kind == 7:
        return cel.Call(NOWHERE, draw(_names), None, some(0, 2), NOWHERE, draw(st.booleans()))
    if kind == 8:
        return cel.ListLiteral(NOWHERE, tuple((element, draw(st.booleans())) for element in some(0, 3)))
    if kind == 9:
        return _mapping(draw, some(0, 2))
    if kind == 10:
        node = draw(st.sampled_from([cel.And, cel.Or]))
        return node(NOWHERE, (first, *some(1, 2)))
    if kind == 11:
        return cel.Ternary(NOWHERE, first, *some(2, 2))
    if kind == 12:
        return cel.Unary(NOWHERE, draw(st.sampled_from(["!", "-"])), first)
    return cel.Binary(NOWHERE, draw(st.sampled_from(_OPERATORS)), first, _expression(draw, depth - 1), NOWHERE)


def _mapping(draw: st.DrawFn, values: tuple[cel.Node, ...]) -> cel.Node:
    """A map or a message with these values."""
    marks = [draw(st.booleans()) for _ in values]
    if draw(st.booleans()):
        keys = [_expression(draw, 1) for _ in values]
        return cel.MapLiteral(NOWHERE, tuple(zip(keys, values, marks, strict=True)))
    name = ".".join(draw(st.lists(_names, min_size=1, max_size=3)))
    return cel.MessageLiteral(NOWHERE, name, tuple((draw(_names), *pair) for pair in zip(values, marks, strict=True)))


@st.composite
def files(draw: st.DrawFn) -> nodes.File:
    """Any rule file, of up to four statements."""
    package = nodes.Package(NOWHERE, _name(draw), _with(draw))
    statements = tuple(_statement(draw) for _ in range(draw(st.integers(0, 4))))
    return nodes.File(Source("x.assent", ""), package, statements, ())


def _statement(draw: st.DrawFn) -> nodes.Statement:
    kind = draw(st.integers(0, 7))
    if kind == 0:
        return nodes.Const(NOWHERE, _name(draw), _expression(draw, 3))
    if kind == 1:
        return nodes.Default(NOWHERE, draw(st.sampled_from(["allow", "deny"])))
    if kind == 2:
        path = (nodes.Name(NOWHERE, "data"), *(_name(draw) for _ in range(draw(st.integers(1, 2)))))
        return nodes.Import(NOWHERE, path)
    body = _body(draw)
    if kind in {3, 4}:
        params = tuple(_name(draw) for _ in range(draw(st.integers(0, 3)))) or None
        return nodes.Head(NOWHERE, _name(draw), params, body)
    if kind == 5:
        return nodes.Rule(NOWHERE, "risk", _name(draw), body, _with(draw), draw(st.integers(1, 100)), NOWHERE)
    effects: list[nodes.Effect] = ["allow", "deny", "require_approval"]
    return nodes.Rule(NOWHERE, draw(st.sampled_from(effects)), _name(draw), body, _with(draw))


def _name(draw: st.DrawFn) -> nodes.Name:
    return nodes.Name(NOWHERE, draw(_names))


def _body(draw: st.DrawFn) -> nodes.Body:
    braced = draw(st.booleans())
    count = draw(st.integers(1, 3)) if braced else 1
    return nodes.Body(NOWHERE, tuple(_expression(draw, 2) for _ in range(count)), braced)


def _with(draw: st.DrawFn) -> nodes.With | None:
    count = draw(st.integers(0, 4))
    entries = tuple(nodes.Entry(NOWHERE, _name(draw), _value(draw, 2)) for _ in range(count))
    return nodes.With(NOWHERE, entries) if entries else None


_CONTROLS = ("A.8.12", "soc2:CC6.1", "nist:AC-2(1)", "iso42001:A.8.2")
_DURATIONS = (("30s", 30), ("15m", 900), ("1h30m", 5400), ("2d", 172800))


def _value(draw: st.DrawFn, depth: int) -> nodes.Value:
    kind = draw(st.integers(0, 9 if depth else 7))
    if kind == 0:
        return nodes.Text(NOWHERE, draw(_texts))
    if kind == 1:
        return nodes.Number(NOWHERE, draw(_ints | _floats))
    if kind == 2:
        return nodes.Flag(NOWHERE, draw(st.sampled_from([True, False, None])))
    if kind == 3:
        return nodes.Word(NOWHERE, draw(_names))
    if kind == 4:
        return nodes.Duration(NOWHERE, *draw(st.sampled_from(_DURATIONS)))
    if kind == 5:
        return nodes.Control(NOWHERE, draw(st.sampled_from(_CONTROLS)))
    if kind == 6:
        return nodes.Path(NOWHERE, (draw(_names), *draw(st.lists(_names, min_size=1, max_size=2))))
    if kind == 7:
        return nodes.Seats(NOWHERE, tuple(_seat(draw) for _ in range(draw(st.integers(1, 3)))))
    inner = [_value(draw, depth - 1) for _ in range(draw(st.integers(0, 3)))]
    if kind == 8:
        return nodes.Items(NOWHERE, tuple(inner))
    return nodes.Mapping(NOWHERE, tuple((nodes.Text(NOWHERE, draw(_texts)), value) for value in inner))


def _seat(draw: st.DrawFn) -> nodes.Seat:
    selectors: list[nodes.Selector] = ["group", "role"]
    return nodes.Seat(NOWHERE, draw(st.integers(1, 9)), draw(st.sampled_from(selectors)), draw(_texts))
